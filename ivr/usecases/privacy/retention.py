"""What is over is kept for so long and no longer (IVR_KEEP_...), once a day, a page at a time, by a worker.

Nothing that is open is touched: no promise, no contact, no text that is still to be sent, and no case with one of them on it.
A job that is lost costs a day.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import structlog

from ivr.domain.actor import SYSTEM
from ivr.domain.errors import TelephonyError
from ivr.domain.record import Record
from ivr.domain.records.agent_leg import AgentLeg, LegState
from ivr.domain.records.contact import Contact, ContactState
from ivr.domain.records.customer import Case, Customer, Text, TextState
from ivr.domain.records.erasure import strip_text
from ivr.domain.records.photo import Photo, PhotoState
from ivr.domain.records.promise import ENDED, Promise
from ivr.services import Services
from ivr.store.queries import (
    case_index,
    contacts,
    created_index,
    due_index,
    erasures,
    event_log_archive,
    outages,
    records,
)
from ivr.store.queries import case_thread as stored_threads
from ivr.store.query import each
from ivr.usecases.photos import erase as photo_erase

log = structlog.get_logger()

DAY_SECONDS = 86400.0
PAGE_SIZE = 200
MAX_RUN_SECONDS = 20.0  # seconds of real time: a job lasts a minute at most
MAX_DELETIONS_PER_STEP = 5  # things that are deleted at Twilio at one step


@dataclass(frozen=True, kw_only=True)
class OpenWork:
    """What somebody has still to look at, and the cases that it is on."""

    promises: frozenset[str]
    cases: frozenset[str]


@dataclass(kw_only=True)
class RetentionRun:
    """`dry_run`: counted, and nothing is erased. `counts`: how many of what."""

    services: Services
    dry_run: bool = False
    counts: dict[str, int] = field(default_factory=dict)

    def add(self, what: str, many: int) -> None:
        if many:
            self.counts[what] = self.counts.get(what, 0) + many


def process_due(services: Services, cursor: str) -> None:
    """From there on ("" = from the beginning), for a while; then a job is enqueued for the rest."""
    until = time.monotonic() + MAX_RUN_SECONDS
    sweep = RetentionRun(services=services)
    for following in run_steps(sweep, cursor):
        if time.monotonic() > until:
            services.jobs.enqueue(f"retention:{following}")
            break
    _record_totals(sweep)


def preview_retention(services: Services) -> Mapping[str, int]:
    """What is too old now. Of Twilio the first thousand of each."""
    sweep = RetentionRun(services=services, dry_run=True)
    for _ in run_steps(sweep, ""):
        pass
    return sweep.counts


def get_erased_totals(services: Services) -> Mapping[str, int]:
    """How many of what, ever."""
    return services.store.read(erasures.get_totals_by_age())


def run_steps(run: RetentionRun, cursor: str = "") -> Iterator[str]:
    """One after the other; after each, the place from which the next goes on: "contact:400"."""
    kind, _, at = cursor.partition(":")
    kinds = list(_STEPS)
    for name in kinds[kinds.index(kind) if kind else 0 :]:
        days = _days_by_category(run.services)[_STEPS[name][0]]
        start: int | None = int(at or 0) if name == kind else 0
        while start is not None and days:
            start = _STEPS[name][1](run, name, run.services.clock.now() - days * DAY_SECONDS, start)
            if start is not None:
                yield f"{name}:{start}"


def _days_by_category(services: Services) -> Mapping[str, int]:
    kept = services.settings
    return {
        "words": kept.keep_text_days,
        "photos": kept.keep_photos_days,
        "twilio": kept.keep_twilio_days,
        "event_log": kept.keep_event_log_days,
    }


def _record_totals(run: RetentionRun) -> None:
    change = run.services.store.begin()
    for what, many in run.counts.items():
        log.info("erased_by_age", what=what, count=many)
        erasures.add_total_by_age(what, many, change)
        change.log_event("erased by age", what=what.replace(" ", "_"), count=many)
    if not change.is_empty:
        run.services.store.commit_best_effort(change)


# ---- words


def _erase_words(run: RetentionRun, record_type: str, before: float, start: int) -> int | None:
    """One page of an index; the place of the next, None after the last."""
    s, kind = run.services, _RECORD_TYPES[record_type]
    until = before if kind is not Customer else float("inf")
    names = s.store.read(created_index.list_created_until(record_type, until, start, PAGE_SIZE))
    found = s.store.read(
        each(names, lambda name: records.get_fields(f"{record_type}:{name}", WORD_FIELDS[kind]))
    )
    worded = [name for name, fields in found.items() if any(fields.values())]
    if kind is Case:
        has_thread = s.store.read(each(names, stored_threads.exists))
        worded = [name for name in names if has_thread[name] or name in worded]
    open_ = _read_open_work(s)
    for record in s.store.get_many(kind, worded):
        if _is_expired(s, record, open_, before):
            run.add(_COUNT_LABELS[kind], _erase_words_of(s, record) if not run.dry_run else 1)
    return start + PAGE_SIZE if len(names) == PAGE_SIZE else None


def _erase_words_of(services: Services, record: Record) -> int:
    """One change each: whoever changes it at this moment is right, and tomorrow is another day."""
    change = services.store.begin()
    if isinstance(record, Contact):
        contacts.delete_inputs(record.id, change)
    if isinstance(record, Case):
        stored_threads.delete(record.id, change)
        left = strip_text(record)
        case_index.rebuild_case(
            services.store, left, services.store.get(Customer, record.customer), change, include_thread=False
        )
    change.put(record, strip_text(record))
    return int(services.store.commit(change))


def _is_expired(services: Services, record: Record, open_work: OpenWork, before: float) -> bool:
    """Whether it has been over for so long."""
    match record:
        case Contact():
            return record.state is ContactState.ENDED and record.promise not in open_work.promises
        case Promise():
            return record.state in ENDED and record.ended_at < before
        case Text():
            return record.state in (TextState.SENT, TextState.REFUSED)
        case AgentLeg():
            return record.state is LegState.ENDED and record.promise not in open_work.promises
        case Case():
            return record.id not in open_work.cases and _last_activity(services, record) < before
        case Customer():
            return not record.live_contact and not record.open_promises and record.last_at < before
        case _:
            return False


def _last_activity(services: Services, case: Case) -> float:
    """When something last came to it."""
    last = services.store.read(stored_threads.get_last_time(case.id))
    return case.opened_at if last is None else last


def _read_open_work(services: Services) -> OpenWork:
    names: dict[str, list[str]] = {Contact.record_type: [], Promise.record_type: []}
    for member in services.store.read(due_index.list_scheduled()):
        record_type, _, name = member.partition(":")
        names.get(record_type, []).append(name)
    contacts = services.store.get_many(Contact, names[Contact.record_type])
    owed = [p for p in services.store.get_many(Promise, names[Promise.record_type]) if p.state not in ENDED]
    return OpenWork(
        promises=frozenset(p.id for p in owed),
        cases=frozenset({*(c.case for c in contacts), *(p.case for p in owed)}),
    )


# ---- the rest


def _erase_photos(run: RetentionRun, record_type: str, before: float, start: int) -> int | None:
    s = run.services
    names = s.store.read(created_index.list_created_until(record_type, before, start, PAGE_SIZE))
    open_ = _read_open_work(s)
    done = (PhotoState.STORED, PhotoState.REJECTED)
    old = [p.id for p in s.store.get_many(Photo, names) if p.state in done and p.case not in open_.cases]
    run.add("photos", len(old))
    if not run.dry_run:
        photo_erase.erase_photos(s, old, actor=SYSTEM)
    return start + PAGE_SIZE - (0 if run.dry_run else len(old)) if len(names) == PAGE_SIZE else None


def _erase_at_twilio(run: RetentionRun, what: str, before: float, start: int) -> int | None:
    """`start`: those before it have to stay. What Twilio refuses today is tried tomorrow."""
    s, moment = run.services, datetime.fromtimestamp(before, UTC)
    texts = what == "texts"
    find, delete = (
        (s.telephony.list_text_sids_before, s.telephony.delete_text)
        if texts
        else (s.telephony.list_recording_sids_before, s.telephony.delete_recording)
    )
    try:
        found = find(moment, limit=1000 if run.dry_run else start + MAX_DELETIONS_PER_STEP)[start:]
        stay = 0 if texts else len(heard_of := _list_unheard(s, found))
        for sid in found if texts else [f for f in found if f not in heard_of]:
            if not run.dry_run:
                delete(sid)
            run.add(f"{what} at Twilio", 1)
    except TelephonyError as e:
        log.warning("not_deleted_at_twilio", what=what, why=str(e))
        return None
    return start + stay if found and not run.dry_run and len(found) == MAX_DELETIONS_PER_STEP else None


def _list_unheard(services: Services, recordings: Sequence[str]) -> frozenset[str]:
    """Messages of which a promise was made that is still open: whoever keeps it may want to hear them."""
    if not recordings:
        return frozenset()
    owners = services.store.read(each(recordings, outages.get_contact_of_recording))
    made = {c.id: c.promise for c in services.store.get_many(Contact, [c for c in owners.values() if c])}
    open_ = _read_open_work(services).promises
    return frozenset(sid for sid, contact in owners.items() if made.get(contact, "") in open_)


def _delete_archives(run: RetentionRun, _: str, before: float, __: int) -> int | None:
    """Files of months that are over since then, with their checksums."""
    for path in event_log_archive.list_files(run.services.settings.event_log_archive):
        month = datetime.strptime(path.name.removeprefix("event-log-")[:7], "%Y-%m").replace(tzinfo=UTC)
        end = month.replace(year=month.year + month.month // 12, month=month.month % 12 + 1)
        if end.timestamp() < before:
            run.add("months of the journal", 1)
            if not run.dry_run:
                path.unlink(missing_ok=True)
                path.with_name(path.name + ".sha256").unlink(missing_ok=True)
    return None


_RECORD_TYPES: Mapping[str, type[Record]] = {
    kind.record_type: kind for kind in (Contact, Promise, Text, AgentLeg, Case, Customer)
}
WORD_FIELDS: Mapping[type[Record], tuple[str, ...]] = {
    Contact: (
        "caller.texted_code",
        "flow_progress.position",
        "flow_progress.caller_context",
        "reason",
        "lookup.facts",
        "lookup.name",
        "after_call.comment",
        "next_steps",
    ),
    Promise: ("reason",),
    Text: ("body",),
    AgentLeg: ("wrapup.note", "consult.reason"),
    Case: ("subject",),
    Customer: ("last_subject", "last_note", "colleague_note"),
}
_COUNT_LABELS: Mapping[type[Record], str] = {
    Contact: "words of contacts",
    Promise: "reasons of promises",
    Text: "bodies of texts",
    AgentLeg: "notes of talks",
    Case: "threads of cases",
    Customer: "last notes of customers",
}
RetentionStep = Callable[[RetentionRun, str, float, int], int | None]
_STEPS: Mapping[str, tuple[str, RetentionStep]] = {
    **dict.fromkeys(_RECORD_TYPES, ("words", _erase_words)),
    "photo": ("photos", _erase_photos),
    "texts": ("twilio", _erase_at_twilio),
    "recordings": ("twilio", _erase_at_twilio),
    "event_log": ("event_log", _delete_archives),
}
