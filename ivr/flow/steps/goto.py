"""`goto`: go on somewhere else; a name for a place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

from ivr.flow.model import Scene, Step
from ivr.flow.step_results import Go, Move
from ivr.flow.yaml_source.entry import Entry, Ref
from ivr.flow.yaml_source.fields import Field


@dataclass(frozen=True, kw_only=True)
class Goto(Step):
    keyword: ClassVar[str] = "goto"
    about: ClassVar[str] = "Goes on somewhere else: another name for a place"
    fields: ClassVar[tuple[Field, ...]] = (
        Field(name="goto", kind="step", about="The step that it stands for", needed=True),
    )
    example: ClassVar[str] = """same: {goto: support}"""

    next: Ref

    @classmethod
    def parse(cls, name: str, entry: Entry) -> Self:
        return cls(name=name, place=entry.place, next=entry.ref("step", "goto"))

    def enter(self, scene: Scene) -> Move:
        del scene
        return Go(to=self.next.name)

    def onward(self) -> tuple[Ref, ...]:
        return (self.next,)

    def refs(self) -> tuple[Ref, ...]:
        return (self.next,)
