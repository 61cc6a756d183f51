"""What a caller may do at a turn, and what an effect may come to: all that the checker tries."""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache

from ivr.flow.model import Step, StepContext
from ivr.flow.turn import EndOfCall, FlowInput, FlowInputKind, Listen, Turn


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
        return tuple(
            (EdgeKind.RESULT, FlowInput(kind=FlowInputKind.RESULT, value=value), then.waiting_seconds)
            for value in then.list_results(context.caller)
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
