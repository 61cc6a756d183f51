"""What a caller may do at a turn, and what an effect may come to: all that the checker tries."""

from __future__ import annotations

import json
from datetime import timedelta
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise

from ivr.flow.model import Scene, Step
from ivr.flow.turn import (
    ChangePromise,
    CheckCode,
    Comment,
    Dial,
    Effect,
    End,
    Enqueue,
    FindWindows,
    Heard,
    HeardKind,
    JoinCase,
    Listen,
    Lookup,
    MakePromise,
    Rate,
    Reason,
    SendText,
    Situation,
    TakeMessage,
    TextCode,
    Turn,
    TurnTo,
)


class Move(StrEnum):
    """What brings a call from one turn to the next."""

    ANSWER = "answer"  # one of the answers that were asked for
    PERSON = "person"  # 0
    SILENCE = "silence"
    MISTAKE = "mistake"
    RESULT = "result"
    WISH = "wish"  # again, back, another language: the caller's own wish to stay


Input = tuple[Move, Heard, float]  # what is done, and after how many seconds of listening


def inputs(turn: Turn, step: Step, scene: Scene) -> tuple[Input, ...]:
    """Of a turn at a step; none when the call has ended."""
    then = turn.then
    if isinstance(then, End):
        return ()
    if not isinstance(then, Listen):
        waited = float(then.seconds) if isinstance(then, Lookup) else 0.0
        outcomes = results(then, scene.situation)
        return tuple((Move.RESULT, Heard(kind=HeardKind.RESULT, value=value), waited) for value in outcomes)
    answers = step.inputs(scene)
    keys = {heard.value for heard in answers}
    wrong = next((key for key in "876543219" if key not in keys), "10")
    return (
        *((Move.ANSWER, heard, 0.0) for heard in answers),
        (Move.PERSON, _keys("0"), 0),
        (Move.SILENCE, Heard(kind=HeardKind.SILENCE), float(then.seconds)),
        (Move.MISTAKE, _keys(wrong), 0),
        (Move.WISH, _keys("*"), 0),
        (Move.WISH, _keys("#"), 0),
    )


@lru_cache(maxsize=64)
def _keys(value: str) -> Heard:
    return Heard(kind=HeardKind.KEYS, value=value)


def results(effect: Effect, now: Situation) -> tuple[str, ...]:
    """All that an effect may come to."""
    if isinstance(effect, FindWindows):
        return _windows(now), "[]"
    if isinstance(effect, MakePromise):
        until = (now.now + timedelta(minutes=20)).isoformat()
        return f"made {until}", f"merged {until}", "refused", "not_callable country", "bounded line"
    if isinstance(effect, Lookup):
        return *(f"found {answer}" for answer in effect.answers), "found", "failed"
    return _OUTCOMES[type(effect)]


_OUTCOMES: dict[type, tuple[str, ...]] = {
    Enqueue: ("full",),
    ChangePromise: ("done", "refused"),
    TakeMessage: ("taken", "empty"),
    TextCode: ("sent", "no_text", "not_callable country"),
    CheckCode: ("right", "wrong", "over"),
    SendText: ("sent", "refused"),
    Dial: ("talked", "nobody"),
    Rate: ("kept", "poor"),
    Comment: ("kept",),
    JoinCase: ("joined",),
    TurnTo: ("done", "refused"),
    Reason: ("kept",),
}


def _windows(now: Situation) -> str:
    """One more than are read at a time, so that "later times" is tried too; at times that take long to say."""
    first = now.now.replace(hour=13, minute=30) + timedelta(days=3)
    hours = [(first + timedelta(hours=n)).isoformat() for n in range(5)]
    return json.dumps(list(pairwise(hours)))
