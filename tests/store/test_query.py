"""Queries: several are one round trip, and each gets its own answers."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from ivr.store.query import Query, ask, combine, each
from ivr.store.server.connection import connect
from ivr.store.store import Store
from tests.bench.counting import Counting


def get_text(key: str) -> Query[str | None]:
    return ask(("GET", key), lambda found: found)


def get_two(key: str) -> Query[list[str | None]]:
    return Query((("GET", key), ("GET", f"{key}{key}")), lambda answers: answers)


def test_each_query_gets_its_own_answers(store: Store) -> None:
    for name in ("a", "b", "bb", "c"):
        store.redis.set(name, f"text of {name}")
    nested = combine(get_two("b"), each((), get_text), get_text("c").map(str), each(["c", "a"], get_text))
    first, (two, nobody, text, by_name), last = store.read(combine(get_text("a"), nested, get_text("none")))
    assert (first, two, nobody, text, last) == (
        "text of a",
        ["text of b", "text of bb"],
        {},
        "text of c",
        None,
    )
    assert list(by_name.items()) == [("c", "text of c"), ("a", "text of a")]


def test_however_many_are_combined_it_is_one_round_trip_and_none_without_a_command(
    url: str, tmp_path: Path
) -> None:
    with Counting(tmp_path / "s", Path(urlsplit(url).path)) as counting:
        counted = Store(connect(counting.url))
        counted.refresh()
        before = counting.trips
        counted.read(combine(get_text("a"), each("bcd", get_two), combine(get_text("e"), get_text("f"))))
        assert counting.trips - before == 1
        assert counted.read(combine(each((), get_text), each((), get_two))) == ({}, {})
        assert counting.trips - before == 1
        counted.redis.close()
        counted.redis.connection_pool.disconnect()
