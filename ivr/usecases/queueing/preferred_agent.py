"""The colleague who helped last: whoever is known to the line may wait for that person by a key.

They keep their place. It is for a while only, and ends at once when that colleague stops working or passes: then they are
anybody's again, and hear so. Nobody who is not known by their number hears a name (I7).
"""

from __future__ import annotations

import json
from dataclasses import replace

from ivr.domain.phone_numbers import Degree
from ivr.domain.records.agent import BUSY, Agent, AgentState
from ivr.domain.records.contact import Contact
from ivr.flow.turn import Says
from ivr.services import Services
from ivr.store.change import Change
from ivr.usecases.customers import caller_context
from ivr.usecases.phrases import say
from ivr.usecases.queueing import membership

PATIENCE = 900.0  # seconds that somebody waits for one colleague


def says(s: Services, contact: Contact, change: Change) -> tuple[Says, ...]:
    """What is said of them after the choices."""
    agent = _theirs(s, contact)
    if agent is None:
        return ()
    wished = contact.wish_until > change.now
    return (say(s, contact.language, "wait.own_wished" if wished else "wait.own", agent=agent.name),)


def gone(s: Services, contact: Contact, change: Change) -> tuple[Says, ...]:
    """A wish that cannot come true any more is taken back, and they are told first of all."""
    if not lost(s, contact, change.now):
        return ()
    _stand(s, contact, replace(contact, wish_until=0.0), change)
    return (say(s, contact.language, "wait.own_gone"),)


def lost(s: Services, contact: Contact, now: float) -> bool:
    """Whether they wait for somebody who will not come."""
    return contact.wish_until > now and _theirs(s, contact) is None


def choose(s: Services, contact: Contact, change: Change) -> tuple[Says, ...]:
    """The key: for that colleague alone, or for anybody again. Nothing, and nothing is changed, when there is no such choice."""
    agent = _theirs(s, contact)
    if contact.wish_until > change.now:
        _stand(s, contact, replace(contact, wish_until=0.0), change)
        return (say(s, contact.language, "wait.own_anybody"),)
    if agent is None:
        return ()
    _stand(s, contact, replace(contact, wish_until=change.now + PATIENCE), change)
    return (say(s, contact.language, "wait.own_kept", agent=agent.name),)


def _theirs(s: Services, contact: Contact) -> Agent | None:
    """Who helped them last, if they may hear that, and as long as that colleague takes calls and may take this one."""
    name = json.loads(contact.situation or "{}").get("own", "")
    if not name or contact.degree is Degree.UNSURE or contact.supervisor or name in contact.avoid:
        return None
    agent = s.store.get(Agent, name)
    if agent is None or contact.language not in agent.languages:
        return None
    able = {*caller_context.required(s, contact.queue), *contact.skills} <= set(agent.skills)
    comes = agent.state in BUSY and agent.then is AgentState.AVAILABLE
    return agent if able and comes else None


def _stand(s: Services, contact: Contact, wishes: Contact, change: Change) -> None:
    """At the same place in line, for one or for all."""
    change.put(contact, wishes)
    if not contact.offer:  # else they are being offered to somebody, and are not in the line
        membership.leave(contact, change)
        membership.join(s, wishes, change)
