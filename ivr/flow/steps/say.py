"""`say`: speak a prompt and go on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

from ivr.flow.model import Step, StepContext
from ivr.flow.step_results import GoTo, StepResult
from ivr.flow.yaml_source.entry import Ref, YamlEntry
from ivr.flow.yaml_source.fields import Field


@dataclass(frozen=True, kw_only=True)
class SayStep(Step):
    keyword: ClassVar[str] = "say"
    description: ClassVar[str] = "Speaks a prompt and goes on"
    fields: ClassVar[tuple[Field, ...]] = (
        Field(name="say", kind="prompt", description="What is spoken", required=True),
        Field(name="next", kind="step", description="Where the call goes on", required=True),
    )
    example: ClassVar[str] = """hello: {say: welcome, next: support}"""

    prompt: Ref
    next: Ref

    @classmethod
    def parse(cls, name: str, entry: YamlEntry) -> Self:
        return cls(
            name=name,
            location=entry.location,
            prompt=entry.get_ref("prompt", "say"),
            next=entry.get_ref("step", "next"),
        )

    def on_enter(self, context: StepContext) -> StepResult:
        return GoTo(to=self.next.name, prompts=(context.prompt(self.prompt.name),))

    def automatic_refs(self) -> tuple[Ref, ...]:
        return (self.next,)

    def refs(self) -> tuple[Ref, ...]:
        return (self.prompt, self.next)
