"""What people did to routing, promises and people, with who and when: those entries of the event log that name a person."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ivr.domain.actor import STAFF_CHANNELS, Channel
from ivr.domain.rules.event_log_fold import LogEntry
from ivr.services import RedisServices
from ivr.store.queries import event_log
from ivr.usecases.event_log import read as event_log_read

_STAFF_CHANNELS = frozenset({Channel.PAGE.value, Channel.TERMINAL.value})
_STAFF_REQUEST_CHANNELS = frozenset(via.value for via in STAFF_CHANNELS)
_ALWAYS_AUDITED = frozenset({"quarantine lifted"})
AUDITED_EVENTS = (
    "account added",
    "account removed",
    "agent added",
    "agent opening",
    "agent phone",
    "agent removed",
    "agent state",
    "announcement started",
    "announcement stopped",
    "assignment requested",
    "case closed",
    "case noted",
    "case opened",
    "case owner",
    "case renamed",
    "case reopened",
    "customer edited",
    "decline requested",
    "flows published",
    "flows rolled back",
    "monitoring",
    "monitoring ended",
    "password set",
    "persistent leg released",
    "persistent leg requested",
    "person erased",
    "photo erased",
    "photos requested",
    "promise moved",
    "quarantine lifted",
    "repaired",
    "signed in",
    "signed out",
    "signed out everywhere",
    "third-party call",
)
"""What there is to choose from on the page of the audit log; a test compares it with what the line writes."""
MAX_ENTRIES_READ = 20_000  # entries of the event log that are read for one page


@dataclass(frozen=True, kw_only=True)
class AuditLogPage:
    """Newest first. `next_cursor`: the entry from which the next page goes on; "" when there is none."""

    entries: Sequence[LogEntry]
    next_cursor: str


def is_audit_entry(entry: LogEntry) -> bool:
    return (
        entry.get("where") in _STAFF_CHANNELS
        or entry.get("via") in _STAFF_REQUEST_CHANNELS
        or entry.event in _ALWAYS_AUDITED
    )


def iter_audit_log(
    s: RedisServices, *, since: float = 0.0, actor_id: str = "", archived: bool = False
) -> Iterator[LogEntry]:
    """Oldest first. `since`: epoch seconds."""
    start = "-" if s.clock.manual else f"{max(0, round(since * 1000))}"  # ids are the server's own time
    for page in event_log_read.read_pages(s, archived=archived, since=start):
        yield from (e for e in page if is_audit_entry(e) and e.at >= since and actor_id in ("", e.get("by")))


def get_audit_log_page(
    s: RedisServices, *, cursor: str = "", actor_id: str = "", event: str = "", max_entries: int = 50
) -> AuditLogPage:
    """Of what has not been archived yet. A page may be short where few are theirs: it goes on from where it was read to."""
    found: list[LogEntry] = []
    read = 0
    for some in event_log.iterate_pages_backward(s.store, before_id=cursor):
        for entry in some:
            if len(found) == max_entries:
                return AuditLogPage(entries=found, next_cursor=found[-1].id)
            if is_audit_entry(entry) and actor_id in ("", entry.get("by")) and event in ("", entry.event):
                found.append(entry)
        read += len(some)
        if read >= MAX_ENTRIES_READ:
            return AuditLogPage(entries=found, next_cursor=some[-1].id)
    return AuditLogPage(entries=found, next_cursor="")
