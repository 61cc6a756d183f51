"""The customer's phone is rung, and what comes of it: nobody, a machine, a person who hangs up, an agent who does."""

from __future__ import annotations

from typing import Any

import pytest

from ivr.cli.demo.stage import Stage
from ivr.domain.records.agent import AgentState
from ivr.domain.records.contact import ContactState, Outcome
from ivr.domain.records.promise import Promise, PromiseState
from ivr.domain.telephony_events import AnsweredBy
from ivr.telephony import words
from ivr.usecases.callbacks import dial as callback_dial
from tests.stories.callbacks.owed import (
    KEEPS_IT,
    PICKS_UP,
    SUITCASE,
    calls_to,
    clock,
    fault,
    free,
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
    BRIDGED,
    DIANE,
    HANG_UP,
    LORI,
    TAKES_IT,
    VICKI,
    Script,
    contacts,
    heard_by,
    listen,
    pause,
    press,
    texts_to,
)

ACCEPTS: Script = TAKES_IT[:4]
MINUTES = 60.0
HALF_PAST_SEVEN = 1795460400.0 + 5.5 * 3600


SAYS_MACHINE: Script = [listen("How did it end", 60), press("2"), pause(9)]


def tried(stage: Stage, agents: Script = TAKES_IT, **phone: Any) -> Promise:
    """A promise, an agent for it, and a phone that does what is said; the first attempt has failed."""
    promised(stage)
    stage.set_phone(LORI, name="Lori", **{"answers": False, **phone})
    stage.add_agent("Diane", DIANE, agents)
    assert stage.play(400, until=lambda: the_promise(stage).attempts == 1 and free(stage, "diane"))
    return the_promise(stage)


def test_whoever_picks_up_hears_the_company_and_the_agents_name_but_not_the_matter(stage: Stage) -> None:
    promised(stage)
    stage.set_phone(LORI, name="Lori", script=PICKS_UP)
    stage.add_agent("Diane", DIANE, KEEPS_IT)
    until(stage, 300, PromiseState.KEPT)
    words = heard_by(stage, LORI)[-2:]
    assert words == [
        "Hello, this is our company. We promised a call, and Diane is here for it. If it is for you, press 1 or say yes.",
        "Thank you. Here is Diane.",
    ]


def test_a_word_connects_as_a_key_does(stage: Stage) -> None:
    promised(stage)
    script: Script = [listen("say yes"), {"do": "say", "words": "yes, speaking"}, BRIDGED, pause(9), HANG_UP]
    stage.set_phone(LORI, name="Lori", script=script)
    stage.add_agent("Diane", DIANE, KEEPS_IT)
    promise = until(stage, 300, PromiseState.TALKING)
    assert stage.play(60, until=lambda: any(c.person_confirmed and c.talked for c in contacts(stage)))
    callback_dial.on_machine_detected(
        stage.services, promise.id, promise.fence, promise.call, AnsweredBy.MACHINE
    )
    assert stage.play(5, until=lambda: state(stage) is not PromiseState.TALKING) is False, "she is no machine"
    until(stage, 300, PromiseState.KEPT)
    holds(stage)


@pytest.mark.parametrize(
    ("phone", "status"),
    [({"busy": True}, "busy"), ({}, "no-answer"), ({"unreachable": True}, "failed")],
    ids=["busy", "nobody", "unreachable"],
)
def test_who_cannot_be_reached_is_tried_again_at_the_old_place_and_the_agent_is_told_and_free(
    stage: Stage, phone: dict[str, bool], status: str
) -> None:
    arrived = promised(stage).queued_at
    stage.set_phone(LORI, name="Lori", **{"answers": False, **phone})
    stage.add_agent("Diane", DIANE, KEEPS_IT)
    assert stage.play(400, until=lambda: the_promise(stage).attempts == 1 and free(stage, "diane"))
    promise = the_promise(stage)
    ((_, ended, came_of_it),) = calls_to(stage, LORI)
    assert came_of_it == status
    assert promise.why == words.parse_call_status(status)
    assert promise.state is PromiseState.MADE
    assert promise.queued_at == arrived
    assert promise.not_before == pytest.approx(ended + 5 * MINUTES, abs=10)
    stage.play(15)
    assert any(said.startswith("Nobody answered. I will try again") for said in heard_by(stage, DIANE))
    stage.set_phone(LORI, name="Lori", script=PICKS_UP)
    until(stage, 600, PromiseState.KEPT)
    assert rung(stage) == 2
    holds(stage)


