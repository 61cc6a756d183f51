"""`text`: send the caller a text message and go on, whether or not their number takes texts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

from ivr.flow.model import Scene, Step
from ivr.flow.step_results import Do, Go, Move
from ivr.flow.turn import Heard, SendText
from ivr.flow.yaml_source.entry import Entry, Ref
from ivr.flow.yaml_source.fields import Field


@dataclass(frozen=True, kw_only=True)
class Text(Step):
    keyword: ClassVar[str] = "text"
    about: ClassVar[str] = (
        "Sends the caller a text message and goes on, whether or not their number takes texts"
    )
    fields: ClassVar[tuple[Field, ...]] = (
        Field(name="text", kind="prompt", about="What the text message says", needed=True),
        Field(name="next", kind="step", about="Where the call goes on", needed=True),
    )
    example: ClassVar[str] = """sms: {text: our_address, next: support}"""

    prompt: Ref
    next: Ref

    @classmethod
    def parse(cls, name: str, entry: Entry) -> Self:
        return cls(
            name=name, place=entry.place, prompt=entry.ref("prompt", "text"), next=entry.ref("step", "next")
        )

    def enter(self, scene: Scene) -> Move:
        wanted = scene.book.fields[self.prompt.name]
        body = scene.book.text(self.prompt.name, **scene.prompt_fields(wanted))
        return Do(effect=SendText(body=body), stage="sending")

    def hear(self, scene: Scene, heard: Heard) -> Move:
        says = (scene.word("text.sent"),) if heard.value == "sent" else ()
        return Go(to=self.next.name, says=says)

    def onward(self) -> tuple[Ref, ...]:
        return (self.next,)

    def refs(self) -> tuple[Ref, ...]:
        return (self.prompt, self.next)
