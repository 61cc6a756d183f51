"""What cannot be kept goes to supervisors by name, and stays with them until it is kept, declined or theirs."""

from __future__ import annotations

import pytest

from ivr.cli.stage import Stage
from ivr.domain.agent import Agent, AgentState
from ivr.domain.promise import Promise, PromiseKind, PromiseState
from tests.stories.owed import (
    KEEPS_IT,
    PICKS_UP,
    calls_to,
    holds,
    journal,
    promised,
    rung,
    skip_to,
    state,
    text,
    the_promise,
    until,
)
from tests.stories.people import (
    BOSS,
    DIANE,
    LORI,
    TAKES_IT,
    Script,
    heard_by,
    listen,
    press,
    promises,
    texts_to,
)

ACCEPTS: Script = TAKES_IT[:4]
DAY = 86400.0
CHIEF = "+12025550118"


def exhausted(stage: Stage) -> Promise:
    """Nobody answered five times."""
    promised(stage)
    stage.phone(LORI, name="Lori", answers=False)
    stage.agent("Diane", DIANE, TAKES_IT)
    for attempt in range(1, 6):
        tried = lambda n=attempt: the_promise(stage).attempt == n  # noqa: E731
        assert stage.play(300, until=tried), attempt
        stage.play(20)
        if attempt < 5:
            skip_to(stage, the_promise(stage).since - 1)
    return the_promise(stage)


def test_after_the_last_attempt_supervisors_are_told_and_rung_until_one_takes_it(stage: Stage) -> None:
    stage.agent(
        "Boss",
        BOSS,
        [listen("to hear it"), press("1"), listen("Press 1 to take it"), press("2")],
        supervisor=True,
    )
    stage.available("Boss", AgentState.AWAY)
    promise = exhausted(stage)
    assert (promise.state, promise.kind) == (PromiseState.ESCALATED, PromiseKind.ESCALATION)
    assert rung(stage) == 5
    assert any(f"(promise {promise.id}) needs a supervisor" in t for t in texts_to(stage, BOSS))
    agents_calls = len(calls_to(stage, DIANE))
    stage.available("Boss")
    assert stage.play(120, until=lambda: the_promise(stage).avoid == ("boss",))
    stage.play(60)
    assert len(calls_to(stage, BOSS)) == 1, "who has passed is not asked again at once"
    stage.phone(LORI, name="Lori", script=PICKS_UP)
    stage.agent("Chief", CHIEF, KEEPS_IT, supervisor=True)
    until(stage, 300, PromiseState.KEPT)
    assert len(calls_to(stage, DIANE)) == agents_calls, "nobody but supervisors is asked"
    holds(stage)


def test_a_supervisor_alone_who_passed_is_asked_again_later(stage: Stage) -> None:
    promised(stage)
    stage.phone(LORI, name="Lori", answers=False, refused=21211)
    stage.agent("Diane", DIANE, TAKES_IT)
    until(stage, 120, PromiseState.ESCALATED)
    stage.agent("Boss", BOSS, [*TAKES_IT[:3], press("2")], supervisor=True)
    assert stage.play(400, until=lambda: len(calls_to(stage, BOSS)) == 2)
    first, second = calls_to(stage, BOSS)
    assert second[0] - first[1] > 120
    holds(stage)


@pytest.mark.parametrize("code", [21211, 21214, 13225])
def test_a_number_that_cannot_be_called_is_rung_no_more_and_a_supervisor_has_it_in_hand(
    stage: Stage, code: int
) -> None:
    promised(stage)
    stage.phone(LORI, name="Lori", refused=code)
    stage.agent("Diane", DIANE, TAKES_IT)
    until(stage, 120, PromiseState.ESCALATED)
    assert stage.play(60, until=lambda: "diane" in _free(stage))
    stage.play(15)
    assert any("A supervisor takes it from here" in words for words in heard_by(stage, DIANE))
    stage.agent("Boss", BOSS, ACCEPTS, supervisor=True)
    owned = until(stage, 120, PromiseState.OWNED)
    assert owned.owner == "boss"
    stage.play(600)
    assert rung(stage) == 0
    assert "boss" in _free(stage)
    holds(stage)


def test_whom_a_supervisor_does_not_reach_either_is_tried_daily_and_is_in_that_persons_hands_in_the_end(
    stage: Stage,
) -> None:
    promise = exhausted(stage)
    stage.agent("Boss", BOSS, TAKES_IT, supervisor=True)
    for attempt in (6, 7):
        assert stage.play(300, until=lambda n=attempt: the_promise(stage).attempt == n)  # type: ignore[misc]
        again = the_promise(stage)
        assert again.owner == "boss"
        assert again.since - stage.now > DAY - 3600
        skip_to(stage, again.since - 1)
    assert stage.play(300, until=lambda: state(stage) is PromiseState.OWNED)
    assert the_promise(stage).owner == "boss"
    assert promise.id == the_promise(stage).id
    holds(stage)


def test_she_can_decline_what_was_escalated(stage: Stage) -> None:
    promised(stage)
    stage.phone(LORI, name="Lori", refused=21211)
    stage.agent("Diane", DIANE, TAKES_IT)
    until(stage, 120, PromiseState.ESCALATED)
    text(stage, "NO")
    stage.play(10)
    assert state(stage) is PromiseState.DECLINED
    stage.agent("Boss", BOSS, ACCEPTS, supervisor=True)
    stage.play(60)
    assert not calls_to(stage, BOSS)
    holds(stage)


def test_what_is_late_a_second_time_goes_to_a_supervisor_who_is_there(stage: Stage) -> None:
    promised(stage)
    stage.agent("Boss", BOSS, KEEPS_IT, supervisor=True)
    stage.available("Boss", AgentState.AWAY)
    assert stage.play(1800, until=lambda: the_promise(stage).warned)
    warned_until = the_promise(stage).until
    skip_to(stage, warned_until + 90)
    assert the_promise(stage).kind is PromiseKind.ESCALATION
    assert len(journal(stage, "escalated")) == 1
    stage.phone(LORI, name="Lori", script=PICKS_UP)
    stage.available("Boss")
    until(stage, 300, PromiseState.KEPT)
    assert len(promises(stage)) == 1
    holds(stage)


def _free(stage: Stage) -> set[str]:
    return {a.id for a in stage.services.store.everyone(Agent) if a.state is AgentState.AVAILABLE}
