"""Two people have met when Twilio says that their conference began, or when both were seen to come in: either word may be lost."""

from __future__ import annotations

import pytest

from ivr.cli.demo.stage import Stage
from ivr.domain.records.agent_leg import AgentLeg
from ivr.domain.records.contact import Contact, ContactState
from ivr.domain.records.contact_parts import ConferencePlaces, PartyLocation
from ivr.domain.telephony_events import ConferenceEvent
from ivr.services import Services
from ivr.store.change import Change
from ivr.usecases.conferences import events as conference_events

CALLER, AGENT, ROOM = "CA" + "c" * 32, "CA" + "a" * 32, "CF" + "1" * 32


@pytest.fixture
def services(stage: Stage) -> Services:
    change = Change(now=stage.now)
    talk = Contact(
        id="k1",
        state=ContactState.TALKING,
        call=CALLER,
        leg="o1",
        conference=ConferencePlaces(
            number=3, caller_location=PartyLocation.IN_CONFERENCE, agent_location=PartyLocation.IN_CONFERENCE
        ),
    )
    change.put(None, talk)
    change.put(None, AgentLeg(id="o1", call=AGENT, contact="k1"))
    assert stage.services.store.commit(change)
    return stage.services


def tell(services: Services, event: ConferenceEvent, call: str = "", stage: int = 3) -> bool:
    """Whether they count as having talked after that."""
    conference_events.on_event(services, "k1", stage, event=event, conference_sid=ROOM, call=call)
    contact = services.store.get(Contact, "k1")
    assert contact is not None
    return contact.talked


def test_both_seen_to_come_in_is_a_talk_though_nothing_said_that_it_began(services: Services) -> None:
    assert not tell(services, ConferenceEvent.PARTICIPANT_JOINED, AGENT)
    assert not tell(services, ConferenceEvent.PARTICIPANT_JOINED, AGENT)
    assert not tell(services, ConferenceEvent.PARTICIPANT_JOINED, CALLER, stage=2)
    assert tell(services, ConferenceEvent.PARTICIPANT_JOINED, CALLER)


def test_the_word_that_it_began_is_enough(services: Services) -> None:
    assert tell(services, ConferenceEvent.STARTED)
