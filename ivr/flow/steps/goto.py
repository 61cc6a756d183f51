"""`goto`: go on somewhere else; a name for a place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

from ivr.flow.model import Step, StepContext
from ivr.flow.step_results import GoTo, StepResult
from ivr.flow.yaml_source.entry import Ref, YamlEntry
from ivr.flow.yaml_source.fields import Field


@dataclass(frozen=True, kw_only=True)
class GotoStep(Step):
    keyword: ClassVar[str] = "goto"
    description: ClassVar[str] = "Goes on somewhere else: another name for a place"
    fields: ClassVar[tuple[Field, ...]] = (
        Field(name="goto", kind="step", description="The step that it stands for", required=True),
    )
    example: ClassVar[str] = """same: {goto: support}"""

    next: Ref

    @classmethod
    def parse(cls, name: str, entry: YamlEntry) -> Self:
        return cls(name=name, location=entry.location, next=entry.get_ref("step", "goto"))

    def on_enter(self, context: StepContext) -> StepResult:
        del context
        return GoTo(to=self.next.name)

    def automatic_refs(self) -> tuple[Ref, ...]:
        return (self.next,)

    def refs(self) -> tuple[Ref, ...]:
        return (self.next,)
