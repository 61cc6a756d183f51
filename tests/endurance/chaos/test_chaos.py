"""The minute version of `make chaos`: a few of everything. What is drawn here is the same in every run."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

import pytest

from tests.endurance.chaos import turns
from tests.endurance.chaos.house import House
from tests.endurance.chaos.mutants import MUTANTS, mutated
from tests.endurance.chaos.play import house, play
from tests.endurance.chaos.proxy import When
from tests.endurance.chaos.scenes import LIVE, QUEUED, SAYS_NO, UNTOLD, Scene

TURNS = [
    ("write", 74, When.AFTER),
    ("POST", 3, When.BEFORE),
    ("bell", 7, When.BEFORE),
]
STAGES = {scene.name: scene for scene in LIVE}
DEATHS = [
    ("waiting", "kill -9 of everything at once"),
    ("consulting", "SIGSTOP redis"),
]


@pytest.fixture(scope="module")
def one() -> Iterator[House]:
    with house() as made:
        yield made


@pytest.mark.parametrize(("what", "at", "when"), TURNS)
def test_a_process_killed_at_a_write_a_post_or_a_bell_costs_time_and_nothing_else(
    one: House, what: str, at: int, when: When
) -> None:
    told, bad = turns.turn(one, what, at, when, kill=True)
    assert not bad, told


@pytest.mark.parametrize(("stage", "death"), DEATHS)
def test_a_caller_in_any_stage_survives_any_death(one: House, stage: str, death: str) -> None:
    assert not turns.death(one, STAGES[stage], death)


@pytest.mark.parametrize("scene", [UNTOLD, QUEUED, SAYS_NO], ids=lambda scene: scene.name)
def test_what_mutants_fail_at_is_well_without_them(one: House, scene: Scene) -> None:
    assert not turns.play(one, scene)


def test_people_are_called_whatever_breaks_and_whenever(one: House) -> None:
    result = play(one, 101, promises=5, faults=5)
    assert not result.violations, "\n".join(result.story)
    assert result.counts["promises"]
    assert sum(result.injected.values()) == 5


@pytest.mark.parametrize("name", MUTANTS)
def test_each_mutant_can_still_be_made(name: str) -> None:
    """Whether it is found, `make chaos` says."""
    try:
        with mutated(name):
            pass
    except subprocess.CalledProcessError as e:
        pytest.fail(f"tests/endurance/chaos/patches/{name}.patch does not apply any more: {e.stderr}")
