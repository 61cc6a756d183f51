"""The journal of a month that has ended goes to a file, and out of Redis: memory is finite, and at its end no promise could be made.

A month goes when nothing is open that began before its end; it is taken out only when its file is on disk and was read back.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import structlog

from ivr.domain.rules.event_log_fold import Entry
from ivr.services import Services
from ivr.store import keys
from ivr.store.change import Change
from ivr.store.queries import due_index, event_log, event_log_archive
from ivr.store.queries.event_log_archive import Kept, Writer

log = structlog.get_logger()

SETTLED = 86400.0  # seconds after the end of a month until it is taken for complete
DAY = 86400.0
ONE_AT_A_TIME = 3600  # seconds for which other reconcilers leave it to this one
BEGAN = ("opened", "made_at", "made", "since")  # when a record began, whichever it has


class Daily:
    """One per reconciler: a page of the journal at each look, so that no bell waits for an archive."""

    def __init__(self) -> None:
        self._day = -1.0
        self._work: Iterator[Kept | None] | None = None

    def look(self, s: Services) -> None:
        """Called at every look of the reconciler. Raises Unavailable."""
        day = s.clock.now() // DAY
        if self._work is None and day != self._day:
            self._day = day
            if _mine(s, day):
                self._work = steps(s, s.settings.archive)
                s.bell.ring(
                    "retention:"
                )  # a worker's, as it may be much: what is kept for so long and no longer (usecases/privacy/retention.py)
        if self._work is None:
            return
        try:
            next(self._work)
        except StopIteration:
            self._work = None
        except (OSError, event_log_archive.Damaged) as e:
            log.error("event_log_not_archived", why=str(e))  # noqa: TRY400 - the disk's fault; tried again tomorrow
            self._work = None


def steps(s: Services, folder: Path) -> Iterator[Kept | None]:
    """Every month that can go: None after each page, what was kept after each month."""
    while (month := _next(s)) is not None:
        name, until = month
        with event_log_archive.writing(folder) as (writer, part):
            following = ""
            for page in event_log.pages(s.store):
                following = _add(writer, page, until)
                yield None
                if following:
                    break
            kept = event_log_archive.keep(writer, part, name)
        _take_out(s, kept, name, following)
        yield kept


def _add(writer: Writer, page: list[Entry], until: float) -> str:
    """The first entry that is not of this month; "" = none on this page."""
    for entry in page:
        if entry.at >= until:
            return entry.id
        writer.add(entry)
    return ""


def _next(s: Services) -> tuple[str, float] | None:
    """The first month of the journal and its end, when it may go."""
    first = next((entry for page in event_log.pages(s.store, most=1) for entry in page), None)
    if first is None:
        return None
    month = datetime.fromtimestamp(first.at, UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    end = month.replace(year=month.year + month.month // 12, month=month.month % 12 + 1).timestamp()
    if s.clock.now() < end + SETTLED or earliest(s) < end:
        return None
    return f"{month:%Y-%m}", end


def earliest(s: Services) -> float:
    """When the oldest thing began that is still open; inf when nothing is."""
    members = sorted(due_index.owed(s.store))
    found = s.store.read([("HMGET", member, *BEGAN) for member in members]) if members else []
    times = [float(value) for values in found for value in values if value]
    return min((at for at in times if at > 0), default=float("inf"))


def _take_out(s: Services, kept: Kept, month: str, following: str) -> None:
    """`following`: the first entry that stays; "" = none does."""
    milliseconds, _, n = kept.last.partition("-")
    change = Change(now=s.clock.now())
    change.op("XTRIM", keys.JOURNAL, "MINID", following or f"{milliseconds}-{int(n) + 1}")
    change.journal("archived", month=month, entries=kept.entries, sha256=kept.sha256)
    s.store.commit(change)
    log.info("event_log_archived", month=month, entries=kept.entries, file=str(kept.path))


def _mine(s: Services, day: float) -> bool:
    change = Change(now=s.clock.now())
    change.once(keys.archiving(day), "1", seconds=ONE_AT_A_TIME)
    return s.store.commit(change)
