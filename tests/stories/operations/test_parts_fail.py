"""The line outlives its parts (I9): whatever goes away, a caller's call comes to a person or to a promise."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

import pytest

from ivr.cli.demo.stage import Stage
from ivr.domain.records.contact import ContactState, Outcome
from ivr.usecases.outages import spool
from tests.stories.operations.breakable import (
    ASKS_FOR_A_PERSON,
    SLOW,
    TAKES_FALLBACK,
    VOICEMAIL,
    broken,
    talked_with,
)
from tests.stories.operations.outage import GRACE, HANK, answered_in, catch_up, live, no_record, pass_time
from tests.stories.people import (
    BRIDGED,
    DIANE,
    HANG_UP,
    LORI,
    TAKES_IT,
    all_ended,
    contacts,
    heard_by,
    listen,
    pause,
    press,
    promises,
    speak,
    wraps_up,
)
from tests.web.webhooks.twilio import Twilio, call

__all__ = ["broken"]


@pytest.fixture
def stage(broken: Stage) -> Stage:
    return broken


def test_a_caller_in_a_menu_whose_line_breaks_is_brought_to_a_person(
    stage: Stage, record_property: Callable[[str, object], None]
) -> None:
    stage.set_phone(GRACE, name="Grace", script=TAKES_FALLBACK)
    sid = stage.call_line(LORI, [pause(2), press("0"), pause(300)])
    stage.play(1)
    with no_record(stage):
        assert pass_time(stage, 60, lambda: not live(stage, sid))
    assert "our system has a fault" in " ".join(heard_by(stage, LORI))
    assert talked_with(stage, GRACE)
    assert max(answered_in(stage)) < SLOW
    record_property("slowest webhook, ms", max(answered_in(stage)))
    assert stage.play(120, until=lambda: all_ended(stage))
    (contact,) = contacts(stage)
    assert contact.outcome is Outcome.HELPED
    assert promises(stage) == []


def test_a_new_caller_of_a_broken_line_is_brought_to_a_person(stage: Stage) -> None:
    stage.set_phone(GRACE, name="Grace", script=TAKES_FALLBACK)
    with no_record(stage):
        sid = stage.call_line(LORI, [pause(300)])
        assert pass_time(stage, 60, lambda: not live(stage, sid))
    assert talked_with(stage, GRACE)
    assert max(answered_in(stage)) < SLOW
    assert stage.play(120, until=lambda: all_ended(stage))
    assert [c.outcome for c in contacts(stage)] == [Outcome.HELPED]


def test_callers_who_wait_in_line_are_brought_to_a_person_and_need_not_wait_for_the_line(
    stage: Stage,
) -> None:
    stage.set_phone(GRACE, name="Grace", script=TAKES_FALLBACK)
    sid = stage.call_line(LORI, [*ASKS_FOR_A_PERSON, pause(300)])
    assert stage.play(30, until=lambda: any(c.state is ContactState.WAITING for c in contacts(stage)))
    with no_record(stage):
        assert pass_time(stage, 120, lambda: not live(stage, sid))
    assert talked_with(stage, GRACE)
    assert max(answered_in(stage)) < SLOW
    assert stage.play(120, until=lambda: all_ended(stage))


def test_a_record_that_is_soon_back_costs_a_waiting_caller_nothing(stage: Stage) -> None:
    sid = stage.call_line(LORI, [*ASKS_FOR_A_PERSON, BRIDGED, pause(20), HANG_UP])
    assert stage.play(30, until=lambda: any(c.state is ContactState.WAITING for c in contacts(stage)))
    with no_record(stage):
        asked = len(answered_in(stage))
        assert pass_time(stage, 60, lambda: len(answered_in(stage)) > asked)
        assert live(stage, sid)
    stage.add_agent("Diane", DIANE, [*TAKES_IT, *wraps_up()])
    assert stage.play(300, until=lambda: all_ended(stage))
    assert "fault" not in " ".join(heard_by(stage, LORI))
    assert [c.outcome for c in contacts(stage)] == [Outcome.HELPED]


def test_a_record_that_is_killed_comes_back_and_the_caller_reaches_the_agent(stage: Stage) -> None:
    stage.set_phone(GRACE, name="Grace", answers=False)
    stage.set_phone(HANK, name="Hank", answers=False)
    stage.call_line(LORI, [pause(2), press("0"), BRIDGED, pause(20), HANG_UP])
    stage.play(1)
    os.kill(stage.redis_supervisor.pid("redis"), signal.SIGKILL)
    pass_time(stage, 2)
    catch_up(stage)
    stage.add_agent("Diane", DIANE, [*TAKES_IT, *wraps_up()])
    assert stage.play(400, until=lambda: all_ended(stage))
    assert [c.outcome for c in contacts(stage)] == [Outcome.HELPED]
    assert "Diane" in {e.get("who") for e in stage.read_emulator_log()}


def test_a_voicemail_does_not_swallow_the_caller(stage: Stage) -> None:
    stage.set_phone(GRACE, name="Grace", script=VOICEMAIL)
    stage.set_phone(HANK, name="Hank", script=TAKES_FALLBACK)
    with no_record(stage):
        sid = stage.call_line(LORI, [pause(300)])
        assert pass_time(stage, 120, lambda: not live(stage, sid))
    assert talked_with(stage, HANK)
    assert stage.play(120, until=lambda: all_ended(stage))


def test_a_message_left_while_the_record_is_away_is_one_promise_when_it_is_back(stage: Stage) -> None:
    stage.set_phone(GRACE, name="Grace", answers=False)
    stage.set_phone(HANK, name="Hank", answers=False)
    with no_record(stage):
        told = "Lori Grant, my suitcase is lost"
        sid = stage.call_line(
            LORI, [listen("le devolveremos la llamada", 200), pause(2), speak(told), pause(60)]
        )
        assert pass_time(stage, 200, lambda: not live(stage, sid))
        assert "We have your message" in " ".join(heard_by(stage, LORI))
        pass_time(stage, 5)  # the recording's own callback comes a second later, and tells no number
    assert stage.play(200, until=lambda: all_ended(stage))
    (contact,) = contacts(stage)
    (promise,) = promises(stage)
    assert contact.outcome is Outcome.PROMISED
    assert promise.number == LORI
    assert spool.list_facts(stage.settings.spool) == []
    stage.play(900)  # Twilio's list is looked through meanwhile: it is known there already
    assert len(promises(stage)) == 1


def test_a_caller_who_gives_up_on_the_fallback_is_owed_a_call(stage: Stage) -> None:
    stage.set_phone(GRACE, name="Grace", answers=False)
    with no_record(stage):
        sid = stage.call_line(LORI, [listen("No cuelgue"), pause(5), HANG_UP])
        assert pass_time(stage, 60, lambda: not live(stage, sid))
    assert stage.play(200, until=lambda: all_ended(stage))
    assert [c.outcome for c in contacts(stage)] == [Outcome.PROMISED]
    assert len(promises(stage)) == 1


def test_the_line_has_its_caller_again_as_soon_as_the_record_is_back(stage: Stage) -> None:
    stage.set_phone(GRACE, name="Grace", answers=False)
    stage.set_phone(HANK, name="Hank", answers=False)
    with no_record(stage):
        # not before: the line would answer quicker than the record goes away
        stage.call_line(LORI, [BRIDGED, pause(20), HANG_UP])
        pass_time(stage, 0)
        assert pass_time(stage, 20, lambda: "No cuelgue" in " ".join(heard_by(stage, LORI)))
    stage.add_agent("Diane", DIANE, [*TAKES_IT, *wraps_up()])
    assert stage.play(400, until=lambda: all_ended(stage))
    assert [c.outcome for c in contacts(stage)] == [Outcome.HELPED]
    assert promises(stage) == []


def test_a_talk_goes_on_while_the_record_is_away_and_ends_well(stage: Stage) -> None:
    stage.add_agent("Diane", DIANE, [*TAKES_IT, *wraps_up()])
    sid = stage.call_line(LORI, [BRIDGED, pause(90), HANG_UP])
    assert stage.play(60, until=lambda: any(c.talked for c in contacts(stage)))
    with no_record(stage):
        pass_time(stage, 40)
        assert live(stage, sid)
    assert stage.play(400, until=lambda: all_ended(stage))
    assert "fault" not in " ".join(heard_by(stage, LORI))
    assert [c.outcome for c in contacts(stage)] == [Outcome.HELPED]


def test_legs_that_ended_while_the_record_was_away_are_found(stage: Stage) -> None:
    stage.add_agent("Diane", DIANE, [*TAKES_IT, pause(20), HANG_UP])
    stage.set_phone(GRACE, name="Grace", answers=False)
    stage.call_line(LORI, [BRIDGED, pause(20), HANG_UP])
    assert stage.play(60, until=lambda: any(c.talked for c in contacts(stage)))
    with no_record(stage):
        pass_time(stage, 40)
    stage.set_phone(DIANE, name="Diane", answers=True, after=2, script=wraps_up())
    assert stage.play(1200, until=lambda: all_ended(stage))
    (contact,) = contacts(stage)
    assert contact.outcome in (Outcome.HELPED, Outcome.PROMISED)


def test_the_fallback_itself_needs_no_record(stage: Stage) -> None:
    twilio = Twilio(settings=stage.settings)
    with no_record(stage):
        answers = [twilio.post("/voice/fallback", call(ErrorCode="11200"))]
        answers += [twilio.post("/voice/fallback/next?turn=1", call(DialCallStatus="no-answer"))]
        answers += [
            twilio.post("/voice/fallback/confirm", call()),
            twilio.post("/voice/conference-wait", call()),
        ]
    assert [a.verbs[-1] for a in answers] == ["Dial", "Dial", "Hangup", "Redirect"]
    assert max(a.seconds for a in answers) < SLOW / 1000


def test_a_use_case_that_breaks_costs_its_caller_no_more_than_comfort(stage: Stage) -> None:
    stage.set_phone(GRACE, name="Grace", script=TAKES_FALLBACK)
    sid = stage.call_line(LORI, [pause(3), press("0"), pause(300)])
    stage.play(1)
    stage.services.store.redis.hset(
        contacts(stage)[0].key, "flow_progress.position", "[not what it should be"
    )
    assert stage.play(90, until=lambda: not live(stage, sid))
    assert talked_with(stage, GRACE)
    assert "our system has a fault" in " ".join(heard_by(stage, LORI))
