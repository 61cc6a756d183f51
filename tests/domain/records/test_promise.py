from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.domain.errors import IllegalTransition
from ivr.domain.records.promise import ENDED, QUEUED, UNDER_WAY, Promise, PromiseState, become

S = PromiseState

LIFE = {
    S.MADE: {S.DUE, S.ESCALATED},
    S.DUE: {S.MADE, S.RINGING, S.ESCALATED},
    S.RINGING: {S.DUE, S.DIALING, S.ESCALATED},
    S.DIALING: {S.MADE, S.DUE, S.TALKING, S.ESCALATED},
    S.TALKING: {S.MADE, S.DUE, S.KEPT, S.ESCALATED},
    S.MERGED: {S.MADE, S.DUE, S.KEPT, S.ESCALATED},
    S.ESCALATED: {S.MADE, S.RINGING},
}
ANYTIME = {S.DECLINED, S.MERGED, S.OWNED}


@pytest.mark.parametrize(("old", "new"), list(product(S, S)), ids=lambda s: s.value)
def test_every_step_is_either_part_of_the_life_of_a_promise_or_refused(old: S, new: S) -> None:
    promise = Promise(id="p", state=old)
    if old not in ENDED and new in LIFE[old] | ANYTIME:
        assert become(promise, new).state is new
    else:
        with pytest.raises(IllegalTransition, match=f"p is {old} and cannot become {new}"):
            become(promise, new)


@pytest.mark.parametrize("ended", sorted(ENDED))
def test_what_has_ended_stays_ended(ended: S) -> None:
    for new in S:
        with pytest.raises(IllegalTransition):
            become(Promise(id="p", state=ended), new)


@pytest.mark.parametrize("state", sorted(set(S) - ENDED))
def test_whatever_is_open_can_be_declined_merged_or_taken_in_hand(state: S) -> None:
    for new in ANYTIME:
        assert become(Promise(id="p", state=state), new).state is new


@pytest.mark.parametrize("state", sorted(set(S) - {S.TALKING, S.MERGED}))
def test_a_promise_is_kept_only_out_of_a_talk(state: S) -> None:
    with pytest.raises(IllegalTransition):
        become(Promise(id="p", state=state), S.KEPT)


@pytest.mark.parametrize("state", sorted(set(S) - {S.RINGING}))
def test_a_phone_is_rung_only_when_an_agent_has_accepted(state: S) -> None:
    with pytest.raises(IllegalTransition):
        become(Promise(id="p", state=state), S.DIALING)


@given(steps=st.lists(st.sampled_from(list(S)), max_size=30))
def test_from_wherever_a_life_has_led_an_end_can_be_reached(steps: list[S]) -> None:
    promise = Promise(id="p")
    for step in steps:
        if promise.state not in ENDED and step in LIFE[promise.state] | ANYTIME:
            promise = become(promise, step)
    assert promise.state in ENDED or _can_end(promise.state)


def _can_end(state: S) -> bool:
    """By being kept, without the customer declining or anybody taking it in hand."""
    seen, open_ = set(), {state}
    while open_:
        seen |= open_
        open_ = {after for s in open_ for after in LIFE.get(s, set())} - seen
    return S.KEPT in seen


def test_the_fields_that_go_with_a_step_are_set_and_nothing_else() -> None:
    promise = Promise(id="p", state=S.RINGING, number="+12025550155", fence=3, queued_at=7.0)
    dialling = become(promise, S.DIALING, fence=4)
    assert (dialling.fence, dialling.number, dialling.queued_at) == (4, "+12025550155", 7.0)


def test_the_groups_of_states_do_not_overlap() -> None:
    assert not ENDED & QUEUED
    assert not ENDED & UNDER_WAY
    assert not QUEUED & UNDER_WAY
