"""What became of a callback that the record does not know of, by the calls that Twilio tells of."""

from __future__ import annotations

import pytest

from ivr.domain.rules.call_evidence import (
    CallbackVerdict,
    ObservedCall,
    count_failed_calls,
    count_seconds_together,
    find_talk_after,
    judge_callback,
)


def ours(at: float = 0, **more: object) -> ObservedCall:
    return ObservedCall(call_sid=f"CA{at}", started_at=at, ended_at=at + 60, **more)  # type: ignore[arg-type]


TALK = ours(answered=True, together_seconds=40)
NOBODY = ours(10)
MACHINE = ours(20, answered=True, machine=True, together_seconds=40)
SHORT = ours(30, answered=True, together_seconds=4)
RANG_IN = ours(40, inbound=True, answered=True)
RANG_IN_AND_TALKED = ours(50, inbound=True, answered=True, together_seconds=40)
RINGS = ObservedCall(call_sid="CA9", started_at=60, is_live=True)


@pytest.mark.parametrize(
    ("seen", "verdict"),
    [
        ((), CallbackVerdict.NOTHING),
        ((NOBODY, TALK), CallbackVerdict.KEPT),
        ((NOBODY, MACHINE), CallbackVerdict.ATTEMPTED),
        ((NOBODY, SHORT), CallbackVerdict.UNCLEAR),
        ((RANG_IN,), CallbackVerdict.NOTHING),
        ((RANG_IN, NOBODY), CallbackVerdict.ATTEMPTED),
        ((NOBODY, RANG_IN_AND_TALKED), CallbackVerdict.KEPT),
        ((TALK, RINGS), CallbackVerdict.LIVE),
    ],
)
def test_the_calls_of_a_customer_say_what_became_of_a_callback(
    seen: tuple[ObservedCall, ...], verdict: CallbackVerdict
) -> None:
    assert judge_callback(seen) is verdict


def test_what_came_to_nothing_counts_as_an_attempt_and_a_talk_or_a_call_of_theirs_does_not() -> None:
    assert count_failed_calls((TALK, NOBODY, MACHINE, SHORT, RANG_IN, RINGS)) == 3


def test_a_talk_settles_what_was_open_before_it_and_not_what_came_later() -> None:
    assert find_talk_after((TALK,), 30.0) is TALK
    assert find_talk_after((TALK,), 61.0) is None
    assert find_talk_after((MACHINE, SHORT), 0.0) is None


def test_a_room_that_had_ended_before_they_came_is_no_room_they_were_in() -> None:
    assert count_seconds_together((100.0, 200.0), [(0.0, 90.0)]) < 0
    assert count_seconds_together((100.0, 200.0), [(0.0, 90.0), (150.0, 190.0)]) == 40.0
    assert count_seconds_together((100.0, 200.0), []) == 0.0
