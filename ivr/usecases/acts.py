"""What people did to routing, promises and people, with who and when: those entries of the journal that name a person."""

from __future__ import annotations

from collections.abc import Iterator

from ivr.domain.by import Where
from ivr.domain.history import Entry
from ivr.services import Services
from ivr.usecases import entries
from ivr.usecases.rearrange import COLLEAGUES

_WHERE = frozenset({Where.DESK.value, Where.TERMINAL.value})
_VIA = frozenset(via.value for via in COLLEAGUES)
_ALWAYS = frozenset({"quarantine lifted"})


def is_act(entry: Entry) -> bool:
    return entry.get("where") in _WHERE or entry.get("via") in _VIA or entry.event in _ALWAYS


def acts(s: Services, *, since: float = 0.0, by: str = "", archived: bool = False) -> Iterator[Entry]:
    """Oldest first. `since`: epoch seconds."""
    start = "-" if s.clock.manual else f"{round(since * 1000)}"  # ids are the server's own time
    for page in entries.pages(s, archived=archived, since=start):
        yield from (e for e in page if is_act(e) and e.at >= since and by in ("", e.get("by")))
