"""Counts, not times: they are the same on every machine."""

from __future__ import annotations

import pytest

from tests.bench.bars.round_trips import JOIN, JOIN_SAID, MENU_STEP, count


@pytest.fixture(scope="module")
def counted() -> dict[str, list[int]]:
    return count()


def test_a_menu_step_waits_for_the_record_once(counted: dict[str, list[int]]) -> None:
    assert set(counted[MENU_STEP]) == {1}


@pytest.mark.parametrize("how", [JOIN, JOIN_SAID])
def test_joining_a_queue_waits_for_the_record_twice(counted: dict[str, list[int]], how: str) -> None:
    assert set(counted[how]) == {2}


def test_an_agents_key_waits_for_the_record_twice_at_most(counted: dict[str, list[int]]) -> None:
    agents = {what: max(trips) for what, trips in counted.items() if what.startswith("agent: ")}
    assert len(agents) > 10
    assert {what: trips for what, trips in agents.items() if trips > 2} == {}
