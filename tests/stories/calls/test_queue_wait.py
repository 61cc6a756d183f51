"""Waiting: the position, an honest estimate, and never more than a minute without a choice."""

from __future__ import annotations

from itertools import pairwise

from ivr.cli.demo.stage import Stage
from ivr.domain.records.agent import AgentState
from ivr.domain.records.agent_leg import LegState
from ivr.domain.records.contact import ContactState, Outcome
from ivr.domain.records.promise import Promise, PromiseState
from tests.stories.people import (
    DIANE,
    LORI,
    TAKES_IT,
    VICKI,
    Script,
    contacts,
    listen,
    loris,
    pause,
    press,
    promises,
    texts_to,
    wraps_up,
)
from tests.stories.watch import (
    contact_is,
    hangs_up,
    offered,
    offers,
    play,
    reach,
    state_of,
    to_the_end,
    together,
    was_told,
)

OTHER = "+12025550156"
CHOICES = "2 to choose a time"


def busy_line(stage: Stage, lori: Script) -> None:
    """Diane talks with somebody else, and Lori waits."""
    stage.add_agent("Diane", DIANE, [*TAKES_IT, *wraps_up()])
    stage.call_line(OTHER, [pause(3000)])
    reach(stage, together(DIANE, OTHER))
    stage.set_agent_state("Diane", AgentState.AWAY)
    stage.call_line(LORI, lori)
    reach(stage, lambda s: loris(s).state is ContactState.WAITING)


def owed_to_lori(stage: Stage) -> Promise:
    (owed,) = [p for p in promises(stage) if p.number == LORI]
    return owed


def test_the_position_the_estimate_and_the_choice_are_said_at_once_when_it_takes_longer(stage: Stage) -> None:
    busy_line(stage, [pause(3000)])
    play(stage, 25)
    assert was_told(stage, LORI, "You are number one in line") or was_told(
        stage, LORI, "You are number 1 in line"
    )
    assert was_told(stage, LORI, "six minutes"), state_of(stage)
    assert was_told(stage, LORI, CHOICES)


def test_the_choice_is_said_again_before_every_minute_is_over(stage: Stage) -> None:
    busy_line(stage, [pause(3000)])
    play(stage, 200)
    at = [e["epoch"] for e in stage.read_emulator_log() if e["kind"] == "said" and CHOICES in e["words"]]
    assert len(at) >= 3
    assert all(later - sooner <= 75 for sooner, later in pairwise(at))
    spoken = [e["epoch"] for e in stage.read_emulator_log() if e["kind"] == "said" and e["who"] == LORI]
    assert stage.now - max(spoken) <= 65


def test_a_caller_whose_agent_does_not_answer_has_the_choice_within_the_minute(stage: Stage) -> None:
    stage.add_agent("Diane", DIANE, [])
    stage.set_phone(DIANE, name="Diane", answers=False)
    stage.call_line(LORI, [pause(3000)])
    reach(stage, contact_is(ContactState.WAITING))
    begun = stage.now
    reach(stage, lambda s: was_told(s, LORI, CHOICES))
    assert stage.now - begun <= 75


def test_key_1_keeps_the_place_as_a_promise(stage: Stage) -> None:
    busy_line(stage, [listen("2 to choose a time"), press("1"), pause(120)])
    arrived = loris(stage).queue_place.queued_at
    reach(stage, lambda s: loris(s).state is ContactState.ENDED)
    assert loris(stage).outcome is Outcome.PROMISED
    owed = owed_to_lori(stage)
    assert owed.queued_at == arrived, "the place she had"
    assert was_told(stage, LORI, "We will call you at this number")
    assert "we will call you by" in texts_to(stage, LORI)[0]
    assert was_told(stage, LORI, "You need not do anything more")


def test_key_2_chooses_a_time(stage: Stage) -> None:
    busy_line(
        stage, [listen("2 to choose a time"), press("2"), listen("press 1", 60), press("1"), pause(120)]
    )
    reach(stage, lambda s: loris(s).state is ContactState.ENDED)
    owed = owed_to_lori(stage)
    assert (loris(stage).outcome, owed.state) == (Outcome.PROMISED, PromiseState.MADE)
    assert owed.not_before > stage.now


