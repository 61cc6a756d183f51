"""What became of a callback that the record does not know of, by the calls that Twilio tells of."""

from __future__ import annotations

import pytest

from ivr.domain.rules.call_evidence import Seen, Verdict, judge, talked_after, together, tries


def ours(at: float = 0, **more: object) -> Seen:
    return Seen(call=f"CA{at}", at=at, ended=at + 60, **more)  # type: ignore[arg-type]


TALK = ours(answered=True, together=40)
NOBODY = ours(10)
MACHINE = ours(20, answered=True, machine=True, together=40)
SHORT = ours(30, answered=True, together=4)
RANG_IN = ours(40, inbound=True, answered=True)
RANG_IN_AND_TALKED = ours(50, inbound=True, answered=True, together=40)
RINGS = Seen(call="CA9", at=60, live=True)


@pytest.mark.parametrize(
    ("seen", "verdict"),
    [
        ((), Verdict.NOTHING),
        ((NOBODY, TALK), Verdict.KEPT),
        ((NOBODY, MACHINE), Verdict.TRIED),
        ((NOBODY, SHORT), Verdict.UNCLEAR),
        ((RANG_IN,), Verdict.NOTHING),
        ((RANG_IN, NOBODY), Verdict.TRIED),
        ((NOBODY, RANG_IN_AND_TALKED), Verdict.KEPT),
        ((TALK, RINGS), Verdict.LIVE),
    ],
)
def test_the_calls_of_a_customer_say_what_became_of_a_callback(
    seen: tuple[Seen, ...], verdict: Verdict
) -> None:
    assert judge(seen) is verdict


def test_what_came_to_nothing_counts_as_an_attempt_and_a_talk_or_a_call_of_theirs_does_not() -> None:
    assert tries((TALK, NOBODY, MACHINE, SHORT, RANG_IN, RINGS)) == 3


def test_a_talk_settles_what_was_open_before_it_and_not_what_came_later() -> None:
    assert talked_after((TALK,), 30.0) is TALK
    assert talked_after((TALK,), 61.0) is None
    assert talked_after((MACHINE, SHORT), 0.0) is None


def test_a_room_that_had_ended_before_they_came_is_no_room_they_were_in() -> None:
    assert together((100.0, 200.0), [(0.0, 90.0)]) < 0
    assert together((100.0, 200.0), [(0.0, 90.0), (150.0, 190.0)]) == 40.0
    assert together((100.0, 200.0), []) == 0.0
