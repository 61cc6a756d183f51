"""Which verbs there are, and what Twilio accepts of their attributes and children."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

SCHEMA = 12200  # Schema validation warning
MOST_DIGITS = 9  # of a number: no attribute means more, and a clock could not wait as long


@dataclass(frozen=True, kw_only=True)
class Value:
    """What an attribute may be, and the warning when it is not."""

    allowed: Callable[[str], bool] = lambda _: True
    code: int = SCHEMA


Run = Callable[..., Awaitable[Any]]


@dataclass(frozen=True, kw_only=True)
class Shape:
    """What may stand on an element and in it."""

    attributes: Mapping[str, Value]
    children: frozenset[str] = frozenset()
    child_code: int = SCHEMA  # the warning about a child that may not


@dataclass(frozen=True, kw_only=True)
class Verb:
    run: Run  # (flow, element) -> Ask, End or None for "the next verb"
    shape: Shape


@dataclass(frozen=True, kw_only=True)
class Noun:
    """Something that Dial can reach. Nouns with the same `run` may be dialled together."""

    run: Run  # (flow, call) -> None, having filled in the call's outcome
    shape: Shape


VERBS: dict[str, Verb] = {}
NOUNS: dict[str, Noun] = {}
STARTS: dict[str, Callable[..., None]] = {}  # (flow, element): what <Start> can start; each is a part too
PARTS: dict[str, Shape] = {}  # what is neither: parameters, marks, what is started and stopped


def shape_of(name: str) -> Shape:
    """What is known of an element; nothing may stand on or in one that is unknown."""
    if verb := VERBS.get(name):
        return verb.shape
    if noun := NOUNS.get(name):
        return noun.shape
    return PARTS.get(name, Shape(attributes={}))


def one_of(*words: str, code: int = SCHEMA) -> Value:
    return Value(allowed=lambda text: text in words, code=code)


def each_of(*words: str, code: int = SCHEMA) -> Value:
    return Value(allowed=lambda text: bool(text.split()) and set(text.split()) <= set(words), code=code)


def number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS


def whole(low: int, code: int = SCHEMA, high: int = 10**MOST_DIGITS) -> Value:
    return Value(allowed=lambda text: number(text) and low <= int(text) <= high, code=code)


def boolean(code: int = SCHEMA) -> Value:
    return one_of("true", "false", code=code)


def method(code: int = SCHEMA) -> Value:
    return one_of("GET", "POST", "get", "post", code=code)


ANY = Value()
TONES = frozenset("0123456789ABCDWw#*")


def tones(code: int) -> Value:
    return Value(allowed=lambda text: bool(text) and set(text) <= TONES, code=code)


def anything(names: str) -> dict[str, Value]:
    return dict.fromkeys(names.split(), ANY)


def verb(
    name: str,
    attributes: Mapping[str, Value] | None = None,
    children: Iterable[str] = (),
    child_code: int = SCHEMA,
) -> Callable[[Run], Run]:
    def register(run: Run) -> Run:
        shape = Shape(attributes=attributes or {}, children=frozenset(children), child_code=child_code)
        VERBS[name] = Verb(run=run, shape=shape)
        return run

    return register


def noun(
    name: str, attributes: Mapping[str, Value], children: Iterable[str] = (), child_code: int = SCHEMA
) -> Callable[[Run], Run]:
    def register(run: Run) -> Run:
        shape = Shape(attributes=attributes, children=frozenset(children), child_code=child_code)
        NOUNS[name] = Noun(run=run, shape=shape)
        return run

    return register


def part(name: str, attributes: Mapping[str, Value], children: Iterable[str] = ()) -> None:
    PARTS[name] = Shape(attributes=attributes, children=frozenset(children))


def starts(
    name: str, attributes: Mapping[str, Value], children: Iterable[str] = ()
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    def register(run: Callable[..., None]) -> Callable[..., None]:
        part(name, attributes, children)
        STARTS[name] = run
        return run

    return register
