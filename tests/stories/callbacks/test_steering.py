"""Colleagues steer what is owed from a terminal, while the line goes on."""

from __future__ import annotations

from click.testing import CliRunner, Result

from ivr.cli import cli
from ivr.cli.demo.stage import Stage
from ivr.domain.records.promise import PromiseState
from tests.stories.callbacks.owed import (
    KEEPS_IT,
    PICKS_UP,
    clock,
    free,
    holds,
    promised,
    rang_last,
    rung,
    the_promise,
    until,
)
from tests.stories.people import DIANE, LORI, texts_to


def ivr(stage: Stage, *argv: str) -> Result:
    return CliRunner().invoke(cli, argv, env=stage.env)


def test_a_call_is_moved_to_tomorrow_and_then_made_at_once_after_all(stage: Stage) -> None:
    owed = promised(stage)
    moved = ivr(stage, "callbacks", "reschedule", owed.id[:5], "--to", "tomorrow 10:00", "--yes")
    assert moved.exit_code == 0, moved.output
    stage.play(5)
    later = the_promise(stage)
    assert (later.state, clock(stage, later.not_before).hour, later.not_before > stage.now + 3600 * 12) == (
        PromiseState.MADE,
        10,
        True,
    )
    assert "tomorrow" in texts_to(stage, LORI)[-1]
    assert wake_is_shown(stage, owed.id)

    stage.set_phone(LORI, name="Lori", script=PICKS_UP)
    stage.add_agent("Diane", DIANE, KEEPS_IT)
    stage.play(30)
    assert rung(stage) == 0
    now = ivr(stage, "callbacks", "call-now", owed.id, "--yes")
    assert now.exit_code == 0, now.output
    until(stage, 240, PromiseState.KEPT)
    holds(stage)
    told = ivr(stage, "callbacks", "show", owed.id)
    for words in (
        "callback, kept",
        "picked up",
        "promise moved",
        "via=staff",
        "nothing: it has ended",
        "sent to …155",
    ):
        assert words in told.stdout, told.stdout
    assert ivr(stage, "check").exit_code == 0


def wake_is_shown(stage: Stage, name: str) -> bool:
    return "looked at again" in ivr(stage, "callbacks", "show", name).stdout


def test_whoever_takes_a_promise_while_the_phone_rings_has_it_and_the_phone_stops(stage: Stage) -> None:
    owed = promised(stage)
    stage.set_phone(LORI, name="Lori", script=PICKS_UP, after=25.0)
    stage.add_agent("Diane", DIANE, KEEPS_IT)
    until(stage, 120, PromiseState.DIALING)
    assert stage.play(30, until=lambda: rung(stage) == 1)
    taken = ivr(stage, "callbacks", "assign", owed.id, "--to", "Diane", "--yes")
    assert taken.exit_code == 0, taken.output
    stage.play(12)
    assert (rang_last(stage)[2], free(stage, "diane")) == ("canceled", True)
    stage.play(60)
    assert (the_promise(stage).state, the_promise(stage).owner, rung(stage)) == (
        PromiseState.OWNED,
        "diane",
        1,
    )
    holds(stage)
