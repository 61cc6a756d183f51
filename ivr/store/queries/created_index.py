"""Two accounts of the same things, read side by side: what only one of them knows remains, and nothing else is remembered."""

from __future__ import annotations

from dataclasses import dataclass, field

from ivr.store import keys
from ivr.store.queries import queues
from ivr.store.store import Store

PAGE_SIZE = 1000


@dataclass(kw_only=True)
class CreatedIndexComparison:
    """The index of a record type (`promises`, `contacts`, by creation) beside what the event log says was created.

    `read_up_to`: how far the index has been read, a score; it begins where the event log does.
    """

    store: Store
    record_type: str
    read_up_to: float
    only_in_index: dict[str, float] = field(default_factory=dict)  # in the index, not in the event log so far
    only_in_log: set[str] = field(default_factory=set)  # in the event log, not in the index so far

    def read_index_to(self, score: float) -> None:
        """The index, as far as `score`."""
        while self.read_up_to < score:
            page = self._read_page(score)
            for name, at in page:
                if name in self.only_in_log:
                    self.only_in_log.discard(name)
                else:
                    self.only_in_index[name] = at
            self.read_up_to = page[-1][1] if len(page) >= PAGE_SIZE else score

    def _read_page(self, score: float) -> list[tuple[str, float]]:
        """All of one score together: a page never ends in the midst of them."""
        index = keys.created_index(self.record_type)
        span = (f"({self.read_up_to!r}", f"{score!r}", "BYSCORE", "LIMIT", 0, PAGE_SIZE)
        (found,) = self.store.read([("ZRANGE", index, *span, "WITHSCORES")])
        page = queues.parse_scores(found)
        if len(page) == PAGE_SIZE:
            last = f"{page[-1][1]!r}"
            (same,) = self.store.read([("ZRANGE", index, last, last, "BYSCORE", "WITHSCORES")])
            page = list(dict.fromkeys(page + queues.parse_scores(same)))
        return page

    def add_logged(self, record_id: str) -> bool:
        """The event log tells that it was created. False when it told so before and the index knows it not."""
        if record_id in self.only_in_log:
            return False
        if self.only_in_index.pop(record_id, None) is None:
            self.only_in_log.add(record_id)
        return True
