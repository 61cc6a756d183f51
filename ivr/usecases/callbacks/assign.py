"""A promise is taken into a named person's hands: from now on they keep it, not the line."""

from __future__ import annotations

from ivr.domain.actor import RequestChannel
from ivr.domain.records.agent import Agent
from ivr.domain.records.promise import ENDED, Promise, PromiseState
from ivr.services import Services
from ivr.usecases.callbacks import dial as callback_dial
from ivr.usecases.callbacks.reschedule_request import (
    RefusalReason,
    Rescheduled,
    RescheduleRefused,
    RescheduleResult,
)
from ivr.usecases.promises import lifecycle as promise_lifecycle
from ivr.usecases.staff import roster

ON_LINE_STATES = (PromiseState.TALKING, PromiseState.MERGED)


def assign_promise(
    services: Services,
    promise_id: str,
    agent_name: str,
    *,
    by: str,
    channel: RequestChannel = RequestChannel.TERMINAL,
) -> RescheduleResult:
    """`agent_name`: who has it from now on; `by`: who says so, `channel` which of a colleague's ways. Raises roster.NoSuchAgent: hands have a name we know."""
    agent = services.store.get(Agent, roster.slugify(agent_name))
    if agent is None:
        known = ", ".join(a.name for a in roster.list_agents(services)) or "nobody yet"
        raise roster.NoSuchAgent(f"Nobody is called {agent_name}. There are: {known}.")
    for change in services.store.transact():
        held = services.store.get(Promise, promise_id)
        if held is None:
            return RescheduleRefused(why=RefusalReason.UNKNOWN)
        if held.state in ENDED:
            return RescheduleRefused(why=RefusalReason.ENDED, promise=held)
        if held.state in ON_LINE_STATES:
            return RescheduleRefused(why=RefusalReason.ON_LINE, promise=held)
        callback_dial.cancel_attempt(services, held, change, declined=False)
        change.log_event("assignment requested", promise=held.id, via=channel, by=by)
        taken = promise_lifecycle.end_promise(held, PromiseState.OWNED, change, owner=agent.id)
    return Rescheduled(promise=taken)
