"""Supervisors are told by text. What comes together is counted in one: a line that slips must not bury those who could help."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

import structlog

from ivr.domain.records.agent import Agent, AgentState
from ivr.domain.records.promise import IN_LINE, Promise, PromiseState
from ivr.domain.records.supervisor_alert import Circle, Notice, Topic
from ivr.domain.speech import spoken_text
from ivr.services import Services
from ivr.store.change import Change
from ivr.usecases.promises import time_windows
from ivr.usecases.texting import send as texting_send

log = structlog.get_logger()

GATHER = {Topic.RISK: 20.0, Topic.ESCALATED: 0.0}  # seconds in which others of the kind come along
GAP = 300.0  # seconds between two texts of one topic; less than the time that a warning leaves
FOREVER = 7 * 86400.0

# worth a word still; somebody who is only being rung has not taken it
STILL = {
    Topic.RISK: IN_LINE,
    Topic.ESCALATED: frozenset({PromiseState.ESCALATED, PromiseState.RINGING}),
}


@dataclass(frozen=True, kw_only=True)
class Reader:
    phone: str
    language: str


def of(s: Services, topic: Topic, promise: Promise, change: Change, circle: Circle = Circle.AT_WORK) -> None:
    """Soon, and together with others."""
    held = change.made(Notice, topic) or s.store.get(Notice, topic)
    old = held or Notice(id=topic)
    if promise.id in old.promises and old.circle >= circle:
        return
    named = (*(name for name in old.promises if name != promise.id), promise.id)
    wider = max(circle, old.circle if old.promises else Circle.AT_WORK)
    new = change.put(held, replace(old, promises=named, circle=wider))
    change.wake(new, max(change.now + GATHER[topic], old.told + GAP))


def look(s: Services, name: str) -> bool:
    """Its time has come. False when nothing is left to tell."""
    notice = s.store.get(Notice, name)
    if notice is None or not notice.promises:
        return False
    topic = Topic(name)
    change = Change(now=s.clock.now())
    about = [p for p in s.store.get_all(Promise, notice.promises) if p.state in STILL[topic]]
    readers, later = audience(s, notice.circle, change.now)
    if about and not readers and later < change.now + FOREVER:
        change.expect(notice)  # they all sleep
        change.wake(notice, later)
        s.store.commit(change)
        return True
    if about and not readers:
        log.error("no_supervisor_to_alert", topic=name, promises=len(about))
    told = change.put(notice, Notice(id=name, told=change.now))
    change.rest(told)
    for reader in readers if about else ():
        _send(s, topic, reader, about, change, wider=notice.circle > Circle.AT_WORK)
    if about:
        change.journal("supervisors alerted", topic=name, count=len(about), people=len(readers))
    s.store.commit(change)
    return True


def audience(s: Services, circle: Circle, now: float) -> tuple[list[Reader], float]:
    """Who is told now, in the first circle in which there is anybody; and when the next of those who sleep is awake.

    Those at work are told at any hour: their state says that they are there. Nobody else is woken.
    """
    everyone = [a for a in s.store.everyone(Agent) if a.supervisor]
    at_work = [_reader(a) for a in everyone if a.state is not AgentState.OFFLINE]
    if at_work and circle is Circle.AT_WORK:
        return at_work, now
    language = s.library.languages[0]
    home = [_reader(a) for a in everyone if a.state is AgentState.OFFLINE]
    others = [Reader(phone=n, language=language) for n in s.settings.fallback_numbers]
    asleep: list[float] = []
    if at_work or home:
        awake = [*at_work, *_awake(s, home, now, asleep)]
        if circle is not Circle.ANYBODY:
            return awake, min(asleep, default=now + FOREVER)
        others = [o for o in others if o.phone not in {r.phone for r in (*at_work, *home)}]
        return [*awake, *_awake(s, others, now, asleep)], min(asleep, default=now + FOREVER)
    return _awake(s, others, now, asleep), min(asleep, default=now + FOREVER)


def _awake(s: Services, readers: list[Reader], now: float, asleep: list[float]) -> list[Reader]:
    wakes = {r.phone: time_windows.awake(s, r.phone, now) for r in readers}
    asleep += [at for at in wakes.values() if at > now]
    return [r for r in readers if wakes[r.phone] <= now]


def _reader(agent: Agent) -> Reader:
    return Reader(phone=agent.phone, language=agent.languages[0])


def _send(
    s: Services, topic: Topic, reader: Reader, about: list[Promise], change: Change, *, wider: bool
) -> None:
    zone = ZoneInfo(s.settings.default_zone)
    first = min(p.until for p in about)
    at, now = datetime.fromtimestamp(first, zone), datetime.fromtimestamp(change.now, zone)
    book = s.library.book(reader.language)
    words = "waiting" if topic is Topic.ESCALATED and wider else topic.value
    key = f"tell.{words}" if len(about) == 1 else f"tell.{words}_many"
    fields = {
        "promise": about[0].id,
        "count": str(len(about)),
        "when": spoken_text.for_text(at, reader.language, now),
    }
    fields = {k: v for k, v in fields.items() if k in book.fields.get(key, ())}
    body = book.text(key, **fields)
    texting_send.send(
        s, to=reader.phone, line=about[0].line, body=body, about=f"{Notice.noun}:{topic}", change=change
    )


def in_hands(s: Services, promise: Promise, agent: Agent, change: Change) -> None:
    """The name of what somebody has just taken into their own hands."""
    body = s.library.book(agent.languages[0]).text("tell.in_hands", promise=promise.id)
    texting_send.send(s, to=agent.phone, line=promise.line, body=body, about=promise.member, change=change)
