"""For operations: alive; able to take calls; figures."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from ivr.domain.errors import CalorError
from ivr.usecases import readiness
from ivr.web.guard import services

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
    return jsonify(
        ready=state.ready, overdue_seconds=state.overdue, why=state.why
    ), 200 if state.ready else 503


@routes.get("/metrics")
def metrics() -> Response:
    return Response(generate_latest(), content_type=CONTENT_TYPE_LATEST)
