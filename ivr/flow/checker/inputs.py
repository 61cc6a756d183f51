"""What a caller may do at a turn, and what an effect may come to: all that the checker tries."""

from __future__ import annotations

import json
from datetime import timedelta
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise

from ivr.flow.model import Step, StepContext
from ivr.flow.turn import (
    CallerContext,
    ChangePromise,
    CheckNumberCode,
    DialExternal,
    Effect,
    EndOfCall,
    Enqueue,
    FindWindows,
    FlowInput,
    FlowInputKind,
    JoinCase,
    Listen,
    Lookup,
    MakePromise,
    RecordComment,
    RecordMessage,
    RecordRating,
    RecordReason,
    SelectPromise,
    SendNumberCode,
    SendText,
    Turn,
)


class EdgeKind(StrEnum):
    """What brings a call from one turn to the next."""

    ANSWER = "answer"  # one of the answers that were asked for
    PERSON = "person"  # 0
    SILENCE = "silence"
    MISTAKE = "mistake"
    RESULT = "result"
    NAVIGATION = "wish"  # again, back, another language: the caller's own wish to stay


TriedInput = tuple[EdgeKind, FlowInput, float]  # what is done, and after how many seconds of listening


def list_inputs(turn: Turn, step: Step, context: StepContext) -> tuple[TriedInput, ...]:
    """Of a turn at a step; none when the call has ended."""
    then = turn.action
    if isinstance(then, EndOfCall):
        return ()
    if not isinstance(then, Listen):
        waited = float(then.seconds) if isinstance(then, Lookup) else 0.0
        outcomes = list_results(then, context.caller)
        return tuple(
            (EdgeKind.RESULT, FlowInput(kind=FlowInputKind.RESULT, value=value), waited) for value in outcomes
        )
    answers = step.example_inputs(context)
    keys = {heard.value for heard in answers}
    wrong = next((key for key in "876543219" if key not in keys), "10")
    return (
        *((EdgeKind.ANSWER, heard, 0.0) for heard in answers),
        (EdgeKind.PERSON, _keys_input("0"), 0),
        (EdgeKind.SILENCE, FlowInput(kind=FlowInputKind.SILENCE), float(then.seconds)),
        (EdgeKind.MISTAKE, _keys_input(wrong), 0),
        (EdgeKind.NAVIGATION, _keys_input("*"), 0),
        (EdgeKind.NAVIGATION, _keys_input("#"), 0),
    )


@lru_cache(maxsize=64)
def _keys_input(value: str) -> FlowInput:
    return FlowInput(kind=FlowInputKind.KEYS, value=value)


def list_results(effect: Effect, caller: CallerContext) -> tuple[str, ...]:
    """All that an effect may come to."""
    if isinstance(effect, FindWindows):
        return _example_windows(caller), "[]"
    if isinstance(effect, MakePromise):
        until = (caller.now + timedelta(minutes=20)).isoformat()
        return f"made {until}", f"merged {until}", "refused", "not_callable country", "bounded line"
    if isinstance(effect, Lookup):
        return *(f"found {answer}" for answer in effect.answers), "found", "failed"
    return _RESULTS[type(effect)]


_RESULTS: dict[type, tuple[str, ...]] = {
    Enqueue: ("full",),
    ChangePromise: ("done", "refused"),
    RecordMessage: ("taken", "empty"),
    SendNumberCode: ("sent", "no_text", "not_callable country"),
    CheckNumberCode: ("right", "wrong", "over"),
    SendText: ("sent", "refused"),
    DialExternal: ("talked", "nobody"),
    RecordRating: ("kept", "poor"),
    RecordComment: ("kept",),
    JoinCase: ("joined",),
    SelectPromise: ("done", "refused"),
    RecordReason: ("kept",),
}


def _example_windows(caller: CallerContext) -> str:
    """One more than are read at a time, so that "later times" is tried too; at times that take long to say."""
    first = caller.now.replace(hour=13, minute=30) + timedelta(days=3)
    hours = [(first + timedelta(hours=n)).isoformat() for n in range(5)]
    return json.dumps(list(pairwise(hours)))
