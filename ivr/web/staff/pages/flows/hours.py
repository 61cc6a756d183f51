"""Opening hours as a calendar, and the forms that change them in the draft."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import cache
from zoneinfo import ZoneInfo

import holidays
from babel import Locale
from flask import render_template, request
from werkzeug.exceptions import BadRequest, NotFound
from werkzeug.wrappers import Response as Answer

from ivr.domain.errors import CalorError
from ivr.domain.schedule.month_view import CalendarDay, build_month
from ivr.domain.schedule.opening_hours import Hours, MinuteSpan
from ivr.flow.editing import hours as edit_hours
from ivr.flow.hours import DAYS
from ivr.flow.loader.library import HOURS_FILE
from ivr.flow.yaml_source.positions import InvalidFileChange
from ivr.usecases.flows import drafts
from ivr.usecases.flows import validate as flow_validate
from ivr.web.request import services
from ivr.web.staff.pages.flows.common import (
    READER_ROLES,
    WRITER_ROLES,
    can_write,
    editor_url,
    fault_file,
    form_field,
    get_own_draft,
    redirect_to,
    routes,
)
from ivr.web.staff.session.access import allow, current_user

HoursEdit = Callable[[str, str], str]  # the file's text, the name of the hours -> the text
_MONTH = re.compile(r"(\d{4})-(\d{2})")


@routes.get("/hours")
@allow(*READER_ROLES)
def show_hours() -> str:
    return _hours_page(request.args.get("name", ""), request.args.get("month", ""))


@routes.post("/hours/<do>")
@allow(*WRITER_ROLES)
def change_hours(do: str) -> Answer | tuple[str, int]:
    edit = _EDITS.get(do)
    if edit is None:
        raise NotFound
    name, shown = form_field("name", 80), form_field("month", 7)
    try:
        change = edit()
        drafts.edit_file(
            services(),
            current_user().account.id,
            HOURS_FILE,
            form_field("was", 64),
            lambda text: change(text, name),
        )
    except CalorError as e:
        return _hours_page(name, shown, error=str(e), typed=request.form), 409
    return redirect_to("flows.show_hours", name=name, month=shown or None, done=do)


def _hours_page(name: str, month: str, *, error: str = "", typed: Mapping[str, str] | None = None) -> str:
    s, draft = services(), get_own_draft()
    library, faults = flow_validate.parse_files(s, draft.texts)
    here = [(fault, editor_url(fault)) for fault in faults if fault_file(fault) == HOURS_FILE]
    known = library.hours
    one = known.get(name) or next(iter(known.values()), None)
    if name and name not in known and not error:
        raise NotFound
    return render_template(
        "staff/flows/hours.html",
        names=list(known),
        hours=one,
        faults=here,
        cal=_MonthCalendar(one, month) if one and not here else None,
        days=DAYS,
        week=[format_spans(spans) for spans in one.week] if one else [],
        closed=sorted(one.closed) if one else [],
        exceptions=[(day, format_spans(spans)) for day, spans in sorted(one.exceptions.items())]
        if one
        else [],
        countries=_list_countries(),
        mark=drafts.text_digest(draft.texts.get(HOURS_FILE, "")),
        draft=draft,
        writes=can_write(),
        error=error,
        typed=typed or {},
        done=_CONFIRMATIONS.get(request.args.get("done", ""), "") if not error else "",
    )


class _MonthCalendar:
    """A month, and the ways to those beside it. Raises BadRequest, NoSuchMonth."""

    def __init__(self, hours: Hours, month: str) -> None:
        self.today = datetime.fromtimestamp(services().clock.now(), ZoneInfo(hours.zone)).date()
        match = _MONTH.fullmatch(month)
        if month and match is None:
            raise BadRequest
        self.year, self.month_number = (
            (int(match[1]), int(match[2])) if match else (self.today.year, self.today.month)
        )
        self.weeks = build_month(hours, self.year, self.month_number)
        self.label = f"{date(self.year, self.month_number, 1):%B %Y}"
        self.month = f"{self.year}-{self.month_number:02}"
        self.previous_month, self.next_month = self._month_after(-1), self._month_after(1)

    def _month_after(self, months: int) -> str:
        year, number = divmod(self.year * 12 + self.month_number - 1 + months, 12)
        return f"{year}-{number + 1:02}"

    @staticmethod
    def format_times(day: CalendarDay) -> str:
        spans = [f"{s.opens:%-H:%M}–{_format_closing_time(s.closes)}" for s in day.open_spans]
        return ", ".join(spans) or "closed"

    @staticmethod
    def format_reason(day: CalendarDay) -> str:
        if day.holiday:
            return day.holiday
        return {"day off": "day off", "exception": "special hours"}.get(day.hours_source.value, "")


def _format_closing_time(at: datetime) -> str:
    return f"{at:%-H:%M}" if at.time() != at.min.time() else "24:00"


def format_spans(spans: tuple[MinuteSpan, ...]) -> str:
    """As a person writes them: 8:00-12:00, 13:00-20:00; closed."""
    return ", ".join(f"{_format_minutes(s.start)}-{_format_minutes(s.until)}" for s in spans) or "closed"


def _format_minutes(minutes: int) -> str:
    hour, minute = divmod(minutes, 60)
    return f"{hour if (hour, minute) <= (24, 0) else hour - 24}:{minute:02}"


@cache
def _list_countries() -> list[tuple[str, str]]:
    """Whose public holidays are known: code and English name."""
    names = Locale("en").territories
    known = [code for code in holidays.list_supported_countries() if len(code) == 2 and code in names]
    return sorted(((code, names[code]) for code in known), key=lambda pair: pair[1])


# ---- what the forms do ---------------------------------------------------------------------------------------------


def _parse_day_field() -> date:
    try:
        return date.fromisoformat(form_field("day", 10))
    except ValueError as e:
        raise InvalidFileChange(f'"{form_field("day", 10)}" should be a day like 2026-12-24.') from e


def _make_week_edit() -> HoursEdit:
    days = {day: form_field(day, 100) for day in DAYS}
    return lambda text, name: edit_hours.set_week(text, name, days)


def _make_day_off_edit() -> HoursEdit:
    day = _parse_day_field()
    return lambda text, name: edit_hours.add_day_off(text, name, day)


def _make_day_on_edit() -> HoursEdit:
    day = _parse_day_field()
    return lambda text, name: edit_hours.remove_day_off(text, name, day)


def _make_special_hours_edit() -> HoursEdit:
    day, at = _parse_day_field(), form_field("times", 100)
    return lambda text, name: edit_hours.set_exception(text, name, day, at)


def _make_usual_hours_edit() -> HoursEdit:
    day = _parse_day_field()
    return lambda text, name: edit_hours.remove_exception(text, name, day)


def _make_holidays_edit() -> HoursEdit:
    country, part = form_field("country", 2), form_field("subdivision", 10)
    return lambda text, name: edit_hours.set_holidays(text, name, country, part)


_EDITS: Mapping[str, Callable[[], HoursEdit]] = {
    "week": _make_week_edit,
    "day-off": _make_day_off_edit,
    "day-on": _make_day_on_edit,
    "special": _make_special_hours_edit,
    "usual": _make_usual_hours_edit,
    "holidays": _make_holidays_edit,
}
_CONFIRMATIONS = {
    "week": "The week is changed in your draft.",
    "day-off": "That day is closed in your draft.",
    "day-on": "That day is no day off any more, in your draft.",
    "special": "That day has these hours in your draft.",
    "usual": "That day has its usual hours again, in your draft.",
    "holidays": "The public holidays are changed in your draft.",
}
