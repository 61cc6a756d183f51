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

from ivr.domain.records.promise import PromiseKind


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
class Enqueue:
    """Join a queue. The flow is over unless RESULT "full" (nobody may wait) comes back."""

    queue: str
    skills: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class FindWindows:
    """Ask for times at which a callback can be promised. RESULT: JSON list of [from, until] ISO 8601 pairs, soonest first."""

    queue: str
    number: str = ""  # "" = the caller's own


@dataclass(frozen=True, kw_only=True)
class MakePromise:
    """Owe the caller a call. RESULT: "made <until, ISO 8601>", "merged <until>", "refused" (not on disk: keep the caller) or
    "not_callable <why>" (the number may not be rung: "invalid", "country", "costly" or "ours") or "bounded <which>" (too often
    already: for this "number", to any "other" number than the caller's own, or on this "line").
    """

    queue: str
    kind: PromiseKind = PromiseKind.CALLBACK
    skills: tuple[str, ...] = ()
    since: datetime | None = None  # None = as soon as it is their turn, place kept
    until: datetime | None = None
    number: str = ""  # "" = the caller's own


@dataclass(frozen=True, kw_only=True)
class ChangePromise:
    """Decline what is owed, or move it to another time or number. RESULT: "done" or "refused"."""

    promise: str
    decline: bool = False
    since: datetime | None = None  # moved to: None = as soon as it is their turn
    until: datetime | None = None
    number: str = ""  # "" = the number it was promised at


@dataclass(frozen=True, kw_only=True)
class SendNumberCode:
    """Text a code to another number, so that whoever has it in hand can enter it. RESULT: "sent", "no_text" (it takes none, or was
    sent too many), or "not_callable <why>" as for MakePromise.
    """

    number: str


@dataclass(frozen=True, kw_only=True)
class CheckNumberCode:
    """RESULT: "right", "wrong" (once more) or "over" (too late or too often)."""

    digits: str


@dataclass(frozen=True, kw_only=True)
class RecordReason:
    """The caller's sentence, verbatim. It goes on top of the brief (and of the promise, when one was just made). RESULT: "kept"."""

    text: str


@dataclass(frozen=True, kw_only=True)
class JoinCase:
    """The caller says that it is about the last matter (same=True) or something new. RESULT: "joined"."""

    same: bool
    case: str = ""


@dataclass(frozen=True, kw_only=True)
class SelectPromise:
    """The call is about another one of the promises they were told of. RESULT: "done" or "refused"."""

    promise: str


@dataclass(frozen=True, kw_only=True)
class RecordMessage:
    """Record. RESULT: "taken" (it became a promise) or "empty"."""

    queue: str
    seconds: int = 120


@dataclass(frozen=True, kw_only=True)
class RecordRating:
    """How it was, 1 to 5. RESULT: "kept", or "poor" (a promise was made: somebody rings and puts it right)."""

    score: int


@dataclass(frozen=True, kw_only=True)
class RecordComment:
    """Why they rated so, verbatim. RESULT: "kept"."""

    text: str


@dataclass(frozen=True, kw_only=True)
class DialExternal:
    """Ring a telephone outside the line, and join whoever presses 1 there. RESULT: "talked" (they did, and it is over; the
    caller is still there) or "nobody".
    """

    number: str
    seconds: int = 20  # of ringing


@dataclass(frozen=True, kw_only=True)
class SendText:
    """RESULT: "sent" (accepted for sending) or "refused"."""

    body: str


@dataclass(frozen=True, kw_only=True)
class Lookup:
    """Ask the company's own system about the caller. RESULT: "found <answer>" (one of `answers`), "found" (any other, or none), or
    "failed": it did not answer in time, or not so that it can be used.
    """

    step: str  # that asks
    url: str
    seconds: int  # for all of it
    answers: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class EndOfCall:
    """Hang up after the words."""


Effect = (
    Enqueue
    | FindWindows
    | MakePromise
    | ChangePromise
    | SendNumberCode
    | CheckNumberCode
    | RecordReason
    | JoinCase
    | SelectPromise
    | RecordMessage
    | SendText
    | DialExternal
    | RecordRating
    | RecordComment
    | Lookup
)
TurnAction = Listen | Effect | EndOfCall


@dataclass(frozen=True, kw_only=True)
class Turn:
    position: Position
    prompts: tuple[Prompt, ...]
    action: TurnAction
    entered_steps: tuple[
        str, ...
    ] = ()  # the steps entered in this turn, in order; none when it stayed where it was
