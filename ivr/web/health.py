"""For operations: alive; able to take calls; figures."""

from __future__ import annotations

import os

from flask import Blueprint, Response, jsonify
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from ivr.domain.errors import CalorError
from ivr.usecases import readiness
from ivr.web.request import services

routes = Blueprint("health", __name__)


@routes.get("/health")
def health() -> Response:
    """The process answers."""
    return jsonify(ok=True)


@routes.get("/ready")
def ready() -> tuple[Response, int]:
    """Able to take calls and to keep promises: the record is there, and nothing due was left lying."""
    try:
        state = readiness.look(services())
    except CalorError as e:
        return jsonify(ready=False, why=str(e)), 503
    told = jsonify(ready=state.ready, overdue_seconds=state.overdue, spooled=state.spooled, why=state.why)
    return told, 200 if state.ready else 503


@routes.get("/metrics")
def metrics() -> Response:
    """Figures of all web processes together, whichever of them is asked."""
    if not figures_folder():
        return Response(generate_latest(), content_type=CONTENT_TYPE_LATEST)
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call] # prometheus_client has no types here
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def figures_folder() -> str:
    """Where the processes share them; set by `ivr web`, read by prometheus_client itself."""
    return os.environ.get("PROMETHEUS_MULTIPROC_DIR", "")  # noqa: TID251 - not a setting of ours
