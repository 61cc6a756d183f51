"""Which number we may be ringing now, and for what: one call to a number at a time."""

from __future__ import annotations

from dataclasses import replace

from ivr.domain.records.promise import NumberLock, Promise, PromiseState
from ivr.services import Services
from ivr.store.change import Change

CARRYING_STATES = frozenset({PromiseState.DIALING, PromiseState.TALKING})


def find_lock(services: Services, number: str) -> NumberLock | None:
    """Whose it is now; None when nobody's."""
    found = services.store.get(NumberLock, number)
    return found if found is not None and found.promise else None


def is_held_for(services: Services, promise: Promise) -> bool:
    """Whether a call may be under way that was begun under this fence."""
    found = find_lock(services, promise.number)
    return found is not None and (found.promise, found.fence) == (promise.id, promise.fence)


def is_still_wanted(promise: Promise | None, lock: NumberLock) -> bool:
    """Whether the call under way to this number is still wanted."""
    return promise is not None and promise.fence == lock.fence and promise.state in CARRYING_STATES


def acquire(services: Services, promise: Promise, change: Change) -> None:
    """From the intent on, the number is this promise's. Only when nobody holds it."""
    mine = NumberLock(id=promise.number, promise=promise.id, fence=promise.fence, intent_at=change.now)
    mine = change.put(services.store.get(NumberLock, promise.number), mine)
    change.schedule(mine, change.now + services.settings.recheck_seconds)
    change.log_event("number locked", promise=promise.id, fence=promise.fence)


def record_answer(services: Services, promise: Promise, change: Change) -> None:
    """Its leg is known now, if it was not before."""
    found = find_lock(services, promise.number)
    if found is not None and found.promise == promise.id:
        change.put(found, replace(found, call=promise.call))


def release(services: Services, number: str, promise_id: str, fence: int, change: Change) -> None:
    """Nothing rings there for this promise any more."""
    found = find_lock(services, number)
    if found is not None and (found.promise, found.fence) == (promise_id, fence):
        change.unschedule(change.put(found, NumberLock(id=number)))
        change.log_event("number unlocked", promise=promise_id, fence=fence)


def release_for_call(services: Services, number: str, sid: str) -> None:
    """The leg is over; "" = there never was one."""
    for change in services.store.transact():
        found = find_lock(services, number)
        if found is None or found.call != sid:
            return
        release(services, number, found.promise, found.fence, change)


def schedule_check(services: Services, promise: Promise, change: Change) -> None:
    """What rings for this promise is not wanted any more: see to it."""
    found = find_lock(services, promise.number)
    if found is not None and found.promise == promise.id:
        change.schedule(found, change.now)
