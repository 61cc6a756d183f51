"""What is open and was forgotten is looked at again. Nothing else is touched: a look finds out by itself what is owed."""

from __future__ import annotations

from ivr.domain.actor import Where
from ivr.domain.record import Record
from ivr.domain.records.agent_leg import Offer
from ivr.domain.records.contact import Contact
from ivr.domain.records.customer import Text
from ivr.domain.records.promise import Dialled, Promise
from ivr.services import Services
from ivr.store.change import Change
from ivr.store.queries import due_index

KINDS: dict[str, type[Record]] = {k.noun: k for k in (Contact, Promise, Offer, Text, Dialled)}


def mend(s: Services, members: tuple[str, ...], *, by: str) -> list[str]:
    """Put a wake back for each member that has none; the members that were mended. `by` stands in the journal."""
    return [m for m in members if _mend(s, m, by)]


def _mend(s: Services, member: str, by: str) -> bool:
    noun, _, name = member.partition(":")
    record = s.store.get(KINDS[noun], name)
    if record is None or due_index.at(s.store, member):
        return False
    change = Change(now=s.clock.now())
    change.expect(record)
    change.wake(record, change.now)
    # a number that is held is told by its promise: the journal holds no numbers
    about = (
        {"promise": record.promise}
        if isinstance(record, Dialled)
        else {"offer" if isinstance(record, Offer) else noun: name}
    )
    change.journal("repaired", by=by, where=Where.TERMINAL.value, **about)
    return s.store.commit(change)
