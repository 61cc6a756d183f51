"""What a draft changes, publishing it, and the versions that stood before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import render_template
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as Answer

from ivr.domain.errors import CalorError
from ivr.domain.records.account import Account
from ivr.flow.loader.bundle import differences
from ivr.flow.yaml_source.entry import FlowFaults
from ivr.store.queries import flow_versions
from ivr.store.queries.flow_versions import Published
from ivr.usecases.flows import drafts, publish
from ivr.usecases.flows import validate as flow_validate
from ivr.web.request import services
from ivr.web.staff import time_text
from ivr.web.staff.pages.flows.common import LOOKS, WRITES, field, mine, routes, to, way_to, writes
from ivr.web.staff.session.access import allow, me

MOST = 50  # of the history
MOST_LINES = 2000  # of what differs


@dataclass(frozen=True, kw_only=True)
class Line:
    kind: str  # file, place, more, less, same
    text: str


@routes.get("/changes")
@allow(*WRITES)
def changes() -> str:
    return _changes()


def _changes(said: str = "", why: str = "") -> str:
    s, draft = services(), mine()
    version, files = drafts.published(s)
    return render_template(
        "staff/flows/changes.html",
        draft=draft,
        lines=_lines(files, draft.texts),
        faults=[(fault, way_to(fault)) for fault in flow_validate.examine(s, draft.texts).faults],
        version=version,
        conflict=_meanwhile(version) if draft.base != version else None,
        behind=draft.base != version,
        said=said,
        why=why,
        longest=publish.LONGEST_WHY,
    )


@routes.post("/publish")
@allow(*WRITES)
def put() -> Answer | tuple[str, int]:
    """`over`: the version that the draft may take the place of; `rev`: the draft as it was looked at."""
    s, draft, why = services(), mine(), field("why", publish.LONGEST_WHY)
    if str(draft.rev) != field("rev", 20):
        return _changes("Your draft has been changed since you looked at it. This is it now.", why), 409
    given = publish.Draft(files=draft.texts, base=field("over", 64) or draft.base)
    try:
        entry = publish.publish(s, given, why, me().by)
    except FlowFaults:
        return _changes("It was not published: the checks refuse it.", why), 409
    except CalorError as e:
        return _changes(f"It was not published. {e}", why), 409
    drafts.discard(s, draft)  # what was typed since stays a draft, and is told to be behind
    same = entry.version == draft.base
    return to("flows.show", done="same" if same else "published")


@routes.get("/history")
@allow(*LOOKS)
def history() -> str:
    s = services()
    return render_template(
        "staff/flows/history.html",
        entries=[_told(e) for e in list(reversed(flow_versions.history(s.store)))[:MOST]],
        stands=publish.standing(s).version,
        zone=s.settings.default_zone,
    )


@routes.get("/versions/<version>")
@allow(*LOOKS)
def version(version: str) -> str:
    return _version(version)


def _version(name: str, said: str = "", why: str = "") -> str:
    s = services()
    entries = [e for e in flow_versions.history(s.store) if e.version == name]
    files = flow_versions.files_of(s.store, name) if entries else None
    if files is None:
        raise NotFound
    stands, now = drafts.published(s)
    return render_template(
        "staff/flows/version.html",
        entry=_told(entries[-1]),
        lines=_lines(now, files),
        files=sorted(files.items()),
        stands=stands == name,
        writes=writes(),
        said=said,
        why=why,
        longest=publish.LONGEST_WHY,
    )


@routes.post("/versions/<version>/restore")
@allow(*WRITES)
def back(version: str) -> Answer | tuple[str, int]:
    why = field("why", publish.LONGEST_WHY)
    try:
        publish.roll_back(services(), version, why, me().by)
    except CalorError as e:
        return _version(version, f"It was not brought back. {e}", why), 409
    return to("flows.show", done="back")


@dataclass(frozen=True, kw_only=True)
class Told:
    """An entry of the history, in words."""

    entry: Published
    by: str
    at: str


def _told(entry: Published) -> Told:
    s = services()
    account = s.store.get(Account, entry.by)
    at = time_text.at(entry.at, s.settings.default_zone, s.clock.now())
    return Told(entry=entry, by=account.name if account else entry.by, at=at)


def _meanwhile(version: str) -> Told | None:
    entries = flow_versions.history(services().store)
    return next((_told(e) for e in reversed(entries) if e.version == version), None)


def _lines(old: Mapping[str, str], new: Mapping[str, str]) -> list[Line]:
    found = differences(old, new, "published", "draft")
    return [Line(kind=_kind(line), text=line.rstrip("\n")) for line in found[:MOST_LINES]]


def _kind(line: str) -> str:
    if line.startswith(("---", "+++")):
        return "file"
    return {"@": "place", "+": "more", "-": "less"}.get(line[:1], "same")
