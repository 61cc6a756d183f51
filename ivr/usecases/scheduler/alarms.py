"""What a person must put right before it costs a caller something: said in the log, in `/ready`, as a figure, and by text.

The record is looked at again and again, because it can stop being safe after the line was started on it.
"""

from __future__ import annotations

from dataclasses import dataclass

import structlog

from ivr.domain.records.contact import Contact
from ivr.flow.model import ANY_LINE
from ivr.services import Services
from ivr.store import keys
from ivr.store.change import Change
from ivr.store.server import fitness, standby
from ivr.usecases.promises import lifecycle as promise_lifecycle
from ivr.usecases.promises import limits as promise_limits
from ivr.usecases.quarantine import state as quarantine_state
from ivr.usecases.texting import send as texting_send

log = structlog.get_logger()

ROUND = 30.0  # seconds between looks
HOUR = 3600


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """`grave`: promises can be lost, or none can be made. `accepted`: the operator has said that they know."""

    name: str
    says: str
    fix: str
    grave: bool = False
    accepted: bool = False


def look(s: Services) -> tuple[Alarm, ...]:
    """What is wrong now. Two or three round trips; never in a webhook. Raises Unavailable."""
    server, faults = fitness.examine(s.store.redis, full=s.settings.alarm_percent / 100)
    faults += standby.missing(s.store.redis, s.settings.replicas)
    return (*_quarantine(s), *_bounds(s), *(_alarm(s, server, fault) for fault in faults))


def _quarantine(s: Services) -> tuple[Alarm, ...]:
    held = quarantine_state.current(s.store)
    if held is None:
        return ()
    return (
        Alarm(
            name="quarantine",
            says="The record was restored, and nobody is called back until a person has looked",
            fix="`ivr quarantine show`, then `ivr quarantine lift`.",
        ),
    )


def _bounds(s: Services) -> tuple[Alarm, ...]:
    if not promise_limits.reached(s, s.clock.now()):
        return ()
    return (
        Alarm(
            name="rate_limits",
            says="So many callbacks are asked for that some had to be refused or put off: an attack, or a very busy hour",
            fix="Look at who calls. Customers are promised calls all the same; IVR_UNVERIFIED_CALLBACKS_PER_HOUR and IVR_OTHER_NUMBERS_PER_HOUR are the bounds.",
        ),
    )


def _alarm(s: Services, server: str, fault: fitness.Fault) -> Alarm:
    accepted = fault.loses_a_second and s.settings.accept_one_second_loss
    return Alarm(
        name=fault.name,
        says=f"{server} {fault.what}",
        fix=fault.fix,
        grave=fault.grave and not accepted,
        accepted=accepted,
    )


class Rounds:
    """One per reconciler: looks now and then, and tells people."""

    def __init__(self) -> None:
        self._looked = 0.0
        self._standing: frozenset[str] = frozenset()

    def look(self, s: Services) -> None:
        """Called at every look of the reconciler. Raises Unavailable."""
        now = s.clock.now()
        if 0 <= now - self._looked < ROUND:
            return
        self._looked = now
        found = [a for a in look(s) if not a.accepted]
        for alarm in found:
            if alarm.name not in self._standing:
                log.error("alarm", alarm=alarm.name, why=alarm.says, fix=alarm.fix, grave=alarm.grave)
            _tell(s, alarm)
        for name in sorted(self._standing - {a.name for a in found}):
            log.warning("alarm_over", alarm=name)
        self._standing = frozenset(a.name for a in found)


def _tell(s: Services, alarm: Alarm) -> None:
    """Supervisors by text, once an hour however many reconcilers look. Written down even when memory is full."""
    change = Change(now=s.clock.now())
    since = change.now
    (told,) = s.store.read([("GET", keys.alarmed(alarm.name))])
    if told is not None and 0 <= since - float(told) < HOUR:
        return
    people, line = promise_lifecycle.supervisors(s), _line(s)
    if not people or not line:
        return
    change.op("SET", keys.alarmed(alarm.name), f"{since:.3f}")
    change.journal("alarm", alarm=alarm.name)
    for agent in people:
        body = s.library.book(agent.languages[0]).text("text.alarm", what=alarm.says)
        texting_send.send(
            s, to=agent.phone, line=line, body=body, about=quarantine_state.ALARM + alarm.name, change=change
        )
    s.store.commit(change)


def _line(s: Services) -> str:
    """The number of ours that texts staff: where the last caller rang, when none is said."""
    named = [n for flow in s.library.flows.values() for n in flow.lines if n != ANY_LINE]
    if s.settings.caller_id or named:
        return s.settings.caller_id or named[0]
    (latest,) = s.store.read([("ZREVRANGE", keys.everyone(Contact.noun), 0, 0)])
    contact = s.store.get(Contact, latest[0]) if latest else None
    return contact.line if contact else ""
