"""The lines in flows/examples: what they are shown for is true, and nobody is trapped in them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from ivr.flow.checker.check import check_flows
from ivr.flow.loader.library import load_flows
from ivr.flow.steps.promise_dialog import MakePromise
from ivr.flow.steps.queue import Enqueue
from ivr.flow.turn import CallerContext, LastContact
from tests.flow.caller import NUMBER, SHIPPED, Talk

EXAMPLES = SHIPPED / "examples"
NAMES = sorted(path.name for path in EXAMPLES.iterdir())
NEW_YORK, CHICAGO, PACIFIC = (ZoneInfo(f"America/{city}") for city in ("New_York", "Chicago", "Los_Angeles"))


def call(example: str, at: datetime, known: CallerContext | None = None) -> Talk:
    situation = replace(known or CallerContext(now=at, number=NUMBER), now=at)
    return Talk(library=load_flows(EXAMPLES / example), situation=situation)


def queue(talk: Talk) -> Enqueue:
    assert isinstance(talk.then, Enqueue), talk.then
    return talk.then


@pytest.mark.parametrize("name", NAMES)
def test_an_example_passes_the_check(name: str) -> None:
    (report,) = check_flows(load_flows(EXAMPLES / name))
    assert not report.faults


def test_together_they_show_every_kind_of_step_that_needs_nothing_from_outside() -> None:
    libraries = [load_flows(EXAMPLES / name) for name in NAMES]
    shown = {step.keyword for lib in libraries for flow in lib.flows.values() for step in flow.steps.values()}
    assert {
        "say", "menu", "ask", "recall", "branch", "queue", "promise", "message", "text", "goto", "goodbye",
    } <= shown  # fmt: skip


def test_the_clinic_says_911_first_and_finds_a_nurse_on_the_night_of_a_holiday() -> None:
    christmas = datetime(2026, 12, 25, 22, 0, tzinfo=NEW_YORK)
    about = LastContact(at=christmas, agent="Danielle", subject="your results", case="c1")
    lori = CallerContext(now=christmas, number=NUMBER, name="Lori", known=True, last_contact=about)
    talk = call("clinic", christmas, lori)
    assert "dial 911" in talk.heard.split(".")[1]
    assert "Lori" not in talk.heard
    assert "results" not in talk.heard
    talk.press("1").says("It hurts when I breathe").result("kept")
    assert queue(talk).queue == "on_call"


def test_the_clinic_promises_a_call_to_who_says_nothing_at_night() -> None:
    talk = call("clinic", datetime(2026, 11, 24, 22, 0, tzinfo=NEW_YORK)).nothing().press("1")
    assert isinstance(talk.then, MakePromise)


def test_the_shop_is_told_the_order_and_a_third_call_on_one_day_gets_a_manager() -> None:
    noon = datetime(2026, 11, 24, 12, 0, tzinfo=CHICAGO)
    talk = call("shop", noon).press("1", "123456").result("kept")
    assert queue(talk).queue == "orders"
    assert (
        queue(call("shop", noon, CallerContext(now=noon, number=NUMBER, calls_today=3))).queue == "managers"
    )
    short = CallerContext(now=noon, number=NUMBER, estimate={"shop": 60})
    assert queue(call("shop", noon, short).nothing()).queue == "shop"
    long = CallerContext(now=noon, number=NUMBER, estimate={"shop": 600})
    assert "we call you when it is your turn" in call("shop", noon, long).nothing().heard


def test_the_shop_is_closed_the_day_after_christmas_and_opens_early_after_thanksgiving() -> None:
    assert "closed now" in call("shop", datetime(2026, 12, 26, 12, 0, tzinfo=CHICAGO)).heard
    assert "closed now" not in call("shop", datetime(2026, 11, 27, 8, 30, tzinfo=CHICAGO)).heard


def test_the_helpline_answers_in_spanish_with_somebody_who_speaks_it() -> None:
    talk = call("helpline", datetime(2026, 11, 24, 12, 0, tzinfo=PACIFIC))
    assert "Para español, oprima 9" in talk.heard
    talk.press("9")
    assert "Para comida, oprima 1" in talk.heard
    talk.says("no tengo casa").says("Mañana nos desalojan").result("kept")
    assert (queue(talk).queue, queue(talk).skills) == ("housing", ("spanish",))
