"""Reports: how well the line answers and keeps its word, by day, line, queue or agent; each figure with what it means.

Everything together and each row, as a chart and as a table that says the same; and what people said about their call, in
their words. No customer is named: whoever may open the case finds them there.
"""

from __future__ import annotations

from datetime import date, timedelta

from flask import Blueprint, Response, render_template, request
from werkzeug.exceptions import NotFound

from ivr.domain.metrics import report_figures
from ivr.domain.metrics.report_figures import ReportDimension, ReportFigure, Unit
from ivr.domain.records.account import Role, is_allowed
from ivr.usecases.reports import comments, service_report
from ivr.usecases.reports.service_report import InvalidPeriod, ReportRequest
from ivr.web.request import services
from ivr.web.staff import charts, errors, time_text
from ivr.web.staff.session.access import allow, current_user

routes = Blueprint("reports", __name__, url_prefix="/reports")

PERIODS = (("7 days", 7), ("28 days", 28), ("90 days", 90), ("A year", 365))
MAX_PAGE = 999  # pages of words


@routes.errorhandler(InvalidPeriod)
def on_invalid_period(e: InvalidPeriod) -> Response:
    return errors.render_error(errors.ErrorMessage(status=400, title="Not these days", what=str(e)))


@routes.get("/")
@allow(Role.SUPERVISOR, Role.OPS)
def show() -> str:
    s, asked, page = services(), _parse_request(), _parse_page_arg()
    found, last = service_report.get_report(s, asked), service_report.today(s)
    return render_template(
        "staff/reports/page.html",
        report=found,
        by=tuple(ReportDimension),
        spans=[(label, last - timedelta(days=many - 1), last) for label, many in PERIODS],
        cards=[
            (figure, charts.make_chart(found, figure))
            for figure in report_figures.list_figures(asked.group_by)
        ],
        columns=report_figures.list_figures(asked.group_by),
        words=comments.list_comments(s, asked.first, asked.last, page=page),
        zone=s.settings.default_time_zone,
        value=format_value,
        basis=format_basis,
        top=format_max_value,
        at=lambda epoch: time_text.format_time(epoch, s.settings.default_time_zone, s.clock.now()),
        may_open=is_allowed(current_user().account.role, (Role.AGENT, Role.SUPERVISOR)),
    )


@routes.get("/report.csv")
@allow(Role.SUPERVISOR, Role.OPS)
def download_csv() -> Response:
    """Each row, then all of it; counts and figures, with a point and unrounded."""
    found = service_report.get_report(services(), _parse_request())
    asked = found.request
    name = f"report-{asked.group_by}-{asked.first}-{asked.last}.csv"
    return Response(
        service_report.to_csv_lines(found),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def format_value(figure: ReportFigure, counts: report_figures.FactCounts) -> str:
    """As people read it: 83 %, 12 s, 4.3; a dash while there is nothing to tell it from."""
    found = figure.value(counts)
    if found is None:
        return "–"
    match figure.unit:
        case Unit.SHARE:
            return time_text.format_percent(found)
        case Unit.SECONDS:
            return _format_seconds(found)
        case Unit.STARS:
            return f"{found:.1f}"


def _format_seconds(seconds: float) -> str:
    """16 s, 3 min 47 s: a handle time is steered by seconds."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def format_max_value(figure: ReportFigure, max_value: float) -> str:
    """What a column of full length stands for."""
    match figure.unit:
        case Unit.SHARE:
            return time_text.format_percent(max_value)
        case Unit.SECONDS:
            return _format_seconds(max_value)
        case Unit.STARS:
            return f"{max_value:.0f}"


def format_basis(figure: ReportFigure, counts: report_figures.FactCounts) -> str:
    """What it is told from: "12 of 20 asked for a person", "3 answered"."""
    part, of = figure.numerator(counts), figure.denominator(counts)
    if not of:
        return "nothing to tell it from yet"
    if figure.name == "occupancy":
        return f"{time_text.format_duration(part)} of {time_text.format_duration(of)}"
    if figure.unit is Unit.SHARE:
        return f"{part:.0f} of {of:.0f} {figure.basis}"
    return f"{of:.0f} {figure.basis}"


def _parse_request() -> ReportRequest:
    """Of the address; what is missing is usual. Raises WrongSpan."""
    last = _parse_day_arg("to") or service_report.today(services())
    first = _parse_day_arg("from") or last - timedelta(days=service_report.DEFAULT_DAYS - 1)
    by = request.args.get("by", ReportDimension.DAY.value)
    if by not in set(ReportDimension):
        raise NotFound
    return ReportRequest(first=first, last=last, group_by=ReportDimension(by))


def _parse_day_arg(name: str) -> date | None:
    text = request.args.get(name, "").strip()
    return service_report.parse_day(text) if text else None


def _parse_page_arg() -> int:
    text = request.args.get("page", "1")
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:5]) <= MAX_PAGE):
        raise NotFound
    return int(text)
