"""The colleague who helped last: a caller who is known may wait for them by a key, and is never stranded by the wish."""

from __future__ import annotations

import pytest

from ivr.cli.demo.stage import Stage
from ivr.domain.records.agent import AgentState
from ivr.domain.records.contact import ContactState
from tests.stories.people import DIANE, LORI, TAKES_IT, VICKI, contacts, pause, wraps_up
from tests.stories.watch import (
    available,
    contact_is,
    hangs_up,
    offers,
    play,
    presses,
    reach,
    to_the_end,
    together,
    was_told,
)

OTHER = "+12025550156"
HER = "Press 3 to wait for Diane"


@pytest.fixture
def waiting(stage: Stage) -> Stage:
    """Diane has helped Lori once, and talks with somebody else as Lori calls again."""
    stage.add_agent("Diane", DIANE, [*TAKES_IT, *wraps_up()])
    stage.call_line(LORI, [pause(3000)])
    reach(stage, together(DIANE, LORI))
    hangs_up(stage, LORI)
    to_the_end(stage)
    stage.call_line(OTHER, [pause(3000)])
    reach(stage, together(DIANE, OTHER))
    stage.call_line(LORI, [pause(3000)])
    reach(stage, contact_is(ContactState.WAITING), 60)
    reach(stage, lambda s: was_told(s, LORI, HER), 30)
    return stage


def test_they_wait_for_her_though_somebody_else_is_free(waiting: Stage) -> None:
    presses(waiting, LORI, "3")
    reach(waiting, lambda s: was_told(s, LORI, "You wait for Diane"), 10)
    waiting.add_agent("Vicki", VICKI, TAKES_IT)
    play(waiting, 70)
    assert available(waiting, "Vicki")
    assert was_told(waiting, LORI, "You are waiting for Diane")
    hangs_up(waiting, OTHER)
    reach(waiting, together(DIANE, LORI), 90)
    assert "asked for by the caller" in offers(waiting)[-1].offer.why


def test_they_may_think_again(waiting: Stage) -> None:
    presses(waiting, LORI, "3")
    reach(waiting, lambda s: was_told(s, LORI, "You wait for Diane"), 10)
    waiting.add_agent("Vicki", VICKI, TAKES_IT)
    presses(waiting, LORI, "3")
    reach(waiting, together(VICKI, LORI), 40)


def test_if_she_stops_working_they_are_told_and_are_anybodys(waiting: Stage) -> None:
    presses(waiting, LORI, "3")
    reach(waiting, lambda s: was_told(s, LORI, "You wait for Diane"), 10)
    waiting.set_agent_state("Diane", AgentState.AWAY)  # after this call
    reach(waiting, lambda s: was_told(s, LORI, "takes no calls just now"), 25)
    waiting.add_agent("Vicki", VICKI, TAKES_IT)
    reach(waiting, together(VICKI, LORI), 40)


def test_if_she_passes_they_are_anybodys_at_once(waiting: Stage) -> None:
    presses(waiting, LORI, "3")
    reach(waiting, lambda s: was_told(s, LORI, "You wait for Diane"), 10)
    waiting.add_agent("Vicki", VICKI, TAKES_IT)
    waiting.set_phone(DIANE, name="Diane", answers=False)
    hangs_up(waiting, OTHER)
    reach(waiting, together(VICKI, LORI), 150)


def test_who_is_not_known_by_their_number_hears_no_name(stage: Stage) -> None:
    stage.add_agent("Diane", DIANE, [*TAKES_IT, *wraps_up()])
    stage.call_line(LORI, [pause(3000)])
    reach(stage, together(DIANE, LORI))
    hangs_up(stage, LORI)
    to_the_end(stage)
    stage.call_line(OTHER, [pause(3000)])
    reach(stage, together(DIANE, OTHER))
    stage.call_line(LORI, [pause(3000)], stir="TN-Validation-Failed-C")
    play(stage, 90)
    assert any(c.state is ContactState.WAITING for c in contacts(stage))
    assert not was_told(stage, LORI, "Diane")
