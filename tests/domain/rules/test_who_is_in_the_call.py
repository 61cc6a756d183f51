"""Every order of leaving leads to the same end: the verdict follows from the facts, not from the order they come in (I5)."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.domain.records.contact import Contact, ContactState, Where
from ivr.domain.rules.who_is_in_the_call import (
    AGENT_PATIENCE,
    CALLER_PATIENCE,
    MET,
    Verdict,
    came,
    judge,
    learn,
    succeed,
)

NOW = 1000.0
LEGS = ("caller", "agent", "second_where")
TWO = Contact(
    id="k1",
    state=ContactState.TALKING,
    offer="first",
    caller=Where.ROOM,
    agent=Where.ROOM,
    talked=True,
    joined=NOW - 60,
    conference="CF1",
)
THREE = replace(TWO, second="other", second_where=Where.ROOM)

Fact = tuple[str, Where]
facts = st.lists(st.tuples(st.sampled_from(LEGS), st.sampled_from((Where.OUT, Where.GONE))), max_size=6)


def told(contact: Contact, fact: Fact) -> Contact:
    leg, where = fact
    said: dict[str, Any] = {leg: where}
    return learn(contact, replace(contact, **said), NOW)


def after(contact: Contact, *known: Fact) -> Contact:
    for fact in known:
        contact = told(contact, fact)
    return contact


@given(facts)
def test_the_same_facts_in_any_order_lead_to_the_same_verdict(known: list[Fact]) -> None:
    for begin in (TWO, replace(TWO, talked=False), THREE):
        ends = {
            (judge(succeed(end), NOW), succeed(end).offer, succeed(end).caller)
            for order in set(permutations(known[:4]))
            for end in [after(begin, *order)]
        }
        assert len(ends) == 1


@given(facts, facts)
def test_a_fact_told_twice_or_late_changes_nothing(known: list[Fact], again: list[Fact]) -> None:
    once = after(TWO, *known)
    late = [fact for fact in known if fact in again]
    assert after(once, *late) == once


@given(facts)
def test_whoever_left_the_caller_is_never_told_to_go_on_alone(known: list[Fact]) -> None:
    end = succeed(after(TWO, *[fact for fact in known if fact[0] != "second_where"]))
    if end.agent is not Where.ROOM or end.caller is not Where.ROOM:
        assert judge(end, NOW) is not Verdict.GO_ON
        assert judge(end, NOW + max(CALLER_PATIENCE, AGENT_PATIENCE)) is not Verdict.MOMENT


@given(facts)
def test_in_a_talk_of_three_the_caller_has_an_agent_while_one_is_in_the_room(known: list[Fact]) -> None:
    end = THREE
    for fact in known:
        if fact[0] != "second_where" or end.second:
            end = succeed(told(end, fact))
    if end.caller is Where.ROOM and end.agent is Where.ROOM:
        assert judge(end, NOW) is Verdict.GO_ON
        assert end.left_at == 0.0 or end.second


@pytest.mark.parametrize(
    ("known", "verdict"),
    [
        ((), Verdict.GO_ON),
        ((("caller", Where.GONE),), Verdict.CALLER_GONE),
        ((("caller", Where.GONE), ("agent", Where.GONE)), Verdict.CALLER_GONE),
        ((("agent", Where.GONE),), Verdict.AFTER),
        ((("agent", Where.GONE), ("caller", Where.OUT)), Verdict.AFTER),
        ((("agent", Where.OUT), ("caller", Where.OUT)), Verdict.STEPPED_OUT),
        ((("caller", Where.OUT),), Verdict.MOMENT),
        ((("agent", Where.OUT),), Verdict.MOMENT),
    ],
)
def test_what_is_known_of_the_two_legs_decides(known: tuple[Fact, ...], verdict: Verdict) -> None:
    assert judge(after(TWO, *known), NOW) is verdict


def test_an_agent_lost_before_they_talked_is_not_asked_about() -> None:
    assert judge(after(replace(TWO, talked=False), ("agent", Where.GONE)), NOW) is Verdict.LOST_AGENT


def test_a_caller_whose_reason_does_not_come_is_asked_after_ten_seconds() -> None:
    out = after(TWO, ("caller", Where.OUT))
    assert judge(out, NOW + CALLER_PATIENCE - 1) is Verdict.MOMENT
    assert judge(out, NOW + CALLER_PATIENCE) is Verdict.AFTER


def test_an_agent_who_stepped_out_of_a_room_that_did_not_end_is_asked_after_three_seconds() -> None:
    out = after(TWO, ("agent", Where.OUT))
    assert judge(out, NOW + AGENT_PATIENCE) is Verdict.STEPPED_OUT


def test_a_leg_that_has_ended_stays_ended_when_its_action_comes_late() -> None:
    assert after(TWO, ("agent", Where.GONE), ("agent", Where.OUT)).agent is Where.GONE


def test_whoever_remains_of_two_agents_has_the_caller_and_nothing_is_pending() -> None:
    heir = succeed(after(THREE, ("agent", Where.OUT)))
    assert (heir.offer, heir.agent, heir.second, heir.left_at) == ("other", Where.ROOM, "", 0.0)
    stays = succeed(after(THREE, ("second_where", Where.GONE)))
    assert (stays.offer, stays.agent, stays.second, stays.left_at) == ("first", Where.ROOM, "", 0.0)


def test_in_a_consult_the_caller_stays_the_first_agents() -> None:
    held = replace(THREE, state=ContactState.HELD, caller=Where.OUT)
    assert succeed(after(held, ("agent", Where.OUT))).offer == "first"


def test_when_nothing_was_heard_of_the_room_three_seconds_in_it_are_a_talk() -> None:
    """Conference events may be lost; where they come, they know better."""
    silent = replace(TWO, talked=False, conference="", joined=NOW - MET)
    assert judge(after(silent, ("agent", Where.GONE)), NOW) is Verdict.AFTER
    just_now = replace(silent, joined=NOW - MET + 1)
    assert judge(after(just_now, ("agent", Where.GONE)), NOW) is Verdict.LOST_AGENT
    heard = replace(silent, conference="CF1")
    assert judge(after(heard, ("agent", Where.GONE)), NOW) is Verdict.LOST_AGENT


@pytest.mark.parametrize("order", [("CAc", "CAa"), ("CAa", "CAc"), ("CAa", "CAa", "CAc")])
def test_two_legs_that_were_seen_to_come_into_one_room_have_met(order: tuple[str, ...]) -> None:
    """The word that the conference has started may be lost."""
    contact = replace(TWO, talked=False, call="CAc", stage=2)
    *first, last = order
    for call in first:
        contact = came(contact, call, "CAa")
        assert not contact.talked
    assert came(contact, last, "CAa").talked
    assert not came(replace(contact, state=ContactState.CALLING), last, "CAa").talked
    assert not came(replace(contact, stage=3), last, "CAa").talked, "seen in another room"
    assert not came(contact, last, "").talked


@pytest.mark.parametrize("state", [s for s in ContactState if s is not ContactState.TALKING])
def test_outside_a_talk_there_is_nothing_to_judge(state: ContactState) -> None:
    assert judge(replace(TWO, state=state, agent=Where.GONE), NOW) is Verdict.GO_ON
