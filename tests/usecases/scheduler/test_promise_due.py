"""A follow-up is for whoever promised it, if they are at work and soon free; and never late for want of them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ivr.domain.records.agent import Agent, AgentState
from ivr.domain.records.contact import Contact, ContactState
from ivr.domain.records.contact_parts import Caller
from ivr.domain.records.promise import Promise, PromiseKind
from ivr.services import Services
from ivr.store import keys
from ivr.usecases.customers import brief as customer_brief
from ivr.usecases.routing import router
from ivr.usecases.scheduler import promise_due
from ivr.usecases.staff import roster
from tests.conftest import MONDAY_TWO_PM
from tests.known_leg import known_leg

LORI = "+12025550155"
At = Callable[[float], None]


@pytest.fixture
def at(still: Services) -> At:
    def move(after: float) -> None:
        still.store.redis.set(keys.MANUAL_CLOCK, f"{MONDAY_TWO_PM + after:.3f}")
        still.clock.sync()

    return move


def due(
    services: Services,
    *,
    diane: AgentState,
    vicki: AgentState = AgentState.AVAILABLE,
    minutes: int = 15,
    escalated: bool = False,
) -> None:
    """Diane said that she would ring within these minutes; it is time to."""
    change = services.store.begin()
    for name, state in (("Diane", diane), ("Vicki", vicki)):
        change.put(
            None,
            Agent(
                id=name.lower(),
                name=name,
                phone=f"+1202555011{len(name)}",
                skills=("support",),
                extension=name,
                state=state,
                state_since=change.now,
            ),
        )
    change.put(
        None, Contact(id="k1", state=ContactState.ENDED, reason="My suitcase", caller=Caller(number=LORI))
    )
    made = Promise(
        id="p1",
        kind=PromiseKind.FOLLOW_UP,
        escalated=escalated,
        contact="k1",
        number=LORI,
        queue="support",
        owner="diane",
        reason="My suitcase",
        not_before=change.now,
        due_by=change.now + minutes * 60,
        queued_at=change.now,
    )
    change.schedule(change.put(None, made), change.now)
    assert services.store.commit(change)
    promise_due.process_due(services, "p1")


def asked(services: Services) -> list[str]:
    return [leg.agent for leg in router.route(services)]


def test_it_waits_a_while_for_who_is_busy_and_then_is_anybodys(still: Services, at: At) -> None:
    due(still, diane=AgentState.WRAP_UP)
    assert asked(still) == []
    at(299)
    assert asked(still) == []
    at(300)
    assert asked(still) == ["vicki"]


def test_an_escalated_follow_up_is_anybodys_at_once(still: Services, at: At) -> None:
    due(still, diane=AgentState.WRAP_UP, escalated=True)
    assert asked(still) == ["vicki"]


def test_whoever_promised_it_is_asked_when_they_are_back(still: Services, at: At) -> None:
    due(still, diane=AgentState.AWAY)
    at(100)
    roster.set_state(still, "Diane", AgentState.AVAILABLE)
    assert asked(still) == ["diane"]


def test_the_time_that_was_said_comes_before_the_face(still: Services) -> None:
    due(still, diane=AgentState.AWAY, minutes=5)
    assert asked(still) == ["vicki"]


@pytest.mark.parametrize("gone", [False, True], ids=["off work", "works here no more"])
def test_another_takes_it_at_once_when_they_are_not_there_and_hears_who_promised_what(
    still: Services, *, gone: bool
) -> None:
    due(still, diane=AgentState.OFFLINE, vicki=AgentState.AWAY)
    if gone:
        roster.remove_agent(still, "Diane")
    roster.set_state(still, "Vicki", AgentState.AVAILABLE)
    (leg,) = router.route(still)
    assert leg.agent == "vicki"
    words = " ".join(customer_brief.render_brief(still, known_leg(still, leg.id)).spoken)
    assert "My suitcase" in words
    assert ("Diane" in words) is not gone
