"""`message`: a recording, which becomes a promise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

from ivr.flow.model import Exit, Flow, Scene, Step
from ivr.flow.step_results import Do, Go, Leave, Move
from ivr.flow.turn import Heard, TakeMessage
from ivr.flow.yaml_source.entry import Entry, Ref
from ivr.flow.yaml_source.fields import Field, named


@dataclass(frozen=True, kw_only=True)
class Message(Step):
    keyword: ClassVar[str] = "message"
    shape: ClassVar[str] = "message"
    about: ClassVar[str] = "Takes a recording, which becomes a promise"
    fields: ClassVar[tuple[Field, ...]] = (
        Field(name="message", kind="prompt", about="What asks for the recording", needed=True),
        Field(
            name="queue",
            kind="queue",
            about="Who owes the caller an answer; without it, the queue of `person`",
        ),
        Field(name="seconds", kind="number", about="The longest recording", default=120, least=10, most=600),
        Field(name="next", kind="step", about="Where the call goes on; without it, it ends"),
    )
    example: ClassVar[str] = """voice: {message: after_the_tone, seconds: 60}"""

    prompt: Ref
    queue: Ref
    seconds: int = 120
    next: Ref | None = None

    @classmethod
    def parse(cls, name: str, entry: Entry) -> Self:
        return cls(
            name=name,
            place=entry.place,
            prompt=entry.ref("prompt", "message"),
            queue=entry.ref("queue", "queue", ""),
            seconds=entry.number(named(cls.fields, "seconds")),
            next=entry.ref("step", "next") if "next" in entry else None,
        )

    def enter(self, scene: Scene) -> Move:
        effect = TakeMessage(queue=self.queue.name or scene.flow.person, seconds=self.seconds)
        return Do(effect=effect, says=(scene.prompt(self.prompt.name),), stage="taking")

    def hear(self, scene: Scene, heard: Heard) -> Move:
        if heard.value == "empty":
            # Nothing on the tape is no reason to let somebody go: the next best thing is offered.
            return Go(to="@promise", says=(scene.word("message.empty"),), memo={"queue": self.queue.name})
        thanks = scene.word("message.taken")
        return Go(to=self.next.name, says=(thanks,)) if self.next else Leave(says=(thanks,))

    def exits(self) -> tuple[Exit, ...]:
        return (Exit(to=self.next, when="recorded"),) if self.next else ()

    def gist(self, flow: Flow) -> str:
        return f"a recording for {self.queue.name or flow.person}"

    def refs(self) -> tuple[Ref, ...]:
        found = (self.prompt, self.queue, self.next)
        return tuple(ref for ref in found if ref is not None and ref.name)
