"""Wrap-up: the agent's word decides, not a timer; one who does not say it is asked, and in the end a supervisor rings."""

from __future__ import annotations

import pytest

from ivr.cli.demo.stage import Stage
from ivr.domain.records.agent import AgentState
from ivr.domain.records.agent_leg import LegKind
from ivr.domain.records.contact import ContactState, Outcome
from ivr.domain.records.customer import Customer
from ivr.domain.records.promise import PromiseKind, PromiseState
from ivr.usecases.customers import case_thread
from tests.stories.people import (
    BRIDGED,
    DIANE,
    HANG_UP,
    LORI,
    TAKES_IT,
    VICKI,
    Script,
    contacts,
    listen,
    pause,
    press,
    promises,
    speak,
    texts_to,
    wraps_up,
)
from tests.stories.watch import (
    agent,
    available,
    contact_is,
    offers,
    play,
    reach,
    state_of,
    talking,
    to_the_end,
    together,
    was_told,
)

CALLS: Script = [BRIDGED, pause(10), HANG_UP]


def talk(stage: Stage, diane: Script) -> None:
    """Lori has talked with Diane and hung up; nobody else takes a call."""
    stage.add_agent("Diane", DIANE, [*TAKES_IT, *diane])
    stage.call_line(LORI, CALLS)
    reach(stage, talking)
    stage.set_agent_state("Diane", AgentState.AWAY)


@pytest.mark.parametrize(
    ("key", "word", "outcome", "owed"),
    [
        ("1", "helped", Outcome.HELPED, 0),
        ("2", "machine", Outcome.PROMISED, 1),
        ("3", "nobody", Outcome.PROMISED, 1),
        ("4", "more", Outcome.PROMISED, 1),
    ],
)
def test_each_word_decides_the_outcome(
    stage: Stage, key: str, word: str, outcome: Outcome, owed: int
) -> None:
    talk(stage, wraps_up(word=key))
    contact = to_the_end(stage)
    assert (contact.disposition, contact.outcome, len(promises(stage))) == (word, outcome, owed), state_of(
        stage
    )
    assert agent(stage, "Diane").state is AgentState.AWAY


def test_more_with_a_time_is_one_promise_that_the_agent_owns(stage: Stage) -> None:
    talk(stage, [*wraps_up(word="4")[:-1], press("3#"), listen("name"), press("1")])
    contact = to_the_end(stage)
    assert contact.outcome is Outcome.PROMISED
    (owed,) = promises(stage)
    assert (owed.kind, owed.owner, owed.due_by % 300) == (PromiseKind.FOLLOW_UP, "diane", 0.0)


def test_a_note_is_read_back_and_can_be_said_again(stage: Stage) -> None:
    script: Script = [
        listen("How did it end", 300),
        press("1"),
        listen("Say what you understood"),
        speak("Her suit is in a case"),
        listen("Her suit is in a case. Press 1"),
        press("2"),
        listen("Say what you understood"),
        speak("Her suitcase is lost"),
        listen("Her suitcase is lost. Press 1"),
        press("1"),
        listen("how many hours"),
        press("0#"),
        listen("customer's name"),
        speak("lori park"),
    ]
    talk(stage, script)
    contact = to_the_end(stage)
    customer = stage.services.store.get(Customer, LORI)
    assert customer is not None
    assert (customer.name, customer.last_note) == ("Lori Park", "Her suitcase is lost")
    assert "Her suitcase is lost" in [
        x.get("words") for x in case_thread.get_thread(stage.services, contact.case)
    ]
    summary = next(t for t in texts_to(stage, LORI) if "understood" in t)
    assert "Her suitcase is lost. If anything is missing" in summary


def test_an_agent_who_hung_up_without_a_word_is_rung_for_it(stage: Stage) -> None:
    talk(stage, [listen("How did it end"), HANG_UP])
    stage.set_agent_state("Diane")
    reach(stage, contact_is(ContactState.AWAITING_DISPOSITION))
    stage.set_phone(DIANE, name="Diane", script=[listen("Press 1 to tell me now"), press("1"), *wraps_up()])
    contact = to_the_end(stage)
    assert (contact.outcome, contact.disposition, contact.disposition_calls) == (Outcome.HELPED, "helped", 1)
    assert was_told(stage, DIANE, "You hung up before telling me")
    _, question = offers(stage)
    hung_up = next(
        at for at, e in enumerate(stage.read_emulator_log()) if e["kind"] == "ended" and e["who"] == "Diane"
    )
    assert question.offer.made_at - stage.read_emulator_log()[hung_up]["epoch"] > 40, (
        "she had a minute for her notes"
    )
    assert [o.kind for o in offers(stage)] == [LegKind.CONTACT, LegKind.DISPOSITION]


