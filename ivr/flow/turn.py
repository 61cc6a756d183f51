"""What the flow engine hears, knows and answers: the values on both sides of `ivr.flow.engine`.

The engine is pure. A turn says some words and then either listens, or asks its caller to do one thing (an effect)
whose outcome comes back as the next input. So the whole conversation is a fold over inputs, and can be repeated:
the web app folds what the caller pressed, the checker every possible press, the replay yesterday's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import ClassVar


class FlowInputKind(StrEnum):
    BEGIN = "begin"  # the step has just been entered
    KEYS = "keys"
    WORDS = "words"
    SILENCE = "silence"
    RESULT = "result"  # what an effect came to; `value` is the effect's own word or JSON


@dataclass(frozen=True, kw_only=True)
class FlowInput:
    kind: FlowInputKind
    value: str = ""


@dataclass(frozen=True, kw_only=True)
class Position:
    """Where a call is in its flow. Serialised as JSON on the contact."""

    step: str
    stage: str = ""  # within the step; each step kind has its own
    failures: int = 0  # silences and mistakes in a row at this place
    language: str = "en"
    memo: Mapping[str, str] = field(default_factory=dict)  # what a step must remember between stages


@dataclass(frozen=True, kw_only=True)
class LastContact:
    """What may be said about the previous contact; already filtered by what this caller may hear (I7)."""

    at: datetime
    agent: str = ""  # the colleague's name; empty when it may not be said
    subject: str = ""  # sayable summary or reason; empty when it may not be said
    case: str = ""


@dataclass(frozen=True, kw_only=True)
class OpenPromise:
    """An open promise to this caller; already filtered by what this caller may hear (I7)."""

    promise_id: str
    until: datetime
    agent: str = ""  # who promised or will ring; empty when it may not be said
    subject: str = ""
    may_change: bool = False  # attested or better: may move or decline it


@dataclass(frozen=True, kw_only=True)
class CallerContext:
    """Everything besides the input that a turn may depend on."""

    now: datetime  # aware, in the line's zone
    name: str = ""  # to greet by; empty when unknown or not to be said
    known: bool = False
    number: str = ""  # E.164 of the caller, empty when hidden or not callable
    zones: tuple[str, ...] = ()  # IANA zones the caller's number may be in
    calls_today: int = 1
    last_contact: LastContact | None = None
    open_promise: OpenPromise | None = None  # what the call is about until they say otherwise
    other_promises: tuple[OpenPromise, ...] = ()  # what is owed to them besides
    agents_free: Mapping[str, int] = field(default_factory=dict)  # by queue
    estimate: Mapping[str, int | None] = field(
        default_factory=dict
    )  # by queue, seconds; None = nobody is working

    def is_open(self, name: str, check: Callable[[str, datetime], bool]) -> bool:
        """Whether hours hold now. Asked by their name, so that the checker sees which ones a turn hangs on, and no more than that."""
        return check(name, self.now)


# ---- what a turn says -------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class SpokenPrompt:
    """Text to be spoken; may carry SSML `<say-as>` and `<break>` but nothing a caller or agent typed unescaped."""

    text: str
    language: str


@dataclass(frozen=True, kw_only=True)
class AudioPrompt:
    """A recording. Its words, where the author gave them, are said instead when the caller is asked again."""

    url: str
    language: str
    seconds: float | None = None  # None: nobody has said how long it is


Prompt = SpokenPrompt | AudioPrompt

# ---- what happens after it --------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Listen:
    """Gather. Anything said before it may be interrupted. Exactly one of KEYS, WORDS, SILENCE comes back."""

    max_digits: int = 1  # most keys to wait for; 0 = none but the universal ones
    finish_key: str = ""  # key that ends the entry, "" = none
    seconds: int = 5  # of silence before SILENCE; 0 = back at once
    processing_seconds: int = 0  # seconds for which whatever comes back may keep us busy
    speech: bool = True
    hints: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class EndOfCall:
    """Hang up after the words."""


@dataclass(frozen=True, kw_only=True)
class SimulatedLine:
    """What a simulated call meets, besides its caller."""

    is_open: Callable[[str, datetime], bool]  # whether the hours of this name hold at a time
    is_full: bool = False  # nobody else may join a queue
    lookup_answer: str = ""  # of the company's own system; "else" = it does not answer


@dataclass(frozen=True, kw_only=True)
class Effect:
    """One thing that a step asks to have done outside the flow. What it comes to is the step's next input, of kind RESULT.

    Each is defined in the file of the step that asks for it, with all that the checker, the replay and the simulator must know of it.
    What is done is an `Action` in `ivr/usecases/calls/actions/`.
    """

    results: ClassVar[tuple[str, ...]] = ()  # all that it may come to, the usual one first
    is_navigation: ClassVar[bool] = False  # the caller's own wish to stay, as "again" and "back" are

    def list_results(self, caller: CallerContext) -> tuple[str, ...]:
        """All that it may come to for this caller: the checker tries each."""
        del caller
        return self.results

    def likely_result(self, caller: CallerContext) -> str:
        """What it came to, as far as a replay can know."""
        return self.list_results(caller)[0]

    def pretend(self, caller: CallerContext, line: SimulatedLine) -> str:
        """What it comes to in a simulated call, where nothing is done; "" = the call leaves the flow."""
        del line
        return self.likely_result(caller)

    @property
    def waiting_seconds(self) -> float:
        """Seconds of silence that it may cost the caller."""
        return 0.0

    def destination(self, person_queue: str) -> str:
        """What the call has come to here, in words for a replay; "" = nothing yet. `person_queue`: the flow's own."""
        del person_queue
        return ""

    def reaches_goal(self, result: str, *, stage: str, before: bool) -> bool:
        """Whether a person, a promise or the caller's own decision lies behind them, once it came to `result`.

        `result`: its first word. `stage`: of the step. `before`: whether it was so before.
        """
        del result, stage
        return before


@dataclass(frozen=True, kw_only=True)
class RecordMessage(Effect):
    """Record. RESULT: "taken" (it became a promise) or "empty".

    The caller is heard, as after `Listen`: the webhook of the recording writes its RESULT down as their next input.
    """

    results: ClassVar[tuple[str, ...]] = ("taken", "empty")

    queue: str
    seconds: int = 120

    def destination(self, person_queue: str) -> str:
        return f"message {self.queue or person_queue}"

    def reaches_goal(self, result: str, *, stage: str, before: bool) -> bool:
        # An empty recording is kept like any other; what the caller is offered next is explored all the same.
        del before
        return result == "taken" or stage == "recorded"


TurnAction = Listen | Effect | EndOfCall


@dataclass(frozen=True, kw_only=True)
class Turn:
    position: Position
    prompts: tuple[Prompt, ...]
    action: TurnAction
    entered_steps: tuple[
        str, ...
    ] = ()  # the steps entered in this turn, in order; none when it stayed where it was
