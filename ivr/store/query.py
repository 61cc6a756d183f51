"""A query: a named read as a value. `Store.read` sends it; `combine` and `each` make one round trip of several."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, overload

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
U = TypeVar("U")
K = TypeVar("K")
A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
D = TypeVar("D")
E = TypeVar("E")
F = TypeVar("F")

Command = tuple[Any, ...]  # a Redis command and its arguments


@dataclass(frozen=True)
class Query(Generic[T_co]):
    """`parse` makes the result of the answers to `commands`, one answer for each."""

    commands: tuple[Command, ...]
    parse: Callable[[list[Any]], T_co]

    def map(self, function: Callable[[T_co], U]) -> Query[U]:
        """Return a query whose result is `function` of this one's."""
        return Query(self.commands, lambda answers: function(self.parse(answers)))


def ask(command: Command, parse: Callable[[Any], T]) -> Query[T]:
    """Make a query of one command."""
    return Query((command,), lambda answers: parse(answers[0]))


def each(items: Iterable[K], make_query: Callable[[K], Query[T]]) -> Query[dict[K, T]]:
    """Ask the same of each item: `each(queues, contacts.count_waiting)`. The result has the items' order."""
    queries = {item: make_query(item) for item in items}

    def parse(answers: list[Any]) -> dict[K, T]:
        parts = _split(list(queries.values()), answers)
        return {item: query.parse(part) for (item, query), part in zip(queries.items(), parts, strict=True)}

    return Query(tuple(c for query in queries.values() for c in query.commands), parse)


@overload
def combine(a: Query[A], b: Query[B], /) -> Query[tuple[A, B]]: ...
@overload
def combine(a: Query[A], b: Query[B], c: Query[C], /) -> Query[tuple[A, B, C]]: ...
@overload
def combine(a: Query[A], b: Query[B], c: Query[C], d: Query[D], /) -> Query[tuple[A, B, C, D]]: ...
@overload
def combine(
    a: Query[A], b: Query[B], c: Query[C], d: Query[D], e: Query[E], /
) -> Query[tuple[A, B, C, D, E]]: ...
@overload
def combine(
    a: Query[A], b: Query[B], c: Query[C], d: Query[D], e: Query[E], f: Query[F], /
) -> Query[tuple[A, B, C, D, E, F]]: ...
def combine(*queries: Query[Any]) -> Query[Any]:
    """Make one query of several; its result is the tuple of theirs."""

    def parse(answers: list[Any]) -> tuple[Any, ...]:
        parts = _split(queries, answers)
        return tuple(query.parse(part) for query, part in zip(queries, parts, strict=True))

    return Query(tuple(c for query in queries for c in query.commands), parse)


def _split(queries: Iterable[Query[Any]], answers: list[Any]) -> list[list[Any]]:
    parts, start = [], 0
    for query in queries:
        end = start + len(query.commands)
        parts.append(answers[start:end])
        start = end
    return parts


# ---- what several queries parse


def parse_scores(found: list[Any]) -> list[tuple[str, float]]:
    """Members and their scores: WITHSCORES as redis-py gives it, flat under RESP2, pairs under RESP3."""
    if found and isinstance(found[0], (list, tuple)):
        return [(m, float(score)) for m, score in found]
    return [(m, float(score)) for m, score in zip(found[::2], found[1::2], strict=True)]


def parse_first_score(found: list[Any]) -> float | None:
    """The score of the first member; None when there is none."""
    return next((score for _, score in parse_scores(found)), None)


def parse_optional_float(found: Any) -> float | None:
    return None if found is None else float(found)


def parse_text(found: Any) -> str:
    """A string; "" when there is none."""
    return str(found or "")
