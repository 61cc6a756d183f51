"""What is open and was lost from the due index is looked at again. Nothing else is touched: a look finds out by itself what is owed."""

from __future__ import annotations

from ivr.domain.actor import Channel
from ivr.domain.record import Record
from ivr.domain.records.agent_leg import AgentLeg
from ivr.domain.records.contact import Contact
from ivr.domain.records.customer import Text
from ivr.domain.records.promise import NumberLock, Promise
from ivr.services import Services
from ivr.store.queries import due_index

RECORD_TYPES: dict[str, type[Record]] = {
    k.record_type: k for k in (Contact, Promise, AgentLeg, Text, NumberLock)
}


def repair_records(services: Services, keys: tuple[str, ...], *, actor_id: str) -> list[str]:
    """Schedule each record that is not in the due index; the keys of those that were repaired. `actor_id` stands in the event log."""
    return [m for m in keys if _repair_record(services, m, actor_id)]


def _repair_record(services: Services, key: str, actor_id: str) -> bool:
    record_type, _, name = key.partition(":")
    record = services.store.get(RECORD_TYPES[record_type], name)
    if record is None or services.store.read(due_index.get_due_time(key)):
        return False
    change = services.store.begin()
    change.expect(record)
    change.schedule(record, change.now)
    # a number that is held is told by its promise: the event log holds no numbers
    about = (
        {"promise": record.promise}
        if isinstance(record, NumberLock)
        else {"offer" if isinstance(record, AgentLeg) else record_type: name}
    )
    change.log_event("repaired", by=actor_id, where=Channel.TERMINAL.value, **about)
    return services.store.commit(change)
