"""The flows as this process runs them: the published version, or the files while none was published.

Which one is published comes along with every read (`Store.get_line_status`), so a new version is followed from the next call on
without anybody asking for it. A call goes on with the version it began with.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass

import structlog

from ivr.domain.errors import Unavailable
from ivr.flow.loader.bundle import NewerFormat, unpack
from ivr.flow.loader.library import parse_flows
from ivr.flow.model import Library
from ivr.flow.yaml_source.entry import InvalidFlows
from ivr.store import keys
from ivr.store.change import Change
from ivr.store.query import Query, ask
from ivr.store.store import Store

MAX_CACHED_VERSIONS = 8  # versions that are kept read: calls in progress have begun with the last few


@dataclass(frozen=True, kw_only=True)
class PublishedVersion:
    """An entry of the history. `at`: epoch seconds. `previous_version`: the version before it, "" = the files."""

    version: str
    previous_version: str
    at: float
    actor: str
    channel: str
    reason: str
    is_rollback: bool = False  # an older version, brought back


class FlowVersions:
    """`files`: what is followed while nothing was published. `add_settings`: adds what the settings add, as the company's name."""

    def __init__(self, store: Store, files: Library, add_settings: Callable[[Library], Library]) -> None:
        self._store = store
        self._files = files
        self._add_settings = add_settings
        self._cache: dict[str, Library] = {}
        self._last_readable = files
        self._unreadable: set[str] = set()

    def get_current(self) -> Library:
        """Never raises: while Redis is down, and when a newer release has published what this one cannot read, the last
        version that it could.
        """
        try:
            wanted = self._store.get_line_status().flow_version
            self._last_readable = (
                (self.get_version(wanted) or self._get_newest_readable(wanted)) if wanted else self._files
            )
        except Unavailable:
            return self._last_readable
        return self._last_readable

    def get_version(self, version: str) -> Library | None:
        """None: there is no such version, or this release cannot read it. Raises Unavailable."""
        if version in self._cache:
            return self._cache[version]
        if not version or version in self._unreadable:
            return None
        if version == self._files.version:
            return self._files
        found = self._load(version)
        if found is None:
            self._unreadable.add(version)
            return None
        self._cache[version] = found
        for old in list(self._cache)[:-MAX_CACHED_VERSIONS]:
            del self._cache[old]
        return found

    def with_settings(self, library: Library) -> Library:
        """As it would be followed: with what the settings add."""
        return self._add_settings(library)

    def _load(self, version: str) -> Library | None:
        try:
            files = self._store.read(get_files(version))
            if files is not None:
                return self.with_settings(parse_flows(files))
            why = "the record has no such version"
        except InvalidFlows as e:
            why = f"this release finds faults in it: {e}"
        except NewerFormat as e:
            why = str(e)
        structlog.get_logger(__name__).error("flows_not_readable", version=version, why=why)
        return None

    def _get_newest_readable(self, unreadable: str) -> Library:
        """The newest published one that can be read; the files, when there is none."""
        published = self._store.read(list_published())
        for entry in reversed(published):
            if entry.version != unreadable and (found := self.get_version(entry.version)):
                return found
        return self._files


def get_files(version: str) -> Query[dict[str, str] | None]:
    """File name -> text; None: there is no such version. Raises NewerFormat."""
    return ask(("GET", keys.flows(version)), lambda text: dict(unpack(text).files) if text else None)


def list_published() -> Query[list[PublishedVersion]]:
    """Oldest first."""
    return ask(
        ("LRANGE", keys.FLOWS_HISTORY, 0, -1),
        lambda entries: [PublishedVersion(**json.loads(entry)) for entry in entries],
    )


def set_version(version: str, text: str, change: Change) -> None:
    """Keep a version for ever. `text`: its files, as `bundle.pack` writes them."""
    change.append_command("SET", keys.flows(version), text)


def add_published(entry: PublishedVersion, change: Change) -> None:
    """Append to the history."""
    change.append_command("RPUSH", keys.FLOWS_HISTORY, json.dumps(asdict(entry), ensure_ascii=False))
