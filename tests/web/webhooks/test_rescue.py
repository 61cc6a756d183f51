"""When a webhook fails, each leg gets what Twilio takes where the leg is (I9)."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask

from ivr.web.webhooks import rescue
from tests.stories.people import LORI
from tests.web.inside import Inside
from tests.web.webhooks.twilio import call

NOWHERE = "redis://127.0.0.1:9/0"
SID = f"CA{1:032x}"


def test_each_endpoint_that_has_a_way_out_exists(staff_app: Callable[..., Flask]) -> None:
    endpoints = set(staff_app().view_functions)
    assert set(rescue.RESCUE_BY_ENDPOINT) <= endpoints
    assert endpoints >= {rescue.STEP_ENDPOINT, *rescue.RETRIED_ENDPOINTS}


def test_a_caller_in_a_queue_hears_music_and_is_then_led_out_of_it(inside: Callable[..., Inside]) -> None:
    """Twilio takes no Dial in a waiting room: the fallback comes after the caller has left it."""
    line = inside(REDIS_URL=NOWHERE)
    first = line.post("/voice/step/abc/3?queue=1", call(SID, LORI, Digits="1"))
    assert first.verbs[-1] == "Redirect"
    assert "lost=1&amp;queue=1" in first.body
    last = line.post("/voice/step/abc/3?lost=2&queue=1", call(SID, LORI))
    assert last.verbs == ["Leave"]
    assert "Dial" in line.post("/voice/step/abc/3", call(SID, LORI, Digits="1")).verbs
