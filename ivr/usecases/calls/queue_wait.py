"""Waiting: the position, an honest estimate, and never more than a minute without a choice."""

from __future__ import annotations

from dataclasses import replace

from ivr.domain.errors import NothingNew
from ivr.domain.records.contact import Contact, ContactState
from ivr.domain.speech import spoken_text
from ivr.flow.turn import Heard, HeardKind, Listen, Says
from ivr.services import Services
from ivr.store.change import Change
from ivr.store.queries import contacts, queues
from ivr.store.queries.contacts import Input
from ivr.telephony.reply import Hear, LeaveLine, Reply
from ivr.usecases.calls import announcements, caller_leg, flow_runner
from ivr.usecases.customers import caller_context
from ivr.usecases.phrases import say
from ivr.usecases.queueing import duplicate_calls, preferred_agent

SLACK = 10.0  # seconds: the choice comes with the last round of music before the minute is over
CHOICES = {"1": "@promise", "2": "@choose_time"}
OWN = "3"
KEY = Listen(digits=1, seconds=1, speech=False)


def wait(s: Services, contact_id: str, n: int, digits: str, token: str) -> Reply | None:
    """One round of waiting, ten seconds at most: a claim whose push was lost is found at the next. None: no such contact."""
    new = None
    if digits:
        at = s.clock.now()
        new = Input(n=n, heard=Heard(kind=HeardKind.KEYS, value=digits[:1]), at=at, token=token)
    got = contacts.hear(s.store, contact_id, new)
    if got is None:
        return None
    contact = got.contact
    if contact.state is not ContactState.WAITING:
        return Reply(then=LeaveLine())
    if contact.position:
        return caller_leg.talk(s, got, in_line=True)
    key = next((i.heard.value for i in reversed(got.inputs) if i.n == n), "")
    if contact.elsewhere:
        return _elsewhere(s, contact, n, key)
    if key in CHOICES:
        return _choose(s, contact, n, CHOICES[key])
    if key == OWN:
        return _own(s, contact, n)
    return _stay(s, contact, n)


def _elsewhere(s: Services, contact: Contact, n: int, key: str) -> Reply:
    """Another call of theirs has their place: so they are told, until they say otherwise or that call is over."""
    now = s.clock.now()
    change = Change(now=now)
    if key == "1" or not duplicate_calls.still_elsewhere(s, contact):
        here = duplicate_calls.wait_here(s, contact, change, apart=key == "1")
        if not s.store.commit(change):
            return caller_leg.here(s, s.store.get(Contact, contact.id) or contact, in_line=True)
        return _stay(s, s.store.get(Contact, here.id) or here, n)
    says: tuple[Says, ...] = ()
    if now - contact.chosen >= s.settings.hold_max - SLACK:
        says = (say(s, contact.language, "wait.elsewhere"),)
        change.put(contact, replace(contact, chosen=now))
        s.store.commit(change)  # said once more, at worst
    return _round(s, contact, n, says)


def _own(s: Services, contact: Contact, n: int) -> Reply:
    change = Change(now=s.clock.now())
    says = preferred_agent.choose(s, contact, change)
    if not change.empty and not s.store.commit(change):
        return caller_leg.here(s, s.store.get(Contact, contact.id) or contact, in_line=True)
    return _round(s, contact, n, says) if says else _stay(s, contact, n)


def _choose(s: Services, contact: Contact, n: int, step: str) -> Reply:
    """They keep their place until the promise is on disk; an agent who accepts meanwhile still gets them."""
    try:
        return _enter(s, contact, n, step, Change(now=s.clock.now()))
    except NothingNew:
        return _enter(s, contact, n, step, Change(now=s.clock.now(), full=True))


def _enter(s: Services, contact: Contact, n: int, step: str, change: Change) -> Reply:
    # what was pressed while waiting is no input of the dialogue
    said = flow_runner.enter(s, replace(contact, seen=n, chosen=change.now), change, step)
    kept = change.put(contact, replace(said.contact, seen=n))
    if not s.store.commit(change):
        latest = s.store.get(Contact, contact.id)
        return caller_leg.here(s, latest or contact, in_line=True)
    return flow_runner.reply(s, replace(said, contact=kept), n, in_line=True)


def _stay(s: Services, contact: Contact, n: int) -> Reply:
    now = s.clock.now()
    first = contact.chosen == 0.0
    limit = min(s.settings.hold_max, s.library.queue(contact.queue).hold_max)
    notice = announcements.news(s, contact)
    due = not first and (now - contact.chosen >= limit - SLACK or notice is not None)
    says: tuple[Says, ...] = ()
    if first or due or preferred_agent.lost(s, contact, now):
        change = Change(now=now)
        kept = change.put(contact, replace(contact, chosen=now))
        where = _where(s, contact, first=first, limit=limit) if first or due else ()
        heard = announcements.says(s, notice, contact.language) if notice else ()
        says = (
            *heard,
            *preferred_agent.gone(s, kept, change),
            *where,
            *preferred_agent.says(s, kept, change),
        )
        if not s.store.commit(change):
            latest = s.store.get(Contact, contact.id)
            return caller_leg.here(s, latest or kept, in_line=True)
    return _round(s, contact, n, says)


def _round(s: Services, contact: Contact, n: int, says: tuple[Says, ...]) -> Reply:
    music = s.library.queue(contact.queue).music
    return Reply(
        says=says,
        then=Hear(
            listen=KEY,
            action=s.urls.wait(contact.id, n + 1),
            music=music[0] if music else s.urls.music(),
        ),
    )


def _where(s: Services, contact: Contact, *, first: bool, limit: int) -> tuple[Says, ...]:
    queue = contact.queue
    pulse = queues.pulse(s.store, {queue: caller_context.required(s, queue)}, contact.member)
    # whoever is being offered to an agent has left the line of our books, and is next
    ahead = pulse.position.get(queue, 0)
    estimate = 0 if contact.offer else caller_context.estimate(s, pulse, queue, ahead)
    language = contact.language
    choices = say(s, language, "wait.choices")
    if not first:
        return (say(s, language, "wait.still", position=ahead + 1), choices)
    if estimate == 0:
        return (say(s, language, "one_moment"),)
    if estimate is None:
        return (
            say(s, language, "wait.estimate_unknown", position=ahead + 1),
            say(s, language, "wait.no_estimate"),
            choices,
        )
    minutes = spoken_text.minutes(max(1, round(estimate / 60)), language)
    told = say(s, language, "wait.position", position=ahead + 1, minutes=minutes)
    return (told, choices) if estimate > limit else (told,)
