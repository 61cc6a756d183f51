"""Messages taken while the record was away: kept on this disk until they are promises (I9)."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import structlog

from ivr.domain import numbers
from ivr.domain.contact import Contact, Outcome
from ivr.domain.customer import Customer
from ivr.services import Services, id_of
from ivr.store.change import Change
from ivr.usecases import conclude, promises, remember

log = structlog.get_logger()


def keep(folder: Path, told: dict[str, str]) -> None:
    """Write down a recording's webhook; on disk when this returns. The same recording twice is one file."""
    folder.mkdir(parents=True, exist_ok=True)
    name = hashlib.sha256(told.get("RecordingSid", json.dumps(told)).encode()).hexdigest()[:24]
    part, whole = folder / f"{name}.part", folder / f"{name}.json"
    with part.open("w") as file:
        json.dump(told, file)
        file.flush()
        os.fsync(file.fileno())
    part.replace(whole)
    handle = os.open(folder, os.O_RDONLY)
    os.fsync(handle)
    os.close(handle)


def drain(s: Services) -> int:
    """Make promises of what lies there. A file goes only when its promise is on disk."""
    folder = s.settings.spool
    if not folder.is_dir():
        return 0
    done = 0
    for path in sorted(folder.glob("*.json")):
        try:
            told = json.loads(path.read_text())
        except ValueError:
            path.rename(path.with_suffix(".unreadable"))
            log.error("spool_unreadable", file=path.name)  # noqa: TRY400 - the file is the evidence
            continue
        owe(s, told)
        path.unlink()
        done += 1
    return done


def owe(s: Services, told: dict[str, str]) -> None:
    """A message left with the fallback becomes a promise; the same recording makes one."""
    now = s.clock.now()
    number = numbers.caller_number(told.get("From", "")) or ""
    line = told.get("To", "")
    contact = Contact(
        id=id_of("message " + told.get("RecordingSid", "")),
        call=told.get("CallSid", ""),
        line=line,
        number=number,
        opened=now,
        flow=s.library.for_line(line).name,
        arrived=now,
    )
    if s.store.get(Contact, contact.id) is not None:
        return
    change = Change(now=now)
    if number and s.store.get(Customer, number) is None:
        change.put(None, Customer(id=number))
    change.put(None, contact)
    change.journal("message", contact=contact.id)
    callable_ = isinstance(numbers.callable_reason(number, s.settings.countries), numbers.Callable)
    if callable_:
        owed, _ = promises.make(s, contact, promises.Wanted(text="text.promised"), change)
        outcome = Outcome.PROMISED
    else:
        owed, outcome = contact, Outcome.LOST
    remember.note(owed.case, "message", change, contact=contact.id, recording=told.get("RecordingUrl", ""))
    conclude.end(s, owed, outcome, change)
    s.store.commit(change)
