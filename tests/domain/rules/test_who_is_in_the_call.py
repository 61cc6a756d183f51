"""Every order of leaving leads to the same end: the verdict follows from the facts, not from the order they come in (I5)."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.domain.records.contact import Contact, ContactState
from ivr.domain.records.contact_parts import ConferencePlaces, PartyLocation
from ivr.domain.rules.who_is_in_the_call import (
    AGENT_WAIT_SECONDS,
    CALLER_WAIT_SECONDS,
    MET_AFTER_SECONDS,
    TalkVerdict,
    add_participant,
    judge_talk,
    replace_agent_who_left,
    update_locations,
)

NOW = 1000.0
LEGS = ("caller_location", "agent_location", "consult_leg_location")
TWO = Contact(
    id="k1",
    state=ContactState.TALKING,
    leg="first",
    talked=True,
    conference=ConferencePlaces(
        caller_location=PartyLocation.IN_CONFERENCE,
        agent_location=PartyLocation.IN_CONFERENCE,
        joined_at=NOW - 60,
        sid="CF1",
    ),
)
THREE = replace(
    TWO,
    conference=replace(TWO.conference, consult_leg="other", consult_leg_location=PartyLocation.IN_CONFERENCE),
)

Fact = tuple[str, PartyLocation]
facts = st.lists(
    st.tuples(st.sampled_from(LEGS), st.sampled_from((PartyLocation.LEFT_CONFERENCE, PartyLocation.HUNG_UP))),
    max_size=6,
)


def learned(contact: Contact, fact: Fact) -> Contact:
    leg, where = fact
    said: dict[str, Any] = {leg: where}
    return update_locations(contact, replace(contact, conference=replace(contact.conference, **said)), NOW)


def after(contact: Contact, *known: Fact) -> Contact:
    for fact in known:
        contact = learned(contact, fact)
    return contact


@given(facts)
def test_the_same_facts_in_any_order_lead_to_the_same_verdict(known: list[Fact]) -> None:
    for begin in (TWO, replace(TWO, talked=False), THREE):
        ends = {
            (
                judge_talk(replace_agent_who_left(end), NOW),
                replace_agent_who_left(end).leg,
                replace_agent_who_left(end).conference.caller_location,
            )
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
    end = replace_agent_who_left(after(TWO, *[fact for fact in known if fact[0] != "second_where"]))
    if (
        end.conference.agent_location is not PartyLocation.IN_CONFERENCE
        or end.conference.caller_location is not PartyLocation.IN_CONFERENCE
    ):
        assert judge_talk(end, NOW) is not TalkVerdict.GO_ON
        assert (
            judge_talk(end, NOW + max(CALLER_WAIT_SECONDS, AGENT_WAIT_SECONDS))
            is not TalkVerdict.WAIT_FOR_REASON
        )


@given(facts)
def test_in_a_talk_of_three_the_caller_has_an_agent_while_one_is_in_the_room(known: list[Fact]) -> None:
    end = THREE
    for fact in known:
        if fact[0] != "second_where" or end.conference.consult_leg:
            end = replace_agent_who_left(learned(end, fact))
    if (
        end.conference.caller_location is PartyLocation.IN_CONFERENCE
        and end.conference.agent_location is PartyLocation.IN_CONFERENCE
    ):
        assert judge_talk(end, NOW) is TalkVerdict.GO_ON
        assert end.conference.left_at == 0.0 or end.conference.consult_leg


@pytest.mark.parametrize(
    ("known", "verdict"),
    [
        ((), TalkVerdict.GO_ON),
        ((("caller_location", PartyLocation.HUNG_UP),), TalkVerdict.CALLER_GONE),
        (
            (("caller_location", PartyLocation.HUNG_UP), ("agent_location", PartyLocation.HUNG_UP)),
            TalkVerdict.CALLER_GONE,
        ),
        ((("agent_location", PartyLocation.HUNG_UP),), TalkVerdict.ASK_CALLER),
        (
            (("agent_location", PartyLocation.HUNG_UP), ("caller_location", PartyLocation.LEFT_CONFERENCE)),
            TalkVerdict.ASK_CALLER,
        ),
        (
            (
                ("agent_location", PartyLocation.LEFT_CONFERENCE),
                ("caller_location", PartyLocation.LEFT_CONFERENCE),
            ),
            TalkVerdict.STEPPED_OUT,
        ),
        ((("caller_location", PartyLocation.LEFT_CONFERENCE),), TalkVerdict.WAIT_FOR_REASON),
        ((("agent_location", PartyLocation.LEFT_CONFERENCE),), TalkVerdict.WAIT_FOR_REASON),
    ],
)
def test_what_is_known_of_the_two_legs_decides(known: tuple[Fact, ...], verdict: TalkVerdict) -> None:
    assert judge_talk(after(TWO, *known), NOW) is verdict


def test_an_agent_lost_before_they_talked_is_not_asked_about() -> None:
    assert (
        judge_talk(after(replace(TWO, talked=False), ("agent_location", PartyLocation.HUNG_UP)), NOW)
        is TalkVerdict.LOST_AGENT
    )


def test_a_caller_whose_reason_does_not_come_is_asked_after_ten_seconds() -> None:
    out = after(TWO, ("caller_location", PartyLocation.LEFT_CONFERENCE))
    assert judge_talk(out, NOW + CALLER_WAIT_SECONDS - 1) is TalkVerdict.WAIT_FOR_REASON
    assert judge_talk(out, NOW + CALLER_WAIT_SECONDS) is TalkVerdict.ASK_CALLER


def test_an_agent_who_stepped_out_of_a_room_that_did_not_end_is_asked_after_three_seconds() -> None:
    out = after(TWO, ("agent_location", PartyLocation.LEFT_CONFERENCE))
    assert judge_talk(out, NOW + AGENT_WAIT_SECONDS) is TalkVerdict.STEPPED_OUT


def test_a_leg_that_has_ended_stays_ended_when_its_action_comes_late() -> None:
    assert (
        after(
            TWO, ("agent_location", PartyLocation.HUNG_UP), ("agent_location", PartyLocation.LEFT_CONFERENCE)
        ).conference.agent_location
        is PartyLocation.HUNG_UP
    )


def test_whoever_remains_of_two_agents_has_the_caller_and_nothing_is_pending() -> None:
    heir = replace_agent_who_left(after(THREE, ("agent_location", PartyLocation.LEFT_CONFERENCE)))
    assert (
        heir.leg,
        heir.conference.agent_location,
        heir.conference.consult_leg,
        heir.conference.left_at,
    ) == (
        "other",
        PartyLocation.IN_CONFERENCE,
        "",
        0.0,
    )
    stays = replace_agent_who_left(after(THREE, ("consult_leg_location", PartyLocation.HUNG_UP)))
    assert (
        stays.leg,
        stays.conference.agent_location,
        stays.conference.consult_leg,
        stays.conference.left_at,
    ) == (
        "first",
        PartyLocation.IN_CONFERENCE,
        "",
        0.0,
    )


def test_in_a_consult_the_caller_stays_the_first_agents() -> None:
    held = replace(
        THREE,
        state=ContactState.ON_HOLD,
        conference=replace(THREE.conference, caller_location=PartyLocation.LEFT_CONFERENCE),
    )
    assert (
        replace_agent_who_left(after(held, ("agent_location", PartyLocation.LEFT_CONFERENCE))).leg == "first"
    )


def test_when_nothing_was_heard_of_the_room_three_seconds_in_it_are_a_talk() -> None:
    """Conference events may be lost; where they come, they know better."""
    silent = replace(
        TWO, talked=False, conference=replace(TWO.conference, sid="", joined_at=NOW - MET_AFTER_SECONDS)
    )
    assert judge_talk(after(silent, ("agent_location", PartyLocation.HUNG_UP)), NOW) is TalkVerdict.ASK_CALLER
    just_now = replace(silent, conference=replace(silent.conference, joined_at=NOW - MET_AFTER_SECONDS + 1))
    assert (
        judge_talk(after(just_now, ("agent_location", PartyLocation.HUNG_UP)), NOW) is TalkVerdict.LOST_AGENT
    )
    heard = replace(silent, conference=replace(silent.conference, sid="CF1"))
    assert judge_talk(after(heard, ("agent_location", PartyLocation.HUNG_UP)), NOW) is TalkVerdict.LOST_AGENT


@pytest.mark.parametrize("order", [("CAc", "CAa"), ("CAa", "CAc"), ("CAa", "CAa", "CAc")])
def test_two_legs_that_were_seen_to_come_into_one_room_have_met(order: tuple[str, ...]) -> None:
    """The word that the conference has started may be lost."""
    contact = replace(TWO, talked=False, call="CAc", conference=replace(TWO.conference, number=2))
    *first, last = order
    for call in first:
        contact = add_participant(contact, call, "CAa")
        assert not contact.talked
    assert add_participant(contact, last, "CAa").talked
    assert not add_participant(replace(contact, state=ContactState.CALLING), last, "CAa").talked
    assert not add_participant(
        replace(contact, conference=replace(contact.conference, number=3)), last, "CAa"
    ).talked, "seen in another room"
    assert not add_participant(contact, last, "").talked


@pytest.mark.parametrize("state", [s for s in ContactState if s is not ContactState.TALKING])
def test_outside_a_talk_there_is_nothing_to_judge(state: ContactState) -> None:
    assert (
        judge_talk(
            replace(
                TWO, state=state, conference=replace(TWO.conference, agent_location=PartyLocation.HUNG_UP)
            ),
            NOW,
        )
        is TalkVerdict.GO_ON
    )