@pytest.mark.parametrize(
    "agents",
    [TAKES_IT, [*TAKES_IT, pause(4), HANG_UP]],
    ids=["the agent listens", "the agent hangs up on it"],
)
def test_a_machine_is_told_what_happens_next_and_nothing_private_and_the_attempt_counts(
    stage: Stage, agents: Script
) -> None:
    """Its greeting lasts for 35 seconds: that long an agent hears it, and no longer."""
    promised(stage)
    stage.set_phone(
        LORI, name="Lori", answers=False, machine={"greeting": "You have reached Lori, who " * 19}
    )
    stage.add_agent("Diane", DIANE, agents)
    until(stage, 200, PromiseState.TALKING)
    answered = stage.now
    assert stage.play(120, until=lambda: the_promise(stage).attempts == 1 and free(stage, "diane"))
    assert stage.now - answered < 50
    promise = the_promise(stage)
    assert stage.play(90, until=lambda: calls_to(stage, LORI)[0][2] == "completed")
    assert journal(stage, "attempt failed")[0]["why"] == "machine"
    message = heard_by(stage, LORI)[-1]
    assert message.startswith("Hello, this is our company. We promised you a call. We will try again")
    assert not any(SUITCASE in words for words in heard_by(stage, LORI)[-3:])
    assert promise.state is PromiseState.MADE
    holds(stage)


def test_a_machine_that_only_the_agent_knows_for_one_gets_the_message_too(stage: Stage) -> None:
    """Detection may say nothing at all."""
    fault(stage, "callback", "drop", match="callback-machine")
    promise = tried(
        stage,
        [*TAKES_IT, pause(4), press("*"), listen("5 if you are done"), press("5"), *SAYS_MACHINE],
        machine={"greeting": "You have reached Lori. Leave a message.", "stays": 180},
    )
    assert stage.play(90, until=lambda: calls_to(stage, LORI)[0][2] == "completed")
    assert heard_by(stage, LORI)[-1].startswith("Hello, this is our company. We promised you a call.")
    assert promise.state is PromiseState.MADE
    holds(stage)


def test_a_customer_who_hangs_up_at_once_is_rung_again_later_and_the_agent_is_not_kept(stage: Stage) -> None:
    promise = tried(stage, answers=True, script=[pause(1), HANG_UP])
    assert promise.state is PromiseState.MADE
    assert promise.not_before > stage.now + 3 * MINUTES
    holds(stage)


def test_an_agent_who_hangs_up_while_her_phone_rings_is_no_attempt_of_hers_and_she_meets_no_empty_room(
    stage: Stage,
) -> None:
    promised(stage)
    stage.set_phone(LORI, name="Lori", after=25.0, script=PICKS_UP)
    stage.add_agent("Diane", DIANE, [*ACCEPTS, listen("I am ringing them"), pause(4), HANG_UP])
    until(stage, 200, PromiseState.DIALING)
    assert stage.play(60, until=lambda: state(stage) is not PromiseState.DIALING)
    assert calls_to(stage, LORI)[0][2] in ("canceled", "busy")
    assert the_promise(stage).attempts == 0
    stage.set_agent_state("Diane", AgentState.AWAY)
    stage.set_phone(LORI, name="Lori", script=PICKS_UP)
    stage.add_agent("Vicki", VICKI, KEEPS_IT)
    until(stage, 300, PromiseState.KEPT)
    holds(stage)


def test_a_customer_who_picks_up_as_the_agent_leaves_is_at_the_front_of_the_line(stage: Stage) -> None:
    promised(stage)
    stage.set_phone(
        LORI,
        name="Lori",
        after=3.0,
        script=[listen("press 1"), pause(3), press("1"), BRIDGED, pause(10), HANG_UP],
    )
    stage.add_agent("Diane", DIANE, [*ACCEPTS, listen("I am ringing them"), pause(3), HANG_UP])
    until(stage, 200, PromiseState.TALKING)
    stage.add_agent("Vicki", VICKI, KEEPS_IT)
    until(stage, 300, PromiseState.KEPT)
    assert rung(stage) == 1
    holds(stage)


