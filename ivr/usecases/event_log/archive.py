"""The event log of a month that has ended goes to a file, and out of Redis: memory is finite, and at its end no promise could be made.

A month goes when nothing is open that began before its end; it is taken out only when its file is on disk and was read back.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import structlog

from ivr.domain.rules.event_log_fold import LogEntry
from ivr.services import Services
from ivr.store.queries import due_index, event_log, event_log_archive, records, scheduler
from ivr.store.queries.event_log_archive import ArchiveFile, ArchiveWriter
from ivr.store.query import each

log = structlog.get_logger()

SETTLE_SECONDS = 86400.0  # seconds after the end of a month until it is taken for complete
DAY_SECONDS = 86400.0
CLAIM_SECONDS = 3600  # seconds for which other schedulers leave it to this one
# when a record began; each kind of record has one of these
START_FIELDS = ("started_at", "opened_at", "created_at", "offer.made_at", "intent_at", "record_from")


class DailyArchiver:
    """One per scheduler: a page of the event log at each look, so that no job waits for an archive."""

    def __init__(self) -> None:
        self._day = -1.0
        self._steps: Iterator[ArchiveFile | None] | None = None

    def run_next_step(self, services: Services) -> None:
        """Called at every look of the scheduler. Raises Unavailable."""
        day = services.clock.now() // DAY_SECONDS
        if self._steps is None and day != self._day:
            self._day = day
            if _claim_day(services, day):
                self._steps = archive_months(services, services.settings.event_log_archive)
                services.jobs.enqueue(
                    "retention:"
                )  # a worker's, as it may be much: what is kept for so long and no longer (usecases/privacy/retention.py)
        if self._steps is None:
            return
        try:
            next(self._steps)
        except StopIteration:
            self._steps = None
        except (OSError, event_log_archive.ArchiveDamaged) as e:
            log.error("event_log_not_archived", why=str(e))  # noqa: TRY400 - the disk's fault; tried again tomorrow
            self._steps = None


def archive_months(services: Services, folder: Path) -> Iterator[ArchiveFile | None]:
    """Every month that can go: None after each page, what was kept after each month."""
    while (month := _next_month(services)) is not None:
        name, until = month
        with event_log_archive.open_writer(folder) as (writer, part):
            following = ""
            for page in event_log.iterate_pages(services.store):
                following = _add_page(writer, page, until)
                yield None
                if following:
                    break
            kept = event_log_archive.finish_file(writer, part, name)
        _trim_stream(services, kept, name, following)
        yield kept


def _add_page(writer: ArchiveWriter, page: list[LogEntry], until: float) -> str:
    """The first entry that is not of this month; "" = none on this page."""
    for entry in page:
        if entry.at >= until:
            return entry.id
        writer.add(entry)
    return ""


def _next_month(services: Services) -> tuple[str, float] | None:
    """The first month of the event log and its end, when it may go."""
    first = next(
        (entry for page in event_log.iterate_pages(services.store, page_size=1) for entry in page), None
    )
    if first is None:
        return None
    month = datetime.fromtimestamp(first.at, UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    end = month.replace(year=month.year + month.month // 12, month=month.month % 12 + 1).timestamp()
    if services.clock.now() < end + SETTLE_SECONDS or earliest_open_time(services) < end:
        return None
    return f"{month:%Y-%m}", end


def earliest_open_time(services: Services) -> float:
    """When the oldest thing began that is still open; inf when nothing is."""
    members = sorted(services.store.read(due_index.list_scheduled()))
    found = services.store.read(each(members, lambda key: records.get_fields(key, START_FIELDS)))
    times = [float(value) for fields in found.values() for value in fields.values() if value]
    return min((at for at in times if at > 0), default=float("inf"))


def _trim_stream(services: Services, archived: ArchiveFile, month: str, first_remaining: str) -> None:
    """`first_remaining`: the first entry that stays; "" = none does."""
    milliseconds, _, n = archived.last_id.partition("-")
    change = services.store.begin()
    event_log.trim(first_remaining or f"{milliseconds}-{int(n) + 1}", change)
    change.log_event("archived", month=month, entries=archived.entries, sha256=archived.sha256)
    services.store.commit_best_effort(change)
    log.info("event_log_archived", month=month, entries=archived.entries, file=str(archived.path))


def _claim_day(services: Services, day: float) -> bool:
    change = services.store.begin()
    scheduler.claim_archiving(day, change, ttl_seconds=CLAIM_SECONDS)
    return services.store.commit(change)
