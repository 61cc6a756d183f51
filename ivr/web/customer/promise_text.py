"""What the page of a promise says, made of the record: a time and the end of a number, never what it is about (I7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from ivr.domain import phone_numbers
from ivr.domain.records.promise import ENDED, UNDER_WAY, Promise, PromiseState
from ivr.domain.schedule import time_zones
from ivr.domain.speech import page_times, spoken_text
from ivr.services import Services
from ivr.usecases.callbacks import number_code, reschedule
from ivr.usecases.texting import send as texting_send

MOST = 36  # times that are offered: about three days of them

_STATES = {
    PromiseState.KEPT: "kept",
    PromiseState.DECLINED: "declined",
    PromiseState.OWNED: "owned",
    PromiseState.TALKING: "on_line",
    PromiseState.MERGED: "on_line",
    PromiseState.RINGING: "ringing",
    PromiseState.DIALLING: "ringing",
}


@dataclass(frozen=True, kw_only=True)
class Choice:
    value: str
    label: str


@dataclass(frozen=True, kw_only=True)
class Day:
    name: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, kw_only=True)
class View:
    """`state`: words to say first, "" = the time. `ending`, `proving`: the last digits of numbers."""

    language: str
    state: str
    when: str
    ending: str
    seen: int  # the time that they are shown, so that it is not changed behind their back
    open: bool = False  # may be changed here
    sooner: bool = False
    days: tuple[Day, ...] = ()
    zone: str = ""  # named where their clock is in doubt
    proving: str = ""  # a code was texted there


def view(s: Services, promise: Promise) -> View:
    now = s.clock.now()
    may_change = promise.state not in ENDED and _STATES.get(promise.state) != "on_line"
    code = number_code.waiting(s, promise.id, now) if may_change else None
    zone = ZoneInfo(promise.zone or s.settings.default_zone)
    at = datetime.fromtimestamp(now, zone)
    doubt = time_zones.doubtful(phone_numbers.zones(promise.number), at, zone)
    return View(
        language=promise.language,
        state=_STATES.get(promise.state, ""),
        when=texting_send.by_when(s, promise, now),
        ending=phone_numbers.ending(promise.number),
        seen=round(promise.until),
        open=may_change,
        sooner=may_change and promise.state not in UNDER_WAY and promise.since > now,
        days=_days(s, promise, now, zone) if may_change else (),
        zone=spoken_text.zone(at, promise.language, at) if doubt else "",
        proving=phone_numbers.ending(code.number) if code else "",
    )


def _days(s: Services, promise: Promise, now: float, zone: ZoneInfo) -> tuple[Day, ...]:
    found = [
        (datetime.fromtimestamp(since, zone), datetime.fromtimestamp(until, zone))
        for since, until in reschedule.windows(s, promise, now, most=MOST)
    ]
    return tuple(
        Day(
            name=page_times.day(day, promise.language),
            choices=tuple(
                Choice(
                    value=f"{since.timestamp():.0f}-{until.timestamp():.0f}",
                    label=page_times.stretch(since, until, promise.language),
                )
                for since, until in of_day
            ),
        )
        for day, of_day in groupby(found, key=lambda window: window[0].date())
    )
