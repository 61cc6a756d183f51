"""Supervisors are told by text. What comes together is counted in one: a line that slips must not bury those who could help."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

import structlog

from ivr.domain.records.agent import Agent, AgentState
from ivr.domain.records.promise import QUEUED, Promise, PromiseState
from ivr.domain.records.supervisor_alert import AlertCircle, AlertTopic, SupervisorAlert
from ivr.domain.speech import spoken_text
from ivr.services import Services
from ivr.store.change import Change
from ivr.usecases.promises import time_windows
from ivr.usecases.texting import send as texting_send

log = structlog.get_logger()

GATHER_SECONDS = {
    AlertTopic.AT_RISK: 20.0,
    AlertTopic.ESCALATED: 0.0,
}  # seconds in which others of the kind come along
MIN_INTERVAL_SECONDS = (
    300.0  # seconds between two texts of one topic; less than the time that a warning leaves
)
NEVER_SECONDS = 7 * 86400.0

# worth a word still; somebody who is only being rung has not taken it
RELEVANT_STATES = {
    AlertTopic.AT_RISK: QUEUED,
    AlertTopic.ESCALATED: frozenset({PromiseState.ESCALATED, PromiseState.RINGING}),
}


@dataclass(frozen=True, kw_only=True)
class AlertRecipient:
    phone: str
    language: str


def schedule_alert(
    topic: AlertTopic,
    promise: Promise,
    change: Change,
    circle: AlertCircle = AlertCircle.AT_WORK,
) -> None:
    """Soon, and together with others."""
    held = change.get(SupervisorAlert, topic)
    old = held or SupervisorAlert(id=topic)
    if promise.id in old.promises and old.circle >= circle:
        return
    named = (*(name for name in old.promises if name != promise.id), promise.id)
    wider = max(circle, old.circle if old.promises else AlertCircle.AT_WORK)
    new = change.put(held, replace(old, promises=named, circle=wider))
    change.schedule(new, max(change.now + GATHER_SECONDS[topic], old.texted_at + MIN_INTERVAL_SECONDS))


def process_due(services: Services, topic_name: str) -> bool:
    """Its time has come. False when nothing is left to tell."""
    notice = services.store.get(SupervisorAlert, topic_name)
    if notice is None or not notice.promises:
        return False
    topic = AlertTopic(topic_name)
    change = services.store.begin()
    about = [
        p for p in services.store.get_many(Promise, notice.promises) if p.state in RELEVANT_STATES[topic]
    ]
    readers, later = find_recipients(services, notice.circle, change.now)
    if about and not readers and later < change.now + NEVER_SECONDS:
        change.expect(notice)  # they all sleep
        change.schedule(notice, later)
        services.store.commit_best_effort(change)
        return True
    if about and not readers:
        log.error("no_supervisor_to_alert", topic=topic_name, promises=len(about))
    told = change.put(notice, SupervisorAlert(id=topic_name, texted_at=change.now))
    change.unschedule(told)
    for reader in readers if about else ():
        _send_alert(services, topic, reader, about, change, wider=notice.circle > AlertCircle.AT_WORK)
    if about:
        change.log_event("supervisors alerted", topic=topic_name, count=len(about), people=len(readers))
    services.store.commit_best_effort(change)
    return True


def find_recipients(
    services: Services, circle: AlertCircle, now: float
) -> tuple[list[AlertRecipient], float]:
    """Who is told now, in the first circle in which there is anybody; and when the next of those who sleep is awake.

    Those at work are told at any hour: their state says that they are there. Nobody else is woken.
    """
    everyone = [a for a in services.store.list_all(Agent) if a.supervisor]
    at_work = [_to_recipient(a) for a in everyone if a.state is not AgentState.OFFLINE]
    if at_work and circle is AlertCircle.AT_WORK:
        return at_work, now
    language = services.library.languages[0]
    home = [_to_recipient(a) for a in everyone if a.state is AgentState.OFFLINE]
    others = [AlertRecipient(phone=n, language=language) for n in services.settings.fallback_numbers]
    asleep: list[float] = []
    if at_work or home:
        awake = [*at_work, *_filter_awake(services, home, now, asleep)]
        if circle is not AlertCircle.ALL_AND_FALLBACK:
            return awake, min(asleep, default=now + NEVER_SECONDS)
        others = [o for o in others if o.phone not in {r.phone for r in (*at_work, *home)}]
        return [*awake, *_filter_awake(services, others, now, asleep)], min(
            asleep, default=now + NEVER_SECONDS
        )
    return _filter_awake(services, others, now, asleep), min(asleep, default=now + NEVER_SECONDS)


def _filter_awake(
    services: Services, recipients: list[AlertRecipient], now: float, wake_times: list[float]
) -> list[AlertRecipient]:
    wakes = {r.phone: time_windows.next_callable_time(services, r.phone, now) for r in recipients}
    wake_times += [at for at in wakes.values() if at > now]
    return [r for r in recipients if wakes[r.phone] <= now]


def _to_recipient(agent: Agent) -> AlertRecipient:
    return AlertRecipient(phone=agent.phone, language=agent.languages[0])


def _send_alert(
    services: Services,
    topic: AlertTopic,
    recipient: AlertRecipient,
    promises: list[Promise],
    change: Change,
    *,
    wider: bool,
) -> None:
    zone = ZoneInfo(services.settings.default_time_zone)
    first = min(p.due_by for p in promises)
    at, now = datetime.fromtimestamp(first, zone), datetime.fromtimestamp(change.now, zone)
    book = services.library.get_phrasebook(recipient.language)
    words = "waiting" if topic is AlertTopic.ESCALATED and wider else topic.value
    key = f"tell.{words}" if len(promises) == 1 else f"tell.{words}_many"
    fields = {
        "promise": promises[0].id,
        "count": str(len(promises)),
        "when": spoken_text.written_for_text(at, recipient.language, now),
    }
    fields = {k: v for k, v in fields.items() if k in book.fields.get(key, ())}
    body = book.text(key, **fields)
    texting_send.create_text(
        services,
        to=recipient.phone,
        our_number=promises[0].our_number,
        body=body,
        about=f"{SupervisorAlert.record_type}:{topic}",
        change=change,
    )


def text_new_owner(services: Services, promise: Promise, agent: Agent, change: Change) -> None:
    """The name of what somebody has just taken into their own hands."""
    body = services.library.get_phrasebook(agent.languages[0]).text("tell.in_hands", promise=promise.id)
    texting_send.create_text(
        services, to=agent.phone, our_number=promise.our_number, body=body, about=promise.key, change=change
    )
