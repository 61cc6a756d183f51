"""An offer that came to nothing: the agent is free, and whoever it was about goes on."""

from __future__ import annotations

from collections.abc import Iterable

from ivr.domain.record import Record
from ivr.domain.records import agent as agents
from ivr.domain.records.agent import Agent
from ivr.domain.records.agent_leg import BEFORE_ACCEPT, AgentLeg, LegResult
from ivr.services import Services
from ivr.usecases.agents.kinds.registry import get_handler

PASSED = frozenset({LegResult.DECLINED, LegResult.UNANSWERED, LegResult.FAILED})


def end_offer(
    services: Services, leg: AgentLeg, result: LegResult, why: str, *, known: Iterable[Record | None] = ()
) -> None:
    """This leg came to nothing: the agent is free (or away, when their phone rings out again and again), the next is asked.

    `known`: what was read a moment ago.
    """
    for change in services.store.transact(known):
        if change.is_retry:
            leg = services.store.reload(leg)
            if leg.state not in BEFORE_ACCEPT:
                return  # accepted, or dropped by somebody else, meanwhile
        change.unschedule(change.put(leg, leg.end(result)))
        change.log_event("offer " + result.value, offer=leg.id, contact=leg.contact, agent=leg.agent, why=why)
        agent = change.get(Agent, leg.agent)
        if agent is not None and agent.leg == leg.id:
            freed = agents.miss_call if result is LegResult.UNANSWERED else agents.release
            change.put(agent, freed(agent, change.now))
        passed_by = leg.agent if result in PASSED else ""
        get_handler(leg.kind).on_not_accepted(services, leg, passed_by, change)
