"""Conditions of a `branch`: structured, so that they can be checked. All that is written under `when` must be true."""

from __future__ import annotations

from dataclasses import dataclass

from ivr.flow.model import Scene
from ivr.flow.source import Entry, Ref, nearest, one_of

CALLERS = ("known", "unknown")
OWED = ("promise", "nothing")
ALLOWED = ("open", "closed", "caller", "language", "owed", "calls_today", "agents_free", "estimate")


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
    free = _group(entry, "agents_free", ("queue", "at_least"), refs)
    estimate = _group(entry, "estimate", ("queue", "at_least", "at_most"), refs)
    if estimate and not {"at_least", "at_most"} & set(estimate.names()):
        entry.fault('"estimate" needs "at_most" or "at_least" seconds', estimate.place)
    calls = entry.entry("calls_today") if "calls_today" in entry else None
    if calls:
        calls.only(("at_least",))
    return Condition(
        open=entry.text("open", ""),
        closed=entry.text("closed", ""),
        caller=_choice(entry, "caller", CALLERS),
        language=entry.text("language", ""),
        owed=_choice(entry, "owed", OWED),
        calls_today=calls.number("at_least", 1, least=1) if calls else None,
        agents_free=(free.text("queue", ""), free.number("at_least", 1, least=1)) if free else None,
        estimate=(estimate.text("queue", ""), _seconds(estimate, "at_least"), _seconds(estimate, "at_most"))
        if estimate
        else None,
        refs=tuple(refs),
    )


def _group(entry: Entry, key: str, allowed: tuple[str, ...], refs: list[Ref]) -> Entry | None:
    if key not in entry:
        return None
    group = entry.entry(key)
    group.only(allowed)
    refs.append(group.ref("queue", "queue"))
    return group


def _seconds(entry: Entry, key: str) -> int | None:
    return entry.number(key, 0) if key in entry else None


def _choice(entry: Entry, key: str, choices: tuple[str, ...]) -> str:
    value = entry.text(key, "")
    if value and value not in choices:
        entry.fault(
            f'"{key}" should be one of: {one_of(choices)}; not "{value}".{nearest(value, choices)}',
            entry.value_place(key),
        )
    return value
