"""`goodbye`: a last word. The checker lets it stand only where the caller has been promised something or chose to leave."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

from ivr.flow.model import Step, StepContext
from ivr.flow.step_results import EndCall, StepResult
from ivr.flow.yaml_source.entry import Ref, YamlEntry
from ivr.flow.yaml_source.fields import Field


@dataclass(frozen=True, kw_only=True)
class GoodbyeStep(Step):
    keyword: ClassVar[str] = "goodbye"
    shape: ClassVar[str] = "goodbye"
    description: ClassVar[str] = "A last word; only where the caller has been promised something"
    fields: ClassVar[tuple[Field, ...]] = (
        Field(name="goodbye", kind="prompt", description="The last word", required=True),
    )
    example: ClassVar[str] = """call: {promise: soonest, next: bye}
bye: {goodbye: thanks}"""

    prompt: Ref

    @classmethod
    def parse(cls, name: str, entry: YamlEntry) -> Self:
        return cls(name=name, location=entry.location, prompt=entry.get_ref("prompt", "goodbye"))

    def on_enter(self, context: StepContext) -> StepResult:
        return EndCall(prompts=(context.prompt(self.prompt.name),))

    def refs(self) -> tuple[Ref, ...]:
        return (self.prompt,)
