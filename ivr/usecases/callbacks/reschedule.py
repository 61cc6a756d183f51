"""What is changed of an open promise: another time, another number, or no call at all.

One way for keys in a call, words in a text, the page and a colleague's terminal, so that none of them can loosen what
another holds: the fence goes up, whatever is under way is called off, the place is kept, and a text says the new time.
Who may ask is for the one who asks to know: another number has been confirmed before it comes here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from ivr.domain.records.contact import Contact
from ivr.domain.records.customer import Customer
from ivr.domain.records.promise import ENDED, IN_LINE, MOVED, UNDER_WAY, Promise, PromiseState, moved_to
from ivr.services import Services
from ivr.store.change import Change
from ivr.usecases.callbacks import dial as callback_dial
from ivr.usecases.customers import last_talk, open_promises
from ivr.usecases.dialing import permissions
from ivr.usecases.promises import escalation, time_windows
from ivr.usecases.promises import lifecycle as promise_lifecycle
from ivr.usecases.promises import limits as promise_limits
from ivr.usecases.texting import send as texting_send

TRIES = 5
FRONT = 86400.0  # seconds ahead in line: before everybody who came today
SLACK = 600.0  # seconds in which a time that was read out or shown can still be chosen


class Via(StrEnum):
    """By which way it was asked; it stands in the journal."""

    KEY = "key"
    TEXT = "text"
    PAGE = "page"
    STAFF = "staff"  # a colleague at a terminal
    DESK = "desk"  # a colleague on a page


COLLEAGUES = frozenset({Via.STAFF, Via.DESK})


class WhyNot(StrEnum):
    UNKNOWN = "unknown"  # there is no such promise
    ENDED = "ended"  # kept, declined, or in a named person's hands
    ON_LINE = "on the line"  # they are with us on the telephone about it: it is changed there
    UNDER_WAY = "under way"  # an agent or their phone is being rung already: nothing could be sooner
    TIME_GONE = "time gone"  # that time is over or full; `windows` says which are left
    NUMBER = "number"  # that number may not be rung
    NIGHT = "night"  # the customer sleeps; `at` says until when
    OFTEN = "often"  # that number was promised, or this promise was moved, too often lately
    CHANGED = "changed"  # it is not any more what they were shown


@dataclass(frozen=True, kw_only=True)
class Move:
    """To a window that is offered. Epoch seconds; `number` "" = the same."""

    since: float
    until: float
    number: str = ""


@dataclass(frozen=True, kw_only=True)
class Soonest:
    """As soon as it is their turn, the place kept; not before `since`."""

    since: float = 0.0
    number: str = ""


@dataclass(frozen=True, kw_only=True)
class AtOnce:
    """The next call that is made; for colleagues. A customer's night is not disturbed for it."""


@dataclass(frozen=True, kw_only=True)
class Ring:
    """At another number, at the same time."""

    number: str


@dataclass(frozen=True, kw_only=True)
class Decline:
    """`why`: words for whoever reads the case."""

    why: str = ""


Wish = Move | Soonest | AtOnce | Ring | Decline


@dataclass(frozen=True, kw_only=True)
class Asked:
    """`by`: the colleague's id or name. `call`: the contact in whose call it is asked. `seen`: the `until` they were shown, 0 = any.

    `number`: the telephone at which they hear at once what came of it; any other of theirs is told by text.
    """

    via: Via
    by: str = ""
    call: Contact | None = None
    seen: float = 0.0
    number: str = ""
    words: str = "text.moved"  # by which the customer is told the new time


@dataclass(frozen=True, kw_only=True)
class Done:
    promise: Promise  # as it is now


@dataclass(frozen=True, kw_only=True)
class Refused:
    why: WhyNot
    promise: Promise | None = None  # as it stands
    at: float = 0.0


Result = Done | Refused


