"""The other keys of the menu after a star."""

from __future__ import annotations

from ivr.cli.demo.stage import Stage
from ivr.domain.records.agent import AgentState
from ivr.domain.records.agent_leg import LegKind, LegResult
from ivr.domain.records.contact import ContactState, Outcome
from ivr.domain.records.promise import PromiseKind, PromiseState
from tests.stories.agents.two_agents import ASKS_VICKI, ONLY_A_NOTE, PATIENT, STAR, two_agents
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
    available,
    contact_is,
    hangs_up,
    offers,
    play,
    reach,
    state_of,
    talking,
    to_the_end,
    together,
    was_told,
)


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
