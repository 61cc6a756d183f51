"""Whoever hangs up, at whatever instant: the caller is with a person, at the front of the line, being asked, or promised (I5)."""

from __future__ import annotations

import pytest

from ivr.cli.demo.stage import Stage
from ivr.domain.records.agent import AgentState
from ivr.domain.records.agent_leg import LegResult, LegState
from ivr.domain.records.contact import ContactState, Outcome
from ivr.domain.records.promise import PromiseKind
from tests.stories.people import (
    BRIDGED,
    DANIELLE,
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
    texts_to,
    wraps_up,
)
from tests.stories.watch import (
    Seen,
    agent,
    available,
    contact_is,
    fault,
    hangs_up,
    live_legs,
    offered,
    offers,
    play,
    presses,
    reach,
    state_of,
    talking,
    to_the_end,
    together,
    was_told,
)

PATIENT: Script = [pause(3000)]
KEPT_WAITING = "we could not answer in time"


def in_the_middle_of(words: str, number: str) -> Seen:
    """The line is saying that to this phone just now."""

    def seen(stage: Stage) -> bool:
        return any(words in leg["hears"]["detail"] for leg in live_legs(stage, number))

    return seen


# ---- the caller hangs up


def test_a_caller_who_leaves_in_the_menu_left_early_and_nothing_is_owed(stage: Stage) -> None:
    stage.call_line(LORI, PATIENT)
    reach(stage, in_the_middle_of("For bookings", LORI))
    hangs_up(stage, LORI)
    assert to_the_end(stage).outcome is Outcome.LEFT_EARLY
    assert promises(stage) == []
    assert texts_to(stage, LORI) == []


def test_a_caller_who_leaves_while_waiting_is_owed_a_call_and_told_so_by_text(stage: Stage) -> None:
    stage.call_line(LORI, PATIENT)
    reach(stage, contact_is(ContactState.WAITING))
    play(stage, 20)
    hangs_up(stage, LORI)
    assert to_the_end(stage).outcome is Outcome.PROMISED
    (owed,) = promises(stage)
    assert (owed.kind, owed.number) == (PromiseKind.CALLBACK, LORI)
    (text,) = texts_to(stage, LORI)
    assert KEPT_WAITING in text


@pytest.mark.parametrize(
    "moment",
    [
        offered("Diane", LegState.RINGING),
        in_the_middle_of("Press 1 to hear it", DIANE),
        in_the_middle_of("Press 1 to take it", DIANE),
    ],
    ids=["while the agent's phone rings", "at the knock", "during the brief"],
)
def test_a_caller_who_leaves_while_an_agent_is_asked_is_owed_a_call_and_the_agent_is_not_kept(
    stage: Stage, moment: Seen
) -> None:
    stage.add_agent("Diane", DIANE, [listen("to hear it"), pause(2), press("1"), pause(60)])
    stage.call_line(LORI, PATIENT)
    reach(stage, moment)
    stage.set_agent_state("Diane", AgentState.AWAY)  # or she would be rung for the callback at once
    hangs_up(stage, LORI)
    play(stage, 20)
    assert contacts(stage)[0].outcome is Outcome.PROMISED, state_of(stage)
    assert offers(stage)[0].result is LegResult.CANCELLED
    assert live_legs(stage, DIANE) == [], state_of(stage)
    assert KEPT_WAITING in texts_to(stage, LORI)[0]


def test_an_agent_who_accepts_a_caller_gone_that_instant_is_told_and_freed(stage: Stage) -> None:
    """The redirect of an ended call is 21220: the caller is already gone, a fact and not a crash."""
    stage.add_agent("Diane", DIANE, [*TAKES_IT])
    stage.call_line(LORI, PATIENT)
    reach(stage, in_the_middle_of("Press 1 to take it", DIANE))
    stage.set_agent_state("Diane", AgentState.AWAY)
    fault(stage, "callback", "late", "/voice/(status|left)", seconds=20)
    hangs_up(stage, LORI)
    play(stage, 30)
    contact = contacts(stage)[0]
    assert contact.outcome is Outcome.PROMISED, state_of(stage)
    reach(
        stage, lambda s: was_told(s, DIANE, "caller has just left"), 10
    )  # she is free in the record before it is said
    assert agent(stage, "Diane").state is AgentState.AWAY
    assert len(promises(stage)) == 1


