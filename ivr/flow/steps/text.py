"""`text`: send the caller a text message and go on, whether or not their number takes texts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

from ivr.flow.model import Step, StepContext
from ivr.flow.step_results import GoTo, RunEffect, StepResult
from ivr.flow.turn import Effect, FlowInput
from ivr.flow.yaml_source.entry import Ref, YamlEntry
from ivr.flow.yaml_source.fields import Field


@dataclass(frozen=True, kw_only=True)
class SendText(Effect):
    """RESULT: "sent" (accepted for sending) or "refused"."""

    results: ClassVar[tuple[str, ...]] = ("sent", "refused")

    body: str


@dataclass(frozen=True, kw_only=True)
class TextStep(Step):
    keyword: ClassVar[str] = "text"
    description: ClassVar[str] = (
        "Sends the caller a text message and goes on, whether or not their number takes texts"
    )
    fields: ClassVar[tuple[Field, ...]] = (
        Field(name="text", kind="prompt", description="What the text message says", required=True),
        Field(name="next", kind="step", description="Where the call goes on", required=True),
    )
    example: ClassVar[str] = """sms: {text: our_address, next: support}"""

    prompt: Ref
    next: Ref

    @classmethod
    def parse(cls, name: str, entry: YamlEntry) -> Self:
        return cls(
            name=name,
            location=entry.location,
            prompt=entry.get_ref("prompt", "text"),
            next=entry.get_ref("step", "next"),
        )

    def on_enter(self, context: StepContext) -> StepResult:
        wanted = context.phrasebook.fields[self.prompt.name]
        body = context.phrasebook.text(self.prompt.name, **context.prompt_field_values(wanted))
        return RunEffect(effect=SendText(body=body), stage="sending")

    def on_input(self, context: StepContext, flow_input: FlowInput) -> StepResult:
        says = (context.phrase("text.sent"),) if flow_input.value == "sent" else ()
        return GoTo(to=self.next.name, prompts=says)

    def automatic_refs(self) -> tuple[Ref, ...]:
        return (self.next,)

    def refs(self) -> tuple[Ref, ...]:
        return (self.prompt, self.next)
