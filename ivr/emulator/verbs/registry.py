"""Which verbs there are, and what Twilio accepts of their attributes and children."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Value:
    """What an attribute may be, and the warning when it is not."""

    allowed: Callable[[str], bool] = lambda _: True
    code: int = 12200


Run = Callable[..., Awaitable[Any]]


@dataclass(frozen=True, kw_only=True)
class Verb:
    name: str
    run: Run  # (flow, element) -> Ask, End or None for "the next verb"
    attributes: Mapping[str, Value]
    children: frozenset[str]
    child_code: int


@dataclass(frozen=True, kw_only=True)
class Noun:
    """Something that Dial can reach."""

    name: str
    run: Run  # (flow, call) -> None, having filled in the call's outcome
    attributes: Mapping[str, Value]


VERBS: dict[str, Verb] = {}
NOUNS: dict[str, Noun] = {}


def one_of(*words: str, code: int = 12200) -> Value:
    return Value(allowed=lambda text: text in words, code=code)


def each_of(*words: str, code: int = 12200) -> Value:
    return Value(allowed=lambda text: bool(text.split()) and set(text.split()) <= set(words), code=code)


def whole(low: int, code: int = 12200) -> Value:
    return Value(allowed=lambda text: text.isdigit() and int(text) >= low, code=code)


def boolean(code: int = 12200) -> Value:
    return one_of("true", "false", code=code)


def method(code: int = 12200) -> Value:
    return one_of("GET", "POST", "get", "post", code=code)


ANY = Value()


def anything(names: str) -> dict[str, Value]:
    return dict.fromkeys(names.split(), ANY)


def verb(
    name: str,
    attributes: Mapping[str, Value] | None = None,
    children: Iterable[str] = (),
    child_code: int = 12200,
) -> Callable[[Run], Run]:
    def register(run: Run) -> Run:
        VERBS[name] = Verb(
            name=name,
            run=run,
            attributes=attributes or {},
            children=frozenset(children),
            child_code=child_code,
        )
        return run

    return register


def noun(name: str, attributes: Mapping[str, Value]) -> Callable[[Run], Run]:
    def register(run: Run) -> Run:
        NOUNS[name] = Noun(name=name, run=run, attributes=attributes)
        return run

    return register