def rearrange(s: Services, promise_id: str, wish: Wish, asked: Asked) -> Result:
    """In a change of its own. Nothing was changed when it is refused. Raises Unavailable."""
    held: Promise | None = None
    for _ in range(TRIES):
        held = s.store.get(Promise, promise_id)
        if held is None:
            return Refused(why=WhyNot.UNKNOWN)
        change = Change(now=s.clock.now())
        result = within(s, held, wish, asked, change)
        if isinstance(result, Refused) or change.empty or s.store.commit(change):
            return result
    return Refused(why=WhyNot.CHANGED, promise=held)


def within(s: Services, held: Promise, wish: Wish, asked: Asked, change: Change) -> Result:
    """As part of the caller's change; nothing is written when it is refused."""
    if held.state in ENDED:
        return Refused(why=WhyNot.ENDED, promise=held)
    carried = asked.call is not None and asked.call.id == held.merged
    if held.state is PromiseState.TALKING or (held.state is PromiseState.MERGED and not carried):
        return Refused(why=WhyNot.ON_LINE, promise=held)
    if asked.seen and round(asked.seen) != round(held.until) and not _is_so(held, wish):
        return Refused(why=WhyNot.CHANGED, promise=held)
    change.sure = True  # they are told
    done: Result = _HOW[type(wish)](s, held, wish, asked, change)
    return done


def windows(
    s: Services, held: Promise, now: float, *, number: str = "", most: int = time_windows.CHOICES
) -> list[tuple[float, float]]:
    """Times to which it can be moved, soonest first, epoch seconds."""
    found = time_windows.windows_for(s, held.queue, number or held.number, now, most=most, without=held.id)
    return [(w.since.timestamp(), w.until.timestamp()) for w in found]


def _is_so(held: Promise, wish: Wish) -> bool:
    """Asked twice: the second finds it done."""
    match wish:
        case Move():
            return (held.since, held.until) == (wish.since, wish.until) and wish.number in ("", held.number)
        case Ring():
            return wish.number == held.number
        case _:
            return isinstance(wish, Decline)


def _decline(s: Services, held: Promise, wish: Decline, asked: Asked, change: Change) -> Result:
    callback_dial.called_off(s, held, change)
    ended = promise_lifecycle.decline(s, held, change, by=asked.via.value, who=asked.by)
    if wish.why:
        last_talk.note(held.case, "declined", change, promise=held.id, by=asked.by, words=wish.why[:500])
    for number in sorted({held.number, held.customer} - {"", asked.number}):
        texting_send.about_promise(s, ended, "text.cancelled", change, to=number)
    return Done(promise=ended)


def _move(s: Services, held: Promise, wish: Move, asked: Asked, change: Change) -> Result:
    if not may_ring(s, wish.number or held.number):
        return Refused(why=WhyNot.NUMBER, promise=held)
    if _is_so(held, wish) and held.state is PromiseState.MADE:
        return Done(promise=held)
    if not _offered(s, held, wish, change.now):
        return Refused(why=WhyNot.TIME_GONE, promise=held)
    wanted = promise_lifecycle.Wanted(number=wish.number, since=wish.since, until=wish.until)
    return _to(s, held, wanted, asked, change)


def _soonest(s: Services, held: Promise, wish: Soonest, asked: Asked, change: Change) -> Result:
    if not may_ring(s, wish.number or held.number):
        return Refused(why=WhyNot.NUMBER, promise=held)
    same = wish.number in ("", held.number)
    if same and held.state in UNDER_WAY:
        return Refused(why=WhyNot.UNDER_WAY, promise=held)
    if same and held.state in IN_LINE:
        return Done(promise=held)  # they stand in line already
    return _to(s, held, promise_lifecycle.Wanted(number=wish.number, since=wish.since), asked, change)