def test_a_caller_who_leaves_on_the_way_to_the_room_is_owed_a_call(stage: Stage) -> None:
    stage.add_agent("Diane", DIANE, [*TAKES_IT])
    stage.call_line(LORI, PATIENT)
    reach(stage, in_the_middle_of("Press 1 to take it", DIANE))
    fault(stage, "webhook", "hang_up", "/voice/resume/")
    contact = to_the_end(stage, 60)
    assert contact.outcome is Outcome.PROMISED, state_of(stage)
    reach(
        stage, lambda s: was_told(s, DIANE, "caller has just left"), 10
    )  # she is free in the record before it is said
    assert KEPT_WAITING in texts_to(stage, LORI)[0]


def test_a_caller_who_leaves_in_the_talk_is_what_the_agent_says_they_were(stage: Stage) -> None:
    stage.add_agent("Diane", DIANE, [*TAKES_IT, *wraps_up()])
    stage.call_line(LORI, [BRIDGED, pause(20), HANG_UP])
    assert to_the_end(stage).outcome is Outcome.HELPED
    assert available(stage, "Diane")


def test_a_caller_who_leaves_on_hold_is_asked_about_and_not_forgotten(stage: Stage) -> None:
    stage.add_agent("Diane", DIANE, [*TAKES_IT, pause(5), press("*"), *wraps_up(word="4")])
    stage.call_line(LORI, PATIENT)
    reach(stage, contact_is(ContactState.ON_HOLD))
    stage.set_agent_state("Diane", AgentState.AWAY)
    play(stage, 3)
    hangs_up(stage, LORI)
    contact = to_the_end(stage)
    assert (contact.outcome, contact.disposition) == (Outcome.PROMISED, "more")
    assert KEPT_WAITING in texts_to(stage, LORI)[0] or promises(stage)


def test_a_caller_who_leaves_in_the_consult_sets_both_agents_free(stage: Stage) -> None:
    stage.add_agent(
        "Diane",
        DIANE,
        [
            *TAKES_IT,
            pause(5),
            press("*"),
            listen("2 for a colleague"),
            press("2"),
            listen("extension"),
            press("102#"),
            *wraps_up(),
        ],
    )
    stage.add_agent("Vicki", VICKI, [*TAKES_IT, listen("Say what you understood", 300), press("1")])
    stage.set_agent_state("Vicki", AgentState.AWAY)
    stage.call_line(LORI, PATIENT)
    reach(stage, contact_is(ContactState.TALKING))
    stage.set_agent_state("Vicki")
    reach(stage, together(DIANE, VICKI))
    hangs_up(stage, LORI)
    play(stage, 6)
    assert was_told(stage, DIANE, "How did it end"), state_of(stage)
    assert to_the_end(stage).outcome is Outcome.HELPED
    assert available(stage, "Diane", "Vicki")


def test_a_caller_who_leaves_while_a_colleague_rings_stops_that_ringing(stage: Stage) -> None:
    stage.add_agent(
        "Diane",
        DIANE,
        [
            *TAKES_IT,
            pause(5),
            press("*"),
            listen("2 for a colleague"),
            press("2"),
            listen("extension"),
            press("102#"),
            *wraps_up(),
        ],
    )
    stage.add_agent("Vicki", VICKI, [])
    stage.set_phone(VICKI, name="Vicki", answers=False)
    stage.set_agent_state("Vicki", AgentState.AWAY)
    stage.call_line(LORI, PATIENT)
    reach(stage, contact_is(ContactState.TALKING))
    stage.set_agent_state("Vicki")
    reach(stage, offered("Vicki", LegState.RINGING))
    hangs_up(stage, LORI)
    play(stage, 6)
    assert live_legs(stage, VICKI) == []
    assert available(stage, "Vicki")
    assert to_the_end(stage).outcome is Outcome.HELPED


