"""The flows as this process runs them: the published version, or the files while none was published.

Which one is published comes along with every read (`Store.standing`), so a new version is followed from the next call on
without anybody asking for it. A call goes on with the version it began with.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from ivr.domain.errors import Unavailable
from ivr.flow.loader.bundle import NewerFormat, unpack
from ivr.flow.loader.library import read_flows
from ivr.flow.model import Library
from ivr.flow.yaml_source.entry import FlowFaults
from ivr.store import keys
from ivr.store.store import Store

MOST = 8  # versions that are kept read: calls in progress have begun with the last few


@dataclass(frozen=True, kw_only=True)
class Published:
    """An entry of the history. `at`: epoch seconds. `was`: the version before it, "" = the files."""

    version: str
    was: str
    at: float
    by: str
    where: str
    why: str
    again: bool = False  # an older version, brought back


class Shelf:
    """`files`: what is followed while nothing was published. `dress`: what the settings add, as the company's name."""

    def __init__(self, store: Store, files: Library, dress: Callable[[Library], Library]) -> None:
        self._store = store
        self._files = files
        self._dress = dress
        self._read: dict[str, Library] = {}
        self._last = files
        self._bad: set[str] = set()

    def current(self) -> Library:
        """Never raises: while the record is away, and when a newer release has published what this one cannot read, the last
        version that it could.
        """
        try:
            wanted = self._store.standing().version
            self._last = (self.version(wanted) or self._before(wanted)) if wanted else self._files
        except Unavailable:
            return self._last
        return self._last

    def version(self, name: str) -> Library | None:
        """None: there is no such version, or this release cannot read it. Raises Unavailable."""
        if name in self._read:
            return self._read[name]
        if not name or name in self._bad:
            return None
        if name == self._files.version:
            return self._files
        found = self._open(name)
        if found is None:
            self._bad.add(name)
            return None
        self._read[name] = found
        for old in list(self._read)[:-MOST]:
            del self._read[old]
        return found

    def dressed(self, library: Library) -> Library:
        """As it would be followed: with what the settings add."""
        return self._dress(library)

    def _open(self, name: str) -> Library | None:
        try:
            files = files_of(self._store, name)
            if files is not None:
                return self.dressed(read_flows(files))
            why = "the record has no such version"
        except FlowFaults as e:
            why = f"this release finds faults in it: {e}"
        except NewerFormat as e:
            why = str(e)
        structlog.get_logger(__name__).error("flows_not_readable", version=name, why=why)
        return None

    def _before(self, unreadable: str) -> Library:
        """The newest published one that can be read; the files, when there is none."""
        for entry in reversed(history(self._store)):
            if entry.version != unreadable and (found := self.version(entry.version)):
                return found
        return self._files


def files_of(store: Store, version: str) -> dict[str, str] | None:
    """None: there is no such version. Raises NewerFormat."""
    (text,) = store.read([("GET", keys.flows(version))])
    return dict(unpack(text).files) if text else None


def history(store: Store) -> list[Published]:
    """Oldest first."""
    (entries,) = store.read([("LRANGE", keys.HISTORY, 0, -1)])
    return [Published(**json.loads(entry)) for entry in entries]
