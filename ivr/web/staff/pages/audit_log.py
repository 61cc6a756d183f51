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
from ivr.domain.rules.event_log_fold import Entry
from ivr.services import Services
from ivr.usecases.event_log import audit_log
from ivr.web.request import services
from ivr.web.staff.session.access import allow

routes = Blueprint("audit_log", __name__, url_prefix="/audit-log")

LONGEST = 80  # letters of an id
_ID = re.compile(r"\d{1,20}-\d{1,20}")  # of an entry
_NOT_ABOUT = ("by", "where", "via")


@routes.get("/")
@allow(Role.OPS)
def show() -> str:
    s, by, did = services(), _asked("by"), _asked("did")
    before = request.args.get("before", "")
    if before and not _ID.fullmatch(before):
        raise BadRequest
    page = audit_log.page(s, before=before, by=by, did=did)
    names = _names(s)
    return render_template(
        "staff/acts/page.html",
        page=page,
        rows=[
            (_at(s, e), names.get(e.get("by"), e.get("by")), _where(e), e.event, _about(e))
            for e in page.found
        ],
        names=sorted(names.items(), key=lambda pair: pair[1].casefold()),
        kinds=audit_log.KINDS,
        by=by,
        did=did,
        later=bool(before),
        zone=s.settings.default_zone,
    )


@routes.get("/audit-log.csv")
@allow(Role.OPS)
def table() -> Response:
    """All that has not been archived, oldest first; times in UTC."""
    s, by, did = services(), _asked("by"), _asked("did")
    headers = {"Content-Disposition": 'attachment; filename="audit-log.csv"'}
    return Response(_csv(s, by, did), content_type="text/csv; charset=utf-8", headers=headers)


def _csv(s: Services, by: str, did: str) -> Iterator[str]:
    yield csv_line.line(("at", "by", "where", "did", "about"))
    for e in audit_log.acts(s, by=by):
        if did in ("", e.event):
            at = datetime.fromtimestamp(e.at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            yield csv_line.line((at, e.get("by"), _where(e), e.event, _about(e)))


def _asked(name: str) -> str:
    return request.args.get(name, "").strip()[:LONGEST]


def _names(s: Services) -> dict[str, str]:
    """Of whoever signs in or answers a telephone, by id."""
    agents, accounts = s.store.everyone(Agent), s.store.everyone(Account)
    return {**{a.id: a.name for a in agents}, **{a.id: a.name for a in accounts}}


def _at(s: Services, e: Entry) -> datetime:
    return datetime.fromtimestamp(e.at, ZoneInfo(s.settings.default_zone))


def _where(e: Entry) -> str:
    return e.get("where") or e.get("via")


def _about(e: Entry) -> str:
    return ", ".join(f"{name} {value}" for name, value in e.told.items() if name not in _NOT_ABOUT)
