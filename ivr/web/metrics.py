"""What was measured, as Prometheus reads it. docs/operations.md lists it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from ivr.domain.errors import CalorError
from ivr.domain.metrics import counters, rates
from ivr.domain.records.promise import PromiseState
from ivr.services import Services
from ivr.usecases.reports.prometheus import MetricsSnapshot, collect_metrics

WAIT_BUCKETS_SECONDS = (5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300, 600)  # seconds of waiting


class MetricsCollector(Collector):
    """Asked anew each time. Nothing while the record is away: no figure is better than a wrong one."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def collect(self) -> Iterator[Metric]:
        try:
            found = collect_metrics(self._services)
        except CalorError:
            return
        yield from _queue_and_agent_metrics(found)
        yield from _wait_metrics(found)
        yield from _promise_metrics(found)


def _queue_and_agent_metrics(m: MetricsSnapshot) -> Iterator[Metric]:
    yield _labeled_gauge("calor_callers_waiting", "Callers who wait for a person", "queue", m.waiting)
    yield _labeled_gauge(
        "calor_longest_wait_seconds", "Longest wait of those who wait now", "queue", m.longest_wait
    )
    yield _labeled_gauge("calor_agents", "Agents", "state", m.agents)
    yield _labeled_gauge("calor_contacts_open", "Open contacts", "state", m.contacts)
    for name, about in (("transfers", "Talks handed to somebody else"), ("holds", "Callers put on hold")):
        told = CounterMetricFamily(f"calor_{name}", about)
        told.add_metric([], m.totals.get(name, 0))
        yield told


def _wait_metrics(m: MetricsSnapshot) -> Iterator[Metric]:
    waits = HistogramMetricFamily(
        "calor_answer_wait_seconds",
        "Waits of callers whom a person answered; sum / count is the ASA",
        labels=["queue"],
    )
    left = CounterMetricFamily(
        "calor_calls_unanswered",
        "Callers who wait no longer and nobody had answered",
        labels=["queue", "how"],
    )
    level = GaugeMetricFamily(
        "calor_service_level_today_ratio",
        "Answered within the queue's threshold / answered, abandoned or called back instead",
        labels=["queue"],
    )
    for queue, threshold in m.thresholds.items():
        counts = rates.count_waits(m.totals, queue)
        within = [
            (str(float(b)), sum(n for seconds, n in counts.items() if seconds <= b))
            for b in WAIT_BUCKETS_SECONDS
        ]
        waits.add_metric(
            [queue], [*within, ("+Inf", sum(counts.values()))], m.totals.get(f"waited|{queue}", 0.0)
        )
        for how in (counters.ABANDONED, counters.CALLBACK_INSTEAD):
            left.add_metric([queue, how], rates.get_count(m.totals, "left", queue, how))
        rate = rates.compute_service_rates(m.today, queue, threshold).service_level
        if rate is not None:
            level.add_metric([queue], rate)
    yield from (waits, left, level)


def _promise_metrics(m: MetricsSnapshot) -> Iterator[Metric]:
    yield _labeled_gauge("calor_promises_open", "Open promises", "state", m.promises)
    yield _gauge("calor_promises_late", "Open promises whose time has passed", m.late)
    yield _gauge(
        "calor_promises_at_risk", "Nobody is at them, and their time comes within 10 minutes", m.at_risk
    )
    yield _gauge(
        "calor_promises_unacknowledged",
        "Escalated, and no supervisor has taken them",
        m.promises[PromiseState.ESCALATED],
    )
    yield _gauge(
        "calor_promises_oldest_age_seconds", "Since the oldest open one was made", m.oldest_promise_age
    )
    made = CounterMetricFamily("calor_promises_made", "Promises made", labels=["kind", "queue"])
    for name, n in m.totals.items():
        figure, _, labels = name.partition("|")
        if figure == "promised":
            made.add_metric(labels.split("|", 1), n)
    yield made
    ended = CounterMetricFamily(
        "calor_promises_ended", "Promises that ended, and whether by the time said", labels=["state", "when"]
    )
    for state in (PromiseState.KEPT, PromiseState.OWNED, PromiseState.DECLINED):
        for when in (counters.ON_TIME, counters.LATE):
            ended.add_metric(
                [state.value, when], rates.get_count(m.totals, "promise ended", state.value, when)
            )
    yield ended
    for figure, name, about in (
        ("attempts", "attempts_failed", "Attempts at a call that did not come to a talk"),
        ("told later", "delay_notices", "Promises whose customer was told a later time by us"),
        ("escalated", "escalated", "Promises that went to supervisors"),
    ):
        told = CounterMetricFamily(f"calor_promises_{name}", about)
        told.add_metric([], m.totals.get(figure, 0))
        yield told
    if m.scheduler_age is not None:
        yield _gauge(
            "calor_scheduler_last_run_age_seconds", "Since a reconciler last looked", m.scheduler_age
        )


def _gauge(name: str, about: str, value: float) -> Metric:
    return GaugeMetricFamily(name, about, value=value)


def _labeled_gauge(name: str, about: str, label: str, values: Mapping[Any, float]) -> Metric:
    told = GaugeMetricFamily(name, about, labels=[label])
    for key, value in values.items():
        told.add_metric([str(key)], value)
    return told