def test_a_caller_who_just_listens_keeps_the_place_and_is_answered(stage: Stage) -> None:
    busy_line(stage, [pause(3000)])
    play(stage, 90)
    stage.add_agent("Vicki", VICKI, [*TAKES_IT, *wraps_up()])
    reach(stage, together(LORI, VICKI))
    hangs_up(stage, LORI)
    hangs_up(stage, OTHER)
    to_the_end(stage)
    assert [c.outcome for c in contacts(stage)] == [Outcome.HELPED, Outcome.HELPED]


def test_an_agent_who_accepts_while_the_caller_chooses_a_time_gets_the_caller_and_nothing_is_owed(
    stage: Stage,
) -> None:
    busy_line(stage, [listen("2 to choose a time"), press("2"), pause(3000)])
    reach(stage, lambda s: bool(loris(s).flow_progress.position))
    stage.add_agent("Vicki", VICKI, [*TAKES_IT, *wraps_up()])
    reach(stage, together(LORI, VICKI), 60)
    assert promises(stage) == []
    play(stage, 10)
    hangs_up(stage, LORI)
    hangs_up(stage, OTHER)
    assert to_the_end(stage).outcome is Outcome.HELPED
    assert promises(stage) == []


def test_a_caller_who_is_promised_a_call_while_an_agent_is_asked_keeps_the_promise_and_the_agent_is_told(
    stage: Stage,
) -> None:
    busy_line(
        stage,
        [listen("2 to choose a time"), press("2"), listen("press 1", 60), pause(4), press("1"), pause(90)],
    )
    reach(stage, lambda s: bool(loris(s).flow_progress.position))
    stage.add_agent(
        "Vicki",
        VICKI,
        [listen("to hear it"), press("1"), listen("to take it"), pause(15), press("1"), pause(60)],
    )
    reach(stage, offered("Vicki", LegState.BRIEFING))
    stage.set_agent_state("Vicki", AgentState.AWAY)
    reach(stage, lambda s: bool(promises(s)), 60)
    play(stage, 40)
    assert together(DIANE, OTHER)(stage)
    assert loris(stage).outcome is Outcome.PROMISED, state_of(stage)
    assert offered("Vicki", LegState.ENDED)(stage)


def test_a_full_waiting_room_leads_to_a_choice_and_never_to_a_hang_up(stage: Stage) -> None:
    """QueueResult queue-full: https://www.twilio.com/docs/voice/twiml/enqueue#attributes-action"""
    for digit in "0123456789abcdef":
        stage.call_rest_api("Queues.json", FriendlyName=f"support-{digit}", MaxSize="1")
    stage.add_agent("Diane", DIANE, [])
    stage.set_agent_state("Diane", AgentState.AWAY)
    numbers = [f"+1202555{n:04d}" for n in range(160, 178)]  # more than there is room for
    for number in numbers:
        stage.call_line(number, [listen("wait for us|when it is your turn", 90), press("1"), pause(60)])
    play(stage, 150)
    full = [c for c in contacts(stage) if "@full" in c.flow_progress.path]
    assert full, "two of them met in one room"
    assert all(c.outcome is Outcome.PROMISED for c in full), state_of(stage)


def test_whom_nobody_of_their_queue_takes_is_helped_by_the_queue_that_helps_out(stage: Stage) -> None:
    """Bookings: nobody who knows them is there. After two minutes support may help, as the file of the queues says."""
    stage.add_agent("Vicki", VICKI, [*TAKES_IT, *wraps_up()], skills=("support",))
    stage.set_agent_state("Vicki", AgentState.AWAY)
    stage.call_line(LORI, [listen("For bookings, press 1"), press("1"), pause(3000)])
    reach(stage, lambda s: loris(s).state is ContactState.WAITING)
    stage.set_agent_state("Vicki")
    came = loris(stage).queue_place.queued_at
    play(stage, 90)
    assert offers(stage) == []
    reach(stage, together(VICKI, LORI))
    (leg,) = offers(stage)
    assert leg.offer.why.endswith("; helps bookings out after 120 s")
    assert 120 <= leg.offer.made_at - came < 130
