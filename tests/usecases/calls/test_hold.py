"""A held caller chooses to be called: whoever was with them or was being asked for them is free."""

from __future__ import annotations

import pytest

from ivr.domain.records.agent import Agent, AgentState
from ivr.domain.records.agent_leg import IN_TALK, AgentLeg, ConsultRequest, LegKind, LegState
from ivr.domain.records.contact import Contact, ContactState
from ivr.domain.records.contact_parts import Caller, ConferencePlaces, PartyLocation, QueuePlace
from ivr.domain.records.customer import Customer
from ivr.domain.records.promise import Promise
from ivr.flow.turn import FlowInput, FlowInputKind
from ivr.services import Services
from ivr.store.queries.contacts import ContactInput
from ivr.usecases.calls import hold

LORI, LINE = "+12025550155", "+12025550100"


def held(services: Services, first: LegState, colleague: LegState) -> Contact:
    change = services.store.begin()
    for name, leg in (("diane", "o1"), ("vicki", "o2")):
        change.put(None, Agent(id=name, name=name, phone="+12025550111", leg=leg, state=AgentState.ON_CALL))
    change.put(None, Customer(id=LORI))
    contact = change.put(
        None,
        Contact(
            id="k1",
            call="CA1",
            state=ContactState.ON_HOLD,
            leg="o1",
            reason="my suitcase",
            caller=Caller(number=LORI, called_number=LINE),
            queue_place=QueuePlace(name="support", queued_at=change.now - 60),
            conference=ConferencePlaces(
                caller_location=PartyLocation.LEFT_CONFERENCE,
                consult_leg="o2",
                consult_leg_location=PartyLocation.JOINING,
            ),
        ),
    )
    change.put(None, AgentLeg(id="o1", call="CA2", agent="diane", contact="k1", state=first))
    consult = ConsultRequest(asked_by_leg="o1")
    change.put(
        None,
        AgentLeg(
            id="o2", agent="vicki", contact="k1", kind=LegKind.CONSULT, state=colleague, consult=consult
        ),
    )
    assert services.store.commit(change)
    return contact


def leg(services: Services, leg_id: str) -> AgentLeg:
    found = services.store.get(AgentLeg, leg_id)
    assert found is not None
    return found


@pytest.mark.parametrize("first", [LegState.MENU, LegState.CONSULTING, LegState.WRAPPING, LegState.ENDED])
@pytest.mark.parametrize("colleague", LegState)
def test_who_is_held_is_promised_a_call_wherever_the_agents_are(
    still: Services, first: LegState, colleague: LegState
) -> None:
    contact = held(still, first, colleague)
    key = FlowInput(kind=FlowInputKind.KEYS, value="3")
    hold.on_input(still, contact, ContactInput(number=1, flow_input=key, at=still.clock.now()))
    (promise,) = still.store.list_all(Promise)
    now = still.store.get(Contact, "k1")
    assert now is not None
    assert (now.promise, now.state, now.leg, now.conference.consult_leg) == (
        promise.id,
        ContactState.FLOW,
        "",
        "",
    )
    assert leg(still, "o1").redirect.pending is (first in IN_TALK)
    asked = leg(still, "o2")
    if colleague in (LegState.MADE, LegState.RINGING, LegState.BRIEFING):
        assert asked.state is LegState.ENDED, "the phone stops ringing, or they hear that they are not needed"
        vicki = still.store.get(Agent, "vicki")
        assert vicki is not None
        assert vicki.leg == ""
    else:
        assert asked.redirect.pending is (colleague in IN_TALK)
