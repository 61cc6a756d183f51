"""Agent to agent by phone keys: the caller is never handed to nobody, and nobody's leaving strands them."""

from __future__ import annotations

import pytest

from ivr.cli.demo.stage import Stage
from ivr.domain.records.agent import AgentState
from ivr.domain.records.agent_leg import LegKind, LegResult, LegState
from ivr.domain.records.contact import ContactState, Outcome
from ivr.domain.records.promise import PromiseKind, PromiseState
from ivr.usecases.customers import case_thread
from tests.stories.people import (
    BOSS,
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
    speak,
    texts_to,
    wraps_up,
)
from tests.stories.watch import (
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
STAR: Script = [pause(5), press("*"), listen("5 if you are done")]
ASKS_VICKI: Script = [*STAR, press("2"), listen("extension"), press("102#")]
ONLY_A_NOTE: Script = [
    listen("Say what you understood", 600),
    speak("Her suitcase is in Denver"),
    listen("I wrote"),
    press("1"),
]


def two_agents(stage: Stage, first: Script, second: Script, **vicki: object) -> None:
    """Lori talks with Diane; Vicki is free. Nobody takes a call after this one."""
    stage.add_agent("Diane", DIANE, [*TAKES_IT, *first])
    stage.add_agent("Vicki", VICKI, second)
    stage.set_phone(VICKI, name="Vicki", script=second, **vicki)
    stage.set_agent_state("Vicki", AgentState.AWAY)
    stage.call_line(LORI, PATIENT)
    reach(stage, talking)
    stage.set_agent_state("Diane", AgentState.AWAY)
    stage.set_agent_state("Vicki")


# ---- consult, introduce, leave


@pytest.mark.parametrize("leaver", [LORI, VICKI], ids=["the caller", "the colleague"])
def test_after_the_introduction_two_remain_and_whoever_leaves_ends_the_room(
    stage: Stage, leaver: str
) -> None:
    first = [*ASKS_VICKI, BRIDGED, pause(3), press("*"), listen("1 to introduce"), press("1")]
    two_agents(stage, [*first, BRIDGED, pause(10), press("*"), *ONLY_A_NOTE], [*TAKES_IT, *wraps_up()])
    reach(stage, together(DIANE, VICKI, LORI))
    reach(stage, together(VICKI, LORI))
    play(stage, 5)
    hangs_up(stage, leaver)
    if leaver == LORI:
        reach(stage, lambda s: was_told(s, VICKI, "How did it end"), 4)
    else:
        stage.set_phone(VICKI, name="Vicki", script=[listen("Press 1 to tell"), press("1"), *wraps_up()])
        reach(stage, lambda s: was_told(s, LORI, "Is there anything else"), 10)
        hangs_up(stage, LORI)
    assert to_the_end(stage).outcome is Outcome.HELPED
    assert contacts(stage)[0].disposition == "helped"
    assert available(stage, "Vicki")


def test_a_first_agent_who_hangs_up_in_the_three_way_leaves_the_two_talking(stage: Stage) -> None:
    first = [*ASKS_VICKI, BRIDGED, pause(3), press("*"), listen("1 to introduce"), press("1")]
    two_agents(stage, first, [*TAKES_IT, *wraps_up()])
    reach(stage, together(DIANE, VICKI, LORI))
    hangs_up(stage, DIANE)
    reach(stage, together(VICKI, LORI), 5)
    play(stage, 65)
    assert together(VICKI, LORI)(stage)
    hangs_up(stage, LORI)
    assert to_the_end(stage).outcome is Outcome.HELPED
    assert agent(stage, "Diane").state is AgentState.AWAY, "she owes no word: the call went on"


def test_a_colleague_who_hangs_up_in_the_three_way_leaves_the_first_with_the_caller(stage: Stage) -> None:
    first = [*ASKS_VICKI, BRIDGED, pause(3), press("*"), listen("1 to introduce"), press("1")]
    two_agents(stage, [*first, *wraps_up()], TAKES_IT)
    reach(stage, together(DIANE, VICKI, LORI))
    hangs_up(stage, VICKI)
    reach(stage, together(DIANE, LORI), 5)
    play(stage, 5)
    hangs_up(stage, LORI)
    assert to_the_end(stage).outcome is Outcome.HELPED
    assert available(stage, "Vicki")


def test_the_notes_of_the_first_are_in_the_case_and_the_caller_is_asked_after_the_second(
    stage: Stage,
) -> None:
    first = [*ASKS_VICKI, BRIDGED, pause(3), press("*"), listen("3 to leave"), press("3"), *ONLY_A_NOTE]
    two_agents(stage, first, [*TAKES_IT, BRIDGED, pause(60), *wraps_up("She flies on Friday")])
    reach(stage, together(VICKI, LORI))
    play(stage, 30)
    hangs_up(stage, LORI)
    contact = to_the_end(stage)
    assert contact.outcome is Outcome.HELPED
    words = [line.get("words") for line in case_thread.get_thread(stage.services, contact.case)]
    assert "Her suitcase is in Denver" in words
    assert "She flies on Friday" in words


def test_star_right_after_being_left_together_holds_the_caller_with_a_word(stage: Stage) -> None:
    """The room does not end yet when one of the last two leaves it; the caller is sent for."""
    first = [*ASKS_VICKI, BRIDGED, pause(3), press("*"), listen("3 to leave"), press("3"), *ONLY_A_NOTE]
    two_agents(stage, first, [*TAKES_IT, pause(60)])
    reach(stage, together(VICKI, LORI))
    presses(stage, VICKI, "*")
    reach(stage, contact_is(ContactState.ON_HOLD), 6)
    reach(stage, lambda s: was_told(s, VICKI, "5 if you are done"), 20)
    presses(stage, VICKI, "4")
    reach(stage, together(VICKI, LORI), 10)
    hangs_up(stage, LORI)
    to_the_end(stage)


def test_cancelling_a_consult_brings_the_first_agent_back_alone(stage: Stage) -> None:
    first = [*ASKS_VICKI, BRIDGED, pause(3), press("*"), listen("2 to go back"), press("2"), *wraps_up()]
    two_agents(stage, first, TAKES_IT)
    reach(stage, together(DIANE, VICKI))
    reach(stage, together(DIANE, LORI))
    assert was_told(stage, DIANE, "You are back with the caller")
    play(stage, 10)
    assert live_legs(stage, VICKI) == []
    assert available(stage, "Vicki")
    hangs_up(stage, LORI)
    assert to_the_end(stage).outcome is Outcome.HELPED


# ---- a target who does not come


@pytest.mark.parametrize(
    "vicki",
    [
        {"script": [listen("to hear it"), press("1"), listen("2 to pass"), press("2")]},
        {"script": [], "answers": False},
        {"script": [listen("to hear it"), HANG_UP]},
        {"script": [listen("to hear it"), press("1"), listen("Press 1 to take it"), HANG_UP]},
        {"script": [], "busy": True},
    ],
    ids=["declines", "does not answer", "hangs up at the knock", "hangs up in the brief", "busy"],
)
def test_a_target_who_does_not_come_leaves_the_caller_with_the_first_agent(
    stage: Stage, vicki: dict[str, object]
) -> None:
    told_so: Script = [listen("cannot take it"), BRIDGED, pause(10), *wraps_up()]
    script = vicki.pop("script")
    assert isinstance(script, list)
    two_agents(stage, [*ASKS_VICKI, *told_so], script, **vicki)
    reach(stage, contact_is(ContactState.ON_HOLD))
    reach(stage, together(DIANE, LORI))
    assert was_told(stage, DIANE, "Vicki cannot take it now"), state_of(stage)
    play(stage, 15)
    hangs_up(stage, LORI)
    assert to_the_end(stage).outcome is Outcome.HELPED


def test_a_target_who_hangs_up_in_the_consult_sends_the_first_agent_to_the_menu(stage: Stage) -> None:
    two_agents(stage, [*ASKS_VICKI, BRIDGED, listen("5 if you are done"), press("4"), *wraps_up()], TAKES_IT)
    reach(stage, together(DIANE, VICKI))
    hangs_up(stage, VICKI)
    reach(stage, together(DIANE, LORI), 20)
    hangs_up(stage, LORI)
    assert to_the_end(stage).outcome is Outcome.HELPED
    assert available(stage, "Vicki")


def test_a_target_who_accepts_as_the_first_agent_leaves_has_the_caller_or_is_told(stage: Stage) -> None:
    two_agents(stage, ASKS_VICKI, [*TAKES_IT, *wraps_up()])
    reach(stage, offered("Vicki", LegState.BRIEFING))
    fault(stage, "callback", "late", "/voice/agent-status/", seconds=3)
    fault(stage, "webhook", "late", "/voice/agent-left/", seconds=3)
    reach(stage, lambda s: any("to take it" in leg["hears"]["detail"] for leg in live_legs(s, VICKI)))
    hangs_up(stage, DIANE)
    reach(stage, together(VICKI, LORI), 60)
    hangs_up(stage, LORI)
    assert to_the_end(stage).outcome is Outcome.HELPED


# ---- the other keys of the menu


def test_leaving_for_the_next_person_never_offers_the_caller_to_the_same_agent(stage: Stage) -> None:
    stage.add_agent("Diane", DIANE, [*TAKES_IT, *STAR, press("3"), *ONLY_A_NOTE])
    stage.call_line(LORI, PATIENT)
    reach(stage, contact_is(ContactState.ON_HOLD))
    reach(stage, lambda s: available(s, "Diane"))
    play(stage, 20)
    assert contacts(stage)[0].state is ContactState.WAITING
    stage.add_agent("Vicki", VICKI, [*TAKES_IT, *wraps_up()])
    reach(stage, together(VICKI, LORI))
    assert [o.agent for o in offers(stage)] == ["diane", "vicki"]
    assert was_told(stage, VICKI, "Her suitcase is in Denver"), state_of(stage)
    hangs_up(stage, LORI)
    assert to_the_end(stage).outcome is Outcome.HELPED


def test_back_to_the_caller(stage: Stage) -> None:
    stage.add_agent("Diane", DIANE, [*TAKES_IT, *STAR, press("4"), *wraps_up()])
    stage.call_line(LORI, [listen("Please hold on"), BRIDGED, pause(5), HANG_UP])
    assert to_the_end(stage).outcome is Outcome.HELPED
    assert was_told(stage, DIANE, "You are back with the caller")


def test_done_says_the_next_steps_to_the_caller_and_owes_the_call_once(stage: Stage) -> None:
    done: Script = [
        press("5"),
        listen("what happens next"),
        speak("The van brings your suitcase tonight"),
        listen("how many hours"),
        press("2#"),
        listen("How did it end"),
        press("1"),
        listen("Say what you understood"),
        speak("Her suitcase is in the van"),
        listen("I wrote"),
        press("1"),
    ]
    stage.add_agent("Diane", DIANE, [*TAKES_IT, *STAR, *done, listen("name"), speak("Lori Park")])
    stage.call_line(LORI, [BRIDGED, listen("What happens next|This is what", 120), pause(60)])
    reach(stage, talking)
    stage.set_agent_state("Diane", AgentState.AWAY)
    contact = to_the_end(stage)
    assert contact.outcome is Outcome.HELPED
    assert was_told(stage, LORI, "The van brings your suitcase tonight")
    assert was_told(stage, LORI, "We will call you by")
    (owed,) = promises(stage)
    assert (owed.kind, owed.state, owed.owner) == (PromiseKind.FOLLOW_UP, PromiseState.MADE, "diane")
    assert owed.due_by % 300 == 0, "a time that people say"
    asked = [e for e in stage.read_emulator_log() if e["kind"] == "said" and "how many hours" in e["words"]]
    assert len(asked) == 1, "she is not asked again in the wrap-up"
    summary = next(t for t in texts_to(stage, LORI) if "What we understood" in t)
    assert (
        "Her suitcase is in the van. What happens next: The van brings your suitcase tonight. If" in summary
    )


def test_an_unknown_extension_and_nobody_free_lead_back_to_the_menu(stage: Stage) -> None:
    script: Script = [
        *STAR,
        press("2"),
        listen("extension"),
        press("777#"),
        listen("Nobody has that extension"),
        listen("5 if you are done"),
        press("1"),
        listen("Nobody who could take it"),
        listen("5 if you are done"),
        press("4"),
        *wraps_up(),
    ]
    stage.add_agent("Diane", DIANE, [*TAKES_IT, *script])
    stage.call_line(LORI, PATIENT)
    reach(stage, contact_is(ContactState.ON_HOLD))
    reach(stage, together(DIANE, LORI))
    hangs_up(stage, LORI)
    assert to_the_end(stage).outcome is Outcome.HELPED


def test_a_supervisor_hears_who_asks_and_takes_the_call(stage: Stage) -> None:
    stage.add_agent(
        "Diane",
        DIANE,
        [
            *TAKES_IT,
            *STAR,
            press("1"),
            BRIDGED,
            pause(3),
            press("*"),
            listen("3 to leave"),
            press("3"),
            *ONLY_A_NOTE,
        ],
    )
    stage.add_agent("Vicki", VICKI, [])
    stage.set_agent_state("Vicki", AgentState.AWAY)
    stage.add_agent("Boss", BOSS, [*TAKES_IT, *wraps_up()], supervisor=True)
    stage.set_agent_state("Boss", AgentState.AWAY)
    stage.call_line(LORI, PATIENT)
    reach(stage, talking)
    stage.set_agent_state("Boss")
    reach(stage, together(BOSS, LORI))
    assert was_told(stage, BOSS, "Diane asks you to take a call")
    play(stage, 20)
    hangs_up(stage, LORI)
    assert to_the_end(stage).outcome is Outcome.HELPED
    assert [o.kind for o in offers(stage)] == [LegKind.CONTACT, LegKind.CONSULT]


def test_three_agents_one_after_the_other(stage: Stage) -> None:
    passes: Script = [BRIDGED, pause(3), press("*"), listen("3 to leave"), press("3"), *ONLY_A_NOTE]
    two_agents(
        stage,
        [*ASKS_VICKI, *passes],
        [
            *TAKES_IT,
            BRIDGED,
            pause(40),
            press("*"),
            listen("5 if you"),
            press("2"),
            listen("extension"),
            press("103#"),
            *passes,
        ],
    )
    reach(stage, together(VICKI, LORI))
    stage.add_agent("Danielle", DANIELLE, [*TAKES_IT, *wraps_up()])
    reach(stage, together(DANIELLE, LORI), 180)
    play(stage, 10)
    hangs_up(stage, LORI)
    contact = to_the_end(stage)
    assert (contact.outcome, contact.transfers) == (Outcome.HELPED, 2)
    assert [o.result for o in offers(stage)] == [LegResult.ACCEPTED] * 3


# ---- REST in trouble


@pytest.mark.parametrize("what", ["error", "drop", "lose_response", "rate_limit"])
def test_a_warm_transfer_survives_a_rest_request_that_fails_in_the_middle(stage: Stage, what: str) -> None:
    first = [*ASKS_VICKI, BRIDGED, pause(3), press("*"), listen("1 to introduce"), press("1")]
    two_agents(stage, [*first, BRIDGED, pause(10), press("*"), *ONLY_A_NOTE], [*TAKES_IT, *wraps_up()])
    reach(stage, contact_is(ContactState.ON_HOLD))
    fault(stage, "rest", what, "Participants|Calls/CA", times=2)
    reach(stage, together(DIANE, VICKI, LORI))
    reach(stage, together(VICKI, LORI))
    fault(stage, "rest", what, "Participants|Calls/CA", times=2)
    play(stage, 15)
    hangs_up(stage, LORI)
    assert to_the_end(stage).outcome is Outcome.HELPED


@pytest.mark.parametrize("what", ["drop", "late", "twice", "reorder"])
def test_a_warm_transfer_survives_events_that_are_lost_late_doubled_or_out_of_order(
    stage: Stage, what: str
) -> None:
    first = [*ASKS_VICKI, BRIDGED, pause(3), press("*"), listen("1 to introduce"), press("1")]
    two_agents(stage, [*first, BRIDGED, pause(10), press("*"), *ONLY_A_NOTE], [*TAKES_IT, *wraps_up()])
    fault(stage, "callback", what, "/voice/", times=-1, seconds=4)
    reach(stage, together(DIANE, VICKI, LORI))
    reach(stage, together(VICKI, LORI))
    play(stage, 10)
    hangs_up(stage, LORI)
    assert to_the_end(stage).outcome is Outcome.HELPED
