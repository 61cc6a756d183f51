"""How cases are found: `case_words` holds `word case`, `case:{id}:words` the words of one case, `indexed_cases` when something last came to it.

All of it follows from the records: `anew` makes it again, `remove` takes a case out, and nothing of it remains. A sorted set by its
members alone gives every case of a word, or of words that begin so, as one range; what is not there any more leaves no empty key.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from ivr.domain.records.customer import Case, Customer
from ivr.domain.rules.search_words import Query, endings, words
from ivr.store import keys
from ivr.store.change import Change
from ivr.store.queries import queues
from ivr.store.store import Store

PAGE = 500  # entries of one command


def opened(case: Case, customer: Customer | None, change: Change) -> None:
    """A new case, in the change that opens it."""
    if case.customer:
        change.op("ZADD", keys.cases_of(case.customer), case.opened, case.id)
    change.op("ZADD", keys.FILED, case.opened, case.id)
    _add(case.id, _of_record(case, customer), change)


def came(case: str, text: str, change: Change) -> None:
    """Something has come to its thread. A case from before there was an index is filed as a whole later: see `unfiled`."""
    change.op("ZADD", keys.FILED, "XX", "GT", change.now, case)
    _add(case, words(text), change)


def anew(
    store: Store, case: Case, customer: Customer | None, change: Change, *, thread_too: bool = True
) -> None:
    """All of a case by its records as they are now. What it was found by before, and is not any more, goes.

    `thread_too`: False when its thread is erased in this very change.
    """
    had, thread = store.read(
        [("ZRANGE", keys.words_of(case.id), 0, -1), ("LRANGE", keys.thread(case.id), 0, -1)]
    )
    told = [json.loads(line) for line in thread] if thread_too else []
    wanted = dict.fromkeys(_of_record(case, customer))
    for entry in told:
        wanted.update(dict.fromkeys(words(entry.get("words", ""))))
    _remove(case.id, [word for word in had if word not in wanted], change)
    _add(case.id, wanted, change)
    if case.customer:
        change.op("ZADD", keys.cases_of(case.customer), case.opened, case.id)
    change.op("ZADD", keys.FILED, "GT", max([case.opened, *(e["at"] for e in told)]), case.id)


def forget(store: Store, case: Case, change: Change) -> None:
    """No word finds this case any more; for erasing a person. It stays filed, or it would be filed again."""
    (had,) = store.read([("ZRANGE", keys.words_of(case.id), 0, -1)])
    _remove(case.id, had, change)
    change.op("ZREM", keys.cases_of(case.customer), case.id)


def of_customer(store: Store, number: str) -> list[str]:
    """Their cases, newest first."""
    (found,) = store.read([("ZRANGE", keys.cases_of(number), 0, -1, "REV")])
    return list(found)


def unfiled(store: Store, most: int) -> tuple[list[str], int]:
    """Cases that cannot be found yet, the newest of them, and how many there are: those from before there was an index."""
    every, filed = store.read([("ZCARD", keys.everyone(Case.noun)), ("ZCARD", keys.FILED)])
    found: list[str] = []
    for start in range(0, every if every > filed else 0, PAGE):
        (page,) = store.read([("ZRANGE", keys.everyone(Case.noun), start, start + PAGE - 1, "REV")])
        there = lately(store, page)
        found += [name for name in page if name not in there]
        if len(found) >= most:
            break
    return found[:most], max(0, every - filed)


def lately(store: Store, cases: Sequence[str]) -> dict[str, float]:
    """When something last came to each that is filed, epoch seconds."""
    if not cases:
        return {}
    (found,) = store.read([("ZMSCORE", keys.FILED, *cases)])
    return {name: float(at) for name, at in zip(cases, found, strict=True) if at is not None}


# ---- looking


def with_rarest(store: Store, query: Query, most: int) -> list[str] | None:
    """All cases with that word of the query which the fewest have; None when those are more than `most`."""
    spans = [*map(_whole, query.whole), _beginning(query.begun)]
    counts = store.read([("ZLEXCOUNT", keys.WORDS, *span) for span in spans])
    rarest = min(range(len(spans)), key=counts.__getitem__)
    if counts[rarest] > most:
        return None
    (found,) = store.read([("ZRANGE", keys.WORDS, *spans[rarest], "BYLEX")])
    return list(dict.fromkeys(member.rpartition(" ")[2] for member in found))


def newest(store: Store, until: float, most: int) -> list[tuple[str, float]]:
    """Cases and when something last came to them, newest first, from that time back."""
    span = (repr(until) if until != float("inf") else "+inf", "-inf", "BYSCORE", "REV")
    (found,) = store.read([("ZRANGE", keys.FILED, *span, "LIMIT", 0, most, "WITHSCORES")])
    return queues.pairs(found)


def matching(store: Store, cases: Iterable[str], query: Query) -> Iterator[str]:
    """Those that have every word, in the order given; read as far as they are asked for."""
    rest = iter(cases)
    while page := list(islice(rest, PAGE)):
        if not query.begun:
            yield from page
            continue
        asked: list[tuple[object, ...]] = []
        for name in page:
            asked.append(("ZMSCORE", keys.words_of(name), *query.whole, ""))  # it wants one at least
            asked.append(("ZRANGE", keys.words_of(name), *_beginning(query.begun), "BYLEX", "LIMIT", 0, 1))
        answers = store.read(asked)
        for name, there, begins in zip(page, answers[::2], answers[1::2], strict=True):
            if begins and all(found is not None for found in there[:-1]):
                yield name


def _of_record(case: Case, customer: Customer | None) -> tuple[str, ...]:
    name = customer.name if customer else ""
    return tuple(dict.fromkeys((*words(case.subject), *words(name), *endings(case.customer))))


def _add(case: str, found: Iterable[str], change: Change) -> None:
    for some in _some(found):
        change.op("ZADD", keys.WORDS, *(text for word in some for text in ("0", f"{word} {case}")))
        change.op("ZADD", keys.words_of(case), *(text for word in some for text in ("0", word)))


def _remove(case: str, gone: Iterable[str], change: Change) -> None:
    for some in _some(gone):
        change.op("ZREM", keys.WORDS, *(f"{word} {case}" for word in some))
        change.op("ZREM", keys.words_of(case), *some)


def _some(found: Iterable[str]) -> Iterator[list[str]]:
    """A command takes so many words at most."""
    rest = iter(found)
    while some := list(islice(rest, PAGE)):
        yield some


def _whole(word: str) -> tuple[str, str]:
    return f"[{word} ", f"({word}!"  # "!" comes after the blank that ends the word


def _beginning(word: str) -> tuple[bytes, bytes]:
    """Everything that begins so: no letter is written with the byte 255."""
    begin = word.encode()
    return b"[" + begin, b"(" + begin + b"\xff"
