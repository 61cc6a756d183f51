"""What every kind of step must say of itself, tried on each kind in flows that people wrote and in flows that nobody wrote.

The loader finds names that do not exist, the checker finds loops, and the picture draws edges from what a step says. A step that
keeps something back would pass them all, and its callers would be led to a person instead of where its author wanted.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from itertools import product
from typing import Any

import pytest

from ivr.flow.checker.call_examples import (
    KNOWN_BY_NAME,
    ONE_OF_THEIRS,
    SEVERAL_OF_THEIRS,
    TALKED_BEFORE,
    ExampleCaller,
)
from ivr.flow.checker.inputs import EdgeKind, list_inputs
from ivr.flow.engine import NextStep, apply_input_to_step, enter_step
from ivr.flow.loader.library import load_flows, parse_flows
from ivr.flow.model import Flow, Library, Step, StepContext
from ivr.flow.steps import step_kinds
from ivr.flow.turn import CallerContext, Effect, FlowInput, Position, Turn
from ivr.flow.yaml_source.entry import Ref
from tests.flow.caller import SHIPPED, files
from tests.flow.checker.random_flows import folder
from tests.flow.test_examples import EXAMPLES
from tests.flow.test_readme import read_example

FLOWS = 40  # enough that each kind stands in some of them
TIMES = (datetime(2026, 11, 23, 17, tzinfo=UTC), datetime(2026, 11, 23, 4, tzinfo=UTC))
CALLERS = [
    ExampleCaller(shows_number=shown, known_as=who, promises=owed).make_context(now)
    for now, shown, (who, owed) in product(
        TIMES,
        (True, False),
        (("", ""), (TALKED_BEFORE, ""), (KNOWN_BY_NAME, ONE_OF_THEIRS), (TALKED_BEFORE, SEVERAL_OF_THEIRS)),
    )
]

RARE = """
  a: {recall: last_contact, same: b, other: b, nothing: b, silence: c}
  b: {message: welcome, queue: bookings, next: c}
  c: {queue: support}
"""  # what may be written, and is in no other flow


@cache
def steps_by_kind() -> dict[str, list[tuple[Library, Flow, Step]]]:
    found: dict[str, list[tuple[Library, Flow, Step]]] = {}
    random = (parse_flows(folder(seed)) for seed in range(FLOWS))
    written = (
        load_flows(SHIPPED),
        *map(load_flows, sorted(EXAMPLES.iterdir())),
        read_example(),
        parse_flows(files(RARE)),
    )
    for library in (*written, *random):
        for flow in library.flows.values():
            for step in flow.steps.values():
                found.setdefault(step.keyword, []).append((library, flow, step))
    return found


def names_in(value: Any) -> Iterator[Ref]:
    """Every name that stands in a step, however deep."""
    if isinstance(value, Ref):
        if value.name:
            yield value
    elif dataclasses.is_dataclass(value):
        for one in dataclasses.fields(value):
            yield from names_in(getattr(value, one.name))
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from names_in(inner)
    elif isinstance(value, tuple | list):
        for inner in value:
            yield from names_in(inner)


def next_steps(
    library: Library, flow: Flow, step: Step, caller: CallerContext, *, by_itself: bool
) -> set[str]:
    """Where a call that enters the step goes on: whatever is pressed and said there, or `by_itself`."""
    found: set[str] = set()
    first = enter_step(flow, library, Position(step=step.name, language=flow.languages[0]), caller)
    work, seen = [first], set()
    while work:
        outcome = work.pop()
        if isinstance(outcome, NextStep):
            found.add(outcome.position.step)
            continue
        if repr(outcome.position) in seen:
            continue
        seen.add(repr(outcome.position))
        scene = StepContext(flow=flow, library=library, caller=caller, position=outcome.position)
        work += [
            apply_input_to_step(flow, library, outcome.position, caller, heard)
            for edge, heard, _ in list_inputs(outcome, step, scene)
            if (is_by_itself(outcome, edge, heard) if by_itself else edge is not EdgeKind.NAVIGATION)
        ]
    return found


def is_by_itself(turn: Turn, edge: EdgeKind, heard: FlowInput) -> bool:
    """The caller does nothing, and has not been helped yet: whoever has may hear the same again."""
    if edge is not EdgeKind.RESULT:
        return edge is EdgeKind.SILENCE
    assert isinstance(turn.action, Effect)
    word = heard.value.partition(" ")[0]
    return not turn.action.reaches_goal(word, stage=turn.position.stage, before=False)


@pytest.mark.parametrize("keyword", step_kinds())
def test_a_step_tells_of_every_name_that_stands_in_it(keyword: str) -> None:
    for _, _, step in steps_by_kind()[keyword]:
        assert set(names_in(step)) <= set(step.refs())
        assert set(step.automatic_refs()) <= set(step.refs())


@pytest.mark.parametrize("keyword", step_kinds())
def test_a_step_leads_only_to_steps_that_it_tells_of(keyword: str) -> None:
    for library, flow, step in steps_by_kind()[keyword]:
        told = {ref.name for ref in step.refs() if ref.kind == "step"}
        shown = {leads.to.name for leads in step.list_exits()}
        assert shown == told
        for caller in CALLERS:
            to = next_steps(library, flow, step, caller, by_itself=False)
            assert to <= told | set(flow.built_in_steps), caller


@pytest.mark.parametrize("keyword", step_kinds())
def test_a_step_tells_where_it_leads_without_the_caller(keyword: str) -> None:
    for library, flow, step in steps_by_kind()[keyword]:
        told = {ref.name for ref in step.automatic_refs()}
        for caller in CALLERS:
            to = next_steps(library, flow, step, caller, by_itself=True)
            assert to <= told | set(flow.built_in_steps), caller
