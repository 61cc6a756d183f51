"""For operations: alive; able to take calls; figures."""

from __future__ import annotations

import contextlib
import hmac
import os
from collections.abc import Iterator
from ipaddress import ip_address

from flask import Blueprint, Response, jsonify, request
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from ivr.domain.errors import CalorError
from ivr.usecases.privacy import retention
from ivr.usecases.scheduler import readiness
from ivr.web.metrics import MetricsCollector
from ivr.web.request import services, settings

routes = Blueprint("health", __name__)


@routes.get("/health")
def health() -> Response:
    """The process answers."""
    return jsonify(ok=True)


@routes.get("/ready")
def ready() -> tuple[Response, int]:
    """Able to take calls and to keep promises: the record is there, and nothing due was left lying."""
    try:
        state = readiness.get_readiness(services())
    except CalorError as e:
        return jsonify(ready=False, why=str(e)), 503
    told = jsonify(
        ready=state.ready,
        overdue_seconds=state.overdue_seconds,
        spooled=state.spooled,
        why=state.why,
        alarms=[{"name": a.name, "says": a.message, "fix": a.fix} for a in state.alarms],
    )
    return told, 200 if state.ready else 503


@routes.get("/metrics")
def metrics() -> Response:
    """Figures of all web processes together, whichever of them is asked; of the record; and what `/ready` would say now.

    With IVR_METRICS_TOKEN, to whoever brings it; without, to whoever asks directly from a private network: through a proxy
    everybody may have come.
    """
    if not _may_read_metrics():
        return Response(
            "Not from here. IVR_METRICS_TOKEN lets Prometheus in.\n", 403, content_type="text/plain"
        )
    registry: CollectorRegistry = REGISTRY
    if metrics_folder():
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call] # prometheus_client has no types here
    told = generate_latest(registry) + generate_latest(_make_readiness_registry())
    return Response(told, content_type=CONTENT_TYPE_LATEST)


def _may_read_metrics() -> bool:
    token = settings().metrics_token.get_secret_value()
    if token:
        return hmac.compare_digest(
            request.headers.get("Authorization", "").encode(), f"Bearer {token}".encode()
        )
    if request.headers.get("X-Forwarded-For") or request.headers.get("Forwarded"):
        return False
    try:
        return ip_address(request.remote_addr or "").is_private
    except ValueError:
        return not request.remote_addr  # a socket of this machine has no address


class _ReadinessCollector(Collector):
    """Asked anew each time, not counted: whoever answers says what is true of the record now."""

    def collect(self) -> Iterator[Metric]:
        alarm = GaugeMetricFamily(
            "calor_alarm", "What a person must put right; 2 = promises are at stake", labels=["name"]
        )
        try:
            state = readiness.get_readiness(services())
        except CalorError:
            alarm.add_metric(["redis"], 2)
        else:
            yield _gauge("calor_ready", "1 when calls can be taken and promises kept", state.ready)
            yield _gauge(
                "calor_due_index_lag_seconds",
                "How late the oldest look at a record is",
                state.overdue_seconds,
            )
            yield _gauge(
                "calor_spool_entries", "Facts on this disk that are not in the record yet", state.spooled
            )
            yield _erased_totals_metric()
            for one in state.alarms:
                alarm.add_metric([one.name], 2 if one.grave else 1)
        yield alarm


def _erased_totals_metric() -> Metric:
    found = CounterMetricFamily(
        "calor_erased_by_age", "What was kept for as long as it may be", labels=["what"]
    )
    for what, many in retention.get_erased_totals(services()).items():
        found.add_metric([what], many)
    return found


def _gauge(name: str, about: str, value: float) -> Metric:
    return GaugeMetricFamily(name, about, value=value)


def _make_readiness_registry() -> CollectorRegistry:
    found = CollectorRegistry()
    found.register(_ReadinessCollector())
    with contextlib.suppress(CalorError):
        found.register(MetricsCollector(services()))
    return found


def metrics_folder() -> str:
    """Where the processes share them; set by `ivr web`, read by prometheus_client itself."""
    return os.environ.get("PROMETHEUS_MULTIPROC_DIR", "")  # noqa: TID251 - not a setting of ours
