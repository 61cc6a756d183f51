"""Who is waiting for whom."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.domain.rules.routing import Ability, Idle, Kind, Match, Needs, Rules, Waiting, match

NOW = 10_000.0
BAGS = frozenset({"bags"})
SPANISH = Ability(languages=frozenset({"es"}))


def caller(name: str, waited: float = 10, **more: object) -> Waiting:
    return replace(Waiting(id=name, arrived=NOW - waited), **more)  # type: ignore[arg-type]  # fields of Waiting


def agent(name: str, idle: float = 10, ability: Ability | None = None) -> Idle:
    return Idle(id=name, since=NOW - idle, ability=ability or Ability())


def pairs(matches: list[Match]) -> dict[str, str]:
    return {found.waiting.id: found.agent.id for found in matches}


def test_whoever_came_first_is_served_first_by_the_agent_idle_longest() -> None:
    matches = match([caller("late", 5), caller("early", 50)], [agent("fresh", 1), agent("rested", 90)], NOW)
    assert pairs(matches) == {"early": "rested", "late": "fresh"}
    assert matches[0].why == "idle longest, for 90 s; the caller waited 50 s"


def test_with_one_agent_the_first_in_line_is_served() -> None:
    assert pairs(match([caller("late", 5), caller("early", 50)], [agent("a")], NOW)) == {"early": "a"}


def test_seconds_owed_count_as_seconds_waited() -> None:
    line = [caller("early", 50), caller("again", 5, boost=60)]
    assert pairs(match(line, [agent("a")], NOW)) == {"again": "a"}


def test_nobody_is_called_before_their_time() -> None:
    assert match([caller("later", not_before=NOW + 1)], [agent("a")], NOW) == []
    assert pairs(match([caller("now", not_before=NOW)], [agent("a")], NOW)) == {"now": "a"}


def test_a_caller_whose_own_agent_is_free_meets_them_and_the_record_says_why() -> None:
    line = [
        caller("stranger", 50),
        caller("lori", 12, own="danielle", own_because="took the caller's last call on Tuesday"),
    ]
    matches = match(line, [agent("rested", 90), agent("danielle", 1)], NOW)
    assert pairs(matches) == {"lori": "danielle", "stranger": "rested"}
    assert matches[0].why == "took the caller's last call on Tuesday; the caller waited 12 s"


def test_a_freed_agent_may_take_their_own_caller_who_came_shortly_after_the_first_in_line() -> None:
    line = [caller("stranger", 130), caller("lori", 20, own="danielle")]
    assert pairs(match(line, [agent("danielle")], NOW)) == {"lori": "danielle"}


def test_a_freed_agent_may_not_leave_the_first_in_line_for_someone_who_came_much_later() -> None:
    line = [caller("stranger", 141), caller("lori", 20, own="danielle")]
    assert pairs(match(line, [agent("danielle")], NOW)) == {"stranger": "danielle"}
    assert pairs(match(line, [agent("danielle")], NOW, Rules(own_window=200))) == {"lori": "danielle"}


def test_an_agent_is_never_kept_idle_for_their_own_caller() -> None:
    assert pairs(match([caller("stranger")], [agent("danielle")], NOW)) == {"stranger": "danielle"}
    assert pairs(match([caller("lori", own="away")], [agent("other")], NOW)) == {"lori": "other"}


def test_a_known_face_gives_way_where_only_that_agent_can_serve_the_first_in_line() -> None:
    danielle, other = agent("danielle", ability=Ability(skills=BAGS)), agent("other")
    line = [caller("bags", 20, needs=Needs(skills=BAGS)), caller("lori", 10, own="danielle")]
    assert pairs(match(line, [danielle, other], NOW)) == {"bags": "danielle", "lori": "other"}


def test_a_known_face_from_far_behind_takes_no_agent_from_those_in_front() -> None:
    line = [caller("first", 900), caller("second", 800), caller("lori", 1, own="danielle")]
    assert pairs(match(line, [agent("danielle"), agent("other")], NOW)).keys() == {"first", "second"}


def test_a_known_face_from_far_behind_does_not_pass_who_waits_for_that_very_agent() -> None:
    bags = Ability(skills=BAGS)
    line = [
        caller("first", 901),
        caller("bags", 900, needs=Needs(skills=BAGS)),
        caller("lori", 1, own="danielle"),
    ]
    idle = [agent("danielle", 90, bags), agent("other", 10)]
    assert pairs(match(line, idle, NOW)) == {"first": "danielle", "lori": "other"}


def test_a_skill_is_never_dropped_but_a_wish_is_after_a_while() -> None:
    must = caller("must", 1000, needs=Needs(skills=BAGS))
    wish = caller("wish", 59, needs=Needs(wished=BAGS))
    assert match([must, wish], [agent("a")], NOW) == []
    (found,) = match([must, replace(wish, arrived=NOW - 60)], [agent("a")], NOW)
    assert found.waiting.id == "wish"
    assert found.why.endswith("; without bags after 60 s")
    assert match([caller("wish", 9999, needs=Needs(wished=BAGS, widen_after=None))], [agent("a")], NOW) == []


def test_those_who_help_out_take_whom_nobody_of_their_own_queue_has_taken() -> None:
    both = frozenset({"support"})
    needs = Needs(skills=BAGS, helpers=both, widen_after=20.0)
    helper = agent("a", ability=Ability(skills=both))
    assert match([caller("lori", 19, needs=needs)], [helper], NOW) == []
    assert match([caller("lori", 20, needs=needs)], [agent("b")], NOW) == [], "nor does just anybody"
    (found,) = match([caller("lori", 20, needs=needs, queue="baggage")], [helper], NOW)
    assert found.why.endswith("; helps baggage out after 20 s")
    own = agent("c", 1, Ability(skills=BAGS))
    assert pairs(match([caller("lori", 5, needs=needs)], [helper, own], NOW)) == {"lori": "c"}


def test_a_language_is_waited_for_and_then_said_to_be_missing() -> None:
    assert match([caller("lori", 299)], [agent("a", ability=SPANISH)], NOW) == []
    (found,) = match([caller("lori", 300)], [agent("a", ability=SPANISH)], NOW)
    assert "does not speak en, nobody who does was free for 300 s" in found.why


def test_only_a_supervisor_will_do_for_who_asked_for_one() -> None:
    wants = caller("lori", 5000, needs=Needs(supervisor=True))
    chief = agent("chief", ability=Ability(supervisor=True))
    assert match([wants], [agent("a")], NOW) == []
    assert pairs(match([wants], [agent("a", 99), chief], NOW)) == {"lori": "chief"}


def test_an_agent_who_passed_is_not_asked_again_until_nobody_else_came() -> None:
    passed = caller("lori", 179, avoid=frozenset({"a"}), own="a")
    assert match([passed], [agent("a")], NOW) == []
    assert pairs(match([passed], [agent("a", 90), agent("b", 1)], NOW)) == {"lori": "b"}
    (found,) = match([replace(passed, arrived=NOW - 180)], [agent("a")], NOW)
    assert found.why.endswith("had passed before")


def test_who_passes_on_somebody_who_has_waited_long_is_not_asked_again_at_once() -> None:
    tired = caller("lori", 900, avoid=frozenset({"a"}), passed=NOW - 5)
    assert match([tired], [agent("a")], NOW) == []
    assert pairs(match([replace(tired, passed=NOW - 180)], [agent("a")], NOW)) == {"lori": "a"}


@pytest.mark.parametrize("ability", [Ability(), Ability(skills=BAGS)])
def test_who_passed_comes_after_all_others_who_are_there(ability: Ability) -> None:
    passed = caller("lori", 900, avoid=frozenset({"a"}))
    assert pairs(match([passed], [agent("a", 90, ability), agent("b", 1)], NOW)) == {"lori": "b"}


def test_what_somebody_promised_is_theirs_alone_for_a_while_and_then_anybodys() -> None:
    owned = caller("p", own="a", own_until=NOW + 1)
    assert match([owned], [agent("b", 90)], NOW) == []
    assert pairs(match([owned], [agent("b", 90), agent("a")], NOW)) == {"p": "a"}
    assert pairs(match([caller("x"), owned], [agent("b")], NOW)) == {"x": "b"}
    assert pairs(match([replace(owned, own_until=NOW)], [agent("b")], NOW)) == {"p": "b"}


def test_a_promise_keeps_its_place_but_has_only_waited_since_it_was_due() -> None:
    promise = caller("p", 86_400, kind=Kind.PROMISE, not_before=NOW - 5, needs=Needs(wished=BAGS))
    assert match([promise], [agent("a")], NOW) == []
    (found,) = match([promise], [agent("b", ability=Ability(skills=BAGS))], NOW)
    assert "the promise waited 5 s" in found.why


SKILLS = st.frozensets(st.sampled_from("xyz"), max_size=2)
NAMES = [f"a{n}" for n in range(6)]
NEEDS = st.builds(
    Needs,
    skills=SKILLS,
    wished=SKILLS,
    language=st.sampled_from(["en", "es"]),
    supervisor=st.booleans(),
    widen_after=st.sampled_from([None, 60.0, 120.0]),
    helpers=st.none() | SKILLS,
)
LINE = st.lists(
    st.builds(
        Waiting,
        id=st.uuids().map(str),
        needs=NEEDS,
        arrived=st.floats(NOW - 600, NOW),
        boost=st.sampled_from([0.0, 60.0, 700.0]),
        own=st.sampled_from(["", *NAMES]),
        not_before=st.sampled_from([0.0, NOW + 1]),
        avoid=st.frozensets(st.sampled_from(NAMES), max_size=3),
        passed=st.sampled_from([0.0, NOW - 30]),
        own_until=st.sampled_from([0.0, 0.0, NOW + 30]),
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
    st.builds(Idle, id=st.sampled_from(NAMES), ability=ABILITIES, since=st.floats(NOW - 600, NOW)),
    max_size=6,
    unique_by=lambda idle: idle.id,
)


def may(waiting: Waiting, idle: Idle) -> bool:
    """The rules, written down once more and slowly."""
    waited = NOW - max(waiting.arrived, waiting.not_before)
    needs = waiting.needs
    own = needs.skills <= idle.ability.skills
    widened = needs.widen_after is not None and waited >= needs.widen_after
    helps = widened and needs.helpers is not None and needs.helpers <= idle.ability.skills
    if waiting.not_before > NOW or not (own or helps):
        return False
    if waiting.needs.supervisor and not idle.ability.supervisor:
        return False
    if not widened and not needs.wished <= idle.ability.skills:
        return False
    if waited < 300 and waiting.needs.language not in idle.ability.languages:
        return False
    if waiting.own and waiting.own_until > NOW and idle.id != waiting.own:
        return False
    return min(waited, NOW - waiting.passed) >= 180 or idle.id not in waiting.avoid


@settings(max_examples=200)
@given(line=LINE, idle=IDLE)
def test_no_agent_is_left_idle_whom_someone_left_waiting_could_have(
    line: list[Waiting], idle: list[Idle]
) -> None:
    matches = match(line, idle, NOW)
    served, busy = pairs(matches).keys(), set(pairs(matches).values())
    assert len(served) == len(busy) == len(matches)
    assert all(may(found.waiting, found.agent) for found in matches)
    left = [(w.id, a.id) for w in line if w.id not in served for a in idle if a.id not in busy and may(w, a)]
    assert left == []


@settings(max_examples=200)
@given(line=LINE, idle=IDLE)
def test_nobody_is_overtaken_by_more_than_the_window_for_a_known_face(
    line: list[Waiting], idle: list[Idle]
) -> None:
    matches = match(line, idle, NOW)
    served = pairs(matches)
    for found in matches:
        for other in line:
            if other.id not in served and may(other, found.agent):
                assert found.waiting.order[0] - other.order[0] <= Rules().own_window
                assert found.waiting.order <= other.order or found.agent.id == found.waiting.own


@pytest.mark.parametrize("size", [10, 1000])
def test_what_is_decided_does_not_depend_on_the_order_of_reading(size: int) -> None:
    line = [caller(f"c{n}", n % 7, own=f"a{n % 5}") for n in range(size)]
    idle = [agent(f"a{n}", n % 3) for n in range(20)]
    assert pairs(match(line, idle, NOW)) == pairs(match(line[::-1], idle[::-1], NOW))
