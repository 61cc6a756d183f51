"""A hand that changes records behind the line's back."""

from __future__ import annotations

from typing import Any

from ivr.domain.record import Record
from ivr.domain.records.contact import Contact, ContactState, Outcome
from ivr.domain.records.promise import Promise, PromiseState
from ivr.services import Services
from ivr.store.change import Change
from ivr.usecases.integrity.check import check_integrity
from tests.conftest import MONDAY_TWO_PM

NUMBER = "+12025550155"


Event = tuple[str, dict[str, str]]


PROMISED: list[Event] = [("opened", {"contact": "c1"}), ("promised", {"promise": "p1", "contact": "c1"})]


DIALLED: list[Event] = [
    ("dialling", {"promise": "p1", "contact": "c1", "fence": "1"}),
    ("number locked", {"promise": "p1", "fence": "1"}),
]


TALKED: list[Event] = [("picked up", {"promise": "p1", "contact": "c1"})]


OVER: list[Event] = [("ended", {"contact": "c1", "outcome": "promised"})]


KEPT: list[Event] = [
    *PROMISED,
    ("text", {"text": "t1", "about": "promise:p1"}),
    *OVER,
    ("promise due", {"promise": "p1"}),
    *DIALLED,
    *TALKED,
    ("disposition", {"contact": "c1", "word": "helped"}),
    ("promise kept", {"promise": "p1", "contact": "c1"}),
    ("number unlocked", {"promise": "p1", "fence": "1"}),
    *OVER,
]
"""A promise that was made, said, dialled and kept."""


class Hand:
    """Writes what the line would have written, or what it never would."""

    def __init__(self, services: Services) -> None:
        self.s = services

    def put(self, *records: Record, seen: bool = True, at: float = MONDAY_TWO_PM) -> None:
        change = Change(now=at)
        for record in records:
            put = change.put(None, record)
            if seen:
                change.schedule(put, at + 3600)
        assert self.s.store.commit(change)

    def tell(self, *events: Event, at: float = MONDAY_TWO_PM) -> None:
        for event, ids in events:
            change = Change(now=at)
            change.log_event(event, **ids)
            assert self.s.store.commit(change)

    def well(self, *events: Event, **promise: Any) -> None:
        """One contact that ended promised, and its promise with this much of a journal."""
        self.tell(*(events or KEPT))
        ended = Contact(id="c1", state=ContactState.ENDED, outcome=Outcome.PROMISED, promise="p1")
        self.put(ended, seen=False)
        fields = {"state": PromiseState.KEPT, "fence": 2, "number": NUMBER, "case": "k1", **promise}
        made = Promise(id="p1", contact="c1", created_at=MONDAY_TWO_PM, **fields)
        self.put(made, seen=fields["state"] not in ("kept", "declined", "owned"))

    def found(self) -> list[str]:
        return [str(v) for v in check_integrity(self.s).violations]
