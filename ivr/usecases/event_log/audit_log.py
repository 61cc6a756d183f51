"""What people did to routing, promises and people, with who and when: those entries of the journal that name a person."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ivr.domain.actor import Where
from ivr.domain.rules.event_log_fold import Entry
from ivr.services import RedisServices
from ivr.store.queries import event_log
from ivr.usecases.callbacks.reschedule import COLLEAGUES
from ivr.usecases.event_log import read as event_log_read

_WHERE = frozenset({Where.DESK.value, Where.TERMINAL.value})
_VIA = frozenset(via.value for via in COLLEAGUES)
_ALWAYS = frozenset({"quarantine lifted"})
KINDS = (
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
"""What there is to choose from on the page of acts; a test compares it with what the line writes."""
READ = 20_000  # entries of the journal that are read for one page


@dataclass(frozen=True, kw_only=True)
class Page:
    """Newest first. `before`: the entry from which the next page goes on; "" when there is none."""

    found: Sequence[Entry]
    before: str


def is_act(entry: Entry) -> bool:
    return entry.get("where") in _WHERE or entry.get("via") in _VIA or entry.event in _ALWAYS


def acts(s: RedisServices, *, since: float = 0.0, by: str = "", archived: bool = False) -> Iterator[Entry]:
    """Oldest first. `since`: epoch seconds."""
    start = "-" if s.clock.manual else f"{max(0, round(since * 1000))}"  # ids are the server's own time
    for page in event_log_read.pages(s, archived=archived, since=start):
        yield from (e for e in page if is_act(e) and e.at >= since and by in ("", e.get("by")))


def page(s: RedisServices, *, before: str = "", by: str = "", did: str = "", most: int = 50) -> Page:
    """Of what has not been archived yet. A page may be short where few are theirs: it goes on from where it was read to."""
    found: list[Entry] = []
    read = 0
    for some in event_log.back(s.store, before=before):
        for entry in some:
            if len(found) == most:
                return Page(found=found, before=found[-1].id)
            if is_act(entry) and by in ("", entry.get("by")) and did in ("", entry.event):
                found.append(entry)
        read += len(some)
        if read >= READ:
            return Page(found=found, before=some[-1].id)
    return Page(found=found, before="")
