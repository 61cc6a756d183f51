"""How cases are found: `case_words` holds `word case`, `case:{id}:words` the words of one case, `indexed_cases` when something last came to it.

All of it follows from the records: `rebuild_case` makes it again, `erase_case` takes a case out, and nothing of it remains. A sorted set by its
members alone gives every case of a word, or of words that begin so, as one range; what is not there any more leaves no empty key.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from ivr.domain.records.customer import Case, Customer
from ivr.domain.rules.search_words import SearchQuery, list_number_endings, split_words
from ivr.store import keys
from ivr.store.change import Change
from ivr.store.queries import case_thread
from ivr.store.query import Query, ask, combine, parse_scores
from ivr.store.store import Store

PAGE_SIZE = 500  # entries of one command


def add_case(case: Case, customer: Customer | None, change: Change) -> None:
    """A new case, in the change that opens it."""
    if case.customer:
        change.append_command("ZADD", keys.customer_cases(case.customer), case.opened_at, case.id)
    change.append_command("ZADD", keys.INDEXED_CASES, case.opened_at, case.id)
    _add_words(case.id, _list_record_words(case, customer), change)


def add_thread_text(case_id: str, text: str, change: Change) -> None:
    """Something has come to its thread. A case from before there was an index is filed as a whole later: see `list_unindexed`."""
    change.append_command("ZADD", keys.INDEXED_CASES, "XX", "GT", change.now, case_id)
    _add_words(case_id, split_words(text), change)


def rebuild_case(
    store: Store, case: Case, customer: Customer | None, change: Change, *, include_thread: bool = True
) -> None:
    """All of a case by its records as they are now. What it was found by before, and is not any more, goes.

    `include_thread`: False when its thread is erased in this very change.
    """
    had, thread = store.read(combine(_list_words(case.id), case_thread.list_entries(case.id)))
    told = thread if include_thread else []
    wanted = dict.fromkeys(_list_record_words(case, customer))
    for entry in told:
        wanted.update(dict.fromkeys(split_words(entry.get("words", ""))))
    _remove_words(case.id, [word for word in had if word not in wanted], change)
    _add_words(case.id, wanted, change)
    if case.customer:
        change.append_command("ZADD", keys.customer_cases(case.customer), case.opened_at, case.id)
    change.append_command(
        "ZADD", keys.INDEXED_CASES, "GT", max([case.opened_at, *(e["at"] for e in told)]), case.id
    )


def erase_case(store: Store, case: Case, change: Change) -> None:
    """No word finds this case any more; for erasing a person. It stays filed, or it would be filed again."""
    had = store.read(_list_words(case.id))
    _remove_words(case.id, had, change)
    change.append_command("ZREM", keys.customer_cases(case.customer), case.id)


def list_customer_cases(number: str) -> Query[list[str]]:
    """Their cases, newest first."""
    return ask(("ZRANGE", keys.customer_cases(number), 0, -1, "REV"), list)


def list_unindexed(store: Store, limit: int) -> tuple[list[str], int]:
    """Cases that cannot be found yet, the newest of them, and how many there are: those from before there was an index."""
    every, filed = store.send_commands(
        [("ZCARD", keys.created_index(Case.record_type)), ("ZCARD", keys.INDEXED_CASES)]
    )
    found: list[str] = []
    for start in range(0, every if every > filed else 0, PAGE_SIZE):
        (page,) = store.send_commands(
            [("ZRANGE", keys.created_index(Case.record_type), start, start + PAGE_SIZE - 1, "REV")]
        )
        there = store.read(get_last_activity(page))
        found += [name for name in page if name not in there]
        if len(found) >= limit:
            break
    return found[:limit], max(0, every - filed)


def get_last_activity(case_ids: Sequence[str]) -> Query[dict[str, float]]:
    """When something last came to each that is filed, epoch seconds."""
    if not case_ids:
        return Query((), lambda _: {})
    return ask(
        ("ZMSCORE", keys.INDEXED_CASES, *case_ids),
        lambda found: {name: float(at) for name, at in zip(case_ids, found, strict=True) if at is not None},
    )


def _list_words(case_id: str) -> Query[list[str]]:
    """The words by which it is found."""
    return ask(("ZRANGE", keys.case_words(case_id), 0, -1), list)


# ---- looking


def find_by_rarest_word(store: Store, query: SearchQuery, max_cases: int) -> list[str] | None:
    """All cases with that word of the query which the fewest have; None when those are more than `max_cases`."""
    spans = [*map(_exact_range, query.exact_words), _prefix_range(query.last_prefix)]
    counts = store.send_commands([("ZLEXCOUNT", keys.CASE_WORDS, *span) for span in spans])
    rarest = min(range(len(spans)), key=counts.__getitem__)
    if counts[rarest] > max_cases:
        return None
    (found,) = store.send_commands([("ZRANGE", keys.CASE_WORDS, *spans[rarest], "BYLEX")])
    return list(dict.fromkeys(member.rpartition(" ")[2] for member in found))


def list_newest(store: Store, until: float, limit: int) -> list[tuple[str, float]]:
    """Cases and when something last came to them, newest first, from that time back."""
    span = (repr(until) if until != float("inf") else "+inf", "-inf", "BYSCORE", "REV")
    (found,) = store.send_commands([("ZRANGE", keys.INDEXED_CASES, *span, "LIMIT", 0, limit, "WITHSCORES")])
    return parse_scores(found)


def filter_matching(store: Store, case_ids: Iterable[str], query: SearchQuery) -> Iterator[str]:
    """Those that have every word, in the order given; read as far as they are asked for."""
    rest = iter(case_ids)
    while page := list(islice(rest, PAGE_SIZE)):
        if not query.last_prefix:
            yield from page
            continue
        asked: list[tuple[object, ...]] = []
        for name in page:
            asked.append(("ZMSCORE", keys.case_words(name), *query.exact_words, ""))  # it wants one at least
            asked.append(
                ("ZRANGE", keys.case_words(name), *_prefix_range(query.last_prefix), "BYLEX", "LIMIT", 0, 1)
            )
        answers = store.send_commands(asked)
        for name, there, begins in zip(page, answers[::2], answers[1::2], strict=True):
            if begins and all(found is not None for found in there[:-1]):
                yield name


def _list_record_words(case: Case, customer: Customer | None) -> tuple[str, ...]:
    name = customer.name if customer else ""
    return tuple(
        dict.fromkeys((*split_words(case.subject), *split_words(name), *list_number_endings(case.customer)))
    )


def _add_words(case_id: str, new_words: Iterable[str], change: Change) -> None:
    for some in _iterate_batches(new_words):
        change.append_command(
            "ZADD", keys.CASE_WORDS, *(text for word in some for text in ("0", f"{word} {case_id}"))
        )
        change.append_command(
            "ZADD", keys.case_words(case_id), *(text for word in some for text in ("0", word))
        )


def _remove_words(case_id: str, old_words: Iterable[str], change: Change) -> None:
    for some in _iterate_batches(old_words):
        change.append_command("ZREM", keys.CASE_WORDS, *(f"{word} {case_id}" for word in some))
        change.append_command("ZREM", keys.case_words(case_id), *some)


def _iterate_batches(items: Iterable[str]) -> Iterator[list[str]]:
    """A command takes so many words at most."""
    rest = iter(items)
    while some := list(islice(rest, PAGE_SIZE)):
        yield some


def _exact_range(word: str) -> tuple[str, str]:
    return f"[{word} ", f"({word}!"  # "!" comes after the blank that ends the word


def _prefix_range(word: str) -> tuple[bytes, bytes]:
    """Everything that begins so: no letter is written with the byte 255."""
    begin = word.encode()
    return b"[" + begin, b"(" + begin + b"\xff"
