"""New flows and emergency notices reach whoever calls from then on; who is on the line finishes as they began."""

from __future__ import annotations

from pathlib import Path

from ivr.cli.demo.stage import Stage
from ivr.domain.actor import Actor, Channel
from ivr.domain.records.agent import AgentState
from ivr.domain.records.contact import Contact, ContactState
from ivr.flow.loader.library import parse_flows, read_flow_files
from ivr.usecases.calls import announcements
from ivr.usecases.flows import publish, replay_calls
from tests.stories.people import DIANE, LORI, TAKES_IT, contacts, listen, pause, press, promises, speak
from tests.stories.watch import contact_is, hears, play, presses, reach, was_told

NORA = Actor(id="nora", channel=Channel.PAGE)
OTHER = "+12025550156"
FLOOD = "Our office in Porto is flooded and all calls take longer"


def by_number(stage: Stage, number: str) -> Contact:
    return next(c for c in contacts(stage) if c.caller.number == number)


def test_a_call_finishes_on_the_version_that_it_began_on(stage: Stage) -> None:
    stage.call_line(LORI, [pause(3000)])
    reach(stage, lambda s: was_told(s, LORI, "For bookings, press 1"))
    files = read_flow_files(Path("flows"))
    changed = files["main.yaml"].replace("bookings: {queue: bookings}", "bookings: {queue: support}")
    assert changed != files["main.yaml"]
    publish.publish_flows(
        stage.services,
        publish.PublishRequest(files={**files, "main.yaml": changed}, base_version=""),
        "one queue",
        NORA,
    )
    presses(stage, LORI, "1")
    stage.call_line(OTHER, [pause(3000)])
    reach(stage, lambda s: was_told(s, OTHER, "For bookings, press 1"))
    presses(stage, OTHER, "1")
    reach(stage, lambda s: all(c.state is ContactState.WAITING for c in contacts(s)), 60)
    assert (by_number(stage, LORI).queue_place.name, by_number(stage, OTHER).queue_place.name) == (
        "bookings",
        "support",
    )


def test_in_an_emergency_everybody_hears_it_first_and_who_waits_is_offered_a_call(stage: Stage) -> None:
    stage.add_agent("Diane", DIANE, TAKES_IT)
    stage.set_agent_state("Diane", AgentState.AWAY)
    stage.call_line(LORI, [pause(3000)])
    reach(stage, contact_is(ContactState.WAITING), 60)
    play(stage, 12)
    heard = hears(stage, LORI)
    announcements.turn_on(stage.services, {"en": f"{FLOOD} & more", "es": "Hay una inundación"}, NORA)
    play(stage, 25)
    assert heard(FLOOD)
    assert heard("Press 1 and we call you")
    presses(stage, LORI, "1")
    reach(stage, lambda s: len(promises(s)) == 1, 30)
    stage.call_line(
        OTHER, [listen(FLOOD), listen("For bookings"), press("9"), listen("oprima 1"), pause(3000)]
    )
    reach(stage, lambda s: was_told(s, OTHER, "oprima 1"))
    announcements.turn_off(stage.services, NORA)
    third = "+12025550157"
    stage.call_line(third, [pause(3000)])
    reach(stage, lambda s: was_told(s, third, "For bookings"))
    assert not was_told(stage, third, FLOOD)


def test_what_callers_really_did_goes_through_a_draft_before_it_is_published(stage: Stage) -> None:
    stage.add_agent("Diane", DIANE, TAKES_IT)
    stage.set_agent_state("Diane", AgentState.AWAY)
    stage.call_line(
        LORI,
        [listen("For bookings"), speak("a booking please"), listen("In one sentence"), speak("my ticket")],
    )
    stage.call_line(OTHER, [listen("For bookings"), pause(3000)])
    reach(stage, lambda s: [c.state for c in contacts(s)] == [ContactState.WAITING] * 2, 90)
    files = read_flow_files(Path("flows"))
    draft = {
        **files,
        "main.yaml": files["main.yaml"].replace("bookings: {queue: bookings}", "bookings: {queue: support}"),
    }
    tally = replay_calls.ReplayTally()
    pairs = {
        p.call.caller.number: p
        for p in replay_calls.replay_all(stage.services, parse_flows(draft), 0.0, tally)
    }
    assert (pairs[LORI].published.destination, pairs[LORI].draft.destination) == (
        "person bookings",
        "person support",
    )
    assert pairs[LORI].published.path == "earlier > greeting > menu > reason_bookings > bookings"
    assert not pairs[OTHER].has_other_destination
    assert (tally.calls, tally.other_destination, tally.not_comparable) == (2, 1, 0)
    assert not any(pair.published.guessed_steps for pair in pairs.values())
