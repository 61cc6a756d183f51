"""The figures of a report are those that follow from what happened, worked out here from made-up days by other means."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from statistics import mean

import pytest

from ivr.domain.actor import SYSTEM
from ivr.domain.metrics.report_figures import FIGURES, ReportDimension
from ivr.services import Services
from ivr.usecases.privacy import erasure
from ivr.usecases.reports import comments, service_report
from ivr.usecases.reports.service_report import ReportRequest
from tests.conftest import MONDAY_TWO_PM
from tests.usecases.promises.promised import set_clock
from tests.usecases.reports.shifts import AGENTS, DAY, POOR_WORDS, SHIFT, Call, Days, made_up, play

MONDAY = date(2026, 11, 23)
WEEK = ReportRequest(first=MONDAY, last=MONDAY + timedelta(days=9))
Told = dict[str, float | None]


def share(part: Iterable[bool]) -> float | None:
    found = list(part)
    return sum(found) / len(found) if found else None


def average(values: Iterable[float]) -> float | None:
    found = list(values)
    return mean(found) if found else None


def of_calls(plan: Days, calls: list[Call]) -> Told:
    """As the definitions say it, call by call."""
    met = [c for c in calls if c.agent]

    def near(c: Call, days: tuple[int, ...]) -> bool:
        return any(o.number == c.number and o is not c and o.day - c.day in days for o in plan.calls)

    def before(c: Call) -> bool:
        return near(c, tuple(range(-7, 0)))

    return {
        "service_level": share(bool(c.agent) and c.wait <= 20 for c in calls),
        "asa": average(c.wait for c in met),
        "abandonment": share(not c.agent for c in calls),
        "repeat_calls": share(before(c) for c in calls),
        "fcr": share(c.helped and not before(c) and not near(c, tuple(range(1, 8))) for c in met),
        "rating": average(c.rating for c in met if c.rating),
    }


def on_time(calls: list[Call], day: Callable[[float], bool] = lambda _: True) -> float | None:
    """Kept a minute after they hung up, or ten hours later."""
    ended = [(c, c.at + c.wait + (60 if c.after == "kept" else 0.4 * DAY)) for c in calls if not c.agent]
    return share(at <= c.told for c, at in ended if c.after in ("kept", "late") and day(at))


def busy(calls: list[Call]) -> float:
    return sum(c.talk + c.wrap for c in calls)


def check(found: Told, expected: Told) -> None:
    for name, value in expected.items():
        assert found[name] == (None if value is None else pytest.approx(value, abs=1e-3)), name


def figures(report: service_report.ServiceReport, key: str | None = None) -> Told:
    if key is None:
        return {f.name: f.value(report.total) for f in FIGURES}
    counts = next((row.counts for row in report.rows if row.key == key), {})
    return {f.name: f.value(counts) for f in FIGURES}


def test_every_figure_by_everything_is_what_the_facts_say(still: Services) -> None:
    plan = made_up(7)
    play(still, plan)
    calls, handled = plan.calls, [c for c in plan.calls if c.agent]
    assert {c.after for c in calls} >= {"kept", "late", "declined"}, "else the seed tells nothing"
    found = service_report.get_report(still, WEEK)
    shifts = len(plan.days) * len(AGENTS) * SHIFT
    everything = {
        **of_calls(plan, calls),
        "promises_on_time": on_time(calls),
        "aht": busy(handled) / len(handled),
        "occupancy": busy(handled) / shifts,
    }
    assert None not in everything.values()
    check(figures(found), everything)
    for n in range(10):
        theirs = [c for c in calls if c.day == n]
        day = (MONDAY + timedelta(days=n)).isoformat()
        check(figures(found, day), of_calls(plan, theirs) if theirs else dict.fromkeys(everything))
        if theirs:
            made = busy([c for c in theirs if c.agent])
            check(figures(found, day), {"occupancy": made / (SHIFT * len(AGENTS))})
    for by, name in ((ReportDimension.OUR_NUMBER, "line"), (ReportDimension.QUEUE, "queue")):
        found = service_report.get_report(still, ReportRequest(first=WEEK.first, last=WEEK.last, group_by=by))
        for key in {getattr(c, name) for c in calls}:
            theirs = [c for c in calls if getattr(c, name) == key]
            check(figures(found, key), {**of_calls(plan, theirs), "promises_on_time": on_time(theirs)})
    found = service_report.get_report(
        still, ReportRequest(first=WEEK.first, last=WEEK.last, group_by=ReportDimension.AGENT)
    )
    assert [row.label for row in found.rows] == ["Diane", "Vicki"]
    for key in AGENTS:
        theirs = [c for c in calls if c.agent == key]
        told = of_calls(plan, theirs)
        mine = {name: told[name] for name in ("asa", "repeat_calls", "fcr", "rating")}
        time = {"aht": busy(theirs) / len(theirs), "occupancy": busy(theirs) / (SHIFT * len(plan.days))}
        check(figures(found, key), {**mine, **time})


def test_what_people_said_is_read_with_the_rating_and_goes_with_the_person(still: Services) -> None:
    plan = made_up(9, calls=8, days=(0, 1))
    play(still, plan)
    poor = sorted((c for c in plan.calls if c.rating == 1), key=lambda c: -(c.at + c.wait + c.talk))
    found = comments.list_comments(still, WEEK.first, WEEK.last)
    assert [(one.agent_name, one.queue, one.rating, one.text) for one in found.comments] == [
        (c.agent.title(), c.queue, 1, POOR_WORDS) for c in poor
    ]
    monday = comments.list_comments(still, MONDAY, MONDAY)
    assert 0 < len(monday.comments) == sum(c.day == 0 for c in poor) < len(poor)
    before = service_report.get_report(still, WEEK)
    for call in poor:
        erasure.run_steps(
            still, erasure.begin_erasure(still, call.number, actor=SYSTEM, decline_promises=True).id
        )
    assert comments.list_comments(still, WEEK.first, WEEK.last).comments == ()
    after = service_report.get_report(still, WEEK)
    assert figures(after) == figures(before)


def test_the_days_are_those_of_the_line_and_a_report_has_bounds(still: Services) -> None:
    for hours, day in ((9.9, MONDAY), (10.1, MONDAY + timedelta(days=1))):  # of New York, not of Greenwich
        set_clock(still, MONDAY_TWO_PM + hours * 3600)
        assert service_report.today(still) == day
    empty = service_report.get_report(still, WEEK)
    assert (empty.counted_since, set(figures(empty).values()), len(empty.rows)) == (None, {None}, 10)
    for first, last in ((MONDAY, MONDAY - timedelta(days=1)), (MONDAY - timedelta(days=400), MONDAY)):
        with pytest.raises(service_report.InvalidPeriod):
            ReportRequest(first=first, last=last)


def test_of_agents_whole_months_are_read_at_once() -> None:
    year = ReportRequest(first=date(2026, 1, 31), last=date(2026, 12, 30), group_by=ReportDimension.AGENT)
    parts = service_report.list_periods(year)
    assert parts[:3] == ["2026-01-31", "2026-02", "2026-03"]
    assert (parts[11], parts[-1], len(parts)) == ("2026-12-01", "2026-12-30", 41)
    assert (
        len(
            service_report.list_periods(
                ReportRequest(first=year.first, last=year.last, group_by=ReportDimension.QUEUE)
            )
        )
        == 334
    )
