"""What a colleague at the terminal is told of a change: the times that were meant, and why it was refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

import click

from ivr.cli.promises.table import CallbackFormat
from ivr.domain.promise_kinds import get_rules
from ivr.domain.records.promise import Promise
from ivr.domain.schedule import parse_time
from ivr.services import RedisServices, Services
from ivr.usecases.callbacks import reschedule
from ivr.usecases.callbacks.reschedule_request import MoveToWindow, RefusalReason, RescheduleRefused

MAX_WINDOWS_SHOWN = 6  # times that are offered instead
MAX_WINDOWS = 500  # more than there are windows in a week


def callback_format(s: RedisServices, *, full_numbers: bool = False) -> CallbackFormat:
    return CallbackFormat(zone=s.settings.default_time_zone, now=s.clock.now(), full_numbers=full_numbers)


def format_refusal(services: Services, promise: Promise, result: RescheduleRefused, wanted_at: float) -> str:
    """`wanted_at`: the time that was wished for, epoch seconds."""
    now = result.promise or promise
    there = callback_format(services)
    told: dict[RefusalReason, Callable[[], str]] = {
        RefusalReason.UNKNOWN: lambda: "It is not there any more.",
        RefusalReason.ENDED: lambda: (
            f"It has ended already: {now.state}. `ivr callbacks show {now.id}` tells how."
        ),
        RefusalReason.ON_LINE: lambda: (
            "They are on the telephone with us about it now; it is changed in that call."
        ),
        RefusalReason.UNDER_WAY: lambda: (
            "An agent or their phone is being rung for it already; nothing would be sooner."
        ),
        RefusalReason.TIME_GONE: lambda: _suggest_windows(services, now, wanted_at),
        RefusalReason.NOT_DIALABLE: lambda: "That number may not be rung.",
        RefusalReason.TOO_OFTEN: lambda: (
            "That number was promised too many calls lately; colleagues are not held to that."
        ),
        RefusalReason.OUTSIDE_CALLING_HOURS: lambda: (
            f"It is night where they are, until {there.format_time(result.callable_at, now.zone)} by their clock. "
            f"Nobody is woken by us: it can be moved to the morning (`ivr callbacks reschedule {now.id} --asap`)."
        ),
        RefusalReason.CHANGED: lambda: (
            f"It has changed meanwhile: {now.state}, {describe_next_call(services, now)}. Look again (`ivr callbacks show {now.id}`)."
        ),
    }
    return f"Promise {now.id} stays as it is. {told[result.why]()}"


def _suggest_windows(services: Services, promise: Promise, wanted_at: float) -> str:
    there, zone = callback_format(services), _zone_of(services, promise)
    free = sorted(
        reschedule.list_windows(services, promise, there.now, max_count=MAX_WINDOWS),
        key=lambda w: abs(w[0] - wanted_at),
    )[:MAX_WINDOWS_SHOWN]
    times = "; ".join(
        f"{there.format_time(a, zone)}-{there.format_time(b, zone)[-5:]}" for a, b in sorted(free)
    )
    return "That time is over, closed, full, or in their night. " + (
        f"What can be kept, by their clock ({zone}): {times}." if times else "No time can be kept now."
    )


def find_window(services: Services, promise: Promise, text: str) -> MoveToWindow:
    """The window in which the typed time lies. A time in none of them is refused with those there are."""
    zone = ZoneInfo(_zone_of(services, promise))
    at = parse_time.parse_moment(text, datetime.fromtimestamp(services.clock.now(), zone))
    if at is None:
        raise click.UsageError(f'"{text}" is no time that I can read. Say it as {parse_time.EXAMPLES}.')
    wanted = at.timestamp()
    free = reschedule.list_windows(services, promise, services.clock.now(), max_count=MAX_WINDOWS)
    since, until = next(((a, b) for a, b in free if a <= wanted < b), (wanted, wanted))
    return MoveToWindow(since=since, until=until)


def _zone_of(services: Services, promise: Promise) -> str:
    return promise.zone or services.settings.default_time_zone


def format_window(services: Services, promise: Promise, move: MoveToWindow) -> str:
    there, zone = callback_format(services), _zone_of(services, promise)
    return f"between {there.format_time(move.since, zone)} and {there.format_time(move.until, zone)[-5:]} by their clock ({zone})"


def describe_next_call(services: Services, promise: Promise) -> str:
    noun = get_rules(promise.kind).noun
    return f"{noun} by {callback_format(services).format_time(promise.due_by, _zone_of(services, promise))} by their clock ({_zone_of(services, promise)})"