def test_a_caller_who_leaves_the_three_way_ends_it_for_both_agents(stage: Stage) -> None:
    stage.add_agent(
        "Diane",
        DIANE,
        [
            *TAKES_IT,
            pause(5),
            press("*"),
            listen("2 for a colleague"),
            press("2"),
            listen("extension"),
            press("102#"),
            BRIDGED,
            pause(3),
            press("*"),
            listen("1 to introduce"),
            press("1"),
            *wraps_up(),
        ],
    )
    stage.add_agent("Vicki", VICKI, [*TAKES_IT, listen("Say what you understood", 300), press("1")])
    stage.set_agent_state("Vicki", AgentState.AWAY)
    stage.call_line(LORI, PATIENT)
    reach(stage, contact_is(ContactState.TALKING))
    stage.set_agent_state("Vicki")
    reach(stage, together(DIANE, VICKI, LORI))
    hangs_up(stage, LORI)
    play(stage, 6)
    assert was_told(stage, DIANE, "How did it end"), state_of(stage)
    assert to_the_end(stage).outcome is Outcome.HELPED
    assert available(stage, "Diane", "Vicki")


# ---- the agent leaves


def test_an_agent_who_lets_it_ring_is_passed_over_and_away_after_two(stage: Stage) -> None:
    stage.add_agent("Diane", DIANE, [])
    stage.set_phone(DIANE, name="Diane", answers=False)
    stage.call_line(LORI, PATIENT)
    reach(stage, offered("Diane", LegState.RINGING))
    stage.add_agent("Vicki", VICKI, [*TAKES_IT, *wraps_up()])
    reach(stage, together(LORI, VICKI))
    assert offers(stage)[0].result is LegResult.UNANSWERED
    assert agent(stage, "Diane").unanswered == 1
    hangs_up(stage, LORI)
    to_the_end(stage)
    stage.set_agent_state("Vicki", AgentState.AWAY)
    stage.call_line("+12025550156", PATIENT)
    reach(stage, lambda s: agent(s, "Diane").state is AgentState.AWAY)


def test_an_agent_who_declines_is_thanked_and_the_next_is_asked(stage: Stage) -> None:
    stage.add_agent("Diane", DIANE, [listen("to hear it"), press("1"), listen("2 to pass"), press("2")])
    stage.call_line(LORI, [BRIDGED, pause(5), HANG_UP])
    reach(stage, offered("Diane", LegState.BRIEFING))
    stage.add_agent("Vicki", VICKI, [*TAKES_IT, *wraps_up()])
    assert to_the_end(stage).outcome is Outcome.HELPED
    assert [o.result for o in offers(stage)] == [LegResult.DECLINED, LegResult.ACCEPTED]
    assert was_told(stage, DIANE, "I pass it on")


@pytest.mark.parametrize("words", ["Press 1 to hear it", "Press 1 to take it"], ids=["knock", "brief"])
def test_an_agent_who_hangs_up_during_the_brief_is_replaced_by_the_next(stage: Stage, words: str) -> None:
    stage.add_agent("Diane", DIANE, [listen("to hear it"), pause(1), press("1"), pause(60)])
    stage.call_line(LORI, [BRIDGED, pause(5), HANG_UP])
    reach(stage, in_the_middle_of(words, DIANE))
    stage.add_agent("Vicki", VICKI, [*TAKES_IT, *wraps_up()])
    hangs_up(stage, DIANE)
    assert to_the_end(stage).outcome is Outcome.HELPED
    assert offers(stage)[0].result is not LegResult.ACCEPTED
    assert offers(stage)[-1].agent == "vicki"


def test_an_agent_lost_before_the_caller_came_sends_the_caller_to_the_front_with_a_word(stage: Stage) -> None:
    stage.add_agent("Diane", DIANE, [*TAKES_IT])
    stage.call_line(LORI, [BRIDGED, pause(5), HANG_UP])
    reach(stage, in_the_middle_of("Press 1 to take it", DIANE))
    stage.set_agent_state("Diane", AgentState.AWAY)
    fault(stage, "webhook", "hang_up", "/voice/agent/[^/]*/2")
    fault(stage, "callback", "late", "/voice/agent-status", seconds=1)  # her yes is heard before that
    reach(stage, offered("Diane", LegState.ACCEPTED, LegState.ENDED))
    stage.add_agent("Vicki", VICKI, [*TAKES_IT, *wraps_up()])
    assert to_the_end(stage).outcome is Outcome.HELPED, state_of(stage)
    assert was_told(stage, LORI, "The connection to my colleague broke"), state_of(stage)
    assert offers(stage)[-1].agent == "vicki"


