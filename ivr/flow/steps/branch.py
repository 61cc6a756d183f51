"""`branch`: go where the first condition that holds points."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

from ivr.flow import conditions
from ivr.flow.conditions import BranchCondition, parse_condition
from ivr.flow.model import Exit, Step, StepContext
from ivr.flow.step_results import GoTo, StepResult
from ivr.flow.yaml_source.entry import Ref, YamlEntry
from ivr.flow.yaml_source.fields import Field, group_schema

BRANCH_LINE_FIELDS = (
    Field(
        name="when",
        kind="group",
        description="All of it must hold",
        fields=conditions.FIELDS,
        schema_rules={"minProperties": 1},
    ),
    Field(name="next", kind="step", description="Where it leads then"),
    Field(name="else", kind="step", description="Where it leads when no line before holds"),
)
_WHEN_OR_ELSE = [
    {"required": ["when", "next"], "not": {"required": ["else"]}},
    {"required": ["else"], "maxProperties": 1},
]
BRANCH_RULES = {
    "items": {**group_schema(BRANCH_LINE_FIELDS), "oneOf": _WHEN_OR_ELSE},
    "contains": {"required": ["else"]},
    "maxContains": 1,
}


@dataclass(frozen=True, kw_only=True)
class BranchCase:
    when: BranchCondition
    next: Ref


@dataclass(frozen=True, kw_only=True)
class BranchStep(Step):
    keyword: ClassVar[str] = "branch"
    description: ClassVar[str] = "Goes where the first line that holds points"
    fields: ClassVar[tuple[Field, ...]] = (
        Field(
            name="branch",
            kind="lines",
            description="The first line that holds decides; the last is `else`",
            required=True,
            fields=BRANCH_LINE_FIELDS,
            schema_rules=BRANCH_RULES,
        ),
    )
    example: ClassVar[str] = """hours:
  branch:
    - when: {open: support, caller: known}
      next: support
    - when: {calls_today: {at_least: 3}}
      next: support
    - else: call_me
call_me: {promise: next_opening}"""

    cases: tuple[BranchCase, ...]
    else_next: Ref

    @classmethod
    def parse(cls, name: str, entry: YamlEntry) -> Self:
        lines = entry.get_entries("branch")
        cases: list[BranchCase] = []
        otherwise: Ref | None = None
        for line in lines:
            if otherwise is not None:
                entry.add_fault("nothing can follow the else: it always holds", line.location)
            if "else" in line:
                line.allow_only(("else",))
                otherwise = line.get_ref("step", "else")
                continue
            line.allow_only(("when", "next"))
            if "when" not in line:
                entry.add_fault(
                    'each line of a branch should be "when: {...}, next: step" or "else: step"', line.location
                )
                continue
            cases.append(
                BranchCase(when=parse_condition(line.get_entry("when")), next=line.get_ref("step", "next"))
            )
        if otherwise is None:
            entry.add_fault(
                f'{entry.label} needs a last line "- else: step": somebody may call when nothing else holds'
            )
        return cls(
            name=name,
            location=entry.location,
            cases=tuple(cases),
            else_next=otherwise or Ref(kind="step", name="", location=entry.location),
        )

    def on_enter(self, context: StepContext) -> StepResult:
        return GoTo(
            to=next((case.next.name for case in self.cases if case.when.holds(context)), self.else_next.name)
        )

    def automatic_refs(self) -> tuple[Ref, ...]:
        return (*(case.next for case in self.cases), self.else_next)

    def list_exits(self) -> tuple[Exit, ...]:
        cases = (Exit(to=case.next, when=case.when.describe()) for case in self.cases)
        return (*cases, Exit(to=self.else_next, when="else"))

    def refs(self) -> tuple[Ref, ...]:
        conditions = tuple(ref for case in self.cases for ref in case.when.refs)
        return (*(case.next for case in self.cases), self.else_next, *conditions)