def test_a_word_that_nobody_gives_becomes_a_supervisors_call_after_three_times(stage: Stage) -> None:
    talk(stage, [listen("How did it end"), HANG_UP])
    stage.set_agent_state("Diane")
    stage.set_phone(DIANE, name="Diane", answers=False)
    contact = to_the_end(stage, 1200)
    assert contact.outcome is Outcome.PROMISED
    (owed,) = promises(stage)
    assert (owed.kind, owed.needs_supervisor) == (PromiseKind.FOLLOW_UP, True)
    assert contact.disposition_calls == 3


def test_an_agent_who_says_nothing_in_the_wrap_up_is_let_go_and_asked_later(stage: Stage) -> None:
    talk(stage, [pause(3000)])
    stage.set_agent_state("Diane")
    reach(stage, lambda s: any(o.kind is LegKind.DISPOSITION for o in offers(s)), 180)
    stage.set_phone(DIANE, name="Diane", script=[listen("Press 1 to tell me now"), press("1"), *wraps_up()])
    assert contacts(stage)[0].state is ContactState.AWAITING_DISPOSITION
    assert to_the_end(stage, 1200).outcome in (Outcome.HELPED, Outcome.PROMISED)


def test_two_silent_agents_leave_one_word_that_is_owed_and_one_promise(stage: Stage) -> None:
    stage.add_agent(
        "Diane",
        DIANE,
        [
            *TAKES_IT,
            pause(5),
            press("*"),
            listen("5 if you"),
            press("2"),
            listen("extension"),
            press("102#"),
            BRIDGED,
            pause(3),
            press("*"),
            listen("3 to leave"),
            press("3"),
            HANG_UP,
        ],
    )
    stage.add_agent("Vicki", VICKI, [*TAKES_IT])
    stage.set_agent_state("Vicki", AgentState.AWAY)
    stage.call_line(LORI, [pause(3000)])
    reach(stage, talking)
    stage.set_agent_state("Vicki")
    reach(stage, together(LORI, VICKI))
    for number in (VICKI, DIANE):
        stage.set_phone(number, name="Vicki" if number == VICKI else "Diane", answers=False)
    stage.set_agent_state("Diane", AgentState.AWAY)
    for leg in stage.call_control_api("GET", "/emulator/legs?alive")["legs"]:
        stage.call_control_api("POST", f"/emulator/legs/{leg['sid']}/hang_up", {})
    contact = to_the_end(stage, 1200)
    assert contact.outcome is Outcome.PROMISED
    (owed,) = promises(stage)
    assert owed.state in (PromiseState.MADE, PromiseState.DUE)
    assert agent(stage, "Diane").unanswered == 0, "she handed the caller on: nothing is asked of her"


def test_an_agent_who_hangs_up_after_the_word_has_said_enough(stage: Stage) -> None:
    talk(stage, [listen("How did it end"), press("1"), listen("Say what"), HANG_UP])
    contact = to_the_end(stage)
    assert (contact.outcome, contact.disposition_calls) == (Outcome.HELPED, 0)


def test_an_agent_busy_with_the_next_caller_is_asked_when_free(stage: Stage) -> None:
    stage.add_agent("Diane", DIANE, [*TAKES_IT, listen("How did it end"), HANG_UP])
    stage.call_line(LORI, CALLS)
    reach(stage, contact_is(ContactState.AWAITING_DISPOSITION))
    stage.set_phone(DIANE, name="Diane", script=[listen("Press 1"), press("1"), *wraps_up()])
    stage.call_line("+12025550156", [BRIDGED, pause(120), HANG_UP])
    play(stage, 400)
    assert to_the_end(stage, 900).state is ContactState.ENDED
    assert available(stage, "Diane") or agent(stage, "Diane").state is AgentState.AWAY