def _at_once(s: Services, held: Promise, wish: AtOnce, asked: Asked, change: Change) -> Result:
    del wish
    if held.state in UNDER_WAY:
        return Refused(why=WhyNot.UNDER_WAY, promise=held)
    awake = time_windows.awake(s, held.number, change.now)
    if awake > change.now:
        return Refused(why=WhyNot.NIGHT, promise=held, at=awake)
    front = replace(held, arrived=min(held.arrived, change.now) - FRONT)
    _, until = time_windows.soonest(s, held.queue, held.number, held.member, change.now)
    return _stored(s, held, front, (change.now, min(until, held.until)), asked, change)


def _ring(s: Services, held: Promise, wish: Ring, asked: Asked, change: Change) -> Result:
    if not may_ring(s, wish.number):
        return Refused(why=WhyNot.NUMBER, promise=held)
    if wish.number == held.number:
        return Done(promise=held)
    since = time_windows.awake(s, wish.number, max(change.now, held.since))
    later = max(0.0, since - max(change.now, held.since))
    return _stored(s, held, replace(held, number=wish.number), (since, held.until + later), asked, change)


def may_ring(s: Services, number: str) -> bool:
    reader = s.store.get(Customer, number)
    return permissions.may_ring(s, number) and not (reader is not None and reader.no_calls)


def _offered(s: Services, held: Promise, wish: Move, now: float) -> bool:
    """Times were read out a while ago: what was free then counts, unless it has begun."""
    if wish.since <= now:
        return False
    chosen = (wish.since, wish.until)
    shown = (windows(s, held, at, number=wish.number, most=time_windows.ALL) for at in (now, now - SLACK))
    return any(chosen in free for free in shown)


def _to(s: Services, held: Promise, wanted: promise_lifecycle.Wanted, asked: Asked, change: Change) -> Result:
    number = wanted.number or held.number
    member = (asked.call or held).member
    since, until = promise_lifecycle.times(s, wanted, held.queue, number, member, change.now)
    if not wanted.until and change.now + promise_lifecycle.WARN < held.until < until:
        until = held.until  # we keep to what was said
    arrived = min(held.arrived, asked.call.arrived if asked.call and asked.call.arrived else change.now)
    placed = replace(held, number=number, arrived=promise_lifecycle.place(wanted, arrived))
    return _stored(s, held, placed, (since, until), asked, change)


def _asking(held: Promise, number: str) -> promise_limits.Asking:
    """Every new time is told by text, and every other number costs a call: both are counted as promises are."""
    return promise_limits.Asking(who=held.id, line=held.line, caller=held.number, number=number, known=True)


def _stored(
    s: Services, held: Promise, new: Promise, times: tuple[float, float], asked: Asked, change: Change
) -> Result:
    if asked.via not in COLLEAGUES and promise_limits.refuses(s, _asking(held, new.number), change):
        return Refused(why=WhyNot.OFTEN, promise=held)
    callback_dial.called_off(s, held, change, declined=False)
    fresh = new.number != held.number
    moved = moved_to(
        new,
        since=times[0],
        until=times[1],
        zone=promise_lifecycle.zone_of(new.number, change.now),
        why=held.why if held.why in escalation.BY_HAND and not fresh else MOVED,
    )
    if fresh:
        open_promises.unpoint(s, held, {held.number} - {held.customer}, change)
    moved = promise_lifecycle.put_back(s, held, moved, change)
    open_promises.point(s, moved, change)
    contact = asked.call.id if asked.call else ""
    change.journal("promise moved", promise=moved.id, via=asked.via, by=asked.by, contact=contact)
    texting_send.about_promise(s, moved, asked.words, change)
    if fresh:
        for number in sorted({held.number, held.customer} - {"", moved.number}):
            texting_send.about_promise(s, moved, "text.elsewhere", change, to=number)
    return Done(promise=moved)


_HOW: dict[type, Callable[[Services, Promise, Any, Asked, Change], Result]] = {
    Move: _move,
    Soonest: _soonest,
    AtOnce: _at_once,
    Ring: _ring,
    Decline: _decline,
}
