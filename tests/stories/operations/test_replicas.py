"""What callers notice of replicas and of Sentinel. The servers themselves: tests/store/server/test_sentinel.py, `make failover`."""

from __future__ import annotations

import pytest

from ivr.cli.demo.ports import free_port
from ivr.cli.demo.stage import Stage
from ivr.domain.errors import NotReplicated
from ivr.domain.records.contact import ContactState
from ivr.services import build_services
from ivr.usecases.calls import caller_leg
from tests.stories.callbacks.owed import KEEPS_HER_PLACE
from tests.stories.operations.outage import another_web
from tests.stories.people import LORI, contacts, pause, promises
from tests.web.webhooks.twilio import Twilio, call

NOBODY = "redis+sentinel://127.0.0.1:9/calor"  # the port that discards what is sent to it; nothing listens


def test_without_enough_replicas_nothing_is_promised_and_the_caller_stays_in_line(stage: Stage) -> None:
    """I3. Everything else goes on: they got into the line, and are told their place."""
    with another_web(stage, free_port(), IVR_REPLICAS="1") as base:
        twilio = Twilio(settings=stage.settings.model_copy(update={"public_url": base}))
        twilio.post("/voice/answer", call())
        (contact,) = contacts(stage)
        twilio.post(f"/voice/step/{contact.id}/1", call(Digits="0"))
        heard = [twilio.post(f"/voice/wait/{contact.id}/2", call(Digits="1"))]
        for n in range(3, 7):
            if "could not write that down" in heard[-1].words:
                break
            heard.append(twilio.post(f"/voice/step/{contact.id}/{n}?queue=1", call(Digits="1")))
        assert "I keep your place in line" in heard[-1].words
        assert promises(stage) == []
        assert contacts(stage)[0].state is ContactState.WAITING


def test_a_promise_that_replicas_did_not_confirm_is_not_told_by_the_next_request_either(stage: Stage) -> None:
    """The record is as a request left it whose wait was in vain: the promise stands."""
    stage.call_line(LORI, [*KEEPS_HER_PLACE[:2], pause(300)])
    assert stage.play(180, until=lambda: bool(promises(stage)))
    (contact,) = contacts(stage)
    unsure = build_services(stage.settings.model_copy(update={"replicas": 1}))
    with pytest.raises(NotReplicated):
        caller_leg.load_and_prompt(unsure, contact.id)
    assert caller_leg.load_and_prompt(stage.services, contact.id) is not None
    assert len(promises(stage)) == 1


def test_while_another_server_takes_over_a_caller_is_asked_again_before_the_apology(stage: Stage) -> None:
    with another_web(stage, free_port(), REDIS_URL=NOBODY) as base:
        twilio = Twilio(settings=stage.settings.model_copy(update={"public_url": base}))
        for lost, path in ((1, "/voice/answer"), (2, "/voice/answer?lost=1"), (3, "/voice/answer?lost=2")):
            answer = twilio.post(path, call())
            assert answer.verbs == ["Pause", "Redirect"]
            assert f"{base}/voice/answer?lost={lost}" in answer.body
        assert "our system has a fault" in twilio.post("/voice/answer?lost=3", call()).words
        pressed = twilio.post("/voice/step/c/4", call(Digits="1"))
        assert (
            f"{base}/voice/resume/c?lost=1" in pressed.body
        )  # asked anew: what they pressed is on nobody's disk
