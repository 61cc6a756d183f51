"""Which verbs there are, and what Twilio accepts of their attributes and children."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

SCHEMA_WARNING = 12200  # Schema validation warning
MAX_DIGITS = 9  # of a number: no attribute means more, and a clock could not wait as long


@dataclass(frozen=True, kw_only=True)
class AttributeRule:
    """What an attribute may be, and the warning when it is not."""

    is_allowed: Callable[[str], bool] = lambda _: True
    code: int = SCHEMA_WARNING


ElementRunner = Callable[..., Awaitable[Any]]


@dataclass(frozen=True, kw_only=True)
class ElementSchema:
    """What may stand on an element and in it."""

    attributes: Mapping[str, AttributeRule]
    children: frozenset[str] = frozenset()
    child_code: int = SCHEMA_WARNING  # the warning about a child that may not


@dataclass(frozen=True, kw_only=True)
class Verb:
    run: ElementRunner  # (flow, element) -> Ask, End or None for "the next verb"
    schema: ElementSchema


@dataclass(frozen=True, kw_only=True)
class Noun:
    """Something that Dial can reach. Nouns with the same `run` may be dialled together."""

    run: ElementRunner  # (flow, call) -> None, having filled in the call's outcome
    schema: ElementSchema


VERBS: dict[str, Verb] = {}
NOUNS: dict[str, Noun] = {}
START_NOUNS: dict[
    str, Callable[..., None]
] = {}  # (flow, element): what <Start> can start; each is a part too
PARTS: dict[str, ElementSchema] = {}  # what is neither: parameters, marks, what is started and stopped


def get_schema(name: str) -> ElementSchema:
    """What is known of an element; nothing may stand on or in one that is unknown."""
    if verb := VERBS.get(name):
        return verb.schema
    if noun := NOUNS.get(name):
        return noun.schema
    return PARTS.get(name, ElementSchema(attributes={}))


def one_of(*words: str, code: int = SCHEMA_WARNING) -> AttributeRule:
    return AttributeRule(is_allowed=lambda text: text in words, code=code)


def each_of(*words: str, code: int = SCHEMA_WARNING) -> AttributeRule:
    return AttributeRule(
        is_allowed=lambda text: bool(text.split()) and set(text.split()) <= set(words), code=code
    )


def is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS


def integer(low: int, code: int = SCHEMA_WARNING, high: int = 10**MAX_DIGITS) -> AttributeRule:
    return AttributeRule(is_allowed=lambda text: is_number(text) and low <= int(text) <= high, code=code)


def boolean(code: int = SCHEMA_WARNING) -> AttributeRule:
    return one_of("true", "false", code=code)


def method(code: int = SCHEMA_WARNING) -> AttributeRule:
    return one_of("GET", "POST", "get", "post", code=code)


ANY_VALUE = AttributeRule()
TONE_KEYS = frozenset("0123456789ABCDWw#*")


def tones(code: int) -> AttributeRule:
    return AttributeRule(is_allowed=lambda text: bool(text) and set(text) <= TONE_KEYS, code=code)


def any_values(names: str) -> dict[str, AttributeRule]:
    return dict.fromkeys(names.split(), ANY_VALUE)


def verb(
    name: str,
    attributes: Mapping[str, AttributeRule] | None = None,
    children: Iterable[str] = (),
    child_code: int = SCHEMA_WARNING,
) -> Callable[[ElementRunner], ElementRunner]:
    def register(run: ElementRunner) -> ElementRunner:
        shape = ElementSchema(
            attributes=attributes or {}, children=frozenset(children), child_code=child_code
        )
        VERBS[name] = Verb(run=run, schema=shape)
        return run

    return register


def noun(
    name: str,
    attributes: Mapping[str, AttributeRule],
    children: Iterable[str] = (),
    child_code: int = SCHEMA_WARNING,
) -> Callable[[ElementRunner], ElementRunner]:
    def register(run: ElementRunner) -> ElementRunner:
        shape = ElementSchema(attributes=attributes, children=frozenset(children), child_code=child_code)
        NOUNS[name] = Noun(run=run, schema=shape)
        return run

    return register


def register_part(name: str, attributes: Mapping[str, AttributeRule], children: Iterable[str] = ()) -> None:
    PARTS[name] = ElementSchema(attributes=attributes, children=frozenset(children))


def start_noun(
    name: str, attributes: Mapping[str, AttributeRule], children: Iterable[str] = ()
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    def register(run: Callable[..., None]) -> Callable[..., None]:
        register_part(name, attributes, children)
        START_NOUNS[name] = run
        return run

    return register
