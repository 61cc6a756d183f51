"""What cannot be kept goes to supervisors by name, and stays with them until it is kept, declined or theirs."""

from __future__ import annotations

from itertools import pairwise

from ivr.cli.demo.stage import Stage
from ivr.domain.records.agent import Agent, AgentState
from ivr.domain.records.promise import Promise, PromiseState
from ivr.usecases.customers import profile as customer_profile
from tests.stories.callbacks.owed import (
    KEEPS_IT,
    PICKS_UP,
    agent,
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
    pause,
    press,
    promises,
    texts_to,
)

TAKES_IT_IN_HAND: Script = [
    listen("to hear it"),
    press("1"),
    listen("Press 1 to take this into your own hands"),
    press("1"),
    pause(9),
]
MINUTES = 60.0
DAY = 86400.0
CHIEF = "+12025550118"


def exhausted(stage: Stage) -> Promise:
    """Nobody answered five times."""
    promised(stage)
    stage.set_phone(LORI, name="Lori", answers=False)
    stage.add_agent("Diane", DIANE, TAKES_IT)
    for attempt in range(1, 6):
        tried = lambda n=attempt: the_promise(stage).attempts == n  # noqa: E731
        assert stage.play(300, until=tried), attempt
        stage.play(20)
        if attempt < 5:
            skip_to(stage, the_promise(stage).not_before - 1)
    return the_promise(stage)


def test_after_the_last_attempt_supervisors_are_told_and_rung_until_one_takes_it(stage: Stage) -> None:
    stage.add_agent(
        "Boss",
        BOSS,
        [listen("to hear it"), press("1"), listen("Press 1 to take it"), press("2")],
        supervisor=True,
    )
    stage.set_agent_state("Boss", AgentState.AWAY)
    promise = exhausted(stage)
    assert (promise.state, promise.escalated) == (PromiseState.ESCALATED, True)
    assert rung(stage) == 5
    assert any(f"(promise {promise.id}) needs a supervisor" in t for t in texts_to(stage, BOSS))
    agents_calls = len(calls_to(stage, DIANE))
    stage.set_agent_state("Boss")
    assert stage.play(120, until=lambda: the_promise(stage).declined_by == ("boss",))
    stage.play(60)
    assert len(calls_to(stage, BOSS)) == 1, "who has passed is not asked again at once"
    stage.set_phone(LORI, name="Lori", script=PICKS_UP)
    stage.add_agent("Chief", CHIEF, KEEPS_IT, supervisor=True)
    until(stage, 300, PromiseState.KEPT)
    assert len(calls_to(stage, DIANE)) == agents_calls, "nobody but supervisors is asked"
    holds(stage)


def test_a_supervisor_alone_who_passed_is_asked_again_later(stage: Stage) -> None:
    promised(stage)
    stage.set_phone(LORI, name="Lori", answers=False, refused=21211)
    stage.add_agent("Diane", DIANE, TAKES_IT)
    until(stage, 120, PromiseState.ESCALATED)
    stage.add_agent("Boss", BOSS, [*TAKES_IT[:3], press("2")], supervisor=True)
    assert stage.play(400, until=lambda: len(calls_to(stage, BOSS)) == 2)
    first, second = calls_to(stage, BOSS)
    assert second[0] - first[1] > 120
    holds(stage)


def test_a_number_that_cannot_be_called_is_rung_no_more_and_a_supervisor_has_it_in_hand(
    stage: Stage,
) -> None:
    promised(stage)
    stage.set_phone(LORI, name="Lori", refused=21211)
    stage.add_agent("Diane", DIANE, TAKES_IT)
    until(stage, 120, PromiseState.ESCALATED)
    assert stage.play(60, until=lambda: "diane" in _free(stage))
    stage.play(15)
    assert any("A supervisor takes it from here" in words for words in heard_by(stage, DIANE))
    stage.add_agent("Boss", BOSS, TAKES_IT_IN_HAND, supervisor=True)
    owned = until(stage, 120, PromiseState.OWNED)
    assert owned.owner == "boss"
    stage.play(600)
    assert rung(stage) == 0
    assert "boss" in _free(stage)
    assert heard_by(stage, BOSS)[-1] == "It is in your hands now. I text you its name. Thank you."
    assert f"promise {owned.id} is in your hands now" in texts_to(stage, BOSS)[-1]
    holds(stage)


def test_whom_a_supervisor_does_not_reach_either_is_tried_daily_until_that_person_says_that_it_is_theirs(
    stage: Stage,
) -> None:
    exhausted(stage)
    stage.add_agent("Boss", BOSS, TAKES_IT, supervisor=True)
    for attempt in (6, 7, 8, 9):
        assert stage.play(300, until=lambda n=attempt: the_promise(stage).attempts == n)  # type: ignore[misc]
        again = the_promise(stage)
        assert (again.state, again.owner) == (PromiseState.MADE, "boss")
        assert again.not_before - stage.now >= DAY - 3600, (
            "the same hour of the next day, which may be the short one of the year"
        )
        assert stage.play(60, until=lambda: "boss" in _free(stage)), "who says nothing is free"
        skip_to(stage, again.not_before - 1)
    script: Script = [*TAKES_IT[:4], listen("Nobody answered. I will try again"), press("1"), pause(9)]
    stage.set_phone(BOSS, name="Boss", script=script)
    owned = until(stage, 300, PromiseState.OWNED)
    assert (owned.owner, owned.attempts) == ("boss", 10)
    assert stage.play(60, until=lambda: "boss" in _free(stage))
    assert f"promise {owned.id} is in your hands now" in texts_to(stage, BOSS)[-1]
    holds(stage)


