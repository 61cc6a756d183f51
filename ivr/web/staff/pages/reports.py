"""Reports: how well the line answers and keeps its word, by day, line, queue or agent; each figure with what it means.

Everything together and each row, as a chart and as a table that says the same; and what people said about their call, in
their words. No customer is named: whoever may open the case finds them there.
"""

from __future__ import annotations

from datetime import date, timedelta

from flask import Blueprint, Response, render_template, request
from werkzeug.exceptions import NotFound

from ivr.domain.metrics import report_figures
from ivr.domain.metrics.report_figures import By, Figure, Unit
from ivr.domain.records.account import Role, may
from ivr.usecases.reports import comments, service_report
from ivr.usecases.reports.service_report import Asked, WrongSpan
from ivr.web.request import services
from ivr.web.staff import charts, errors, time_text
from ivr.web.staff.session.access import allow, me

routes = Blueprint("reports", __name__, url_prefix="/reports")

SPANS = (("7 days", 7), ("28 days", 28), ("90 days", 90), ("A year", 365))
DEEPEST = 999  # pages of words


@routes.errorhandler(WrongSpan)
def not_these_days(e: WrongSpan) -> Response:
    return errors.page(errors.Said(status=400, title="Not these days", what=str(e)))


@routes.get("/")
@allow(Role.SUPERVISOR, Role.OPS)
def show() -> str:
    s, asked, page = services(), _asked(), _page()
    found, last = service_report.look(s, asked), service_report.today(s)
    return render_template(
        "staff/reports/page.html",
        report=found,
        by=tuple(By),
        spans=[(label, last - timedelta(days=many - 1), last) for label, many in SPANS],
        cards=[(figure, charts.chart(found, figure)) for figure in report_figures.shown(asked.by)],
        columns=report_figures.shown(asked.by),
        words=comments.look(s, asked.first, asked.last, page=page),
        zone=s.settings.default_zone,
        value=value,
        basis=basis,
        top=top,
        at=lambda epoch: time_text.at(epoch, s.settings.default_zone, s.clock.now()),
        may_open=may(me().account.role, (Role.AGENT, Role.SUPERVISOR)),
    )


@routes.get("/report.csv")
@allow(Role.SUPERVISOR, Role.OPS)
def table() -> Response:
    """Each row, then all of it; counts and figures, with a point and unrounded."""
    found = service_report.look(services(), _asked())
    asked = found.asked
    name = f"report-{asked.by}-{asked.first}-{asked.last}.csv"
    return Response(
        service_report.table(found),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def value(figure: Figure, counts: report_figures.Counts) -> str:
    """As people read it: 83 %, 12 s, 4.3; a dash while there is nothing to tell it from."""
    found = figure.value(counts)
    if found is None:
        return "–"
    match figure.unit:
        case Unit.SHARE:
            return time_text.percent(found)
        case Unit.SECONDS:
            return _time(found)
        case Unit.STARS:
            return f"{found:.1f}"


def _time(seconds: float) -> str:
    """16 s, 3 min 47 s: a handle time is steered by seconds."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def top(figure: Figure, most: float) -> str:
    """What a column of full length stands for."""
    match figure.unit:
        case Unit.SHARE:
            return time_text.percent(most)
        case Unit.SECONDS:
            return _time(most)
        case Unit.STARS:
            return f"{most:.0f}"


def basis(figure: Figure, counts: report_figures.Counts) -> str:
    """What it is told from: "12 of 20 asked for a person", "3 answered"."""
    part, of = figure.part(counts), figure.of(counts)
    if not of:
        return "nothing to tell it from yet"
    if figure.name == "occupancy":
        return f"{time_text.span(part)} of {time_text.span(of)}"
    if figure.unit is Unit.SHARE:
        return f"{part:.0f} of {of:.0f} {figure.basis}"
    return f"{of:.0f} {figure.basis}"


def _asked() -> Asked:
    """Of the address; what is missing is usual. Raises WrongSpan."""
    last = _day("to") or service_report.today(services())
    first = _day("from") or last - timedelta(days=service_report.USUAL - 1)
    by = request.args.get("by", By.DAY.value)
    if by not in set(By):
        raise NotFound
    return Asked(first=first, last=last, by=By(by))


def _day(name: str) -> date | None:
    text = request.args.get(name, "").strip()
    return service_report.day(text) if text else None


def _page() -> int:
    text = request.args.get("page", "1")
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:5]) <= DEEPEST):
        raise NotFound
    return int(text)
