"""Publishing flows: what was checked is stored whole under its content's name, and one record says which version stands."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace

from ivr.domain.actor import By
from ivr.domain.errors import CalorError
from ivr.domain.records.line_status import Standing
from ivr.flow.loader import bundle
from ivr.services import RedisServices, Services
from ivr.store import keys
from ivr.store.change import Change
from ivr.store.queries import flow_versions
from ivr.store.queries.flow_versions import Published
from ivr.usecases.flows import validate as flow_validate

LONGEST_WHY = 500


class Conflict(CalorError):
    """Something else was published since this draft was begun; says what, by whom and why."""

    def __init__(self, meanwhile: Published | None, base: str) -> None:
        began = f"This draft was begun on {base or 'files that were never published'}"
        if meanwhile is None:
            super().__init__(f"{began}, and nothing is published now.")
        else:
            super().__init__(
                f'{began}. Since then {meanwhile.by} published {meanwhile.version}: "{meanwhile.why}". Nothing was overwritten.'
            )
        self.meanwhile = meanwhile


class NotPublished(CalorError):
    """There is no such version; says which there are."""


@dataclass(frozen=True, kw_only=True)
class Draft:
    """`files`: texts by their path. `base`: the version that it was begun on, "" = none was published then."""

    files: Mapping[str, str]
    base: str


def publish(s: Services, draft: Draft, why: str, by: By) -> Published:
    """From the next call on, these flows are followed; calls in progress finish on theirs.

    Raises FlowFaults for what could strand anyone, Conflict when another version stands than the draft was begun on,
    CalorError without a reason. Nothing is changed then. What stands already is not published again.
    """
    library = flow_validate.sound(s, draft.files)
    text = bundle.pack(bundle.Edition(files=draft.files, format=bundle.needs(library)))
    return _stand(s, library.version, _reason(why), by, base=draft.base, text=text)


def roll_back(s: Services, version: str, why: str, by: By) -> Published:
    """An older version stands again, whatever stands now. `version`: as much of its name as makes it the only one;
    "" = the one before. Raises NotPublished, NewerFormat, and FlowFaults when this release would refuse it.
    """
    found = find(s, version) if version else before(s)
    files = flow_versions.files_of(s.store, found)
    if files is None:
        raise NotPublished(f"The record has lost the version {found}.")
    flow_validate.sound(s, files)
    return _stand(s, found, _reason(why), by, base=standing(s).version, text="")


def _reason(why: str) -> str:
    why = " ".join(why.split())[:LONGEST_WHY]
    if not why:
        raise CalorError("Say why: whoever looks at the history later will ask.")
    return why


def _stand(s: Services, version: str, why: str, by: By, *, base: str, text: str) -> Published:
    s.store.read([])  # the clock, and what stands, as of now
    now = s.store.clock.now()
    change = Change(now=now)
    old = s.store.get(Standing, Standing.id)
    was = old.version if old else ""
    if was not in (base, version):
        raise Conflict(_newest(s), base)
    entry = Published(
        version=version, was=was, at=now, by=by.who, where=by.where.value, why=why, again=not text
    )
    if was == version:
        return next((e for e in reversed(flow_versions.history(s.store)) if e.version == version), entry)
    change.put(old, replace(old or Standing(), version=version))
    if text:
        change.op("SET", keys.flows(version), text)
    change.op("RPUSH", keys.HISTORY, json.dumps(asdict(entry), ensure_ascii=False))
    change.act("flows rolled back" if not text else "flows published", by, version=version, was=was)
    if not s.store.commit(change):
        raise Conflict(_newest(s), base)
    s.store.read([])  # this process follows it too
    return entry


def standing(s: RedisServices) -> Standing:
    """As it is on disk now."""
    return s.store.get(Standing, Standing.id) or Standing()


def find(s: RedisServices, version: str) -> str:
    """The whole name. Raises NotPublished when there is none that begins so, or more than one."""
    names = list(dict.fromkeys(e.version for e in flow_versions.history(s.store)))
    found = [name for name in names if name.startswith(version)] if version else []
    if len(found) == 1:
        return found[0]
    said = f'More than one version begins with "{version}"' if found else f'No version is called "{version}"'
    there = ", ".join(found or names[-5:]) or "none: nothing was published yet"
    raise NotPublished(f"{said}. There is: {there}.")


def before(s: RedisServices) -> str:
    """The version that stood before the present one."""
    now = standing(s).version
    for entry in reversed(flow_versions.history(s.store)):
        if entry.version == now and entry.was:
            return entry.was
    raise NotPublished("Nothing was published before the present version.")


def _newest(s: RedisServices) -> Published | None:
    return next(reversed(flow_versions.history(s.store)), None)
