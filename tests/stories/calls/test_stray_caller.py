"""A caller whose leg goes into a conference while the line takes them for being with it: two answers to one leg have crossed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ivr.cli.demo.stage import Stage
from ivr.domain.records.agent import AgentState
from ivr.domain.records.contact import Contact, ContactState
from ivr.domain.records.contact_parts import PartyLocation
from ivr.domain.telephony_events import ConferenceEvent
from ivr.usecases.conferences import events as conference_events
from ivr.usecases.contacts import caller_moves
from tests.stories.people import DIANE, LORI, TAKES_IT, contacts, pause
from tests.stories.watch import (
    contact_is,
    fault,
    hangs_up,
    play,
    reach,
    talking,
    was_told,
)

ASKED = "Is there anything else"


def caller_events(stage: Stage, kind: str) -> int:
    return sum(e["kind"] == kind and e.get("who") == LORI for e in stage.read_emulator_log())


def caller_redirects(stage: Stage) -> int:
    (contact,) = contacts(stage)
    return sum(
        e["kind"] == "rest" and e["method"] == "POST" and contact.call in e["path"]
        for e in stage.read_emulator_log()
    )


def times_asked(stage: Stage) -> int:
    return sum(
        e["kind"] == "said" and e.get("who") == LORI and ASKED in e["words"]
        for e in stage.read_emulator_log()
    )


def set_aside(stage: Stage) -> Contact:
    """The record as another answer has left it: they are on their way to the talk."""
    for change in stage.services.store.transact():
        (contact,) = contacts(stage)
        coming = contact.place_caller(PartyLocation.JOINING)
        new = change.put(contact, replace(coming, state=ContactState.TALKING))
    return new


@pytest.fixture
def asked(stage: Stage) -> Stage:
    """The agent has gone, and the caller is asked whether there is anything else."""
    stage.add_agent("Diane", DIANE, [*TAKES_IT, pause(5)])
    stage.call_line(LORI, [pause(3000)])
    reach(stage, talking)
    stage.set_agent_state("Diane", AgentState.AWAY)
    hangs_up(stage, DIANE)
    reach(stage, contact_is(ContactState.AFTER_CALL))
    reach(stage, lambda s: was_told(s, LORI, ASKED))
    return stage


def stray(stage: Stage) -> None:
    """An answer of a moment ago leads them into the conference; the record says that they are with the line."""
    joins = caller_events(stage, "conference_join")
    contact = set_aside(stage)
    stage.services.telephony.redirect(contact.call, stage.services.urls.resume(contact.id))
    reach(stage, lambda s: caller_events(s, "conference_join") > joins, 5)
    for change in stage.services.store.transact():
        (now,) = contacts(stage)
        out = replace(
            now,
            state=ContactState.AFTER_CALL,
            conference=replace(now.conference, caller_location=PartyLocation.LEFT_CONFERENCE),
        )
        caller_moves.begin_after_call(out, change)


def test_a_caller_in_a_conference_that_is_over_is_fetched_and_asked_again(asked: Stage) -> None:
    fault(asked, "callback", "late", "/voice/conference-events/", times=-1, seconds=3)
    before = times_asked(asked)
    stray(asked)
    reach(asked, lambda s: times_asked(s) > before, 30)


def test_a_caller_whom_twilio_does_not_move_is_sent_for_again_within_seconds(asked: Stage) -> None:
    """They hear nothing meanwhile."""
    fault(asked, "callback", "late", "/voice/conference-events/", times=-1, seconds=1)
    before = caller_redirects(asked)
    stray(asked)
    fault(asked, "rest", "error", "Calls/CA")
    reach(
        asked, lambda s: caller_redirects(s) >= before + 3, 4
    )  # that which led them astray, refused, and again


def test_a_late_event_about_a_conference_that_they_have_left_interrupts_nobody(asked: Stage) -> None:
    (contact,) = contacts(asked)
    (joined,) = [e for e in asked.read_emulator_log() if e["kind"] == "conference_join" and e["who"] == LORI]
    redirects = caller_redirects(asked)
    conference_events.on_event(
        asked.services,
        contact.id,
        contact.conference.number - 1,
        event=ConferenceEvent.PARTICIPANT_JOINED,
        conference_sid=joined["conference"],
        call=contact.call,
    )
    play(asked, 10)
    looked_up = f"/Conferences/{joined['conference']}/Participants"
    assert any(e["kind"] == "rest" and looked_up in e["path"] for e in asked.read_emulator_log())
    assert contacts(asked)[0].conference.stray_sid == ""
    assert caller_redirects(asked) == redirects
