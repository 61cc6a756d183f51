"""Keeping a promise: an agent first, briefed; then the customer's phone, exactly once for each fence.

Creating a call is not idempotent at Twilio. So the fence is raised and the intent on disk before the POST, both stand in the
call's URLs, an unclear answer is looked into before anything is repeated, and a stale leg that is answered hears a hang-up.
"""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import structlog

from ivr.domain import spoken
from ivr.domain.agent import Agent
from ivr.domain.contact import Contact, ContactState, Outcome, Where
from ivr.domain.customer import Customer
from ivr.domain.errors import CallGone, NumberUnusable, TelephonyError, TryLater, Unclear
from ivr.domain.offer import Offer
from ivr.domain.promise import Promise, PromiseState, become
from ivr.flow.turn import Listen, Words
from ivr.services import Services
from ivr.store.change import Change
from ivr.telephony.facts import CallFacts
from ivr.telephony.reply import HangUp, Hear, Reply
from ivr.usecases import conclude, leaving, pace, promises, rooms
from ivr.usecases.words import say

log = structlog.get_logger()

STALL = (
    5.0  # seconds between the intent on disk and the POST; a process that was stopped longer must look again
)
RING_SECONDS = 30
OVER = frozenset({"completed", "busy", "no-answer", "failed", "canceled"})
UNUSABLE = "unusable"
WHO = Listen(digits=1, seconds=5, speech=True)


def accept(s: Services, offer: Offer) -> Reply:
    """An agent takes the callback: into the room, and the customer's phone may ring."""
    while True:
        promise = s.store.get(Promise, offer.promise)
        agent = s.store.get(Agent, offer.agent)
        contact = s.store.get(Contact, promise.contact) if promise else None
        if promise is None or agent is None or contact is None:
            return rooms.gone(s, offer)
        if promise.state is not PromiseState.RINGING or promise.offer != offer.id:
            return rooms.gone(s, offer)
        change = Change(now=s.clock.now())
        if promise.why == UNUSABLE:  # no telephone reaches them: in this person's hands now
            promises.end(s, promise, PromiseState.OWNED, change, owner=agent.id)
            if s.store.commit(change):
                return rooms.gone(s, offer)
            continue
        dialling = change.put(
            promise,
            become(promise, PromiseState.DIALLING, fence=promise.fence + 1, intent_at=0.0, call=""),
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
                word="",
                steps="",
                asked=False,
                asks=0,
                left_at=0.0,
            ),
        )
        change.wake(room, change.now + rooms.CHECK)
        change.journal(
            "dialling", promise=promise.id, contact=contact.id, agent=agent.id, fence=dialling.fence
        )
        engaged = rooms.engage(offer, agent, room, change)
        if s.store.commit(change):
            return rooms.agent_room(s, engaged, room, words="agent.dialling")
        offer = s.store.get(Offer, offer.id) or offer


def dial(s: Services, promise: Promise) -> None:
    """Ring the customer. Done by a worker; whatever becomes of it, the record says what to do next."""
    now = s.clock.now()
    customer = s.store.get(Customer, promise.number)
    if customer is not None and customer.live:
        _look_at(s, promise, now + 5)  # on the line with us already: never two voices (I4)
        return
    contact = s.store.get(Contact, promise.contact)
    if contact is None or contact.state is not ContactState.CALLING or contact.agent is not Where.ROOM:
        _failed(s, promise, "the agent left")
        return
    wait = pace.take(s, live=False, now=now)
    if wait > 0:
        _look_at(s, promise, now + wait)
        return
    change = Change(now=now)
    intent = change.put(promise, replace(promise, intent_at=now))
    change.wake(intent, now + s.settings.settle_seconds)
    deadline = time.monotonic() + STALL
    if not s.store.commit(change):
        return
    if time.monotonic() > deadline:
        log.warning("stalled_before_dialling", promise=promise.id)
        return  # looked for after the settle time, dialled then
    try:
        sid = s.telephony.create_call(
            to=promise.number,
            from_=s.settings.caller_id or promise.line,
            url=s.urls.callback(promise.id, promise.fence),
            fallback_url=s.urls.callback(promise.id, promise.fence),
            status_callback=s.urls.callback_status(promise.id, promise.fence),
            timeout=RING_SECONDS,
            machine_detection=True,
            amd_callback=s.urls.callback_machine(promise.id, promise.fence),
        )
    except TryLater:
        _take_back(s, intent, now + 1)
    except Unclear as e:
        log.warning("dial_unclear", promise=promise.id, code=e.code)
    except NumberUnusable:
        _failed(s, intent, UNUSABLE)
    except TelephonyError as e:
        log.error("dial_refused", promise=promise.id, code=e.code)
        _failed(s, intent, f"code {e.code}")
    else:
        adopt(s, promise.id, promise.fence, sid)


