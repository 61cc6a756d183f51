"""Who was erased, kept beside the database: a restored backup has them again, and they must be erased again by itself.

The list is a file in IVR_EVENT_LOG_ARCHIVE, which is no part of a backup of the database. It holds keyed hashes; the key is a setting.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import structlog

from ivr.domain.records.contact import Contact
from ivr.domain.records.customer import Customer, Text
from ivr.domain.records.erasure import Erasure, ErasureStep, hash_number
from ivr.domain.records.photo import Photo
from ivr.domain.records.promise import Promise
from ivr.services import Services, derive_id
from ivr.store.queries import created_index, erasures, records
from ivr.store.query import each

log = structlog.get_logger()

FILE_NAME = "erased.jsonl"
PAGE_SIZE = 500
# where a number may stand
NUMBER_FIELDS = (
    (Customer, "id"),
    (Contact, "caller.number"),
    (Promise, "customer"),
    (Promise, "number"),
    (Text, "to"),
    (Photo, "customer"),
)


class ErasedList:
    """One per scheduler: what the database knows and the file does not is written there, and the other way round."""

    def __init__(self) -> None:
        self._last_error = ""

    def synchronize(self, services: Services) -> None:
        """Cheap; every few seconds. Raises Unavailable."""
        try:
            self._synchronize_with(services, services.settings.event_log_archive / FILE_NAME)
            self._last_error = ""
        except (OSError, ValueError, KeyError) as e:
            if self._last_error != str(e):
                log.error("erased_list_not_saved", why=str(e))  # noqa: TRY400 - the disk's fault, in words
            self._last_error = str(e)

    def _synchronize_with(self, services: Services, file: Path) -> None:
        here = services.store.read(erasures.get_erased_numbers())
        there = _read_file(file)
        if missing := {who: at for who, at in here.items() if who not in there}:
            _append_to_file(file, missing, _key_fingerprint(services))
        for who, (at, mark) in there.items():
            if who not in here:
                _erase_again(services, who, at, same_key=mark == _key_fingerprint(services))


def find_number(services: Services, number_hash: str) -> str:
    """The number that has this hash, wherever the database still holds it; "" when nowhere."""
    key = services.settings.signing_key
    return next((number for number in _iter_numbers(services) if hash_number(number, key) == number_hash), "")


def _iter_numbers(services: Services) -> Iterator[str]:
    for kind, field in NUMBER_FIELDS:
        start = 0
        while True:
            names = services.store.read(created_index.list_ids(kind.record_type, start, PAGE_SIZE))
            record_keys = [f"{kind.record_type}:{name}" for name in names]
            found = services.store.read(each(record_keys, partial(records.get_fields, fields=(field,))))
            yield from (fields[field] for fields in found.values() if fields.get(field))
            if len(names) < PAGE_SIZE:
                break
            start += PAGE_SIZE


def _erase_again(services: Services, number_hash: str, erased_at: float, *, same_key: bool) -> None:
    """Once, because the database knows of it from then on."""
    change = services.store.begin()
    erasures.add_erased_number(number_hash, erased_at, change)
    if same_key:
        found = Erasure(
            id=derive_id(f"{number_hash} {change.now:.3f}"),
            number_hash=number_hash,
            started_at=erased_at,
            step=ErasureStep.SEARCH,
        )
        change.schedule(change.put(None, found), change.now)
        change.log_event("erasure repeated", erasure=found.id)
    else:  # IVR_SECRET is another one than then: nobody can tell who it was
        change.log_event("erased under another key")
        log.error("erased_under_another_key", who=number_hash)
    services.store.commit_best_effort(change)


def _key_fingerprint(services: Services) -> str:
    """By it a list that was made with another key is known."""
    return hash_number("", services.settings.signing_key)[:8]


def _read_file(file: Path) -> dict[str, tuple[float, str]]:
    if not file.exists():
        return {}
    told = [json.loads(line) for line in file.read_text().splitlines() if line.strip()]
    return {one["who"]: (float(one["at"]), str(one["key"])) for one in told}


def _append_to_file(file: Path, missing: dict[str, float], fingerprint: str) -> None:
    """On disk when this returns. A line twice, by two schedulers, is one."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    lines = [json.dumps({"who": who, "at": at, "key": fingerprint}) + "\n" for who, at in missing.items()]
    with file.open("a") as out:
        out.writelines(lines)
        out.flush()
        os.fsync(out.fileno())
