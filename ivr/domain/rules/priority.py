"""The order of the queue. Callers and callbacks stand in the same one, and everything that puts them there or moves them asks here.

First to last:

1. who lost their agent (the connection broke, the agent passed them on), and a callback of which a colleague said "call now";
2. callbacks whose promised time has passed, or was said to be missed;
3. everybody by when they first asked for a person, less what `grant_to_caller` gives.

Each of these is a number of seconds ahead of the arrival. So a place is one number, Redis can sort by it, and a wait that is long
enough outweighs everything but the first. All times are epoch seconds; `queued_at` 0 means that they have not asked for a person.
"""

from __future__ import annotations

from dataclasses import replace

from ivr.domain.records.contact_parts import QueuePlace
from ivr.domain.records.customer import Customer
from ivr.domain.records.promise import Promise

# seconds ahead of the arrival
FRONT_SECONDS = 86400.0  # before everybody who came today
OVERDUE_SECONDS = 3600.0
REPEAT_CALL_SECONDS = 60.0  # for each earlier call of the same day
MAX_REPEAT_CALLS = 5


def compute_place(queued_at: float, boost_seconds: float) -> float:
    """The smaller, the sooner it is their turn."""
    return queued_at - boost_seconds


def grant_to_caller(customer: Customer) -> float:
    """Seconds ahead for a new call: a little for who calls again and again today, however often it is."""
    return REPEAT_CALL_SECONDS * min(MAX_REPEAT_CALLS, max(0, customer.contacts_today - 1))


def grant_to_callback(promise: Promise, now: float) -> float:
    """Seconds ahead for a callback as it joins the queue."""
    return OVERDUE_SECONDS if promise.delay_announced or 0 < promise.due_by <= now else 0.0


def ask_for_person(place: QueuePlace, now: float) -> QueuePlace:
    """The arrival is when they first asked for a person; asking again does not change it."""
    return replace(place, queued_at=place.queued_at or now)


def move_caller_to_front(place: QueuePlace, now: float) -> QueuePlace:
    """They have lost their agent."""
    return replace(ask_for_person(place, now), boost_seconds=FRONT_SECONDS)


def move_callback_to_front(promise: Promise, now: float) -> Promise:
    """A colleague wants it to be called now."""
    return replace(promise, queued_at=min(promise.queued_at, now) - FRONT_SECONDS)


def move_callback(promise: Promise, place: QueuePlace, earliest: float, now: float) -> Promise:
    """Its time is chosen anew, in a call with this `place` or, without a call, an empty one. It keeps the earlier arrival of both."""
    arrived = min(promise.queued_at, place.queued_at or now)
    return replace(promise, queued_at=arrive_not_before(arrived, earliest))


def take_over(place: QueuePlace, other: QueuePlace) -> QueuePlace:
    """The place of a call that gets the `other` place of the same caller: the earlier arrival, the greater boost."""
    return replace(
        place,
        queued_at=min(place.queued_at, other.queued_at),
        boost_seconds=max(place.boost_seconds, other.boost_seconds),
    )


def inherit(place: QueuePlace, ended: QueuePlace, now: float) -> QueuePlace:
    """The place of a call when another one of the same caller has ended: the earlier arrival of those that have one."""
    return replace(place, queued_at=min(at for at in (place.queued_at, ended.queued_at, now) if at))


def arrive_not_before(queued_at: float, earliest: float) -> float:
    """The arrival of a callback that nobody wants before `earliest`: who chose tomorrow does not stand before those who wait then."""
    return max(queued_at, earliest)
