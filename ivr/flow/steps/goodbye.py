"""`goodbye`: a last word. The checker lets it stand only where the caller has been promised something or chose to leave."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

from ivr.flow.model import Scene, Step
from ivr.flow.step_results import Leave, Move
from ivr.flow.yaml_source.entry import Entry, Ref
from ivr.flow.yaml_source.fields import Field


@dataclass(frozen=True, kw_only=True)
class Goodbye(Step):
    keyword: ClassVar[str] = "goodbye"
    shape: ClassVar[str] = "goodbye"
    about: ClassVar[str] = "A last word; only where the caller has been promised something"
    fields: ClassVar[tuple[Field, ...]] = (
        Field(name="goodbye", kind="prompt", about="The last word", needed=True),
    )
    example: ClassVar[str] = """call: {promise: soonest, next: bye}
bye: {goodbye: thanks}"""

    prompt: Ref

    @classmethod
    def parse(cls, name: str, entry: Entry) -> Self:
        return cls(name=name, place=entry.place, prompt=entry.ref("prompt", "goodbye"))

    def enter(self, scene: Scene) -> Move:
        return Leave(says=(scene.prompt(self.prompt.name),))

    def refs(self) -> tuple[Ref, ...]:
        return (self.prompt,)
