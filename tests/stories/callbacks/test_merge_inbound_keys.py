"""Who rings in about a call that is owed may move, change or decline it by keys."""

from __future__ import annotations

from ivr.cli.demo.stage import Stage
from ivr.domain.records.contact import Outcome
from ivr.domain.records.promise import PromiseState
from tests.stories.callbacks.owed import (
    KEEPS_HER_PLACE,
    KEEPS_IT,
    OTHER,
    PICKS_UP,
    code_at,
    enters,
    holds,
    over,
    promised,
    rung,
    skip_to,
    state,
    the_promise,
    until,
)
from tests.stories.callbacks.ringing_in import CHOOSES_LATER, rings_in
from tests.stories.people import (
    DIANE,
    LORI,
    contacts,
    heard_by,
    listen,
    pause,
    press,
    texts_to,
)


def test_waiting_again_and_keeping_her_place_again_moves_the_one_promise(stage: Stage) -> None:
    promise = promised(stage)
    stage.play(120)
    sid = rings_in(stage, [listen("about that, press 1", 90), press("1"), *KEEPS_HER_PLACE[:2], pause(25)])
    assert stage.play(200, until=lambda: over(stage, sid))
    again = the_promise(stage)
    assert again.queued_at == promise.queued_at
    assert again.due_by == promise.due_by
    assert any("We already owe you a call" in words for words in heard_by(stage, LORI))
    stage.set_phone(LORI, name="Lori", script=PICKS_UP)
    stage.add_agent("Diane", DIANE, KEEPS_IT)
    until(stage, 300, PromiseState.KEPT)
    holds(stage)


def test_key_4_declines_it(stage: Stage) -> None:
    promised(stage, CHOOSES_LATER)
    sid = rings_in(stage, [listen("to cancel it, 4", 90), press("4"), listen("we will not call you")])
    assert stage.play(120, until=lambda: over(stage, sid))
    assert state(stage) is PromiseState.DECLINED
    stage.play(60)
    assert contacts(stage)[-1].outcome is Outcome.DECLINED
    holds(stage)


def test_key_3_moves_it_to_the_time_she_chooses(stage: Stage) -> None:
    promise = promised(stage)
    sid = rings_in(
        stage,
        [
            listen("To move our call, press 3", 90),
            press("3"),
            listen("press 3"),
            press("3"),
            listen("it is moved"),
            pause(9),
        ],
    )
    assert stage.play(120, until=lambda: over(stage, sid))
    moved = the_promise(stage)
    assert moved.state is PromiseState.MADE
    assert moved.not_before > promise.due_by
    assert moved.queued_at == moved.not_before
    stage.play(5)
    assert "moved. We will call you by" in texts_to(stage, LORI)[-1]
    stage.set_phone(LORI, name="Lori", script=PICKS_UP)
    stage.add_agent("Diane", DIANE, KEEPS_IT)
    skip_to(stage, moved.not_before - 1)
    assert not rung(stage)
    until(stage, 300, PromiseState.KEPT)
    holds(stage)


def test_key_3_and_another_number_rings_that_one(stage: Stage) -> None:
    promised(stage)
    sid = rings_in(
        stage,
        [
            listen("press 3", 90),
            press("3"),
            listen("press 9"),
            press("9"),
            listen("pound key"),
            press("2125550177#"),
            listen("right, press 1"),
            press("1"),
            listen(": press 1", 90),
            press("1"),
            listen("it is moved"),
            pause(12),
        ],
    )
    enters(stage, sid, code_at(stage))
    assert stage.play(160, until=lambda: over(stage, sid))
    moved = the_promise(stage)
    assert (moved.number, moved.customer) == (OTHER, LORI)
    stage.set_phone(OTHER, name="Lori elsewhere", script=PICKS_UP)
    stage.add_agent("Diane", DIANE, KEEPS_IT)
    skip_to(stage, moved.not_before)
    until(stage, 300, PromiseState.KEPT)
    assert not rung(stage)
    holds(stage)
