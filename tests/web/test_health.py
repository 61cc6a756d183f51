"""What an outside check asks, and what every answer carries."""

from __future__ import annotations

import json

import pytest

from ivr.cli.demo.stage import Stage
from ivr.store import keys
from tests.web.webhooks.twilio import Twilio, call


def test_the_line_is_ready_when_the_record_is_there_and_nothing_is_late(stage: Stage, twilio: Twilio) -> None:
    assert json.loads(twilio.get("/health").body) == {"ok": True}
    answer = twilio.get("/ready")
    assert answer.status == 200
    assert json.loads(answer.body) == {
        "ready": True,
        "overdue_seconds": 0.0,
        "spooled": 0,
        "why": "",
        "alarms": [],
    }


def test_something_left_lying_makes_it_unready_and_says_what_to_look_at(stage: Stage, twilio: Twilio) -> None:
    """Nothing inside can report its own death: a check outside alerts on this."""
    stage.services.store.redis.zadd(keys.DUE, {"promise:nobody": stage.now + 3600})
    assert twilio.get("/ready").status == 200
    # due long ago, and nobody comes: as seen when the clock and the workers are dead
    late = {"promise:nobody": stage.now - 100}
    answers = []
    for _ in range(50):
        stage.services.store.redis.zadd(keys.DUE, late)
        answers.append(twilio.get("/ready"))
        if answers[-1].status == 503:
            break
    told = json.loads(answers[-1].body)
    assert answers[-1].status == 503
    assert told["overdue_seconds"] >= 30
    assert "ivr scheduler" in told["why"]


@pytest.mark.parametrize(
    "path", ["/health", "/ready", "/metrics", "/static/hold.wav", "/nothing", "/voice/answer"]
)
def test_every_answer_tells_browsers_to_trust_nothing_else(twilio: Twilio, path: str) -> None:
    headers = twilio.get(path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "default-src 'self'" in headers["Content-Security-Policy"]


def test_what_a_caller_pressed_is_kept_in_no_cache(stage: Stage, twilio: Twilio) -> None:
    assert twilio.post("/voice/answer", call()).headers["Cache-Control"] == "no-store"


def test_hold_music_may_be_cached_for_an_hour_and_is_asked_for_again_by_its_tag(twilio: Twilio) -> None:
    wire = twilio.send("HEAD", "/static/hold.wav", None, {})
    assert wire.status == 200
    assert wire.headers["Content-Type"] == "audio/x-wav"
    assert wire.headers["Cache-Control"] == "public, max-age=3600"
    again = twilio.send("GET", "/static/hold.wav", None, {"If-None-Match": wire.headers["ETag"]})
    assert again.status == 304


def test_figures_are_those_of_all_web_processes_whichever_is_asked(stage: Stage, twilio: Twilio) -> None:
    before = twilio.counted("calor_webhooks_refused")
    for _ in range(20):
        twilio.post("/voice/answer", call(), signed=False)
    assert {twilio.counted("calor_webhooks_refused") for _ in range(6)} == {before + 20}


def test_a_page_that_does_not_exist_is_no_fault_of_the_line(twilio: Twilio) -> None:
    before = twilio.counted("calor_webhooks_failed")
    assert twilio.get("/nothing").status == 404
    assert twilio.get("/static/../../services.py").status == 404
    assert twilio.counted("calor_webhooks_failed") == before
