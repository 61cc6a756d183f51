"""What a colleague at the terminal is told of a change: the times that were meant, and why it was refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

import click

from ivr.cli.promises.table import Look
from ivr.domain.records.promise import Promise
from ivr.domain.schedule import parse_time
from ivr.services import RedisServices, Services
from ivr.usecases.callbacks import reschedule
from ivr.usecases.callbacks.reschedule import Move, Refused, WhyNot

SHOWN = 6  # times that are offered instead
MANY = 500  # more than there are windows in a week


def look(s: RedisServices, *, whole: bool = False) -> Look:
    return Look(zone=s.settings.default_zone, now=s.clock.now(), whole=whole)


def refused(s: Services, held: Promise, result: Refused, near: float) -> str:
    """`near`: the time that was wished for, epoch seconds."""
    now = result.promise or held
    there = look(s)
    told: dict[WhyNot, Callable[[], str]] = {
        WhyNot.UNKNOWN: lambda: "It is not there any more.",
        WhyNot.ENDED: lambda: f"It has ended already: {now.state}. `ivr callbacks show {now.id}` tells how.",
        WhyNot.ON_LINE: lambda: "They are on the telephone with us about it now; it is changed in that call.",
        WhyNot.UNDER_WAY: lambda: (
            "An agent or their phone is being rung for it already; nothing would be sooner."
        ),
        WhyNot.TIME_GONE: lambda: _instead(s, now, near),
        WhyNot.NUMBER: lambda: "That number may not be rung.",
        WhyNot.OFTEN: lambda: (
            "That number was promised too many calls lately; colleagues are not held to that."
        ),
        WhyNot.NIGHT: lambda: (
            f"It is night where they are, until {there.at(result.at, now.zone)} by their clock. "
            f"Nobody is woken by us: it can be moved to the morning (`ivr callbacks reschedule {now.id} --asap`)."
        ),
        WhyNot.CHANGED: lambda: (
            f"It has changed meanwhile: {now.state}, {said(s, now)}. Look again (`ivr callbacks show {now.id}`)."
        ),
    }
    return f"Promise {now.id} stays as it is. {told[result.why]()}"


def _instead(s: Services, held: Promise, near: float) -> str:
    there, zone = look(s), _zone(s, held)
    free = sorted(reschedule.windows(s, held, there.now, most=MANY), key=lambda w: abs(w[0] - near))[:SHOWN]
    times = "; ".join(f"{there.at(a, zone)}-{there.at(b, zone)[-5:]}" for a, b in sorted(free))
    return "That time is over, closed, full, or in their night. " + (
        f"What can be kept, by their clock ({zone}): {times}." if times else "No time can be kept now."
    )


def window(s: Services, held: Promise, words: str) -> Move:
    """The window in which the typed time lies. A time in none of them is refused with those there are."""
    zone = ZoneInfo(_zone(s, held))
    at = parse_time.moment(words, datetime.fromtimestamp(s.clock.now(), zone))
    if at is None:
        raise click.UsageError(f'"{words}" is no time that I can read. Say it as {parse_time.EXAMPLES}.')
    wanted = at.timestamp()
    free = reschedule.windows(s, held, s.clock.now(), most=MANY)
    since, until = next(((a, b) for a, b in free if a <= wanted < b), (wanted, wanted))
    return Move(since=since, until=until)


def _zone(s: Services, held: Promise) -> str:
    return held.zone or s.settings.default_zone


def when(s: Services, held: Promise, wish: Move) -> str:
    there, zone = look(s), _zone(s, held)
    return (
        f"between {there.at(wish.since, zone)} and {there.at(wish.until, zone)[-5:]} by their clock ({zone})"
    )


def said(s: Services, held: Promise) -> str:
    return f"call by {look(s).at(held.until, _zone(s, held))} by their clock ({_zone(s, held)})"
