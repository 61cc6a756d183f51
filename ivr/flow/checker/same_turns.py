"""When turns are the same: two with the same key go on in the same way, so that only one of them is walked from."""

from __future__ import annotations

from collections.abc import Iterable

from ivr.flow.checker.call_space import ObservedFact
from ivr.flow.checker.graph import StateKey
from ivr.flow.checker.observed_facts import WORDING_FACTS
from ivr.flow.model import Flow, Library, Step, StepContext
from ivr.flow.step_results import REASON_GIVEN_KEY, STEP_HISTORY_KEY
from ivr.flow.steps.promise import PromiseStep
from ivr.flow.turn import CallerContext, Position, Turn

# What a step remembers only to say or do it: which way the talk goes does not hang on it.
_IRRELEVANT_MEMO_KEYS = {STEP_HISTORY_KEY, "since", "until", "windows", "entered"}


def state_key(
    flow: Flow, library: Library, turn: Turn, caller: CallerContext, goal_reached: bool
) -> StateKey:
    """Turns with the same key go on in the same way."""
    at = turn.position
    memo, name = _relevant_memo(at), at.step
    step = flow.get_step(at.step)
    if isinstance(step, PromiseStep):
        # Where they lead afterwards is past what is to be proved.
        for told in (
            "queue",
            "skills",
            REASON_GIVEN_KEY,
        ):  # who is to call, and whether they are asked why
            memo.pop(told, "")
        name = step.dialog_key(StepContext(flow=flow, library=library, caller=caller, position=at))
    then = type(turn.action).__name__
    return (at.language, name, at.stage, at.failures, frozenset(memo.items()), goal_reached, then)


def entry_key(position: Position, goal_reached: bool) -> StateKey:
    """Entering a step is the same with the same key, and so is all that follows it without the caller."""
    return (position.language, position.step, frozenset(_relevant_memo(position).items()), goal_reached)


def step_outcomes_key(step: Step, position: Position, goal_reached: bool) -> StateKey:
    """Steps with the same key do the same when they are entered."""
    if not isinstance(step, PromiseStep):
        return entry_key(position, goal_reached)
    memo = _relevant_memo(position)  # another step that offers the same says the same
    memo.pop(REASON_GIVEN_KEY, "")
    return (position.language, step.offer, step.queue.name, frozenset(memo.items()), goal_reached)


def assert_only_expected_facts(facts: Iterable[ObservedFact]) -> None:
    """That one example of each dialogue is enough rests on what it looks at."""
    others = {f"{what} {name}" for what, name in facts if what not in {*WORDING_FACTS, "open"}}
    if others - {"caller number", "caller zones"}:
        raise AssertionError(f"a promise looks at more than its key tells apart: {sorted(others)}")


def _relevant_memo(position: Position) -> dict[str, str]:
    return {key: value for key, value in position.memo.items() if key not in _IRRELEVANT_MEMO_KEYS}