def test_an_agent_who_hangs_up_in_the_talk_leaves_the_caller_asked_and_one_leads_to_the_front(
    stage: Stage,
) -> None:
    stage.add_agent("Diane", DIANE, [*TAKES_IT, pause(10), HANG_UP])
    stage.call_line(LORI, [BRIDGED, listen("Is there anything else"), press("1"), BRIDGED, pause(5), HANG_UP])
    reach(stage, talking)
    stage.set_agent_state("Diane", AgentState.AWAY)
    stage.add_agent("Vicki", VICKI, [*TAKES_IT, *wraps_up()])
    stage.set_agent_state("Vicki", AgentState.AWAY)
    reach(stage, contact_is(ContactState.WAITING))
    stage.set_agent_state("Vicki")
    contact = to_the_end(stage)
    assert (contact.outcome, contact.disposition) == (Outcome.HELPED, "helped")
    assert agent(stage, "Diane").state is AgentState.AWAY, (
        "she is not kept in the wrap-up of a call that went on"
    )
    assert offers(stage)[-1].agent == "vicki"


def test_a_caller_whose_agent_left_may_stay_and_says_goodbye_first(stage: Stage) -> None:
    stage.add_agent("Diane", DIANE, [*TAKES_IT, pause(10), HANG_UP])
    stage.call_line(LORI, [BRIDGED, listen("How was it"), press("5"), pause(60)])
    reach(stage, talking)
    stage.set_phone(DIANE, name="Diane", script=[listen("Press 1 to tell me"), press("1"), *wraps_up()])
    contact = to_the_end(stage)
    assert (contact.outcome, contact.after_call.rating) == (Outcome.HELPED, 5)
    assert was_told(stage, LORI, "All the best, and goodbye")
    assert available(stage, "Diane")


def test_an_agent_who_hangs_up_in_the_star_menu_sends_the_caller_to_the_front(stage: Stage) -> None:
    stage.add_agent("Diane", DIANE, [*TAKES_IT, pause(5), press("*"), listen("3 for the next"), HANG_UP])
    stage.call_line(LORI, [BRIDGED, listen("Please hold"), BRIDGED, pause(5), HANG_UP])
    reach(stage, contact_is(ContactState.ON_HOLD))
    stage.set_agent_state("Diane", AgentState.AWAY)
    stage.add_agent("Vicki", VICKI, [*TAKES_IT, *wraps_up()])
    assert to_the_end(stage).outcome is Outcome.HELPED
    assert was_told(stage, LORI, "The connection to my colleague broke"), state_of(stage)


@pytest.mark.parametrize("accepted", [True, False], ids=["who accepted", "whose phone rings"])
def test_an_agent_who_hangs_up_in_a_consult_leaves_the_caller_to_the_colleague_or_the_front(
    stage: Stage, accepted: bool
) -> None:
    consults = [press("*"), listen("2 for a colleague"), press("2"), listen("extension"), press("102#")]
    stage.add_agent("Diane", DIANE, [*TAKES_IT, pause(5), *consults])
    stage.add_agent("Vicki", VICKI, [*TAKES_IT, *wraps_up()])
    stage.set_agent_state("Vicki", AgentState.AWAY)
    stage.call_line(LORI, PATIENT)
    reach(stage, talking)
    stage.set_agent_state("Vicki")
    stage.set_agent_state("Diane", AgentState.AWAY)
    reach(stage, together(DIANE, VICKI) if accepted else offered("Vicki", LegState.RINGING))
    hangs_up(stage, DIANE)
    reach(stage, together(LORI, VICKI), 60)
    play(stage, 20)
    assert together(LORI, VICKI)(stage)
    hangs_up(stage, LORI)
    assert to_the_end(stage).outcome is Outcome.HELPED
    assert len(offers(stage)) == (2 if accepted else 3)


