"""The emergency notice: on and off, for every line or for one; and the banner on every page while one is on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import render_template, request
from flask.blueprints import Blueprint
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as Answer

from ivr.domain.errors import CalorError
from ivr.domain.records.account import Account, Role
from ivr.domain.records.line_status import EVERY_LINE, Emergency
from ivr.store import keys
from ivr.usecases.calls import announcements
from ivr.web.request import services
from ivr.web.staff import time_text
from ivr.web.staff.session.access import EVERYBODY, allow, me

routes = Blueprint("announcements", __name__, url_prefix="/announcements")

LONGEST = 30  # of the name of a line


@dataclass(frozen=True, kw_only=True)
class Notice:
    """One that is on, in words."""

    line: str
    words: Mapping[str, str]
    by: str
    at: str

    @property
    def every(self) -> bool:
        return self.line == EVERY_LINE


@routes.get("/")
@allow(Role.SUPERVISOR, Role.OPS)
def show() -> str:
    return _page()


def _page(said: str = "", typed: Mapping[str, str] | None = None) -> str:
    s = services()
    (ours,) = s.store.read([("SMEMBERS", keys.OURS)])
    return render_template(
        "staff/emergency/page.html",
        on=notices(),
        lines=sorted(ours),
        every=EVERY_LINE,
        languages=_languages(),
        longest=announcements.LONGEST,
        said=said,
        typed=typed or {},
    )


@routes.post("/start")
@allow(Role.SUPERVISOR, Role.OPS)
def put_on() -> Answer | tuple[str, int]:
    words = {one: request.form.get(f"words-{one}", "")[: 4 * announcements.LONGEST] for one in _languages()}
    try:
        announcements.on(services(), words, me().by, line=_line())
    except CalorError as e:
        return _page(str(e), request.form), 409
    return redirect("/announcements/", code=303)


@routes.post("/stop")
@allow(Role.SUPERVISOR, Role.OPS)
def put_off() -> Answer:
    announcements.off(services(), me().by, line=_line())
    return redirect("/announcements/", code=303)


@routes.get("/banner")
@allow(*EVERYBODY, unattended=True)
def banner() -> str:
    """A part of every page; on a wall too."""
    return render_template("staff/emergency/_banner.html")


def notices() -> list[Notice]:
    """Those that are on, as the last read found them: none is made for it on most days."""
    return [_told(line, one) for line, one in sorted(services().store.standing().emergencies.items())]


def _told(line: str, one: Emergency) -> Notice:
    s = services()
    account = s.store.get(Account, one.by)
    at = time_text.at(one.since, s.settings.default_zone, s.clock.now())
    return Notice(line=line, words=one.words, by=account.name if account else one.by, at=at)


def _line() -> str:
    return request.form.get("line", "")[:LONGEST].strip()


def _languages() -> list[str]:
    """Those that callers may speak, the first of a flow first."""
    flows = services().library.flows.values()
    return list(dict.fromkeys(language for flow in flows for language in flow.languages))
