"""`message`: a recording, which becomes a promise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

from ivr.flow.model import Exit, Flow, Step, StepContext
from ivr.flow.step_results import EndCall, GoTo, RunEffect, StepResult
from ivr.flow.turn import FlowInput, RecordMessage
from ivr.flow.yaml_source.entry import Ref, YamlEntry
from ivr.flow.yaml_source.fields import Field, get_field


@dataclass(frozen=True, kw_only=True)
class MessageStep(Step):
    keyword: ClassVar[str] = "message"
    shape: ClassVar[str] = "message"
    description: ClassVar[str] = "Takes a recording, which becomes a promise"
    fields: ClassVar[tuple[Field, ...]] = (
        Field(name="message", kind="prompt", description="What asks for the recording", required=True),
        Field(
            name="queue",
            kind="queue",
            description="Who owes the caller an answer; without it, the queue of `person`",
        ),
        Field(
            name="seconds",
            kind="number",
            description="The longest recording",
            default=120,
            minimum=10,
            maximum=600,
        ),
        Field(name="next", kind="step", description="Where the call goes on; without it, it ends"),
    )
    example: ClassVar[str] = """voice: {message: after_the_tone, seconds: 60}"""

    prompt: Ref
    queue: Ref
    seconds: int = 120
    next: Ref | None = None

    @classmethod
    def parse(cls, name: str, entry: YamlEntry) -> Self:
        return cls(
            name=name,
            location=entry.location,
            prompt=entry.get_ref("prompt", "message"),
            queue=entry.get_ref("queue", "queue", ""),
            seconds=entry.get_number(get_field(cls.fields, "seconds")),
            next=entry.get_ref("step", "next") if "next" in entry else None,
        )

    def on_enter(self, context: StepContext) -> StepResult:
        effect = RecordMessage(queue=self.queue.name or context.flow.person_queue, seconds=self.seconds)
        return RunEffect(effect=effect, prompts=(context.prompt(self.prompt.name),), stage="taking")

    def on_input(self, context: StepContext, flow_input: FlowInput) -> StepResult:
        if flow_input.value == "empty":
            # Nothing on the tape is no reason to let somebody go: the next best thing is offered.
            return GoTo(
                to="@promise", prompts=(context.phrase("message.empty"),), memo={"queue": self.queue.name}
            )
        thanks = context.phrase("message.taken")
        return GoTo(to=self.next.name, prompts=(thanks,)) if self.next else EndCall(prompts=(thanks,))

    def list_exits(self) -> tuple[Exit, ...]:
        return (Exit(to=self.next, when="recorded"),) if self.next else ()

    def summarize(self, flow: Flow) -> str:
        return f"a recording for {self.queue.name or flow.person_queue}"

    def refs(self) -> tuple[Ref, ...]:
        found = (self.prompt, self.queue, self.next)
        return tuple(ref for ref in found if ref is not None and ref.name)