def test_two_agents_lost_one_after_the_other_lose_no_caller(stage: Stage) -> None:
    stage.add_agent("Diane", DIANE, [*TAKES_IT, pause(3), HANG_UP])
    stage.call_line(
        LORI, [*([BRIDGED, listen("Is there anything else"), press("1")] * 2), BRIDGED, pause(5), HANG_UP]
    )
    reach(stage, talking)
    stage.set_agent_state("Diane", AgentState.AWAY)
    stage.add_agent("Vicki", VICKI, [*TAKES_IT, pause(3), HANG_UP])
    reach(stage, together(LORI, VICKI))
    stage.set_agent_state("Vicki", AgentState.AWAY)
    stage.add_agent("Danielle", DANIELLE, [*TAKES_IT, *wraps_up()])
    assert to_the_end(stage).outcome is Outcome.HELPED


# ---- the network is late, loses things, says them twice


@pytest.mark.parametrize("what", ["drop", "error", "lose_response", "rate_limit"])
def test_a_caller_whose_push_was_lost_is_in_the_room_within_ten_seconds(stage: Stage, what: str) -> None:
    """The wait comes back to us at least every 10 s, and there the caller is sent to the room."""
    stage.add_agent("Diane", DIANE, [*TAKES_IT, *wraps_up()])
    stage.call_line(LORI, PATIENT)
    reach(stage, offered("Diane", LegState.BRIEFING))
    fault(stage, "rest", what, "Calls/CA", times=3 if what != "lose_response" else 1)
    reach(stage, contact_is(ContactState.TALKING))
    begun = stage.now
    reach(stage, together(LORI, DIANE), 15)
    assert stage.now - begun <= 10
    hangs_up(stage, LORI)
    assert to_the_end(stage).outcome is Outcome.HELPED


@pytest.mark.parametrize("what", ["drop", "late", "twice", "reorder"])
def test_a_talk_ends_well_whatever_happens_to_the_rooms_events(stage: Stage, what: str) -> None:
    stage.add_agent("Diane", DIANE, [*TAKES_IT, *wraps_up()])
    fault(stage, "callback", what, "/voice/conference-events/", times=-1, seconds=3)
    stage.call_line(LORI, [BRIDGED, pause(30), HANG_UP])
    contact = to_the_end(stage)
    assert (contact.outcome, contact.disposition) == (Outcome.HELPED, "helped"), state_of(stage)
    assert available(stage, "Diane")


@pytest.mark.parametrize("what", ["drop", "late", "twice", "reorder"])
def test_a_caller_whose_agent_left_is_asked_whatever_happens_to_the_events(stage: Stage, what: str) -> None:
    stage.add_agent("Diane", DIANE, [*TAKES_IT, pause(10), HANG_UP])
    fault(stage, "callback", what, "/voice/", times=-1, seconds=8)
    stage.call_line(LORI, [BRIDGED, listen("Is there anything else"), press("1"), BRIDGED, pause(5), HANG_UP])
    reach(stage, together(LORI, DIANE))
    stage.set_agent_state("Diane", AgentState.AWAY)
    stage.add_agent("Vicki", VICKI, [*TAKES_IT, *wraps_up()])
    assert to_the_end(stage).outcome is Outcome.HELPED


def test_late_statuses_of_a_finished_ring_change_nothing_in_the_talk(stage: Stage) -> None:
    stage.add_agent("Diane", DIANE, [*TAKES_IT, *wraps_up()])
    fault(stage, "callback", "late", "/voice/agent-status/", times=3, seconds=20)
    fault(stage, "callback", "twice", "/voice/agent-status/", times=-1)
    stage.call_line(LORI, [BRIDGED, pause(40), HANG_UP])
    reach(stage, talking)
    play(stage, 25)
    assert together(LORI, DIANE)(stage)
    assert to_the_end(stage).outcome is Outcome.HELPED


def test_an_agents_key_that_comes_too_late_changes_nothing(stage: Stage) -> None:
    stage.add_agent("Diane", DIANE, [*TAKES_IT, *wraps_up()])
    stage.call_line(LORI, [BRIDGED, pause(20), HANG_UP])
    reach(stage, talking)
    presses(stage, DIANE, "2")
    play(stage, 3)
    assert together(LORI, DIANE)(stage)
    assert to_the_end(stage).outcome is Outcome.HELPED
