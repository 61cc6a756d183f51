"""Which number we may be ringing now, and for what: one call to a number at a time."""

from __future__ import annotations

from dataclasses import replace

from ivr.domain.records.promise import Dialled, Promise, PromiseState
from ivr.services import Services
from ivr.store.change import Change

CARRIED = frozenset({PromiseState.DIALLING, PromiseState.TALKING})


def held(s: Services, number: str) -> Dialled | None:
    """Whose it is now; None when nobody's."""
    found = s.store.get(Dialled, number)
    return found if found is not None and found.promise else None


def rings_for(s: Services, promise: Promise) -> bool:
    """Whether a call may be under way that was begun under this fence."""
    found = held(s, promise.number)
    return found is not None and (found.promise, found.fence) == (promise.id, promise.fence)


def carries(promise: Promise | None, ringing: Dialled) -> bool:
    """Whether the call under way to this number is still wanted."""
    return promise is not None and promise.fence == ringing.fence and promise.state in CARRIED


def hold(s: Services, promise: Promise, change: Change) -> None:
    """From the intent on, the number is this promise's. Only when nobody holds it."""
    mine = Dialled(id=promise.number, promise=promise.id, fence=promise.fence, since=change.now)
    mine = change.put(s.store.get(Dialled, promise.number), mine)
    change.wake(mine, change.now + s.settings.settle_seconds)
    change.journal("number locked", promise=promise.id, fence=promise.fence)


def answered(s: Services, promise: Promise, change: Change) -> None:
    """Its leg is known now, if it was not before."""
    found = held(s, promise.number)
    if found is not None and found.promise == promise.id:
        change.put(found, replace(found, call=promise.call))


def free(s: Services, number: str, promise: str, fence: int, change: Change) -> None:
    """Nothing rings there for this promise any more."""
    found = held(s, number)
    if found is not None and (found.promise, found.fence) == (promise, fence):
        change.rest(change.put(found, Dialled(id=number)))
        change.journal("number unlocked", promise=promise, fence=fence)


def free_leg(s: Services, number: str, sid: str) -> None:
    """The leg is over; "" = there never was one."""
    while (found := held(s, number)) is not None and found.call == sid:
        change = Change(now=s.clock.now())
        free(s, number, found.promise, found.fence, change)
        if s.store.commit(change):
            return


def look_now(s: Services, promise: Promise, change: Change) -> None:
    """What rings for this promise is not wanted any more: see to it."""
    found = held(s, promise.number)
    if found is not None and found.promise == promise.id:
        change.wake(found, change.now)