def test_what_nobody_takes_is_told_and_rung_again_and_again_and_to_more_people(stage: Stage) -> None:
    """Who is away is rung all the same; who is off work is told by text; the pauses grow."""
    stage.add_agent("Boss", BOSS, [pause(300)], supervisor=True)
    stage.add_agent("Chief", CHIEF, TAKES_IT_IN_HAND, supervisor=True)
    stage.set_phone(BOSS, name="Boss", answers=False)
    stage.set_agent_state("Boss", AgentState.AWAY)
    stage.set_agent_state("Chief", AgentState.OFFLINE)
    promised(stage)
    stage.set_phone(LORI, name="Lori", refused=21211)
    stage.add_agent("Diane", DIANE, TAKES_IT)
    began = until(stage, 120, PromiseState.ESCALATED).alerted_at
    stage.play(240)
    assert not calls_to(stage, BOSS)
    skip_to(stage, began + 16 * MINUTES)
    assert stage.play(90, until=lambda: len(calls_to(stage, BOSS)) == 2)
    assert sum("needs a supervisor" in t for t in texts_to(stage, BOSS)) == 3
    assert ["nobody has taken it" in t for t in texts_to(stage, CHIEF)] == [True]
    skip_to(stage, began + 120 * MINUTES)
    rings = [began for began, _, _ in calls_to(stage, BOSS)]
    assert 4 <= len(rings) <= 6
    assert all(later - first > 4 * MINUTES for first, later in pairwise(rings))
    assert agent(stage, "boss").state is AgentState.AWAY
    assert not calls_to(stage, CHIEF), "nobody is rung who is off work"
    stage.set_agent_state("Chief")
    assert until(stage, 120, PromiseState.OWNED).owner == "chief"
    assert len(journal(stage, "escalated")) == 1
    holds(stage)


def test_whoever_asked_not_to_be_called_is_not_and_a_supervisor_decides_what_to_do(stage: Stage) -> None:
    promised(stage)
    customer_profile.set_do_not_call(stage.services, LORI, enabled=True)
    stage.add_agent("Diane", DIANE, TAKES_IT)
    assert until(stage, 120, PromiseState.ESCALATED).why == "no calls"
    assert not calls_to(stage, DIANE), "she need not be asked for it"
    stage.add_agent("Boss", BOSS, TAKES_IT_IN_HAND, supervisor=True)
    until(stage, 120, PromiseState.OWNED)
    assert any("They asked not to be called" in words for words in heard_by(stage, BOSS))
    assert rung(stage) == 0
    holds(stage)


def test_she_can_decline_what_was_escalated(stage: Stage) -> None:
    promised(stage)
    stage.set_phone(LORI, name="Lori", refused=21211)
    stage.add_agent("Diane", DIANE, TAKES_IT)
    until(stage, 120, PromiseState.ESCALATED)
    text(stage, "NO")
    stage.play(10)
    assert state(stage) is PromiseState.DECLINED
    stage.add_agent("Boss", BOSS, TAKES_IT_IN_HAND, supervisor=True)
    stage.play(60)
    assert not calls_to(stage, BOSS)
    holds(stage)


def test_supervisors_hear_before_a_time_passes_and_what_is_late_twice_goes_to_whoever_is_free_first(
    stage: Stage,
) -> None:
    promise = promised(stage)
    stage.add_agent("Boss", BOSS, TAKES_IT, supervisor=True)
    stage.set_agent_state("Boss", AgentState.AWAY)
    assert stage.play(1800, until=lambda: the_promise(stage).delay_announced)
    (foreseen,) = [t for t in texts_to(stage, BOSS) if "is not under way yet" in t]
    assert f"(promise {promise.id})" in foreseen
    assert float(journal(stage, "supervisors alerted")[0]["at"]) < promise.due_by - 5 * MINUTES
    skip_to(stage, the_promise(stage).due_by + 90)
    assert the_promise(stage).escalated
    assert sum("is not under way yet" in t for t in texts_to(stage, BOSS)) == 1
    assert sum("needs a supervisor" in t for t in texts_to(stage, BOSS)) == 1
    assert len(journal(stage, "escalated")) == 1
    stage.set_phone(LORI, name="Lori", script=PICKS_UP)
    stage.add_agent("Diane", DIANE, KEEPS_IT)
    until(stage, 300, PromiseState.KEPT)
    assert len(promises(stage)) == 1
    holds(stage)


def _free(stage: Stage) -> set[str]:
    return {a.id for a in stage.services.store.list_all(Agent) if a.state is AgentState.AVAILABLE}
