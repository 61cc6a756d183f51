"""Conditions of a `branch`: structured, so that they can be checked. All that is written under `when` must be true."""

from __future__ import annotations

from dataclasses import dataclass

from ivr.flow.model import Scene
from ivr.flow.yaml_source.entry import Entry, Ref, nearest, one_of
from ivr.flow.yaml_source.fields import Field, named, names

CALLERS = ("known", "unknown")
OWED = ("promise", "nothing")
_FREE = Field(name="at_least", kind="number", about="So many or more", default=1, least=1)
_QUEUE = Field(name="queue", kind="queue", about="Of which queue", needed=True)
_LEAST = Field(name="at_least", kind="number", about="So many seconds or more")
_MOST = Field(name="at_most", kind="number", about="So many seconds or fewer")
FIELDS = (
    Field(name="open", kind="hours", about="These hours hold now"),
    Field(name="closed", kind="hours", about="These hours do not hold now"),
    Field(name="caller", kind="text", about="Whether we know who calls", choices=CALLERS),
    Field(name="language", kind="language", about="What is spoken"),
    Field(name="owed", kind="text", about="Whether we owe them a call", choices=OWED),
    Field(
        name="calls_today",
        kind="group",
        about="How often they have called today, this call counted",
        fields=(_FREE,),
    ),
    Field(name="agents_free", kind="group", about="How many agents are free now", fields=(_QUEUE, _FREE)),
    Field(
        name="estimate",
        kind="group",
        about="How long a caller would wait; where nobody is working, there is no end to it",
        fields=(_QUEUE, _LEAST, _MOST),
        rules={"anyOf": [{"required": ["at_least"]}, {"required": ["at_most"]}]},
    ),
)
ALLOWED = names(FIELDS)


@dataclass(frozen=True, kw_only=True)
class Condition:
    """Empty and None fields ask for nothing."""

    open: str = ""  # name of hours or of a queue
    closed: str = ""
    caller: str = ""  # known, unknown
    language: str = ""
    owed: str = ""  # promise, nothing
    calls_today: int | None = None  # at least so many, this one counted
    agents_free: tuple[str, int] | None = None  # queue, at least
    estimate: tuple[str, int | None, int | None] | None = None  # queue, at least and at most so many seconds
    refs: tuple[Ref, ...] = ()

    def holds(self, scene: Scene) -> bool:
        now = scene.situation
        return (
            (not self.open or scene.is_open(self.open))
            and (not self.closed or not scene.is_open(self.closed))
            and (not self.caller or now.known == (self.caller == "known"))
            and (not self.language or scene.language == self.language)
            and (not self.owed or (now.owed is not None) == (self.owed == "promise"))
            and (self.calls_today is None or now.calls_today >= self.calls_today)
            and (
                self.agents_free is None or now.agents_free.get(self.agents_free[0], 0) >= self.agents_free[1]
            )
            and (
                self.estimate is None
                or self._estimated(now.estimate.get(self.estimate[0]), *self.estimate[1:])
            )
        )

    def told(self) -> str:
        """In words, as short as they get: "support closed, caller known"."""
        free, wait = self.agents_free, self.estimate
        parts = (
            self.open and f"{self.open} open",
            self.closed and f"{self.closed} closed",
            self.caller and f"caller {self.caller}",
            self.language and f"language {self.language}",
            self.owed and f"owed a {self.owed}".replace("a nothing", "nothing"),
            "" if self.calls_today is None else f"{self.calls_today}+ calls today",
            f"{free[1]} free in {free[0]}" if free else "",
            f"wait in {wait[0]} {_bounds(*wait[1:])}" if wait else "",
        )
        return ", ".join(part for part in parts if part)

    @staticmethod
    def _estimated(seconds: int | None, at_least: int | None, at_most: int | None) -> bool:
        """Nobody working is an endless wait."""
        if seconds is None:
            return at_most is None
        return (at_least is None or seconds >= at_least) and (at_most is None or seconds <= at_most)


def _bounds(at_least: int | None, at_most: int | None) -> str:
    """Of seconds."""
    least = "" if at_least is None else f"from {at_least} s"
    return " ".join(part for part in (least, "" if at_most is None else f"up to {at_most} s") if part)


def parse_condition(entry: Entry) -> Condition:
    entry.only(ALLOWED)
    if not entry.names():
        entry.fault(f"{entry.what} asks for nothing; expected one of: {one_of(ALLOWED)}")
    refs: list[Ref] = []
    for kind, key in (("hours", "open"), ("hours", "closed"), ("language", "language")):
        if key in entry:
            refs.append(entry.ref(kind, key))
    free = _group(entry, "agents_free", refs)
    estimate = _group(entry, "estimate", refs)
    if estimate and not {"at_least", "at_most"} & set(estimate.names()):
        entry.fault('"estimate" needs "at_most" or "at_least" seconds', estimate.place)
    calls = entry.entry("calls_today") if "calls_today" in entry else None
    if calls:
        calls.only((_FREE.name,))
    return Condition(
        open=entry.text("open", ""),
        closed=entry.text("closed", ""),
        caller=_choice(entry, "caller", CALLERS),
        language=entry.text("language", ""),
        owed=_choice(entry, "owed", OWED),
        calls_today=calls.number(_FREE) if calls else None,
        agents_free=(free.text("queue", ""), free.number(_FREE)) if free else None,
        estimate=(estimate.text("queue", ""), _seconds(estimate, _LEAST), _seconds(estimate, _MOST))
        if estimate
        else None,
        refs=tuple(refs),
    )


def _group(entry: Entry, key: str, refs: list[Ref]) -> Entry | None:
    if key not in entry:
        return None
    group = entry.entry(key)
    group.only(names(named(FIELDS, key).fields))
    refs.append(group.ref("queue", "queue"))
    return group


def _seconds(entry: Entry, field: Field) -> int | None:
    return entry.number(field) if field.name in entry else None


def _choice(entry: Entry, key: str, choices: tuple[str, ...]) -> str:
    value = entry.text(key, "")
    if value and value not in choices:
        entry.fault(
            f'"{key}" should be one of: {one_of(choices)}; not "{value}".{nearest(value, choices)}',
            entry.value_place(key),
        )
    return value
