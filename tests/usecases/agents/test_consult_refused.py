"""A colleague does not come: the caller is somebody's all the same, wherever the first agent is by then."""

from __future__ import annotations

import pytest

from ivr.domain.records.agent import Agent, AgentState
from ivr.domain.records.agent_leg import AgentLeg, ConsultRequest, LegKind, LegResult, LegState, LegStep
from ivr.domain.records.contact import Contact, ContactState
from ivr.domain.records.contact_parts import Caller, ConferencePlaces, PartyLocation, QueuePlace
from ivr.services import Services
from ivr.usecases.agents import offer_end


def held_with_a_colleague_asked(services: Services, first: LegState) -> AgentLeg:
    """Diane's leg is in this state; Vicki's rings for the consult."""
    change = services.store.begin()
    for name, leg in (("diane", "o1"), ("vicki", "o2")):
        change.put(None, Agent(id=name, name=name, phone="+12025550111", leg=leg, state=AgentState.ON_CALL))
    change.put(
        None,
        Contact(
            id="k1",
            state=ContactState.ON_HOLD,
            leg="o1",
            caller=Caller(number="+12025550155"),
            queue_place=QueuePlace(name="support", queued_at=change.now - 60),
            conference=ConferencePlaces(consult_leg="o2", consult_leg_location=PartyLocation.JOINING),
        ),
    )
    change.put(None, AgentLeg(id="o1", agent="diane", contact="k1", state=first))
    asked = AgentLeg(
        id="o2",
        agent="vicki",
        contact="k1",
        kind=LegKind.CONSULT,
        state=LegState.BRIEFING,
        consult=ConsultRequest(asked_by_leg="o1"),
    )
    kept = change.put(None, asked)
    assert services.store.commit(change)
    return kept


def refused(services: Services, first: LegState) -> tuple[Contact, AgentLeg]:
    asked = held_with_a_colleague_asked(services, first)
    offer_end.end_offer(services, asked, LegResult.DECLINED, "passed")
    contact, leg = services.store.get(Contact, "k1"), services.store.get(AgentLeg, "o1")
    assert contact is not None
    assert leg is not None
    assert contact.conference.consult_leg == ""
    return contact, leg


@pytest.mark.parametrize("first", [LegState.CONSULTING, LegState.MENU, LegState.ACCEPTED])
def test_the_first_agent_is_brought_back_to_the_caller(still: Services, first: LegState) -> None:
    contact, leg = refused(still, first)
    assert contact.state is ContactState.TALKING
    assert (leg.state, leg.prompt.step, leg.redirect.pending) == (LegState.ACCEPTED, LegStep.REFUSED, True)


@pytest.mark.parametrize("first", [LegState.WRAPPING, LegState.ENDED])
def test_a_first_agent_who_went_in_that_instant_is_not_called_back_and_the_caller_is_next(
    still: Services, first: LegState
) -> None:
    contact, leg = refused(still, first)
    assert contact.state is ContactState.WAITING
    assert contact.leg == ""
    assert leg.state is first
