"""To be a caller: a flow, talked with on the terminal or in a page. Nobody is rung and nothing is written.

A conversation is the flow, what is so, and what the caller did: said again from the beginning it goes the same way.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from ivr.domain.errors import CalorError
from ivr.flow.engine import apply_input, start_flow
from ivr.flow.model import Flow, Library
from ivr.flow.turn import (
    CallerContext,
    Effect,
    EndOfCall,
    FlowInput,
    FlowInputKind,
    LastContact,
    Listen,
    OpenPromise,
    RecordMessage,
    SimulatedLine,
    SpokenPrompt,
    Turn,
)

MAX_AUTOMATIC_TURNS = 200  # turns that follow one another without the caller
CALLER_CHOICES = ("new", "known", "owed", "hidden")


class InvalidTime(CalorError):
    """That is not a time like 2026-11-23T22:00."""


@dataclass(frozen=True, kw_only=True)
class SimulationOptions:
    """What is so. `at`: ISO 8601, "" = `now`. `caller`: one of CALLER_CHOICES. `free`: agents, of every queue. `full`: nobody else may
    join a queue. `found`: what the company's own system answers, "else" = it does not.
    """

    at: str = ""
    caller: str = "new"
    language: str = ""  # "" = the flow's first
    free: int = 0
    full: bool = False
    found: str = ""


class Speaker(StrEnum):
    LINE = "line"
    CALLER = "you"
    EVENT = ""  # what happens, which nobody says


@dataclass(frozen=True, kw_only=True)
class TranscriptLine:
    speaker: Speaker
    text: str


@dataclass(kw_only=True)
class SimulatedCall:
    """`transcript`: what was said so far. `is_over`: the flow's part is. `step`: where the caller is in it."""

    flow: Flow
    library: Library
    options: SimulationOptions
    caller: CallerContext
    transcript: list[TranscriptLine] = field(default_factory=list)
    is_over: bool = False
    _turn: Turn | None = None

    def start(self) -> SimulatedCall:
        self._run_turns(start_flow(self.flow, self.library, self.caller, self._language))
        return self

    @property
    def _language(self) -> str:
        return self.options.language or self.flow.languages[0]

    @property
    def seconds(self) -> int:
        """Of silence, until the line says something of its own."""
        then = self._turn.action if self._turn else None
        return then.seconds if isinstance(then, Listen | RecordMessage) else 0

    @property
    def step(self) -> str:
        return self._turn.position.step if self._turn else ""

    def enter_input(self, typed: str) -> None:
        """Keys (0-9 * #) or words; "" is silence."""
        if self.is_over or self._turn is None:
            return
        then, typed = self._turn.action, typed.strip()
        self.transcript.append(TranscriptLine(speaker=Speaker.CALLER, text=typed))
        if isinstance(then, RecordMessage):
            self._apply_input(FlowInput(kind=FlowInputKind.RESULT, value="taken" if typed else "empty"))
        elif isinstance(then, Listen):
            self._apply_input(_parse_input(typed))

    def _apply_input(self, flow_input: FlowInput) -> None:
        if self._turn:
            self._run_turns(
                apply_input(self.flow, self.library, self._turn.position, self.caller, flow_input)
            )

    def _run_turns(self, turn: Turn) -> None:
        """On, until the caller is asked for something or it is over."""
        for _ in range(MAX_AUTOMATIC_TURNS):
            self._turn = turn
            self.transcript += [
                TranscriptLine(
                    speaker=Speaker.LINE, text=said.text if isinstance(said, SpokenPrompt) else said.url
                )
                for said in turn.prompts
            ]
            heard = self._automatic_input(turn)
            if heard is None:
                return
            turn = apply_input(self.flow, self.library, turn.position, self.caller, heard)
        self.is_over = True

    def _automatic_input(self, turn: Turn) -> FlowInput | None:
        """What comes back by itself; None: the caller is asked, or it is over."""
        then = turn.action
        if isinstance(then, EndOfCall):
            self._add_event("the call ends")
            self.is_over = True
            return None
        if isinstance(then, Listen):
            return None if then.seconds else FlowInput(kind=FlowInputKind.SILENCE)
        shown = ", ".join(
            f"{key} {value}" for key, value in vars(then).items() if value not in ("", (), None)
        )
        self._add_event(f"{type(then).__name__}: {shown}")
        if isinstance(then, RecordMessage):
            return None
        result = self._pretend(then)
        self.is_over = not result
        return FlowInput(kind=FlowInputKind.RESULT, value=result) if result else None

    def _add_event(self, text: str) -> None:
        self.transcript.append(TranscriptLine(speaker=Speaker.EVENT, text=text))

    def _pretend(self, effect: Effect) -> str:
        """What an effect comes to here; '' when the flow's part is over."""
        line = SimulatedLine(
            is_open=self.library.is_open, is_full=self.options.full, lookup_answer=self.options.found
        )
        return effect.pretend(self.caller, line)


def simulate_call(
    library: Library, flow: Flow, options: SimulationOptions, now: datetime, inputs: Iterable[str] = ()
) -> SimulatedCall:
    """A conversation as far as the caller gave `inputs`: each as it would be typed. Raises InvalidTime."""
    made = SimulatedCall(
        flow=flow, library=library, options=options, caller=_make_caller_context(library, flow, options, now)
    )
    made.start()
    for typed in inputs:
        made.enter_input(typed)
    return made


def _parse_input(typed: str) -> FlowInput:
    if not typed:
        return FlowInput(kind=FlowInputKind.SILENCE)
    keys = set(typed) <= set("0123456789*#")
    return FlowInput(kind=FlowInputKind.KEYS if keys else FlowInputKind.WORDS, value=typed)


def _make_caller_context(
    library: Library, flow: Flow, options: SimulationOptions, now: datetime
) -> CallerContext:
    hours = library.get_hours(flow.person_queue)
    zone = ZoneInfo(hours.zone if hours else "UTC")
    try:
        now = datetime.fromisoformat(options.at) if options.at else now
        now = now.replace(tzinfo=zone) if now.tzinfo is None else now.astimezone(zone)
        last = LastContact(at=now - timedelta(days=1), agent="Danielle", subject="your suitcase", case="c1")
        owed = OpenPromise(promise_id="p1", until=now + timedelta(hours=2), agent="Danielle", may_change=True)
    except (ValueError, OverflowError) as error:
        raise InvalidTime(f'"{options.at}" is not a time like 2026-11-23T22:00.') from error
    known = options.caller in {"known", "owed"}
    return CallerContext(
        now=now,
        name="Lori" if known else "",
        known=known,
        number="" if options.caller == "hidden" else "+12025550123",
        last_contact=last if known else None,
        open_promise=owed if options.caller == "owed" else None,
        agents_free=dict.fromkeys(library.queues, options.free),
        estimate=dict.fromkeys(library.queues, 240),
    )
