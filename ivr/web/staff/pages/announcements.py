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
from ivr.domain.records.line_status import EVERY_NUMBER, Announcement
from ivr.store.queries import our_numbers
from ivr.usecases.calls import announcements
from ivr.web.request import services
from ivr.web.staff import time_text
from ivr.web.staff.session.access import ALL_ROLES, allow, current_user

routes = Blueprint("announcements", __name__, url_prefix="/announcements")

MAX_NUMBER_LENGTH = 30  # of the name of a line


@dataclass(frozen=True, kw_only=True)
class AnnouncementRow:
    """One that is on, in words."""

    called_number: str
    texts: Mapping[str, str]
    started_by: str
    started_at: str

    @property
    def is_for_every_number(self) -> bool:
        return self.called_number == EVERY_NUMBER


@routes.get("/")
@allow(Role.SUPERVISOR, Role.OPS)
def show() -> str:
    return _page()


def _page(error: str = "", typed: Mapping[str, str] | None = None) -> str:
    s = services()
    return render_template(
        "staff/emergency/page.html",
        on=list_active_announcements(),
        lines=s.store.read(our_numbers.list_called()),
        every=EVERY_NUMBER,
        languages=_list_languages(),
        longest=announcements.MAX_LENGTH,
        error=error,
        typed=typed or {},
    )


@routes.post("/start")
@allow(Role.SUPERVISOR, Role.OPS)
def start() -> Answer | tuple[str, int]:
    words = {
        one: request.form.get(f"words-{one}", "")[: 4 * announcements.MAX_LENGTH] for one in _list_languages()
    }
    try:
        announcements.turn_on(services(), words, current_user().actor, called_number=_called_number_field())
    except CalorError as e:
        return _page(str(e), request.form), 409
    return redirect("/announcements/", code=303)


@routes.post("/stop")
@allow(Role.SUPERVISOR, Role.OPS)
def stop() -> Answer:
    announcements.turn_off(services(), current_user().actor, called_number=_called_number_field())
    return redirect("/announcements/", code=303)


@routes.get("/banner")
@allow(*ALL_ROLES, unattended=True)
def show_banner() -> str:
    """A part of every page; on a wall too."""
    return render_template("staff/emergency/_banner.html")


def list_active_announcements() -> list[AnnouncementRow]:
    """Those that are on, as the last read found them: none is made for it on most days."""
    return [
        _make_view(line, one)
        for line, one in sorted(services().store.get_line_status().announcements.items())
    ]


def _make_view(called_number: str, announcement: Announcement) -> AnnouncementRow:
    s = services()
    account = s.store.get(Account, announcement.by)
    at = time_text.format_time(announcement.since, s.settings.default_time_zone, s.clock.now())
    return AnnouncementRow(
        called_number=called_number,
        texts=announcement.texts,
        started_by=account.name if account else announcement.by,
        started_at=at,
    )


def _called_number_field() -> str:
    return request.form.get("line", "")[:MAX_NUMBER_LENGTH].strip()


def _list_languages() -> list[str]:
    """Those that callers may speak, the first of a flow first."""
    flows = services().library.flows.values()
    return list(dict.fromkeys(language for flow in flows for language in flow.languages))