def adopt(s: Services, promise_id: str, fence: int, sid: str) -> Promise | None:
    """This leg is the promise's: from the response, from a webhook, or found by looking."""
    while True:
        promise = s.store.get(Promise, promise_id)
        if promise is None or promise.fence != fence or promise.call:
            return promise
        change = Change(now=s.clock.now())
        known = change.put(promise, replace(promise, call=sid))
        change.leg(sid, known)
        change.wake(known, change.now + s.settings.settle_seconds)
        if s.store.commit(change):
            return known


def look(s: Services, promise: Promise) -> None:
    """DIALLING, and its wake has come: begin, or find out what became of it before anything is repeated."""
    if not promise.intent_at:
        dial(s, promise)
        return
    now = s.clock.now()
    contact = s.store.get(Contact, promise.contact)
    if promise.call:
        facts = s.telephony.fetch_call(promise.call)
        if facts.status in OVER:
            status(s, promise.id, promise.fence, promise.call, facts.status)
        elif contact is not None and contact.agent is Where.GONE:
            _hang_up(s, promise)
        else:
            _look_at(s, promise, now + s.settings.settle_seconds)
        return
    if now < promise.intent_at + s.settings.settle_seconds:
        _look_at(s, promise, promise.intent_at + s.settings.settle_seconds)
        return
    found = _find(s, promise)
    if found is None:
        _take_back(s, promise, now)
        return
    adopt(s, promise.id, promise.fence, found.sid)
    if found.status in OVER:
        status(s, promise.id, promise.fence, found.sid, found.status)


def _find(s: Services, promise: Promise) -> CallFacts | None:
    """A call of ours to this number since the intent, queued ones too."""
    calls = s.telephony.find_calls(
        to=promise.number,
        created_after=datetime.fromtimestamp(promise.intent_at - 2, UTC),
        from_=s.settings.caller_id or promise.line,
    )
    return calls[0] if calls else None


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
        change.put(promise, become(promise, PromiseState.TALKING, call=sid))
        change.wake(promise, change.now + 300)
        there = change.put(contact, replace(contact, call=sid, caller=Where.OUT))
        change.leg(sid, there)
        change.wake(there, change.now + rooms.CHECK)
        change.journal("picked up", promise=promise.id, contact=contact.id)
        customer = s.store.get(Customer, contact.number)
        if customer is not None:
            change.put(customer, replace(customer, live=contact.id))
        if s.store.commit(change):
            return _hello(s, promise, there)


def _hello(s: Services, promise: Promise, contact: Contact) -> Reply:
    """The company and the person asked for; the matter only after they said it is them (I7)."""
    offer = s.store.get(Offer, contact.offer)
    agent = s.store.get(Agent, offer.agent) if offer else None
    hello = say(
        s,
        contact.language,
        "callback.hello",
        agent=agent.name if agent else "",
        name=promise.name.split(" ")[0],
    )
    return Reply(says=(hello,), then=Hear(listen=WHO, action=s.urls.here(contact.id)))


