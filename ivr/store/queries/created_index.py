"""Two accounts of the same things, read side by side: what only one of them knows remains, and nothing else is remembered."""

from __future__ import annotations

from dataclasses import dataclass, field

from ivr.store import keys
from ivr.store.queries import queues
from ivr.store.store import Store

PAGE = 1000


@dataclass(kw_only=True)
class Sides:
    """The index of a noun (`promises`, `contacts`, by creation) beside what the journal says was created.

    `upto`: how far the index has been read, a score; it begins where the journal does.
    """

    store: Store
    noun: str
    upto: float
    recorded: dict[str, float] = field(default_factory=dict)  # in the index, not in the journal so far
    told: set[str] = field(default_factory=set)  # in the journal, not in the index so far

    def read_to(self, score: float) -> None:
        """The index, as far as `score`."""
        while self.upto < score:
            page = self._page(score)
            for name, at in page:
                if name in self.told:
                    self.told.discard(name)
                else:
                    self.recorded[name] = at
            self.upto = page[-1][1] if len(page) >= PAGE else score

    def _page(self, score: float) -> list[tuple[str, float]]:
        """All of one score together: a page never ends in the midst of them."""
        index = keys.everyone(self.noun)
        span = (f"({self.upto!r}", f"{score!r}", "BYSCORE", "LIMIT", 0, PAGE)
        (found,) = self.store.read([("ZRANGE", index, *span, "WITHSCORES")])
        page = queues.pairs(found)
        if len(page) == PAGE:
            last = f"{page[-1][1]!r}"
            (same,) = self.store.read([("ZRANGE", index, last, last, "BYSCORE", "WITHSCORES")])
            page = list(dict.fromkeys(page + queues.pairs(same)))
        return page

    def tell(self, name: str) -> bool:
        """The journal tells that it was created. False when it told so before and the index knows it not."""
        if name in self.told:
            return False
        if self.recorded.pop(name, None) is None:
            self.told.add(name)
        return True
