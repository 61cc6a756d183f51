"""Who is waiting for whom."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.domain.rules.routing import (
    Ability,
    IdleAgent,
    Match,
    Requirements,
    RoutingRules,
    Waiting,
    WaitingKind,
    match_waiting,
)

NOW = 10_000.0
BAGS = frozenset({"bags"})
SPANISH = Ability(languages=frozenset({"es"}))


def caller(name: str, waited: float = 10, **more: object) -> Waiting:
    return replace(Waiting(id=name, queued_at=NOW - waited), **more)  # type: ignore[arg-type]  # fields of Waiting


def agent(name: str, idle: float = 10, ability: Ability | None = None) -> IdleAgent:
    return IdleAgent(id=name, idle_since=NOW - idle, ability=ability or Ability())


def pairs(matches: list[Match]) -> dict[str, str]:
    return {found.waiting.id: found.agent.id for found in matches}


def test_whoever_came_first_is_served_first_by_the_agent_idle_longest() -> None:
    matches = match_waiting(
        [caller("late", 5), caller("early", 50)], [agent("fresh", 1), agent("rested", 90)], NOW
    )
    assert pairs(matches) == {"early": "rested", "late": "fresh"}
    assert matches[0].reason == "idle longest, for 90 s; the caller waited 50 s"


def test_with_one_agent_the_first_in_line_is_served() -> None:
    assert pairs(match_waiting([caller("late", 5), caller("early", 50)], [agent("a")], NOW)) == {"early": "a"}


def test_seconds_owed_count_as_seconds_waited() -> None:
    line = [caller("early", 50), caller("again", 5, boost_seconds=60)]
    assert pairs(match_waiting(line, [agent("a")], NOW)) == {"again": "a"}


def test_nobody_is_called_before_their_time() -> None:
    assert match_waiting([caller("later", not_before=NOW + 1)], [agent("a")], NOW) == []
    assert pairs(match_waiting([caller("now", not_before=NOW)], [agent("a")], NOW)) == {"now": "a"}


def test_a_caller_whose_own_agent_is_free_meets_them_and_the_record_says_why() -> None:
    line = [
        caller("stranger", 50),
        caller(
            "lori", 12, preferred_agent="danielle", preferred_reason="took the caller's last call on Tuesday"
        ),
    ]
    matches = match_waiting(line, [agent("rested", 90), agent("danielle", 1)], NOW)
    assert pairs(matches) == {"lori": "danielle", "stranger": "rested"}
    assert matches[0].reason == "took the caller's last call on Tuesday; the caller waited 12 s"


def test_a_freed_agent_may_take_their_own_caller_who_came_shortly_after_the_first_in_line() -> None:
    line = [caller("stranger", 130), caller("lori", 20, preferred_agent="danielle")]
    assert pairs(match_waiting(line, [agent("danielle")], NOW)) == {"lori": "danielle"}


def test_a_freed_agent_may_not_leave_the_first_in_line_for_someone_who_came_much_later() -> None:
    line = [caller("stranger", 141), caller("lori", 20, preferred_agent="danielle")]
    assert pairs(match_waiting(line, [agent("danielle")], NOW)) == {"stranger": "danielle"}
    assert pairs(
        match_waiting(line, [agent("danielle")], NOW, RoutingRules(preferred_agent_window_seconds=200))
    ) == {"lori": "danielle"}


def test_an_agent_is_never_kept_idle_for_their_own_caller() -> None:
    assert pairs(match_waiting([caller("stranger")], [agent("danielle")], NOW)) == {"stranger": "danielle"}
    assert pairs(match_waiting([caller("lori", preferred_agent="away")], [agent("other")], NOW)) == {
        "lori": "other"
    }


def test_a_known_face_gives_way_where_only_that_agent_can_serve_the_first_in_line() -> None:
    danielle, other = agent("danielle", ability=Ability(skills=BAGS)), agent("other")
    line = [
        caller("bags", 20, requirements=Requirements(skills=BAGS)),
        caller("lori", 10, preferred_agent="danielle"),
    ]
    assert pairs(match_waiting(line, [danielle, other], NOW)) == {"bags": "danielle", "lori": "other"}


def test_a_known_face_from_far_behind_takes_no_agent_from_those_in_front() -> None:
    line = [caller("first", 900), caller("second", 800), caller("lori", 1, preferred_agent="danielle")]
    assert pairs(match_waiting(line, [agent("danielle"), agent("other")], NOW)).keys() == {"first", "second"}


def test_a_known_face_from_far_behind_does_not_pass_who_waits_for_that_very_agent() -> None:
    bags = Ability(skills=BAGS)
    line = [
        caller("first", 901),
        caller("bags", 900, requirements=Requirements(skills=BAGS)),
        caller("lori", 1, preferred_agent="danielle"),
    ]
    idle = [agent("danielle", 90, bags), agent("other", 10)]
    assert pairs(match_waiting(line, idle, NOW)) == {"first": "danielle", "lori": "other"}


def test_a_skill_is_never_dropped_but_a_wish_is_after_a_while() -> None:
    must = caller("must", 1000, requirements=Requirements(skills=BAGS))
    wish = caller("wish", 59, requirements=Requirements(preferred_skills=BAGS))
    assert match_waiting([must, wish], [agent("a")], NOW) == []
    (found,) = match_waiting([must, replace(wish, queued_at=NOW - 60)], [agent("a")], NOW)
    assert found.waiting.id == "wish"
    assert found.reason.endswith("; without bags after 60 s")
    assert (
        match_waiting(
            [
                caller(
                    "wish", 9999, requirements=Requirements(preferred_skills=BAGS, relax_after_seconds=None)
                )
            ],
            [agent("a")],
            NOW,
        )
        == []
    )


def test_those_who_help_out_take_whom_nobody_of_their_own_queue_has_taken() -> None:
    both = frozenset({"support"})
    needs = Requirements(skills=BAGS, overflow_skills=both, relax_after_seconds=20.0)
    helper = agent("a", ability=Ability(skills=both))
    assert match_waiting([caller("lori", 19, requirements=needs)], [helper], NOW) == []
    assert match_waiting([caller("lori", 20, requirements=needs)], [agent("b")], NOW) == [], (
        "nor does just anybody"
    )
    (found,) = match_waiting([caller("lori", 20, requirements=needs, queue="baggage")], [helper], NOW)
    assert found.reason.endswith("; helps baggage out after 20 s")
    own = agent("c", 1, Ability(skills=BAGS))
    assert pairs(match_waiting([caller("lori", 5, requirements=needs)], [helper, own], NOW)) == {"lori": "c"}


def test_a_language_is_waited_for_and_then_said_to_be_missing() -> None:
    assert match_waiting([caller("lori", 299)], [agent("a", ability=SPANISH)], NOW) == []
    (found,) = match_waiting([caller("lori", 300)], [agent("a", ability=SPANISH)], NOW)
    assert "does not speak en, nobody who does was free for 300 s" in found.reason


def test_only_a_supervisor_will_do_for_who_asked_for_one() -> None:
    wants = caller("lori", 5000, requirements=Requirements(supervisor=True))
    chief = agent("chief", ability=Ability(supervisor=True))
    assert match_waiting([wants], [agent("a")], NOW) == []
    assert pairs(match_waiting([wants], [agent("a", 99), chief], NOW)) == {"lori": "chief"}


def test_an_agent_who_passed_is_not_asked_again_until_nobody_else_came() -> None:
    passed = caller("lori", 179, declined_by=frozenset({"a"}), preferred_agent="a")
    assert match_waiting([passed], [agent("a")], NOW) == []
    assert pairs(match_waiting([passed], [agent("a", 90), agent("b", 1)], NOW)) == {"lori": "b"}
    (found,) = match_waiting([replace(passed, queued_at=NOW - 180)], [agent("a")], NOW)
    assert found.reason.endswith("had passed before")


def test_who_passes_on_somebody_who_has_waited_long_is_not_asked_again_at_once() -> None:
    tired = caller("lori", 900, declined_by=frozenset({"a"}), declined_at=NOW - 5)
    assert match_waiting([tired], [agent("a")], NOW) == []
    assert pairs(match_waiting([replace(tired, declined_at=NOW - 180)], [agent("a")], NOW)) == {"lori": "a"}


@pytest.mark.parametrize("ability", [Ability(), Ability(skills=BAGS)])
def test_who_passed_comes_after_all_others_who_are_there(ability: Ability) -> None:
    passed = caller("lori", 900, declined_by=frozenset({"a"}))
    assert pairs(match_waiting([passed], [agent("a", 90, ability), agent("b", 1)], NOW)) == {"lori": "b"}


def test_what_somebody_promised_is_theirs_alone_for_a_while_and_then_anybodys() -> None:
    owned = caller("p", preferred_agent="a", preferred_until=NOW + 1)
    assert match_waiting([owned], [agent("b", 90)], NOW) == []
    assert pairs(match_waiting([owned], [agent("b", 90), agent("a")], NOW)) == {"p": "a"}
    assert pairs(match_waiting([caller("x"), owned], [agent("b")], NOW)) == {"x": "b"}
    assert pairs(match_waiting([replace(owned, preferred_until=NOW)], [agent("b")], NOW)) == {"p": "b"}


def test_a_promise_keeps_its_place_but_has_only_waited_since_it_was_due() -> None:
    promise = caller(
        "p",
        86_400,
        kind=WaitingKind.PROMISE,
        not_before=NOW - 5,
        requirements=Requirements(preferred_skills=BAGS),
    )
    assert match_waiting([promise], [agent("a")], NOW) == []
    (found,) = match_waiting([promise], [agent("b", ability=Ability(skills=BAGS))], NOW)
    assert "the promise waited 5 s" in found.reason


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
