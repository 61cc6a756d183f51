"""From the menu while a colleague is still rung: whatever the agent chooses, nobody goes on being asked in vain."""

from __future__ import annotations

import pytest

from ivr.domain.records.agent import Agent, AgentState
from ivr.domain.records.agent_leg import AgentLeg, LegState
from ivr.domain.records.contact import Contact, ContactState
from ivr.flow.turn import FlowInput, FlowInputKind
from ivr.services import Services
from ivr.usecases.agents import star_menu
from tests.known_leg import known_leg
from tests.usecases.agents.test_consult_refused import held_with_a_colleague_asked


def press(services: Services, *keys: str) -> Contact:
    """Diane, in the menu, while Vicki's telephone rings."""
    held_with_a_colleague_asked(services, LegState.MENU)
    for key in keys:
        kind = FlowInputKind.KEYS if key else FlowInputKind.SILENCE
        star_menu.on_input(services, known_leg(services, "o1"), FlowInput(kind=kind, value=key))
    contact = services.store.get(Contact, "k1")
    asked, vicki = services.store.get(AgentLeg, "o2"), services.store.get(Agent, "vicki")
    assert contact is not None
    assert asked is not None
    assert vicki is not None
    assert asked.state is LegState.ENDED
    assert vicki.leg == ""
    return contact


@pytest.mark.parametrize(
    ("keys", "state"),
    [
        (("4",), ContactState.TALKING),
        (("3",), ContactState.WAITING),
        (("5", "", ""), ContactState.AFTER_CALL),
    ],
    ids=["back to the caller", "the next person", "we are done"],
)
def test_the_colleague_is_not_asked_any_more(
    still: Services, keys: tuple[str, ...], state: ContactState
) -> None:
    contact = press(still, *keys)
    assert (contact.state, contact.conference.consult_leg) == (state, "")


def test_another_colleague_is_asked_in_place_of_the_first(still: Services) -> None:
    change = still.store.begin()
    boss = Agent(
        id="boss",
        name="Boss",
        phone="+12025550119",
        supervisor=True,
        state=AgentState.AVAILABLE,
        state_since=1.0,
    )
    change.put(None, boss)
    assert still.store.commit(change)
    contact = press(still, "1")
    new = still.store.get(AgentLeg, contact.conference.consult_leg)
    assert new is not None
    assert (new.agent, new.state) == ("boss", LegState.MADE)
