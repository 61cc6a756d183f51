"""What a caller did is written down once, by whichever webhook came first."""

from __future__ import annotations

import threading

from ivr.domain.records.contact import Contact
from ivr.domain.records.contact_parts import FlowProgress
from ivr.flow.turn import FlowInput, FlowInputKind
from ivr.store import keys
from ivr.store.change import Change
from ivr.store.queries import contacts
from ivr.store.queries.contacts import ContactInput
from ivr.store.server.connection import connect
from ivr.store.store import Store


def opened(store: Store, *, seen: int = 0) -> Contact:
    change = Change(now=1.0)
    contact = change.put(None, Contact(id="c", flow_progress=FlowProgress(inputs_seen=seen)))
    assert store.commit(change)
    return contact


def pressed(n: int, key: str, *, token: str = "") -> ContactInput:
    return ContactInput(
        number=n, flow_input=FlowInput(kind=FlowInputKind.KEYS, value=key), at=2.5, idempotency_token=token
    )


def values(found: contacts.ContactWithInputs | None) -> list[tuple[int, str]]:
    assert found is not None
    return [(i.number, i.flow_input.value) for i in found.pending_inputs]


def test_the_first_writer_of_an_input_number_wins(store: Store) -> None:
    opened(store)
    assert values(contacts.store_input(store, "c", pressed(1, "1"))) == [(1, "1")]
    assert values(contacts.store_input(store, "c", pressed(1, "2"))) == [(1, "1")]


def test_inputs_come_in_the_order_of_their_numbers_without_those_already_seen(store: Store) -> None:
    opened(store, seen=1)
    contacts.store_input(store, "c", pressed(10, "x"))
    contacts.store_input(store, "c", pressed(2, "y"))
    assert values(contacts.store_input(store, "c", pressed(1, "late"))) == [(2, "y"), (10, "x")]


def test_all_that_was_told_of_an_input_comes_back(store: Store) -> None:
    contact = opened(store)
    told = ContactInput(
        number=3,
        flow_input=FlowInput(kind=FlowInputKind.WORDS, value="mi maleta, “perdida”"),
        at=1795460400.25,
        idempotency_token="t1",
    )
    found = contacts.store_input(store, "c", told)
    assert found is not None
    assert found.contact == contact
    assert found.pending_inputs == (told,)


def test_a_clock_moved_by_hand_decides_when_an_input_came(store: Store) -> None:
    """A process that has not read the clock since another play began would write that play's time."""
    opened(store)
    store.redis.set(keys.MANUAL_CLOCK, "1795460400.000")
    found = contacts.store_input(store, "c", pressed(1, "1"))
    assert found is not None
    assert [i.at for i in found.pending_inputs] == [1795460400.0]


def test_looking_without_a_new_input_writes_nothing(store: Store) -> None:
    opened(store)
    assert values(contacts.store_input(store, "c", None)) == []
    assert not store.redis.exists("contact:c:in")


def test_an_unknown_contact_is_told_so(store: Store) -> None:
    assert contacts.store_input(store, "nobody", pressed(1, "1")) is None


def test_what_a_caller_presses_is_kept_even_when_memory_is_full(store: Store) -> None:
    opened(store)
    store.redis.config_set("maxmemory", 1)
    assert values(contacts.store_input(store, "c", pressed(1, "1"))) == [(1, "1")]
    store.redis.config_set("maxmemory", 0)


def test_of_many_at_once_one_is_heard_and_all_hear_the_same(url: str, store: Store) -> None:
    opened(store)
    start, heard = threading.Barrier(8), []

    def press(key: str) -> None:
        mine = Store(connect(url))
        start.wait()
        heard.append(values(contacts.store_input(mine, "c", pressed(1, key))))
        mine.redis.connection_pool.disconnect()

    threads = [threading.Thread(target=press, args=(str(k),)) for k in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(heard) == 8
    assert len({tuple(h) for h in heard}) == 1
