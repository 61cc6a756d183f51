"""An agent who passes somebody on is not asked again for them at once, however long they have waited."""

from __future__ import annotations

from ivr.domain.records.agent import Agent, AgentState
from ivr.domain.records.agent_leg import LegResult
from ivr.domain.records.contact import Contact, ContactState
from ivr.domain.records.contact_parts import Caller, QueuePlace
from ivr.services import Services
from ivr.store import keys
from ivr.usecases.agents import offer_end
from ivr.usecases.queueing import membership
from ivr.usecases.routing import router
from ivr.usecases.staff import roster
from tests.conftest import MONDAY_TWO_PM


def agent(services: Services, name: str, state: AgentState) -> None:
    change = services.store.begin()
    change.put(
        None,
        Agent(id=name, name=name, phone="+12025550111", skills=("support",), state=state, state_since=1.0),
    )
    assert services.store.commit(change)


def test_who_passes_is_asked_again_only_when_nobody_else_was_there_for_three_minutes(still: Services) -> None:
    agent(still, "diane", AgentState.AVAILABLE)
    agent(still, "vicki", AgentState.AWAY)
    change = still.store.begin()
    lori = Contact(
        id="k1",
        state=ContactState.WAITING,
        caller=Caller(number="+12025550155"),
        queue_place=QueuePlace(name="support", queued_at=change.now - 900),
    )
    membership.join(still, change.put(None, lori), change)
    assert still.store.commit(change)
    (first,) = router.route(still)
    offer_end.end_offer(still, first, LegResult.DECLINED, "passed")
    assert router.route(still) == []
    still.store.redis.set(keys.MANUAL_CLOCK, f"{MONDAY_TWO_PM + 180:.3f}")
    still.clock.sync()
    roster.set_state(still, "vicki", AgentState.AVAILABLE)
    (second,) = router.route(still)
    assert second.agent == "vicki", "though diane has been idle for longer"
    offer_end.end_offer(still, second, LegResult.UNANSWERED, "no answer")
    still.store.redis.set(keys.MANUAL_CLOCK, f"{MONDAY_TWO_PM + 360:.3f}")
    still.clock.sync()
    assert [o.agent for o in router.route(still)] == ["diane"], "nobody else is there: who is idle longest"
