"""`say`: speak a prompt and go on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

from ivr.flow.model import Scene, Step
from ivr.flow.step_results import Go, Move
from ivr.flow.yaml_source.entry import Entry, Ref
from ivr.flow.yaml_source.fields import Field


@dataclass(frozen=True, kw_only=True)
class Say(Step):
    keyword: ClassVar[str] = "say"
    about: ClassVar[str] = "Speaks a prompt and goes on"
    fields: ClassVar[tuple[Field, ...]] = (
        Field(name="say", kind="prompt", about="What is spoken", needed=True),
        Field(name="next", kind="step", about="Where the call goes on", needed=True),
    )
    example: ClassVar[str] = """hello: {say: welcome, next: support}"""

    prompt: Ref
    next: Ref

    @classmethod
    def parse(cls, name: str, entry: Entry) -> Self:
        return cls(
            name=name, place=entry.place, prompt=entry.ref("prompt", "say"), next=entry.ref("step", "next")
        )

    def enter(self, scene: Scene) -> Move:
        return Go(to=self.next.name, says=(scene.prompt(self.prompt.name),))

    def onward(self) -> tuple[Ref, ...]:
        return (self.next,)

    def refs(self) -> tuple[Ref, ...]:
        return (self.prompt, self.next)
