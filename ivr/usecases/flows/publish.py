"""Publishing flows: what was checked is stored whole under its content's name, and one record says which version stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from ivr.domain.actor import Actor
from ivr.domain.errors import CalorError
from ivr.domain.records.line_status import LineStatus
from ivr.flow.loader import bundle
from ivr.services import RedisServices, Services
from ivr.store.queries import flow_versions
from ivr.store.queries.flow_versions import PublishedVersion
from ivr.usecases.flows import validate as flow_validate

MAX_REASON_LENGTH = 500


class PublishConflict(CalorError):
    """Something else was published since this draft was begun; says what, by whom and why."""

    def __init__(self, newer: PublishedVersion | None, base: str) -> None:
        began = f"This draft was begun on {base or 'files that were never published'}"
        if newer is None:
            super().__init__(f"{began}, and nothing is published now.")
        else:
            super().__init__(
                f'{began}. Since then {newer.actor} published {newer.version}: "{newer.reason}". Nothing was overwritten.'
            )
        self.newer = newer


class NoSuchVersion(CalorError):
    """There is no such version; says which there are."""


@dataclass(frozen=True, kw_only=True)
class PublishRequest:
    """`files`: texts by their path. `base_version`: the version that it was begun on, "" = none was published then."""

    files: Mapping[str, str]
    base_version: str


def publish_flows(services: Services, request: PublishRequest, reason: str, actor: Actor) -> PublishedVersion:
    """From the next call on, these flows are followed; calls in progress finish on theirs.

    Raises InvalidFlows for what could strand anyone, PublishConflict when another version stands than the draft was begun on,
    CalorError without a reason. Nothing is changed then. What stands already is not published again.
    """
    library = flow_validate.require_valid(services, request.files)
    text = bundle.pack(bundle.FlowBundle(files=request.files, format=bundle.required_format(library)))
    return _set_live_version(
        services,
        library.version,
        _require_reason(reason),
        actor,
        base_version=request.base_version,
        text=text,
    )


def roll_back(services: Services, version: str, reason: str, actor: Actor) -> PublishedVersion:
    """An older version stands again, whatever stands now. `version`: as much of its name as makes it the only one;
    "" = the one before. Raises NoSuchVersion, NewerFormat, and InvalidFlows when this release would refuse it.
    """
    found = find_version(services, version) if version else get_previous_version(services)
    files = services.store.read(flow_versions.get_files(found))
    if files is None:
        raise NoSuchVersion(f"The record has lost the version {found}.")
    flow_validate.require_valid(services, files)
    return _set_live_version(
        services,
        found,
        _require_reason(reason),
        actor,
        base_version=get_line_status(services).flow_version,
        text="",
    )


def _require_reason(reason: str) -> str:
    reason = " ".join(reason.split())[:MAX_REASON_LENGTH]
    if not reason:
        raise CalorError("Say why: whoever looks at the history later will ask.")
    return reason


def _set_live_version(
    services: Services, version: str, reason: str, actor: Actor, *, base_version: str, text: str
) -> PublishedVersion:
    services.store.refresh()  # the clock, and what stands, as of now
    now = services.store.clock.now()
    change = services.store.begin(now=now)
    old = services.store.get(LineStatus, LineStatus.id)
    was = old.flow_version if old else ""
    if was not in (base_version, version):
        raise PublishConflict(_newest_entry(services), base_version)
    entry = PublishedVersion(
        version=version,
        previous_version=was,
        at=now,
        actor=actor.id,
        channel=actor.channel.value,
        reason=reason,
        is_rollback=not text,
    )
    if was == version:
        return next(
            (
                e
                for e in reversed(services.store.read(flow_versions.list_published()))
                if e.version == version
            ),
            entry,
        )
    change.put(old, replace(old or LineStatus(), flow_version=version))
    if text:
        flow_versions.set_version(version, text, change)
    flow_versions.add_published(entry, change)
    change.log_action("flows rolled back" if not text else "flows published", actor, version=version, was=was)
    if not services.store.commit(change):
        raise PublishConflict(_newest_entry(services), base_version)
    services.store.refresh()  # this process follows it too
    return entry


def get_line_status(s: RedisServices) -> LineStatus:
    """As it is on disk now."""
    return s.store.get(LineStatus, LineStatus.id) or LineStatus()


def find_version(s: RedisServices, prefix: str) -> str:
    """The whole name. Raises NoSuchVersion when there is none that begins so, or more than one."""
    names = list(dict.fromkeys(e.version for e in s.store.read(flow_versions.list_published())))
    found = [name for name in names if name.startswith(prefix)] if prefix else []
    if len(found) == 1:
        return found[0]
    said = f'More than one version begins with "{prefix}"' if found else f'No version is called "{prefix}"'
    there = ", ".join(found or names[-5:]) or "none: nothing was published yet"
    raise NoSuchVersion(f"{said}. There is: {there}.")


def get_previous_version(s: RedisServices) -> str:
    """The version that stood before the present one."""
    now = get_line_status(s).flow_version
    for entry in reversed(s.store.read(flow_versions.list_published())):
        if entry.version == now and entry.previous_version:
            return entry.previous_version
    raise NoSuchVersion("Nothing was published before the present version.")


def _newest_entry(s: RedisServices) -> PublishedVersion | None:
    return next(reversed(s.store.read(flow_versions.list_published())), None)
