"""Who was forgotten, kept beside the record: a restored backup has them again, and they must be forgotten again by itself.

The list is a file in IVR_EVENT_LOG_ARCHIVE, which is no part of a backup of the record. It holds keyed hashes; the key is a setting.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import structlog

from ivr.domain.records.contact import Contact
from ivr.domain.records.customer import Customer, Text
from ivr.domain.records.erasure import Forgetting, Step, hash_of
from ivr.domain.records.photo import Photo
from ivr.domain.records.promise import Promise
from ivr.services import Services, id_of
from ivr.store import keys
from ivr.store.change import Change

log = structlog.get_logger()

FILE = "erased.jsonl"
PAGE = 500
# where a number may stand
PLACES = (
    (Customer, "id"),
    (Contact, "number"),
    (Promise, "customer"),
    (Promise, "number"),
    (Text, "to"),
    (Photo, "customer"),
)


class List:
    """One per reconciler: what the record knows and the file does not is written there, and the other way round."""

    def __init__(self) -> None:
        self._standing = ""

    def look(self, s: Services) -> None:
        """Cheap; every few seconds. Raises Unavailable."""
        try:
            self._both(s, s.settings.archive / FILE)
            self._standing = ""
        except (OSError, ValueError, KeyError) as e:
            if self._standing != str(e):
                log.error("erased_list_not_saved", why=str(e))  # noqa: TRY400 - the disk's fault, in words
            self._standing = str(e)

    def _both(self, s: Services, file: Path) -> None:
        (told,) = s.store.read([("HGETALL", keys.FORGOTTEN)])
        here = {who: float(at) for who, at in told.items()}
        there = _read(file)
        if missing := {who: at for who, at in here.items() if who not in there}:
            _append(file, missing, _mark(s))
        for who, (at, mark) in there.items():
            if who not in here:
                _again(s, who, at, ours=mark == _mark(s))


def number_of(s: Services, who: str) -> str:
    """The number that has this hash, wherever the record still holds it; "" when nowhere."""
    key = s.settings.signing_key
    return next((number for number in _numbers(s) if hash_of(number, key) == who), "")


def _numbers(s: Services) -> Iterator[str]:
    for kind, field in PLACES:
        start, index = 0, keys.everyone(kind.noun)
        while True:
            (names,) = s.store.read([("ZRANGE", index, start, start + PAGE - 1)])
            for number in s.store.read([("HGET", f"{kind.noun}:{name}", field) for name in names]):
                if number:
                    yield number
            if len(names) < PAGE:
                break
            start += PAGE


def _again(s: Services, who: str, at: float, *, ours: bool) -> None:
    """Once, because the record knows of it from then on."""
    change = Change(now=s.clock.now())
    change.op("HSET", keys.FORGOTTEN, who, f"{at:.3f}")
    if ours:
        found = Forgetting(id=id_of(f"{who} {change.now:.3f}"), who=who, begun=at, step=Step.SEARCH)
        change.wake(change.put(None, found), change.now)
        change.journal("erasure repeated", erasure=found.id)
    else:  # IVR_SECRET is another one than then: nobody can tell who it was
        change.journal("erased under another key")
        log.error("erased_under_another_key", who=who)
    s.store.commit(change)


def _mark(s: Services) -> str:
    """By it a list that was made with another key is known."""
    return hash_of("", s.settings.signing_key)[:8]


def _read(file: Path) -> dict[str, tuple[float, str]]:
    if not file.exists():
        return {}
    told = [json.loads(line) for line in file.read_text().splitlines() if line.strip()]
    return {one["who"]: (float(one["at"]), str(one["key"])) for one in told}


def _append(file: Path, missing: dict[str, float], mark: str) -> None:
    """On disk when this returns. A line twice, by two reconcilers, is one."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    lines = [json.dumps({"who": who, "at": at, "key": mark}) + "\n" for who, at in missing.items()]
    with file.open("a") as out:
        out.writelines(lines)
        out.flush()
        os.fsync(out.fileno())
