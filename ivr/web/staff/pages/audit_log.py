"""Who did what to routing, promises and people, and when: for those who answer for it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, render_template, request
from werkzeug.exceptions import BadRequest

from ivr.domain.metrics import csv_line
from ivr.domain.records.account import Account, Role
from ivr.domain.records.agent import Agent
from ivr.domain.rules.event_log_fold import LogEntry
from ivr.services import Services
from ivr.usecases.event_log import audit_log
from ivr.web.request import services
from ivr.web.staff.session.access import allow

routes = Blueprint("audit_log", __name__, url_prefix="/audit-log")

MAX_ID_LENGTH = 80  # letters of an id
_ENTRY_ID = re.compile(r"\d{1,20}-\d{1,20}")  # of an entry
_ACTOR_FIELDS = ("by", "where", "via")


@routes.get("/")
@allow(Role.OPS)
def show() -> str:
    s, by, did = services(), _query_arg("by"), _query_arg("did")
    before = request.args.get("before", "")
    if before and not _ENTRY_ID.fullmatch(before):
        raise BadRequest
    page = audit_log.get_audit_log_page(s, cursor=before, actor_id=by, event=did)
    names = _names_by_id(s)
    return render_template(
        "staff/acts/page.html",
        page=page,
        rows=[
            (
                _local_time(s, e),
                names.get(e.get("by"), e.get("by")),
                _get_channel(e),
                e.event,
                _format_details(e),
            )
            for e in page.entries
        ],
        names=sorted(names.items(), key=lambda pair: pair[1].casefold()),
        kinds=audit_log.AUDITED_EVENTS,
        by=by,
        did=did,
        later=bool(before),
        zone=s.settings.default_time_zone,
    )


@routes.get("/audit-log.csv")
@allow(Role.OPS)
def download_csv() -> Response:
    """All that has not been archived, oldest first; times in UTC."""
    s, by, did = services(), _query_arg("by"), _query_arg("did")
    headers = {"Content-Disposition": 'attachment; filename="audit-log.csv"'}
    return Response(_iter_csv_lines(s, by, did), content_type="text/csv; charset=utf-8", headers=headers)


def _iter_csv_lines(services: Services, actor_id: str, event: str) -> Iterator[str]:
    yield csv_line.format_line(("at", "by", "where", "did", "about"))
    for e in audit_log.iter_audit_log(services, actor_id=actor_id):
        if event in ("", e.event):
            at = datetime.fromtimestamp(e.at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            yield csv_line.format_line((at, e.get("by"), _get_channel(e), e.event, _format_details(e)))


def _query_arg(name: str) -> str:
    return request.args.get(name, "").strip()[:MAX_ID_LENGTH]


def _names_by_id(services: Services) -> dict[str, str]:
    """Of whoever signs in or answers a telephone, by id."""
    agents, accounts = services.store.list_all(Agent), services.store.list_all(Account)
    return {**{a.id: a.name for a in agents}, **{a.id: a.name for a in accounts}}


def _local_time(services: Services, e: LogEntry) -> datetime:
    return datetime.fromtimestamp(e.at, ZoneInfo(services.settings.default_time_zone))


def _get_channel(e: LogEntry) -> str:
    return e.get("where") or e.get("via")


def _format_details(e: LogEntry) -> str:
    return ", ".join(f"{name} {value}" for name, value in e.fields.items() if name not in _ACTOR_FIELDS)
