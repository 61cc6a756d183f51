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

MAX_WINDOWS = 36  # times that are offered: about three days of them

_STATE_PHRASES = {
    PromiseState.KEPT: "kept",
    PromiseState.DECLINED: "declined",
    PromiseState.OWNED: "owned",
    PromiseState.TALKING: "on_line",
    PromiseState.MERGED: "on_line",
    PromiseState.RINGING: "ringing",
    PromiseState.DIALING: "ringing",
}


@dataclass(frozen=True, kw_only=True)
class TimeChoice:
    value: str
    label: str


@dataclass(frozen=True, kw_only=True)
class ChoiceDay:
    name: str
    choices: tuple[TimeChoice, ...]


@dataclass(frozen=True, kw_only=True)
class PromiseView:
    """`state`: words to say first, "" = the time. `last_digits`, `code_last_digits`: the last digits of numbers."""

    language: str
    state: str
    when: str
    last_digits: str
    shown_until: int  # the time that they are shown, so that it is not changed behind their back
    can_change: bool = False  # may be changed here
    can_be_sooner: bool = False
    days: tuple[ChoiceDay, ...] = ()
    time_zone_name: str = ""  # named where their clock is in doubt
    code_last_digits: str = ""  # a code was texted there


def make_promise_view(services: Services, promise: Promise) -> PromiseView:
    now = services.clock.now()
    may_change = promise.state not in ENDED and _STATE_PHRASES.get(promise.state) != "on_line"
    code = number_code.find_pending_code(services, promise.id, now) if may_change else None
    zone = ZoneInfo(promise.zone or services.settings.default_time_zone)
    at = datetime.fromtimestamp(now, zone)
    doubt = time_zones.is_ambiguous(phone_numbers.time_zones(promise.number), at, zone)
    return PromiseView(
        language=promise.language,
        state=_STATE_PHRASES.get(promise.state, ""),
        when=texting_send.format_promised_time(services, promise, now),
        last_digits=phone_numbers.last_digits(promise.number),
        shown_until=round(promise.due_by),
        can_change=may_change,
        can_be_sooner=may_change and promise.state not in UNDER_WAY and promise.not_before > now,
        days=_list_day_choices(services, promise, now, zone) if may_change else (),
        time_zone_name=spoken_text.zone_name(at, promise.language, at) if doubt else "",
        code_last_digits=phone_numbers.last_digits(code.number) if code else "",
    )


def _list_day_choices(
    services: Services, promise: Promise, now: float, zone: ZoneInfo
) -> tuple[ChoiceDay, ...]:
    found = [
        (datetime.fromtimestamp(since, zone), datetime.fromtimestamp(until, zone))
        for since, until in reschedule.list_windows(services, promise, now, max_count=MAX_WINDOWS)
    ]
    return tuple(
        ChoiceDay(
            name=page_times.format_day(day, promise.language),
            choices=tuple(
                TimeChoice(
                    value=f"{since.timestamp():.0f}-{until.timestamp():.0f}",
                    label=page_times.format_span(since, until, promise.language),
                )
                for since, until in of_day
            ),
        )
        for day, of_day in groupby(found, key=lambda window: window[0].date())
    )
