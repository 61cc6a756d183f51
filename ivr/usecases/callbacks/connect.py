"""Keeping a promise: an agent first, briefed; then the customer, who hears who calls before they hear why.

How their phone is rung, exactly once, is in dial.py.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from ivr.domain.records.agent import Agent
from ivr.domain.records.agent_leg import Offer, Result
from ivr.domain.records.contact import Contact, ContactState, Where
from ivr.domain.records.customer import Customer
from ivr.domain.records.promise import Promise, PromiseKind, PromiseState, become
from ivr.domain.speech import spoken_text
from ivr.flow.phrases.understanding import yes_or_no
from ivr.flow.turn import HeardKind, Listen, Words
from ivr.services import Services
from ivr.store.change import Change
from ivr.store.queries.contacts import Input
from ivr.telephony.reply import Again, HangUp, Hear, Reply
from ivr.usecases.conferences import conference, leg_commands
from ivr.usecases.contacts import hangups
from ivr.usecases.dialing import number_lock
from ivr.usecases.phrases import say
from ivr.usecases.promises import escalation, supervisor_alerts
from ivr.usecases.promises import lifecycle as promise_lifecycle

OVER = frozenset({"completed", "busy", "no-answer", "failed", "canceled"})
WHO = Listen(digits=1, seconds=5, speech=True)


def accept(s: Services, offer: Offer) -> Reply:
    """An agent takes the callback: into the room, and the customer's phone may ring."""
    while True:
        promise = s.store.get(Promise, offer.promise)
        agent = s.store.get(Agent, offer.agent)
        contact = s.store.get(Contact, promise.contact) if promise else None
        if promise is None or agent is None or contact is None:
            return conference.gone(s, offer)
        if promise.state is not PromiseState.RINGING or promise.offer != offer.id:
            return conference.gone(s, offer)
        change = Change(now=s.clock.now())
        if promise.why in escalation.BY_HAND:
            promise_lifecycle.end(s, promise, PromiseState.OWNED, change, owner=agent.id)
            supervisor_alerts.in_hands(s, promise, agent, change)
            conference.release(s, offer, Result.ACCEPTED, change)
            if s.store.commit(change):
                return Reply(says=(say(s, agent.languages[0], "agent.in_hands"),), then=HangUp())
            offer = leg_commands.anew(s, offer)
            continue
        dialling = change.put(
            promise,
            become(
                promise,
                PromiseState.DIALLING,
                fence=promise.fence + 1,
                intent_at=0.0,
                call="",
                owner=agent.id if promise.kind is PromiseKind.ESCALATION else promise.owner,
            ),
        )
        change.wake(dialling, change.now)
        room = change.put(
            contact,
            replace(
                contact,
                state=ContactState.CALLING,
                promise=promise.id,
                offer=offer.id,
                stage=contact.stage + 1,
                agent=Where.ROOM,
                caller=Where.COMING,
                call="",
                conference="",
                talked=False,
                person=False,
                word="",
                steps="",
                asked=False,
                asks=0,
                left_at=0.0,
            ),
        )
        change.wake(room, change.now + conference.CHECK)
        change.journal(
            "dialling", promise=promise.id, contact=contact.id, agent=agent.id, fence=dialling.fence
        )
        engaged = conference.engage(offer, agent, room, change)
        if s.store.commit(change):
            return conference.agent_room(s, engaged, room, words="agent.dialling")
        offer = s.store.get(Offer, offer.id) or offer


def answered(s: Services, promise_id: str, fence: int, sid: str) -> Reply:
    """Somebody picked up. A stale fence gets a hang-up: never two conversations."""
    while True:
        promise = s.store.get(Promise, promise_id)
        contact = s.store.get(Contact, promise.contact) if promise else None
        if promise is None or contact is None or promise.fence != fence:
            return Reply(then=HangUp())
        if promise.state is PromiseState.TALKING and contact.call == sid:
            return _hello(s, promise, contact)
        if promise.state is not PromiseState.DIALLING or contact.state is not ContactState.CALLING:
            return Reply(then=HangUp())
        change = Change(now=s.clock.now())
        talking = change.put(promise, become(promise, PromiseState.TALKING, call=sid))
        change.wake(talking, change.now + promise_lifecycle.LOOK_AGAIN)
        number_lock.answered(s, talking, change)
        there = change.put(contact, replace(contact, call=sid, caller=Where.OUT))
        change.leg(sid, there)
        change.wake(there, change.now + conference.CHECK)
        change.journal("picked up", promise=promise.id, contact=contact.id)
        customer = s.store.get(Customer, contact.number)
        if customer is not None:
            change.put(customer, replace(customer, live=contact.id))
        if s.store.commit(change):
            return _hello(s, promise, there)


def _hello(s: Services, promise: Promise, contact: Contact) -> Reply:
    """The company and the person asked for; the matter only after they said it is them (I7)."""
    agent = _agent_name(s, contact) if contact.agent is Where.ROOM else ""
    hello = say(s, contact.language, "callback.hello", agent=agent, name=promise.name.split(" ")[0])
    return Reply(says=(hello,), then=Hear(listen=WHO, action=s.urls.step(contact.id, contact.seen + 1)))


def spoke(s: Services, contact: Contact, new: Input) -> Reply:
    """What whoever picked up pressed or said. After a key or a yes nobody takes them for a machine any more."""
    book = s.library.book(contact.language)
    yes = new.heard.kind is HeardKind.WORDS and yes_or_no(new.heard.value, book) == "1"
    person = new.heard.kind is HeardKind.KEYS or yes
    return enter(s, contact, person=person, seen=new.n)


def enter(s: Services, contact: Contact, *, person: bool = False, seen: int = 0) -> Reply:
    """The customer said a word, or nothing: to the agent, who hears who it is."""
    while contact.state is ContactState.CALLING:
        change = Change(now=s.clock.now())
        heard = replace(contact, person=person or contact.person, seen=max(contact.seen, seen))
        if contact.agent is Where.ROOM:
            change.put(contact, replace(heard, state=ContactState.TALKING, caller=Where.ROOM, talked=True))
        else:
            change.put(contact, heard)
            hangups.front_of_line(s, replace(heard, caller=Where.OUT), change)
        s.store.commit(change)
        contact = s.store.get(Contact, contact.id) or contact
    if contact.state is not ContactState.TALKING:
        words = say(s, contact.language, "callback.lost_agent")
        return Reply(says=(words,), then=Again(url=s.urls.here(contact.id)))
    words = say(s, contact.language, "callback.connecting", agent=_agent_name(s, contact))
    return Reply(says=(words,), then=conference.room(s, contact))


def _agent_name(s: Services, contact: Contact) -> str:
    offer = s.store.get(Offer, contact.offer)
    agent = s.store.get(Agent, offer.agent) if offer else None
    return agent.name if agent else ""


def message(s: Services, contact: Contact) -> Words:
    """For a machine: what happens next, and nothing private."""
    promise = s.store.get(Promise, contact.promise)
    zone = ZoneInfo((promise.zone if promise else "") or s.settings.default_zone)
    now = datetime.fromtimestamp(s.clock.now(), zone)
    at = datetime.fromtimestamp(promise.since if promise else s.clock.now(), zone)
    return say(s, contact.language, "callback.machine", when=spoken_text.at_when(at, contact.language, now))
