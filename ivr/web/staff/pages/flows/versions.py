"""What a draft changes, publishing it, and the versions that stood before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import render_template
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as Answer

from ivr.domain.errors import CalorError
from ivr.domain.records.account import Account
from ivr.flow.loader.bundle import diff_files
from ivr.flow.yaml_source.entry import InvalidFlows
from ivr.store.queries import flow_versions
from ivr.store.queries.flow_versions import PublishedVersion
from ivr.usecases.flows import drafts, publish
from ivr.usecases.flows import validate as flow_validate
from ivr.web.request import services
from ivr.web.staff import time_text
from ivr.web.staff.pages.flows.common import (
    READER_ROLES,
    WRITER_ROLES,
    can_write,
    editor_url,
    form_field,
    get_own_draft,
    redirect_to,
    routes,
)
from ivr.web.staff.session.access import allow, current_user

MAX_HISTORY_ENTRIES = 50  # of the history
MAX_DIFF_LINES = 2000  # of what differs


@dataclass(frozen=True, kw_only=True)
class DiffLine:
    kind: str  # file, place, more, less, same
    text: str


@routes.get("/changes")
@allow(*WRITER_ROLES)
def show_changes() -> str:
    return _changes_page()


def _changes_page(error: str = "", why: str = "") -> str:
    s, draft = services(), get_own_draft()
    version, files = drafts.get_published_files(s)
    return render_template(
        "staff/flows/changes.html",
        draft=draft,
        lines=_make_diff_lines(files, draft.texts),
        faults=[(fault, editor_url(fault)) for fault in flow_validate.validate_files(s, draft.texts).faults],
        version=version,
        conflict=_find_version_view(version) if draft.base_version != version else None,
        behind=draft.base_version != version,
        error=error,
        why=why,
        longest=publish.MAX_REASON_LENGTH,
    )


@routes.post("/publish")
@allow(*WRITER_ROLES)
def publish_draft() -> Answer | tuple[str, int]:
    """`over`: the version that the draft may take the place of; `rev`: the draft as it was looked at."""
    s, draft, why = services(), get_own_draft(), form_field("why", publish.MAX_REASON_LENGTH)
    if str(draft.version) != form_field("rev", 20):
        return _changes_page("Your draft has been changed since you looked at it. This is it now.", why), 409
    given = publish.PublishRequest(
        files=draft.texts, base_version=form_field("over", 64) or draft.base_version
    )
    try:
        entry = publish.publish_flows(s, given, why, current_user().actor)
    except InvalidFlows:
        return _changes_page("It was not published: the checks refuse it.", why), 409
    except CalorError as e:
        return _changes_page(f"It was not published. {e}", why), 409
    drafts.discard(s, draft)  # what was typed since stays a draft, and is told to be behind
    same = entry.version == draft.base_version
    return redirect_to("flows.show", done="same" if same else "published")


@routes.get("/history")
@allow(*READER_ROLES)
def show_history() -> str:
    s = services()
    return render_template(
        "staff/flows/history.html",
        entries=[
            _make_view(e)
            for e in list(reversed(s.store.read(flow_versions.list_published())))[:MAX_HISTORY_ENTRIES]
        ],
        stands=publish.get_line_status(s).flow_version,
        zone=s.settings.default_time_zone,
    )


@routes.get("/versions/<version>")
@allow(*READER_ROLES)
def show_version(version: str) -> str:
    return _version_page(version)


def _version_page(name: str, error: str = "", why: str = "") -> str:
    s = services()
    entries = [e for e in s.store.read(flow_versions.list_published()) if e.version == name]
    files = s.store.read(flow_versions.get_files(name)) if entries else None
    if files is None:
        raise NotFound
    stands, now = drafts.get_published_files(s)
    return render_template(
        "staff/flows/version.html",
        entry=_make_view(entries[-1]),
        lines=_make_diff_lines(now, files),
        files=sorted(files.items()),
        stands=stands == name,
        writes=can_write(),
        error=error,
        why=why,
        longest=publish.MAX_REASON_LENGTH,
    )


@routes.post("/versions/<version>/restore")
@allow(*WRITER_ROLES)
def restore_version(version: str) -> Answer | tuple[str, int]:
    why = form_field("why", publish.MAX_REASON_LENGTH)
    try:
        publish.roll_back(services(), version, why, current_user().actor)
    except CalorError as e:
        return _version_page(version, f"It was not brought back. {e}", why), 409
    return redirect_to("flows.show", done="back")


@dataclass(frozen=True, kw_only=True)
class PublishedVersionView:
    """An entry of the history, in words."""

    entry: PublishedVersion
    actor_name: str
    at: str


def _make_view(entry: PublishedVersion) -> PublishedVersionView:
    s = services()
    account = s.store.get(Account, entry.actor)
    at = time_text.format_time(entry.at, s.settings.default_time_zone, s.clock.now())
    return PublishedVersionView(entry=entry, actor_name=account.name if account else entry.actor, at=at)


def _find_version_view(version: str) -> PublishedVersionView | None:
    entries = services().store.read(flow_versions.list_published())
    return next((_make_view(e) for e in reversed(entries) if e.version == version), None)


def _make_diff_lines(old: Mapping[str, str], new: Mapping[str, str]) -> list[DiffLine]:
    found = diff_files(old, new, "published", "draft")
    return [DiffLine(kind=_diff_line_kind(line), text=line.rstrip("\n")) for line in found[:MAX_DIFF_LINES]]


def _diff_line_kind(line: str) -> str:
    if line.startswith(("---", "+++")):
        return "file"
    return {"@": "place", "+": "more", "-": "less"}.get(line[:1], "same")
