"""Routing of generated queues: nobody idle while somebody waits, and no overtaking beyond the window."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.domain.rules.routing import (
    Ability,
    IdleAgent,
    Requirements,
    RoutingRules,
    Waiting,
    match_waiting,
)
from tests.domain.rules.routing_cast import NOW, agent, caller, pairs

SKILLS = st.frozensets(st.sampled_from("xyz"), max_size=2)


NAMES = [f"a{n}" for n in range(6)]


NEEDS = st.builds(
    Requirements,
    skills=SKILLS,
    preferred_skills=SKILLS,
    language=st.sampled_from(["en", "es"]),
    supervisor=st.booleans(),
    relax_after_seconds=st.sampled_from([None, 60.0, 120.0]),
    overflow_skills=st.none() | SKILLS,
)


LINE = st.lists(
    st.builds(
        Waiting,
        id=st.uuids().map(str),
        requirements=NEEDS,
        queued_at=st.floats(NOW - 600, NOW),
        boost_seconds=st.sampled_from([0.0, 60.0, 700.0]),
        preferred_agent=st.sampled_from(["", *NAMES]),
        not_before=st.sampled_from([0.0, NOW + 1]),
        declined_by=st.frozensets(st.sampled_from(NAMES), max_size=3),
        declined_at=st.sampled_from([0.0, NOW - 30]),
        preferred_until=st.sampled_from([0.0, 0.0, NOW + 30]),
    ),
    max_size=12,
    unique_by=lambda waiting: waiting.id,
)


ABILITIES = st.builds(
    Ability,
    skills=SKILLS,
    languages=st.frozensets(st.sampled_from(["en", "es"]), min_size=1),
    supervisor=st.booleans(),
)


IDLE = st.lists(
    st.builds(IdleAgent, id=st.sampled_from(NAMES), ability=ABILITIES, idle_since=st.floats(NOW - 600, NOW)),
    max_size=6,
    unique_by=lambda idle: idle.id,
)


def may(waiting: Waiting, idle: IdleAgent) -> bool:
    """The rules, written down once more and slowly."""
    waited = NOW - max(waiting.queued_at, waiting.not_before)
    needs = waiting.requirements
    own = needs.skills <= idle.ability.skills
    widened = needs.relax_after_seconds is not None and waited >= needs.relax_after_seconds
    helps = widened and needs.overflow_skills is not None and needs.overflow_skills <= idle.ability.skills
    if waiting.not_before > NOW or not (own or helps):
        return False
    if waiting.requirements.supervisor and not idle.ability.supervisor:
        return False
    if not widened and not needs.preferred_skills <= idle.ability.skills:
        return False
    if waited < 300 and waiting.requirements.language not in idle.ability.languages:
        return False
    if waiting.preferred_agent and waiting.preferred_until > NOW and idle.id != waiting.preferred_agent:
        return False
    return min(waited, NOW - waiting.declined_at) >= 180 or idle.id not in waiting.declined_by


@settings(max_examples=200)
@given(line=LINE, idle=IDLE)
def test_no_agent_is_left_idle_whom_someone_left_waiting_could_have(
    line: list[Waiting], idle: list[IdleAgent]
) -> None:
    matches = match_waiting(line, idle, NOW)
    served, busy = pairs(matches).keys(), set(pairs(matches).values())
    assert len(served) == len(busy) == len(matches)
    assert all(may(found.waiting, found.agent) for found in matches)
    left = [(w.id, a.id) for w in line if w.id not in served for a in idle if a.id not in busy and may(w, a)]
    assert left == []


@settings(max_examples=200)
@given(line=LINE, idle=IDLE)
def test_nobody_is_overtaken_by_more_than_the_window_for_a_known_face(
    line: list[Waiting], idle: list[IdleAgent]
) -> None:
    matches = match_waiting(line, idle, NOW)
    served = pairs(matches)
    for found in matches:
        for other in line:
            if other.id not in served and may(other, found.agent):
                assert (
                    found.waiting.sort_key[0] - other.sort_key[0]
                    <= RoutingRules().preferred_agent_window_seconds
                )
                assert (
                    found.waiting.sort_key <= other.sort_key
                    or found.agent.id == found.waiting.preferred_agent
                )


@pytest.mark.parametrize("size", [10, 1000])
def test_what_is_decided_does_not_depend_on_the_order_of_reading(size: int) -> None:
    line = [caller(f"c{n}", n % 7, preferred_agent=f"a{n % 5}") for n in range(size)]
    idle = [agent(f"a{n}", n % 3) for n in range(20)]
    assert pairs(match_waiting(line, idle, NOW)) == pairs(match_waiting(line[::-1], idle[::-1], NOW))
