"""One call is made whatever webhooks come, and however many promises one number has."""

from __future__ import annotations

import threading

from ivr.cli.demo.stage import Stage
from ivr.domain.actor import RequestChannel
from ivr.domain.records.promise import PromiseState
from ivr.telephony.reply import HangUp, Reply
from ivr.usecases.callbacks import connect as callback_connect
from ivr.usecases.callbacks import reschedule, reschedule_request
from tests.stories.callbacks.about_to_ring import about_to_ring_her, kept_with_one_call, kill
from tests.stories.callbacks.owed import (
    KEEPS_HER_PLACE,
    KEEPS_IT,
    PICKS_UP,
    calls_to,
    fault,
    holds,
    promised,
    rung,
    state,
    text,
    until,
)
from tests.stories.people import (
    DIANE,
    LORI,
    TAKES_IT,
    VICKI,
    heard_by,
    promises,
)


def test_webhooks_that_come_twice_late_and_in_another_order_change_nothing(stage: Stage) -> None:
    about_to_ring_her(stage)
    fault(stage, "callback", "twice", match="callback", times=2)
    fault(stage, "callback", "late", match="callback-status", times=2, seconds=25)
    fault(stage, "webhook", "twice", match="/callback/")
    kept_with_one_call(stage)


def test_a_leg_that_is_answered_though_nobody_wants_it_any_more_hears_a_hang_up_and_not_a_word(
    stage: Stage,
) -> None:
    about_to_ring_her(stage)
    stage.set_phone(LORI, name="Lori", after=12.0, script=PICKS_UP)
    until(stage, 60, PromiseState.DIALING)
    before = len(heard_by(stage, LORI))
    fault(stage, "rest", "error", match="/Calls/CA", times=-1)  # it cannot be ended before
    text(stage, "NO")
    assert stage.play(60, until=lambda: calls_to(stage, LORI)[0][2] == "completed")
    assert len(heard_by(stage, LORI)) == before
    stage.call_control_api("DELETE", "/emulator/faults")
    stage.play(120)
    assert state(stage) is PromiseState.DECLINED
    holds(stage)


def test_a_leg_of_an_earlier_fence_hears_a_hang_up_even_while_a_later_one_rings(stage: Stage) -> None:
    about_to_ring_her(stage)
    stage.set_phone(LORI, name="Lori", answers=False)
    promise = until(stage, 60, PromiseState.DIALING)
    reply = callback_connect.on_answered(stage.services, promise.id, promise.fence - 1, "CA" + "0" * 32)
    assert reply == Reply(verb=HangUp())
    assert state(stage) is PromiseState.DIALING


def test_two_promises_for_one_number_ring_it_one_after_the_other(stage: Stage) -> None:
    promised(stage)
    hers = promised(stage, number="+12125550144")
    wish, asked = (
        reschedule_request.ChangeNumber(number=LORI),
        reschedule_request.RequestOrigin(channel=RequestChannel.TERMINAL, by="diane"),
    )
    assert isinstance(reschedule.apply(stage.services, hers.id, wish, asked), reschedule_request.Rescheduled)
    stage.set_phone(LORI, name="Lori", script=PICKS_UP)
    stage.add_agent("Diane", DIANE, KEEPS_IT)
    stage.add_agent("Vicki", VICKI, KEEPS_IT)
    kept = lambda: all(p.state is PromiseState.KEPT for p in promises(stage))  # noqa: E731
    assert stage.play(400, until=kept), [p.state for p in promises(stage)]
    assert rung(stage) == 2
    holds(stage)


def test_several_faults_in_a_row_over_several_attempts_never_ring_her_twice_at_once(stage: Stage) -> None:
    about_to_ring_her(stage)
    fault(stage, "rest", "lose_response", match="Calls.json", times=3)
    fault(stage, "callback", "drop", match="callback", times=4)
    fault(stage, "webhook", "lose_response", match="voice", times=2)
    killer = threading.Timer(0.3, lambda: kill(stage, "callbacks"))
    killer.start()
    until(stage, 1200, PromiseState.KEPT)
    killer.join()
    stage.play(300)
    holds(stage)


def test_without_a_free_agent_nobody_is_rung(stage: Stage) -> None:
    promised(stage, KEEPS_HER_PLACE)
    stage.set_phone(LORI, name="Lori", script=PICKS_UP)
    stage.add_agent("Diane", DIANE, TAKES_IT[:2])
    stage.play(180)
    assert not rung(stage)
    holds(stage)
