"""The colleague who helped last: whoever is known to the line may wait for that person by a key.

They keep their place. It is for a while only, and ends at once when that colleague stops working or passes: then they are
anybody's again, and hear so. Nobody who is not known by their number hears a name (I7).
"""

from __future__ import annotations

import json
from dataclasses import replace

from ivr.domain.phone_numbers import TrustLevel
from ivr.domain.records.agent import BUSY, Agent, AgentState
from ivr.domain.records.contact import Contact
from ivr.flow.turn import Prompt
from ivr.services import Services
from ivr.store.change import Change
from ivr.usecases.phrases import phrase
from ivr.usecases.queueing import capacity, membership

MAX_WAIT_SECONDS = 900.0  # seconds that somebody waits for one colleague


def build_choice_prompts(services: Services, contact: Contact, change: Change) -> tuple[Prompt, ...]:
    """What is said of them after the choices."""
    agent = _find_preferred_agent(services, contact)
    if agent is None:
        return ()
    wished = contact.queue_place.preferred_agent_until > change.now
    return (
        phrase(
            services, contact.caller.language, "wait.own_wished" if wished else "wait.own", agent=agent.name
        ),
    )


def withdraw_if_unavailable(services: Services, contact: Contact, change: Change) -> tuple[Prompt, ...]:
    """A wish that cannot come true any more is taken back, and they are told first of all."""
    if not is_unavailable(services, contact, change.now):
        return ()
    _requeue(
        services,
        contact,
        replace(contact, queue_place=replace(contact.queue_place, preferred_agent_until=0.0)),
        change,
    )
    return (phrase(services, contact.caller.language, "wait.own_gone"),)


def is_unavailable(services: Services, contact: Contact, now: float) -> bool:
    """Whether they wait for somebody who will not come."""
    return (
        contact.queue_place.preferred_agent_until > now and _find_preferred_agent(services, contact) is None
    )


def toggle(services: Services, contact: Contact, change: Change) -> tuple[Prompt, ...]:
    """The key: for that colleague alone, or for anybody again. Nothing, and nothing is changed, when there is no such choice."""
    agent = _find_preferred_agent(services, contact)
    if contact.queue_place.preferred_agent_until > change.now:
        _requeue(
            services,
            contact,
            replace(contact, queue_place=replace(contact.queue_place, preferred_agent_until=0.0)),
            change,
        )
        return (phrase(services, contact.caller.language, "wait.own_anybody"),)
    if agent is None:
        return ()
    _requeue(
        services,
        contact,
        replace(
            contact,
            queue_place=replace(contact.queue_place, preferred_agent_until=change.now + MAX_WAIT_SECONDS),
        ),
        change,
    )
    return (phrase(services, contact.caller.language, "wait.own_kept", agent=agent.name),)


def _find_preferred_agent(services: Services, contact: Contact) -> Agent | None:
    """Who helped them last, if they may hear that, and as long as that colleague takes calls and may take this one."""
    name = json.loads(contact.flow_progress.caller_context or "{}").get("own", "")
    if (
        not name
        or contact.caller.trust_level is TrustLevel.UNVERIFIED
        or contact.queue_place.needs_supervisor
        or name in contact.queue_place.declined_by
    ):
        return None
    agent = services.store.get(Agent, name)
    if agent is None or contact.caller.language not in agent.languages:
        return None
    able = {
        *capacity.required_skills(services, contact.queue_place.name),
        *contact.queue_place.skills,
    } <= set(agent.skills)
    comes = agent.state in BUSY and agent.state_after_call is AgentState.AVAILABLE
    return agent if able and comes else None


def _requeue(services: Services, contact: Contact, updated: Contact, change: Change) -> None:
    """At the same place in the queue, for one or for all."""
    change.put(contact, updated)
    if not contact.leg:  # else they are being offered to somebody, and are not in the queue
        membership.leave(contact, change)
        membership.join(services, updated, change)
