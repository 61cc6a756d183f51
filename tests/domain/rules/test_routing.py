"""Who is waiting for whom."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ivr.domain.rules.routing import (
    Ability,
    Requirements,
    RoutingRules,
    WaitingKind,
    match_waiting,
)
from tests.domain.rules.routing_cast import NOW, agent, caller, pairs

BAGS = frozenset({"bags"})


SPANISH = Ability(languages=frozenset({"es"}))


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
