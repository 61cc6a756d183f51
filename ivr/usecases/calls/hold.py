"""Hold: the caller is spoken to, and after a minute at most has a choice: wait, back to the agent, be called."""

from __future__ import annotations

from dataclasses import replace

import structlog

from ivr.domain.errors import TelephonyError
from ivr.domain.records.agent import Agent
from ivr.domain.records.agent_leg import Offer, OfferState
from ivr.domain.records.contact import Contact, Where
from ivr.flow.turn import HeardKind, Listen
from ivr.services import Services
from ivr.store.change import Change
from ivr.store.queries.contacts import Input
from ivr.telephony.reply import Again, Hear, Only, Reply
from ivr.usecases.calls import flow_runner
from ivr.usecases.conferences import leg_commands
from ivr.usecases.contacts import hangups
from ivr.usecases.phrases import say
from ivr.usecases.promises import lifecycle as promise_lifecycle

log = structlog.get_logger()

ROUND = 10  # seconds of music between looks
WARNED = 2  # rounds before the choice is due
DUE, DONE = "due", "done"
KEY = Listen(digits=1, seconds=5, speech=False)


def here(s: Services, contact: Contact) -> Reply:
    now = s.clock.now()
    limit = min(s.settings.hold_max, s.library.queue(contact.queue).hold_max)
    n = contact.seen + 1
    if now - contact.chosen >= limit - ROUND:
        words = say(s, contact.language, "hold.choice", agent=_agent_name(s, contact))
        return Reply(says=(words,), then=Hear(listen=KEY, action=s.urls.step(contact.id, n)))
    if not contact.warn and now - contact.held_at >= limit - WARNED * ROUND:
        _soon(s, contact)
    first = now - contact.held_at < ROUND / 2
    words = say(s, contact.language, "hold.start" if first else "hold.still")
    return Reply(says=(words,), then=Again(url=s.urls.here(contact.id), seconds=ROUND, music=s.urls.music()))


def _soon(s: Services, contact: Contact) -> None:
    """Have a worker tell the agent; when the record has moved on, the next round sees to it."""
    change = Change(now=s.clock.now())
    due = change.put(contact, replace(contact, warn=DUE))
    change.wake(due, change.now)
    s.store.commit(change)


def warn(s: Services, contact: Contact) -> None:
    """Into the ear of an agent who is with a colleague: the caller has waited for almost a minute."""
    change = Change(now=s.clock.now())
    told = change.put(contact, replace(contact, warn=DONE))
    change.wake(told, change.now + promise_lifecycle.GRACE / 2)
    if not s.store.commit(change):
        return
    offer = s.store.get(Offer, contact.offer)
    agent = s.store.get(Agent, offer.agent) if offer else None
    if offer is None or agent is None or offer.state is not OfferState.CONSULTING or not contact.conference:
        return  # in the menu, which says at every turn that the caller waits
    try:
        s.telephony.announce(contact.conference, offer.call, s.urls.held_warning(agent.languages[0]))
    except TelephonyError as e:
        log.warning(
            "held_warning_lost", contact=contact.id, code=e.code
        )  # the caller gets their choice anyway


def warning(s: Services, language: str) -> Reply:
    """What `warn` has said."""
    return Reply(says=(say(s, language, "agent.held_warning"),), then=Only())


def hear(s: Services, contact: Contact, new: Input) -> Reply | None:
    """The choice: 1 or silence waits on, 2 back to the agent, 3 a promise. None: answer from the state that came of it."""
    change = Change(now=s.clock.now())
    key = new.heard.value if new.heard.kind is HeardKind.KEYS else ""
    chosen = replace(contact, seen=new.n, chosen=change.now)
    if key == "3":
        return _call_me(s, contact, chosen, change)
    if key == "2":
        _back(s, contact, chosen, change)
        return None
    change.put(contact, chosen)
    s.store.commit(change)
    return None


def _back(s: Services, contact: Contact, chosen: Contact, change: Change) -> None:
    """The agent's leg is sent for; a colleague who was being asked is not needed any more."""
    first = s.store.get(Offer, contact.offer)
    if contact.agent is Where.GONE or first is None or first.state is OfferState.OVER:
        front = hangups.front_of_line(s, chosen, change)
        change.put(contact, front)
    else:
        leg_commands.dismiss(s, contact.second, change)
        alone = replace(chosen, second="", second_where=Where.NOWHERE, agent=Where.COMING)
        change.put(contact, alone)
        hangups.bring(alone, change, same_room=False)
        leg_commands.send_for(s, first.id, change, state=OfferState.ACCEPTED, step="returned")
    s.store.commit(change)


def _call_me(s: Services, contact: Contact, chosen: Contact, change: Change) -> Reply | None:
    """A call is owed; the agents are free to go."""
    said = flow_runner.enter(s, chosen, change, "@promise")
    if promise_lifecycle.is_made(said.contact, change):
        for name in hangups.agents_in(contact):
            leg_commands.send_for(s, name, change, state=OfferState.ACCEPTED)
        said = replace(said, contact=hangups.let_go(said.contact))
    change.put(contact, said.contact)
    if not s.store.commit(change):
        return None
    return flow_runner.reply(s, said, chosen.seen, in_line=False)


def _agent_name(s: Services, contact: Contact) -> str:
    offer = s.store.get(Offer, contact.offer)
    agent = s.store.get(Agent, offer.agent) if offer else None
    return agent.name if agent else ""
