"""What is asked too often. Before a promise is acknowledged it is refused, with the reason and a person; one that nobody has
heard of yet, and a call that is to be made, wait. Nothing that was acknowledged is taken back (I2).

Callers whom we know, or whose number is attested, are not held to the bound of the line: whoever makes up numbers by the
thousand must not keep them from being promised a call.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import structlog
from prometheus_client import Counter

from ivr.domain.phone_numbers import Degree
from ivr.domain.records.contact import Contact
from ivr.domain.records.customer import Customer
from ivr.domain.records.one_time_code import MOST_A_DAY
from ivr.domain.rules.rate_limit import Bound, free_at
from ivr.services import Services
from ivr.store.change import Change
from ivr.store.queries import recent_counts
from ivr.usecases.promises import lifecycle as promise_lifecycle

log = structlog.get_logger()

HOUR, DAY = 3600.0, 86400.0
NUMBER, OTHER, LINE = "number", "other", "line"
REFUSED = "refused"  # counted: how often a bound of the line was reached

METRIC = Counter("calor_rate_limited_promises", "Promises refused or put off because of a bound", ["bound"])


@dataclass(frozen=True, kw_only=True)
class Asking:
    """`who`: for the journal. `caller`: their own number, "" when hidden. `number`: to be rung. `known`: no stranger."""

    who: str
    line: str
    caller: str
    number: str
    known: bool


def by(s: Services, contact: Contact, number: str, change: Change) -> Asking:
    """A caller who asks for a call to `number`."""
    customer = change.latest(s.store.get(Customer, contact.number))
    talked = customer is not None and bool(customer.last_at or customer.name)
    return Asking(
        who=contact.id,
        line=contact.line,
        caller=contact.number,
        number=number,
        known=talked or contact.degree >= Degree.ATTESTED,
    )


def refuses(s: Services, asking: Asking, change: Change) -> str:
    """Which bound forbids it; "" = none, and it counts from now on. One round trip."""
    bounds = _all(s, asking)
    for bound, at in zip(bounds, _free(s, bounds, change.now), strict=True):
        if at > change.now:
            _reached(bound, asking.who, asking.line, change)
            return bound.name
    _count(bounds, asking, change.now, change)
    return ""


def unasked(
    s: Services, contact: Contact, text: str, change: Change
) -> tuple[Contact, promise_lifecycle.Wanted]:
    """A promise to whoever hung up, or left a message: it is made in any case, and waits when there are too many such.

    Then nobody is told by text, and its place in line is from when on it may be kept: made-up callers, of whom there can be
    thousands, stand behind everybody who is on the telephone.
    """
    at = _put_off(s, by(s, contact, contact.number, change), change)
    if at <= change.now:
        return contact, promise_lifecycle.Wanted(text=text)
    return replace(contact, arrived=max(contact.arrived, at)), promise_lifecycle.Wanted(text="", since=at)


def _put_off(s: Services, asking: Asking, change: Change) -> float:
    """From when on it may be kept, now or later. It counts for then."""
    bounds = _all(s, asking)
    free = _free(s, bounds, change.now)
    for bound, at in zip(bounds, free, strict=True):
        if at > change.now:
            _reached(bound, asking.who, asking.line, change)
    at = max(free)
    _count(bounds, asking, at, change)
    return at


def rung_from(s: Services, number: str, now: float) -> float:
    """When this number may be rung once more, whatever is owed there: now, or later."""
    (at,) = _free(s, [_rung(s, number)], now)
    return at


def rung(number: str, change: Change) -> None:
    """It is being rung."""
    recent_counts.count(change, f"rung:{number}", change.now, who=number, seconds=HOUR)


def too_many_codes(s: Services, *, number: str, line: str, who: str, change: Change) -> bool:
    """Whether no code may be texted to this number now; else it counts. One telephone is not to be filled with our texts, nor
    many by one who enters number after number.
    """
    bounds = [
        Bound(name=NUMBER, of=f"codes:{number}", most=MOST_A_DAY, seconds=DAY),
        Bound(name=OTHER, of=f"codes on:{line}", most=s.settings.others_hour, seconds=HOUR),
    ]
    for bound, at in zip(bounds, _free(s, bounds, change.now), strict=True):
        if at > change.now:
            _reached(bound, who, line, change)
            return True
    for bound in bounds:
        recent_counts.count(change, bound.of, change.now, who=who, seconds=bound.seconds)
    return False


def reached(s: Services, now: float) -> bool:
    """Whether somebody was refused or put off in the last hour because of a bound of a whole line."""
    (latest,) = recent_counts.nth(s.store, [Bound(name=REFUSED, of=REFUSED, most=1, seconds=HOUR)])
    return latest is not None and now - latest < HOUR


def _all(s: Services, asking: Asking) -> list[Bound]:
    config = s.settings
    promised = f"promised:{asking.number}"
    found = [
        Bound(name=NUMBER, of=promised, most=config.number_hour, seconds=HOUR),
        Bound(name=NUMBER, of=promised, most=config.number_day, seconds=DAY),
    ]
    if asking.number != asking.caller:
        found.append(Bound(name=OTHER, of=f"others:{asking.line}", most=config.others_hour, seconds=HOUR))
    if not asking.known:
        found.append(Bound(name=LINE, of=f"strangers:{asking.line}", most=config.line_hour, seconds=HOUR))
    return found


def _rung(s: Services, number: str) -> Bound:
    return Bound(name=NUMBER, of=f"rung:{number}", most=s.settings.number_rings, seconds=HOUR)


def _free(s: Services, bounds: Sequence[Bound], now: float) -> list[float]:
    nth = recent_counts.nth(s.store, bounds)
    return [free_at(bound, at, now) for bound, at in zip(bounds, nth, strict=True)]


def _count(bounds: Sequence[Bound], asking: Asking, at: float, change: Change) -> None:
    longest = {bound.of: bound.seconds for bound in sorted(bounds, key=lambda b: b.seconds)}
    for of, seconds in longest.items():
        recent_counts.count(change, of, at, who=asking.who, seconds=seconds)


def _reached(bound: Bound, who: str, line: str, change: Change) -> None:
    METRIC.labels(bound.name).inc()
    log.warning("rate_limit_reached", bound=bound.name, who=who, line=line)
    change.journal("rate limit reached", bound=bound.name, who=who)
    if bound.name != NUMBER:
        recent_counts.count(change, REFUSED, change.now, who=who, seconds=HOUR)
