"""`branch`: go where the first condition that holds points."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

from ivr.flow import conditions
from ivr.flow.conditions import Condition, parse_condition
from ivr.flow.model import Exit, Scene, Step
from ivr.flow.step_results import Go, Move
from ivr.flow.yaml_source.entry import Entry, Ref
from ivr.flow.yaml_source.fields import Field, group

LINE = (
    Field(
        name="when",
        kind="group",
        about="All of it must hold",
        fields=conditions.FIELDS,
        rules={"minProperties": 1},
    ),
    Field(name="next", kind="step", about="Where it leads then"),
    Field(name="else", kind="step", about="Where it leads when no line before holds"),
)
_EITHER = [
    {"required": ["when", "next"], "not": {"required": ["else"]}},
    {"required": ["else"], "maxProperties": 1},
]
LINES = {
    "items": {**group(LINE), "oneOf": _EITHER},
    "contains": {"required": ["else"]},
    "maxContains": 1,
}


@dataclass(frozen=True, kw_only=True)
class Case:
    when: Condition
    next: Ref


@dataclass(frozen=True, kw_only=True)
class Branch(Step):
    keyword: ClassVar[str] = "branch"
    about: ClassVar[str] = "Goes where the first line that holds points"
    fields: ClassVar[tuple[Field, ...]] = (
        Field(
            name="branch",
            kind="lines",
            about="The first line that holds decides; the last is `else`",
            needed=True,
            fields=LINE,
            rules=LINES,
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

    cases: tuple[Case, ...]
    otherwise: Ref

    @classmethod
    def parse(cls, name: str, entry: Entry) -> Self:
        lines = entry.entries("branch")
        cases: list[Case] = []
        otherwise: Ref | None = None
        for line in lines:
            if otherwise is not None:
                entry.fault("nothing can follow the else: it always holds", line.place)
            if "else" in line:
                line.only(("else",))
                otherwise = line.ref("step", "else")
                continue
            line.only(("when", "next"))
            if "when" not in line:
                entry.fault(
                    'each line of a branch should be "when: {...}, next: step" or "else: step"', line.place
                )
                continue
            cases.append(Case(when=parse_condition(line.entry("when")), next=line.ref("step", "next")))
        if otherwise is None:
            entry.fault(
                f'{entry.what} needs a last line "- else: step": somebody may call when nothing else holds'
            )
        return cls(
            name=name,
            place=entry.place,
            cases=tuple(cases),
            otherwise=otherwise or Ref(kind="step", name="", place=entry.place),
        )

    def enter(self, scene: Scene) -> Move:
        return Go(
            to=next((case.next.name for case in self.cases if case.when.holds(scene)), self.otherwise.name)
        )

    def onward(self) -> tuple[Ref, ...]:
        return (*(case.next for case in self.cases), self.otherwise)

    def exits(self) -> tuple[Exit, ...]:
        cases = (Exit(to=case.next, when=case.when.told()) for case in self.cases)
        return (*cases, Exit(to=self.otherwise, when="else"))

    def refs(self) -> tuple[Ref, ...]:
        conditions = tuple(ref for case in self.cases for ref in case.when.refs)
        return (*(case.next for case in self.cases), self.otherwise, *conditions)