def enter(s: Services, contact: Contact) -> Reply:
    """The customer said a word, or nothing: to the agent, who hears who it is."""
    while contact.state is ContactState.CALLING:
        offer = s.store.get(Offer, contact.offer)
        agent = s.store.get(Agent, offer.agent) if offer else None
        change = Change(now=s.clock.now())
        if contact.agent is not Where.ROOM or agent is None:
            change.put(contact, replace(contact, caller=Where.OUT))
            leaving.front_of_line(s, contact, change)
        else:
            change.put(
                contact,
                replace(contact, state=ContactState.TALKING, caller=Where.ROOM, talked=True),
            )
        if s.store.commit(change):
            break
        contact = s.store.get(Contact, contact.id) or contact
    contact = s.store.get(Contact, contact.id) or contact
    name = _agent_name(s, contact)
    words = say(s, contact.language, "callback.connecting", agent=name)
    return Reply(says=(words,), then=rooms.room(s, contact))


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
    return say(s, contact.language, "callback.machine", when=spoken.at_when(at, contact.language, now))


def status(s: Services, promise_id: str, fence: int, sid: str, state: str) -> None:
    """The customer's leg: what Twilio tells of it, late, twice or out of order."""
    promise = adopt(s, promise_id, fence, sid)
    if state not in OVER or promise is None or promise.fence != fence or promise.call != sid:
        return
    if promise.state is PromiseState.DIALLING:
        _failed(s, promise, state)
    elif promise.state is PromiseState.TALKING:
        leaving.caller_gone(s, promise.contact, sid)


def machine(s: Services, promise_id: str, fence: int, sid: str, by: str) -> None:
    """A machine is not a customer: leave a message that says what happens next, count the attempt, go on."""
    if not by.startswith(("machine", "fax")):
        return
    promise = s.store.get(Promise, promise_id)
    contact = s.store.get(Contact, promise.contact) if promise else None
    if promise is None or contact is None or promise.fence != fence or contact.call != sid:
        return
    if promise.state is not PromiseState.TALKING:
        return
    change = Change(now=s.clock.now())
    change.put(contact, replace(contact, word="machine", caller=Where.GONE))
    promises.not_kept(s, promise, "machine", change)
    _end_attempt(s, contact, change)
    if not s.store.commit(change):
        return
    try:
        s.telephony.redirect(sid, s.urls.here(contact.id))
    except CallGone:
        log.info("machine_hung_up", promise=promise.id)


def _failed(s: Services, promise: Promise, why: str) -> None:
    """Busy, no answer, refused: the agent is told and free, the promise goes on."""
    while promise.state is PromiseState.DIALLING:
        contact = s.store.get(Contact, promise.contact)
        change = Change(now=s.clock.now())
        if why == UNUSABLE:
            promises.escalate(s, promise, UNUSABLE, change)
        else:
            promises.not_kept(s, promise, why, change)
        if contact is not None and contact.state is ContactState.CALLING:
            _end_attempt(s, contact, change)
        if s.store.commit(change):
            return
        latest = s.store.get(Promise, promise.id)
        if latest is None or latest.fence != promise.fence:
            return
        promise = latest


def _end_attempt(s: Services, contact: Contact, change: Change) -> None:
    """The contact rests again; the agent's leg is sent for and told."""
    outcome = contact.outcome if contact.outcome is Outcome.HELPED else Outcome.PROMISED
    offer = s.store.get(Offer, contact.offer)
    conclude.end(s, contact, outcome, change)
    if offer is not None:
        told = change.put(offer, replace(offer, fetch=True))
        change.wake(told, change.now)


def _take_back(s: Services, promise: Promise, at: float) -> None:
    """Nothing was dialled: try again under the same fence."""
    change = Change(now=s.clock.now())
    again = change.put(promise, replace(promise, intent_at=0.0))
    change.wake(again, at)
    s.store.commit(change)


def _look_at(s: Services, promise: Promise, at: float) -> None:
    change = Change(now=s.clock.now())
    change.expect(promise)
    change.wake(promise, at)
    s.store.commit(change)


def _hang_up(s: Services, promise: Promise) -> None:
    try:
        s.telephony.hang_up(promise.call)
    except CallGone:
        status(s, promise.id, promise.fence, promise.call, "completed")