def test_a_customer_who_waits_for_another_agent_and_leaves_is_still_owed_the_call(stage: Stage) -> None:
    promised(stage)
    stage.set_phone(
        LORI,
        name="Lori",
        script=[listen("press 1"), pause(3), press("1"), listen("my colleague", 30), HANG_UP],
    )
    stage.add_agent("Diane", DIANE, [*ACCEPTS, listen("I am ringing them"), pause(3), HANG_UP])
    until(stage, 200, PromiseState.TALKING)
    stage.set_agent_state("Diane", AgentState.AWAY)
    until(stage, 200, PromiseState.MADE, PromiseState.DUE)
    stage.set_phone(LORI, name="Lori", script=PICKS_UP)
    stage.add_agent("Vicki", VICKI, KEEPS_IT)
    until(stage, 600, PromiseState.KEPT)
    assert rung(stage) == 2
    holds(stage)


@pytest.mark.parametrize("word", ["2", "3"])
def test_without_the_agents_word_that_they_spoke_it_is_not_kept(stage: Stage, word: str) -> None:
    promised(stage)
    stage.set_phone(LORI, name="Lori", script=[*PICKS_UP[:3], pause(3), HANG_UP])
    stage.add_agent("Diane", DIANE, [*TAKES_IT, listen("How did it end", 600), press(word)])
    assert stage.play(300, until=lambda: the_promise(stage).attempts == 1)
    assert the_promise(stage).state is PromiseState.MADE
    assert stage.play(60, until=lambda: free(stage, "diane"))
    holds(stage)


def test_a_talk_of_which_nobody_says_how_it_went_leaves_the_promise_open_with_supervisors(
    stage: Stage,
) -> None:
    promised(stage)
    stage.set_phone(LORI, name="Lori", script=PICKS_UP)
    stage.add_agent("Diane", DIANE, [*TAKES_IT, pause(2), HANG_UP])
    until(stage, 200, PromiseState.TALKING)
    stage.set_phone(DIANE, name="Diane", answers=False)
    promise = until(stage, 900, PromiseState.ESCALATED, PromiseState.MADE)
    assert promise.escalated
    assert all(c.state is ContactState.ENDED and c.outcome is Outcome.PROMISED for c in contacts(stage))
    stage.set_phone(LORI, name="Lori", script=PICKS_UP)
    stage.add_agent("Boss", BOSS, KEEPS_IT, supervisor=True)
    until(stage, 300, PromiseState.KEPT)
    holds(stage)


def test_in_the_evening_of_the_customer_it_is_put_off_and_she_hears_so_before_the_time_passes(
    running: Stage,
) -> None:
    running.reset(HALF_PAST_SEVEN)
    promise = promised(running)
    running.set_phone(LORI, name="Lori", script=PICKS_UP)
    skip_to(running, promise.created_at + 100 * MINUTES)
    assert clock(running, running.now).hour == 21
    running.add_agent("Diane", DIANE, KEEPS_IT)
    running.play(120)
    assert not rung(running)
    later = the_promise(running)
    assert clock(running, later.not_before).strftime("%H:%M") == "08:00"
    assert later.queued_at == promise.queued_at
    assert later.attempts == 0
    assert sum("later than we said" in t for t in texts_to(running, LORI)) == 1
    skip_to(running, later.not_before)
    until(running, 300, PromiseState.KEPT)
    holds(running)


def test_when_the_time_will_slip_she_is_told_before_it_does_and_once(stage: Stage) -> None:
    promise = promised(stage)
    skip_to(stage, promise.due_by - 1)
    (warning,) = [t for t in texts_to(stage, LORI) if "later than we said" in t]
    warned = the_promise(stage)
    assert warned.due_by > promise.due_by + 10 * MINUTES
    assert clock(stage, warned.due_by).strftime("%-I:%M") in warning
    assert float(journal(stage, "at risk")[0]["at"]) <= promise.due_by - 4 * MINUTES
    skip_to(stage, warned.due_by + 10 * MINUTES)
    assert sum("later than we said" in t for t in texts_to(stage, LORI)) == 1
    stage.set_phone(LORI, name="Lori", script=PICKS_UP)
    stage.add_agent("Diane", DIANE, KEEPS_IT)
    until(stage, 300, PromiseState.KEPT)
    holds(stage)


def test_no_by_text_while_her_phone_rings_ends_the_ringing_and_frees_the_agent(stage: Stage) -> None:
    promised(stage)
    stage.set_phone(LORI, name="Lori", answers=False)
    stage.add_agent("Diane", DIANE, TAKES_IT)
    until(stage, 200, PromiseState.DIALING)
    stage.play(5)
    text(stage, "No.")
    assert stage.play(60, until=lambda: state(stage) is PromiseState.DECLINED and free(stage, "diane"))
    assert calls_to(stage, LORI)[0][2] != "alive"
    assert stage.now - calls_to(stage, LORI)[0][0] < 25
    holds(stage)
