"""What was erased, `erased_numbers` and `erased_by_age`; and every key that is named after a number."""

from __future__ import annotations

from collections.abc import Iterable

from ivr.domain.records.customer import Customer
from ivr.store import keys
from ivr.store.change import Change
from ivr.store.query import Query, ask
from ivr.store.store import Store


def get_erased_numbers() -> Query[dict[str, float]]:
    """Keyed hash of a number -> when its person was erased, epoch seconds."""
    return ask(("HGETALL", keys.ERASED_NUMBERS), lambda found: {who: float(at) for who, at in found.items()})


def add_erased_number(number_hash: str, erased_at: float, change: Change) -> None:
    change.append_command("HSET", keys.ERASED_NUMBERS, number_hash, f"{erased_at:.3f}")


def get_totals_by_age() -> Query[dict[str, int]]:
    """Kind -> how many were ever erased because of their age."""
    return ask(("HGETALL", keys.ERASED_BY_AGE), lambda found: {what: int(n) for what, n in found.items()})


def add_total_by_age(what: str, count: int, change: Change) -> None:
    change.append_command("HINCRBY", keys.ERASED_BY_AGE, what, count)


def list_keys_named_after(store: Store, number: str) -> list[str]:
    """Keys that contain this number, sorted, without the customer and the index of their photos. Scans the whole database."""
    found: set[str] = set()
    cursor: str | int = 0
    while True:
        ((cursor, some),) = store.send_commands([("SCAN", cursor, "MATCH", f"*{number}*", "COUNT", 1000)])
        found |= {key for key in some if keys.contains_number(key, number)}
        if not int(cursor):
            return sorted(found - {f"{Customer.record_type}:{number}", keys.customer_photos(number)})


def delete_keys(names: Iterable[str], change: Change) -> None:
    """Delete what `list_keys_named_after` found."""
    for name in names:
        change.append_command("DEL", name)
