"""What is over is kept for so long and no longer (IVR_KEEP_...), once a day, a page at a time, by a worker.

Nothing that is open is touched: no promise, no contact, no text that is still to be sent, and no case with one of them on it.
A bell that is lost costs a day.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import structlog

from ivr.domain.actor import THE_LINE
from ivr.domain.errors import TelephonyError
from ivr.domain.record import Record
from ivr.domain.records.agent_leg import Offer, OfferState
from ivr.domain.records.contact import Contact, ContactState
from ivr.domain.records.customer import Case, Customer, Text, TextState
from ivr.domain.records.erasure import without_words
from ivr.domain.records.photo import Photo, PhotoState
from ivr.domain.records.promise import ENDED, Promise
from ivr.services import Services
from ivr.store import keys
from ivr.store.change import Change
from ivr.store.queries import case_index, due_index, event_log_archive
from ivr.usecases.photos import erase as photo_erase

log = structlog.get_logger()

DAY = 86400.0
PAGE = 200
AT_A_LOOK = 20.0  # seconds of real time: a job lasts a minute at most
AT_ONCE = 5  # things that are deleted at Twilio at one step


@dataclass(frozen=True, kw_only=True)
class Open:
    """What somebody has still to look at, and the cases that it is on."""

    promises: frozenset[str]
    cases: frozenset[str]


@dataclass(kw_only=True)
class Sweep:
    """`dry`: counted, and nothing is erased. `found`: how many of what."""

    s: Services
    dry: bool = False
    found: dict[str, int] = field(default_factory=dict)

    def count(self, what: str, many: int) -> None:
        if many:
            self.found[what] = self.found.get(what, 0) + many


def look(s: Services, place: str) -> None:
    """From there on ("" = from the beginning), for a while; then the bell rings for the rest."""
    until = time.monotonic() + AT_A_LOOK
    sweep = Sweep(s=s)
    for following in steps(sweep, place):
        if time.monotonic() > until:
            s.bell.ring(f"retention:{following}")
            break
    _tell(sweep)


def preview(s: Services) -> Mapping[str, int]:
    """What is too old now. Of Twilio the first thousand of each."""
    sweep = Sweep(s=s, dry=True)
    for _ in steps(sweep, ""):
        pass
    return sweep.found


def erased(s: Services) -> Mapping[str, int]:
    """How many of what, ever."""
    (told,) = s.store.read([("HGETALL", keys.SWEPT)])
    return {what: int(many) for what, many in told.items()}


def steps(sweep: Sweep, place: str = "") -> Iterator[str]:
    """One after the other; after each, the place from which the next goes on: "contact:400"."""
    kind, _, at = place.partition(":")
    kinds = list(_KINDS)
    for name in kinds[kinds.index(kind) if kind else 0 :]:
        days = _days(sweep.s)[_KINDS[name][0]]
        start: int | None = int(at or 0) if name == kind else 0
        while start is not None and days:
            start = _KINDS[name][1](sweep, name, sweep.s.clock.now() - days * DAY, start)
            if start is not None:
                yield f"{name}:{start}"


def _days(s: Services) -> Mapping[str, int]:
    kept = s.settings
    return {
        "words": kept.keep_words,
        "photos": kept.keep_photos,
        "twilio": kept.keep_twilio,
        "event_log": kept.keep_journal,
    }


def _tell(sweep: Sweep) -> None:
    change = Change(now=sweep.s.clock.now())
    for what, many in sweep.found.items():
        log.info("erased_by_age", what=what, count=many)
        change.op("HINCRBY", keys.SWEPT, what, many)
        change.journal("erased by age", what=what.replace(" ", "_"), count=many)
    if not change.empty:
        sweep.s.store.commit(change)


# ---- words


def _words(sweep: Sweep, noun: str, before: float, start: int) -> int | None:
    """One page of an index; the place of the next, None after the last."""
    s, kind = sweep.s, _NOUNS[noun]
    index = keys.everyone(noun)
    span = (0, before) if kind is not Customer else (0, "+inf")
    (names,) = s.store.read([("ZRANGE", index, *span, "BYSCORE", "LIMIT", start, PAGE)])
    fields = _FIELDS[kind]
    told = s.store.read([("HMGET", f"{noun}:{name}", *fields) for name in names])
    worded = [name for name, values in zip(names, told, strict=True) if any(values)]
    if kind is Case:
        there = s.store.read([("EXISTS", keys.thread(name)) for name in names])
        worded = [name for name, has in zip(names, there, strict=True) if has or name in worded]
    open_ = _open(s)
    for record in s.store.get_all(kind, worded):
        if _over(s, record, open_, before):
            sweep.count(_CALLED[kind], _erase(s, record) if not sweep.dry else 1)
    return start + PAGE if len(names) == PAGE else None


def _erase(s: Services, record: Record) -> int:
    """One change each: whoever changes it at this moment is right, and tomorrow is another day."""
    change = Change(now=s.clock.now())
    if isinstance(record, Contact):
        change.op("DEL", keys.inputs(record.id))
    if isinstance(record, Case):
        change.op("DEL", keys.thread(record.id))
        left = without_words(record)
        case_index.anew(s.store, left, s.store.get(Customer, record.customer), change, thread_too=False)
    change.put(record, without_words(record))
    return int(s.store.commit(change))


def _over(s: Services, record: Record, open_: Open, before: float) -> bool:
    """Whether it has been over for so long."""
    match record:
        case Contact():
            return record.state is ContactState.ENDED and record.promise not in open_.promises
        case Promise():
            return record.state in ENDED and record.ended < before
        case Text():
            return record.state in (TextState.SENT, TextState.REFUSED)
        case Offer():
            return record.state is OfferState.OVER and record.promise not in open_.promises
        case Case():
            return record.id not in open_.cases and _last(s, record) < before
        case Customer():
            return not record.live and not record.promises and record.last_at < before
        case _:
            return False


def _last(s: Services, case: Case) -> float:
    """When something last came to it."""
    (last,) = s.store.read([("LINDEX", keys.thread(case.id), -1)])
    return float(json.loads(last)["at"]) if last else case.opened


def _open(s: Services) -> Open:
    names: dict[str, list[str]] = {Contact.noun: [], Promise.noun: []}
    for member in due_index.owed(s.store):
        noun, _, name = member.partition(":")
        names.get(noun, []).append(name)
    contacts = s.store.get_all(Contact, names[Contact.noun])
    owed = [p for p in s.store.get_all(Promise, names[Promise.noun]) if p.state not in ENDED]
    return Open(
        promises=frozenset(p.id for p in owed),
        cases=frozenset({*(c.case for c in contacts), *(p.case for p in owed)}),
    )


# ---- the rest


def _photos(sweep: Sweep, noun: str, before: float, start: int) -> int | None:
    s = sweep.s
    (names,) = s.store.read([("ZRANGE", keys.everyone(noun), 0, before, "BYSCORE", "LIMIT", start, PAGE)])
    open_ = _open(s)
    done = (PhotoState.KEPT, PhotoState.REFUSED)
    old = [p.id for p in s.store.get_all(Photo, names) if p.state in done and p.case not in open_.cases]
    sweep.count("photos", len(old))
    if not sweep.dry:
        photo_erase.these(s, old, by=THE_LINE)
    return start + PAGE - (0 if sweep.dry else len(old)) if len(names) == PAGE else None


def _twilio(sweep: Sweep, what: str, before: float, start: int) -> int | None:
    """`start`: those before it have to stay. What Twilio refuses today is tried tomorrow."""
    s, moment = sweep.s, datetime.fromtimestamp(before, UTC)
    texts = what == "texts"
    find, delete = (
        (s.telephony.texts_before, s.telephony.delete_text)
        if texts
        else (s.telephony.recordings_before, s.telephony.delete_recording)
    )
    try:
        found = find(moment, most=1000 if sweep.dry else start + AT_ONCE)[start:]
        stay = 0 if texts else len(heard_of := _unheard(s, found))
        for sid in found if texts else [f for f in found if f not in heard_of]:
            if not sweep.dry:
                delete(sid)
            sweep.count(f"{what} at Twilio", 1)
    except TelephonyError as e:
        log.warning("not_deleted_at_twilio", what=what, why=str(e))
        return None
    return start + stay if found and not sweep.dry and len(found) == AT_ONCE else None


def _unheard(s: Services, recordings: Sequence[str]) -> frozenset[str]:
    """Messages of which a promise was made that is still open: whoever keeps it may want to hear them."""
    if not recordings:
        return frozenset()
    contacts = s.store.read([("GET", keys.recording(sid)) for sid in recordings])
    made = {c.id: c.promise for c in s.store.get_all(Contact, [c for c in contacts if c])}
    open_ = _open(s).promises
    return frozenset(
        sid for sid, contact in zip(recordings, contacts, strict=True) if made.get(contact or "", "") in open_
    )


def _journal(sweep: Sweep, _: str, before: float, __: int) -> int | None:
    """Files of months that are over since then, with their checksums."""
    for path in event_log_archive.files(sweep.s.settings.archive):
        month = datetime.strptime(path.name.removeprefix("event-log-")[:7], "%Y-%m").replace(tzinfo=UTC)
        end = month.replace(year=month.year + month.month // 12, month=month.month % 12 + 1)
        if end.timestamp() < before:
            sweep.count("months of the journal", 1)
            if not sweep.dry:
                path.unlink(missing_ok=True)
                path.with_name(path.name + ".sha256").unlink(missing_ok=True)
    return None


_NOUNS: Mapping[str, type[Record]] = {
    kind.noun: kind for kind in (Contact, Promise, Text, Offer, Case, Customer)
}
_FIELDS: Mapping[type[Record], tuple[str, ...]] = {
    Contact: ("code", "position", "situation", "reason", "facts", "facts_name", "comment", "steps"),
    Promise: ("reason",),
    Text: ("body",),
    Offer: ("note", "reason"),
    Case: ("subject",),
    Customer: ("last_about", "last_note", "noted"),
}
_CALLED: Mapping[type[Record], str] = {
    Contact: "words of contacts",
    Promise: "reasons of promises",
    Text: "bodies of texts",
    Offer: "notes of talks",
    Case: "threads of cases",
    Customer: "last notes of customers",
}
Step = Callable[[Sweep, str, float, int], int | None]
_KINDS: Mapping[str, tuple[str, Step]] = {
    **dict.fromkeys(_NOUNS, ("words", _words)),
    "photo": ("photos", _photos),
    "texts": ("twilio", _twilio),
    "recordings": ("twilio", _twilio),
    "event_log": ("event_log", _journal),
}
