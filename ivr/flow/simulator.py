"""To be a caller: a flow, talked with on the terminal or in a page. Nobody is rung and nothing is written.

A conversation is the flow, what is so, and what the caller did: said again from the beginning it goes the same way.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from ivr.domain.errors import CalorError
from ivr.flow.engine import begin, hear
from ivr.flow.model import Flow, Library
from ivr.flow.turn import (
    Effect,
    End,
    Enqueue,
    FindWindows,
    Heard,
    HeardKind,
    LastContact,
    Listen,
    Lookup,
    MakePromise,
    Owed,
    SendText,
    Situation,
    TakeMessage,
    Turn,
    Words,
)

MOST = 200  # turns that follow one another without the caller
CALLERS = ("new", "known", "owed", "hidden")


class NoTime(CalorError):
    """That is not a time like 2026-11-23T22:00."""


@dataclass(frozen=True, kw_only=True)
class Given:
    """What is so. `at`: ISO 8601, "" = `now`. `caller`: one of CALLERS. `free`: agents, of every queue. `full`: nobody else may
    join a line. `found`: what the company's own system answers, "else" = it does not.
    """

    at: str = ""
    caller: str = "new"
    language: str = ""  # "" = the flow's first
    free: int = 0
    full: bool = False
    found: str = ""


class Who(StrEnum):
    LINE = "line"
    CALLER = "you"
    ASIDE = ""  # what happens, which nobody says


@dataclass(frozen=True, kw_only=True)
class Line:
    who: Who
    text: str


@dataclass(kw_only=True)
class Talk:
    """`lines`: what was said so far. `over`: the flow's part is. `step`: where the caller is in it."""

    flow: Flow
    library: Library
    given: Given
    situation: Situation
    lines: list[Line] = field(default_factory=list)
    over: bool = False
    _turn: Turn | None = None

    def begin(self) -> Talk:
        self._goes(begin(self.flow, self.library, self.situation, self._language))
        return self

    @property
    def _language(self) -> str:
        return self.given.language or self.flow.languages[0]

    @property
    def seconds(self) -> int:
        """Of silence, until the line says something of its own."""
        then = self._turn.then if self._turn else None
        return then.seconds if isinstance(then, Listen | TakeMessage) else 0

    @property
    def step(self) -> str:
        return self._turn.position.step if self._turn else ""

    def say(self, typed: str) -> None:
        """Keys (0-9 * #) or words; "" is silence."""
        if self.over or self._turn is None:
            return
        then, typed = self._turn.then, typed.strip()
        self.lines.append(Line(who=Who.CALLER, text=typed))
        if isinstance(then, TakeMessage):
            self._hears(Heard(kind=HeardKind.RESULT, value="taken" if typed else "empty"))
        elif isinstance(then, Listen):
            self._hears(_heard(typed))

    def _hears(self, heard: Heard) -> None:
        if self._turn:
            self._goes(hear(self.flow, self.library, self._turn.position, self.situation, heard))

    def _goes(self, turn: Turn) -> None:
        """On, until the caller is asked for something or it is over."""
        for _ in range(MOST):
            self._turn = turn
            self.lines += [
                Line(who=Who.LINE, text=said.text if isinstance(said, Words) else said.url)
                for said in turn.says
            ]
            heard = self._next(turn)
            if heard is None:
                return
            turn = hear(self.flow, self.library, turn.position, self.situation, heard)
        self.over = True

    def _next(self, turn: Turn) -> Heard | None:
        """What comes back by itself; None: the caller is asked, or it is over."""
        then = turn.then
        if isinstance(then, End):
            self._aside("the call ends")
            self.over = True
            return None
        if isinstance(then, Listen):
            return None if then.seconds else Heard(kind=HeardKind.SILENCE)
        shown = ", ".join(
            f"{key} {value}" for key, value in vars(then).items() if value not in ("", (), None)
        )
        self._aside(f"{type(then).__name__}: {shown}")
        if isinstance(then, TakeMessage):
            return None
        result = self._comes_to(then)
        self.over = not result
        return Heard(kind=HeardKind.RESULT, value=result) if result else None

    def _aside(self, text: str) -> None:
        self.lines.append(Line(who=Who.ASIDE, text=text))

    def _comes_to(self, effect: Effect) -> str:
        """What an effect comes to here; '' when the flow's part is over."""
        if isinstance(effect, MakePromise):
            until = effect.until or (effect.since or self.situation.now) + timedelta(minutes=20)
            return f"made {until.isoformat()}" if effect.number or self.situation.number else "not_callable"
        if isinstance(effect, FindWindows):
            return _windows(effect.queue, self.library, self.situation)
        if isinstance(effect, Enqueue):
            return "full" if self.given.full else ""
        if isinstance(effect, Lookup):
            found = self.given.found if self.given.found in {*effect.answers, "else"} else ""
            return "failed" if found == "else" else f"found {found}".strip()
        return "sent" if isinstance(effect, SendText) else "done"


def talk(library: Library, flow: Flow, given: Given, now: datetime, did: Iterable[str] = ()) -> Talk:
    """A conversation as far as the caller `did` something: each as it would be typed. Raises NoTime."""
    made = Talk(flow=flow, library=library, given=given, situation=_situation(library, flow, given, now))
    made.begin()
    for typed in did:
        made.say(typed)
    return made


def _heard(typed: str) -> Heard:
    if not typed:
        return Heard(kind=HeardKind.SILENCE)
    keys = set(typed) <= set("0123456789*#")
    return Heard(kind=HeardKind.KEYS if keys else HeardKind.WORDS, value=typed)


def _situation(library: Library, flow: Flow, given: Given, now: datetime) -> Situation:
    hours = library.opening(flow.person)
    zone = ZoneInfo(hours.zone if hours else "UTC")
    try:
        now = datetime.fromisoformat(given.at) if given.at else now
        now = now.replace(tzinfo=zone) if now.tzinfo is None else now.astimezone(zone)
        last = LastContact(at=now - timedelta(days=1), agent="Danielle", about="your suitcase", case="c1")
        owed = Owed(promise="p1", until=now + timedelta(hours=2), by="Danielle", may_change=True)
    except (ValueError, OverflowError) as error:
        raise NoTime(f'"{given.at}" is not a time like 2026-11-23T22:00.') from error
    known = given.caller in {"known", "owed"}
    return Situation(
        now=now,
        name="Lori" if known else "",
        known=known,
        number="" if given.caller == "hidden" else "+12025550123",
        last=last if known else None,
        owed=owed if given.caller == "owed" else None,
        agents_free=dict.fromkeys(library.queues, given.free),
        estimate=dict.fromkeys(library.queues, 240),
    )


def _windows(queue: str, library: Library, situation: Situation) -> str:
    """The next hours of opening, one by one."""
    found: list[tuple[str, str]] = []
    at = situation.now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    for _ in range(7 * 24):
        if len(found) < 6 and library.is_open(queue, at):
            found.append((at.isoformat(), (at + timedelta(hours=1)).isoformat()))
        at += timedelta(hours=1)
    return json.dumps(found)
