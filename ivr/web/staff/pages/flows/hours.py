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
from ivr.domain.schedule.month_view import Day, month
from ivr.domain.schedule.opening_hours import Hours, Span
from ivr.flow.editing import hours as edit_hours
from ivr.flow.hours import DAYS
from ivr.flow.loader.library import HOURS
from ivr.flow.yaml_source.positions import BadChange
from ivr.usecases.flows import drafts, forms
from ivr.usecases.flows import validate as flow_validate
from ivr.web.request import services
from ivr.web.staff.pages.flows.common import LOOKS, WRITES, field, file_of, mine, routes, to, way_to, writes
from ivr.web.staff.session.access import allow, me

Edit = Callable[[str, str], str]  # the file's text, the name of the hours -> the text
_MONTH = re.compile(r"(\d{4})-(\d{2})")


@routes.get("/hours")
@allow(*LOOKS)
def hours() -> str:
    return _page(request.args.get("name", ""), request.args.get("month", ""))


@routes.post("/hours/<do>")
@allow(*WRITES)
def change_hours(do: str) -> Answer | tuple[str, int]:
    edit = _DO.get(do)
    if edit is None:
        raise NotFound
    name, shown = field("name", 80), field("month", 7)
    try:
        change = edit()
        forms.rewrite(services(), me().account.id, HOURS, field("was", 64), lambda text: change(text, name))
    except CalorError as e:
        return _page(name, shown, said=str(e), typed=request.form), 409
    return to("flows.hours", name=name, month=shown or None, done=do)


def _page(name: str, shown: str, *, said: str = "", typed: Mapping[str, str] | None = None) -> str:
    s, draft = services(), mine()
    library, faults = flow_validate.read(s, draft.texts)
    here = [(fault, way_to(fault)) for fault in faults if file_of(fault) == HOURS]
    known = library.hours
    one = known.get(name) or next(iter(known.values()), None)
    if name and name not in known and not said:
        raise NotFound
    return render_template(
        "staff/flows/hours.html",
        names=list(known),
        hours=one,
        faults=here,
        cal=_Calendar(one, shown) if one and not here else None,
        days=DAYS,
        week=[times(spans) for spans in one.week] if one else [],
        closed=sorted(one.closed) if one else [],
        exceptions=[(day, times(spans)) for day, spans in sorted(one.exceptions.items())] if one else [],
        countries=_countries(),
        mark=drafts.mark(draft.texts.get(HOURS, "")),
        draft=draft,
        writes=writes(),
        said=said,
        typed=typed or {},
        done=_DONE.get(request.args.get("done", ""), "") if not said else "",
    )


class _Calendar:
    """A month, and the ways to those beside it. Raises BadRequest, NoSuchMonth."""

    def __init__(self, hours: Hours, shown: str) -> None:
        self.today = datetime.fromtimestamp(services().clock.now(), ZoneInfo(hours.zone)).date()
        match = _MONTH.fullmatch(shown)
        if shown and match is None:
            raise BadRequest
        self.year, self.number = (
            (int(match[1]), int(match[2])) if match else (self.today.year, self.today.month)
        )
        self.weeks = month(hours, self.year, self.number)
        self.label = f"{date(self.year, self.number, 1):%B %Y}"
        self.shown = f"{self.year}-{self.number:02}"
        self.before, self.after = self._beside(-1), self._beside(1)

    def _beside(self, by: int) -> str:
        year, number = divmod(self.year * 12 + self.number - 1 + by, 12)
        return f"{year}-{number + 1:02}"

    @staticmethod
    def times(day: Day) -> str:
        spans = [f"{s.opens:%-H:%M}–{_until(s.closes)}" for s in day.open]
        return ", ".join(spans) or "closed"

    @staticmethod
    def why(day: Day) -> str:
        if day.holiday:
            return day.holiday
        return {"day off": "day off", "exception": "special hours"}.get(day.why.value, "")


def _until(at: datetime) -> str:
    return f"{at:%-H:%M}" if at.time() != at.min.time() else "24:00"


def times(spans: tuple[Span, ...]) -> str:
    """As a person writes them: 8:00-12:00, 13:00-20:00; closed."""
    return ", ".join(f"{_clock(s.start)}-{_clock(s.until)}" for s in spans) or "closed"


def _clock(minutes: int) -> str:
    hour, minute = divmod(minutes, 60)
    return f"{hour if (hour, minute) <= (24, 0) else hour - 24}:{minute:02}"


@cache
def _countries() -> list[tuple[str, str]]:
    """Whose public holidays are known: code and English name."""
    names = Locale("en").territories
    known = [code for code in holidays.list_supported_countries() if len(code) == 2 and code in names]
    return sorted(((code, names[code]) for code in known), key=lambda pair: pair[1])


# ---- what the forms do ---------------------------------------------------------------------------------------------


def _day() -> date:
    try:
        return date.fromisoformat(field("day", 10))
    except ValueError as e:
        raise BadChange(f'"{field("day", 10)}" should be a day like 2026-12-24.') from e


def _week() -> Edit:
    days = {day: field(day, 100) for day in DAYS}
    return lambda text, name: edit_hours.set_week(text, name, days)


def _off() -> Edit:
    day = _day()
    return lambda text, name: edit_hours.add_day_off(text, name, day)


def _on() -> Edit:
    day = _day()
    return lambda text, name: edit_hours.remove_day_off(text, name, day)


def _special() -> Edit:
    day, at = _day(), field("times", 100)
    return lambda text, name: edit_hours.set_exception(text, name, day, at)


def _usual() -> Edit:
    day = _day()
    return lambda text, name: edit_hours.remove_exception(text, name, day)


def _holidays() -> Edit:
    country, part = field("country", 2), field("subdivision", 10)
    return lambda text, name: edit_hours.set_holidays(text, name, country, part)


_DO: Mapping[str, Callable[[], Edit]] = {
    "week": _week,
    "day-off": _off,
    "day-on": _on,
    "special": _special,
    "usual": _usual,
    "holidays": _holidays,
}
_DONE = {
    "week": "The week is changed in your draft.",
    "day-off": "That day is closed in your draft.",
    "day-on": "That day is no day off any more, in your draft.",
    "special": "That day has these hours in your draft.",
    "usual": "That day has its usual hours again, in your draft.",
    "holidays": "The public holidays are changed in your draft.",
}
