"""What a person must put right before it costs a caller something: said in the log, in `/ready`, as a figure, and by text.

Redis is looked at again and again, because it can stop being safe after the line was started on it.
"""

from __future__ import annotations

from dataclasses import dataclass

import structlog

from ivr.domain.records.contact import Contact
from ivr.flow.model import ANY_NUMBER
from ivr.services import Services
from ivr.store.queries import created_index, scheduler
from ivr.store.server import health
from ivr.store.server.fitness import RedisFault
from ivr.usecases.promises import lifecycle as promise_lifecycle
from ivr.usecases.promises import limits as promise_limits
from ivr.usecases.quarantine import state as quarantine_state
from ivr.usecases.texting import send as texting_send

log = structlog.get_logger()

CHECK_SECONDS = 30.0  # seconds between looks
REPEAT_TEXT_SECONDS = 3600


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """`grave`: promises can be lost, or none can be made. `accepted`: the operator has said that they know."""

    name: str
    message: str
    fix: str
    grave: bool = False
    accepted: bool = False


def list_alarms(services: Services) -> tuple[Alarm, ...]:
    """What is wrong now. Two or three round trips; never in a webhook. Raises Unavailable."""
    server, faults = health.examine(
        services.store,
        full_share=services.settings.alarm_percent / 100,
        replicas=services.settings.replicas,
    )
    return (
        *_quarantine_alarms(services),
        *_rate_limit_alarms(services),
        *(_fault_alarm(services, server, fault) for fault in faults),
    )


def _quarantine_alarms(services: Services) -> tuple[Alarm, ...]:
    held = quarantine_state.get_current(services.store)
    if held is None:
        return ()
    return (
        Alarm(
            name="quarantine",
            message="The record was restored, and nobody is called back until a person has looked",
            fix="`ivr quarantine show`, then `ivr quarantine lift`.",
        ),
    )


def _rate_limit_alarms(services: Services) -> tuple[Alarm, ...]:
    if not promise_limits.was_reached_recently(services, services.clock.now()):
        return ()
    return (
        Alarm(
            name="rate_limits",
            message="So many callbacks are asked for that some had to be refused or put off: an attack, or a very busy hour",
            fix="Look at who calls. Customers are promised calls all the same; IVR_UNVERIFIED_CALLBACKS_PER_HOUR and IVR_OTHER_NUMBERS_PER_HOUR are the bounds.",
        ),
    )


def _fault_alarm(services: Services, server: str, fault: RedisFault) -> Alarm:
    accepted = fault.loses_a_second and services.settings.accept_one_second_loss
    return Alarm(
        name=fault.name,
        message=f"{server} {fault.problem}",
        fix=fault.fix,
        grave=fault.is_fatal and not accepted,
        accepted=accepted,
    )


class AlarmMonitor:
    """One per scheduler: looks now and then, and tells people."""

    def __init__(self) -> None:
        self._checked_at = 0.0
        self._raised: frozenset[str] = frozenset()

    def check(self, services: Services) -> None:
        """Called at every look of the scheduler. Raises Unavailable."""
        now = services.clock.now()
        if 0 <= now - self._checked_at < CHECK_SECONDS:
            return
        self._checked_at = now
        found = [a for a in list_alarms(services) if not a.accepted]
        for alarm in found:
            if alarm.name not in self._raised:
                log.error("alarm", alarm=alarm.name, why=alarm.message, fix=alarm.fix, grave=alarm.grave)
            _text_supervisors(services, alarm)
        for name in sorted(self._raised - {a.name for a in found}):
            log.warning("alarm_over", alarm=name)
        self._raised = frozenset(a.name for a in found)


def _text_supervisors(services: Services, alarm: Alarm) -> None:
    """Supervisors by text, once an hour however many schedulers look. Written down even when memory is full."""
    change = services.store.begin()
    since = change.now
    told = services.store.read(scheduler.get_alarm_time(alarm.name))
    if told is not None and 0 <= since - told < REPEAT_TEXT_SECONDS:
        return
    people, line = promise_lifecycle.list_supervisors_at_work(services), _texting_number(services)
    if not people or not line:
        return
    scheduler.set_alarm_time(alarm.name, since, change)
    change.log_event("alarm", alarm=alarm.name)
    for agent in people:
        body = services.library.get_phrasebook(agent.languages[0]).text("text.alarm", what=alarm.message)
        texting_send.create_text(
            services,
            to=agent.phone,
            our_number=line,
            body=body,
            about=quarantine_state.ALARM_PREFIX + alarm.name,
            change=change,
        )
    services.store.commit_best_effort(change)


def _texting_number(services: Services) -> str:
    """The number of ours that texts staff: where the last caller rang, when none is said."""
    named = [n for flow in services.library.flows.values() for n in flow.called_numbers if n != ANY_NUMBER]
    if services.settings.caller_id or named:
        return services.settings.caller_id or named[0]
    latest = services.store.read(created_index.list_ids(Contact.record_type, 0, 1, newest_first=True))
    contact = services.store.get(Contact, latest[0]) if latest else None
    return contact.caller.called_number if contact else ""
