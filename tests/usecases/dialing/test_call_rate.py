"""IVR_CALLS_PER_SECOND: calls are started no faster than the account allows, and whoever is on the line now goes before callbacks."""

from __future__ import annotations

import heapq
from dataclasses import replace
from itertools import pairwise

import pytest

from ivr.services import Services
from ivr.usecases.dialing import call_rate

GAP = 0.5


@pytest.fixture
def services(still: Services) -> Services:
    still.clock.sync()
    return replace(still, settings=still.settings.model_copy(update={"calls_per_second": 1 / GAP}))


def started(services: Services, wishes: list[tuple[float, bool, str]]) -> list[tuple[float, bool, str]]:
    """When each call was started. `wishes`: from when, whether somebody is on the line, name. Whoever must wait tries then."""
    began = services.clock.now()
    waiting = [(began + at, order, live, name) for order, (at, live, name) in enumerate(wishes)]
    heapq.heapify(waiting)
    done: list[tuple[float, bool, str]] = []
    for _ in range(2000):
        if not waiting:
            return done
        at, order, live, name = heapq.heappop(waiting)
        wait = call_rate.reserve_start(services, for_caller=live, now=at)
        if wait > 0:
            heapq.heappush(waiting, (at + wait, order, live, name))
        else:
            done.append((round(at - began, 3), live, name))
    raise AssertionError(f"Not all were started: {waiting}")


def test_no_two_calls_are_started_sooner_than_the_account_allows(services: Services) -> None:
    done = started(services, [(0.05 * n, n % 2 == 0, f"c{n}") for n in range(30)])
    assert len(done) == 30
    assert all(later - sooner >= GAP - 0.001 for (sooner, *_), (later, *_) in pairwise(done))
    assert done[-1][0] <= 30 * 2 * GAP, "and the stream does not dry up"


def test_offers_for_people_on_the_line_go_before_callbacks_that_came_first(services: Services) -> None:
    callbacks = [(0.0, False, f"callback{n}") for n in range(8)]
    live = [(0.1, True, f"live{n}") for n in range(8)]
    done = started(services, callbacks + live)
    first_live = next(i for i, (_, is_live, _) in enumerate(done) if is_live)
    assert first_live <= 1, "one callback had begun"
    assert [is_live for _, is_live, _ in done[1:9]] == [True] * 8
    assert [is_live for _, is_live, _ in done[9:]] == [False] * 7


def test_a_callback_goes_at_once_when_nobody_else_wants_to_call(services: Services) -> None:
    assert call_rate.reserve_start(services, for_caller=False, now=services.clock.now()) == 0
    assert call_rate.reserve_start(services, for_caller=False, now=services.clock.now() + GAP) == 0
