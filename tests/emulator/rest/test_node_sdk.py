"""Twilio's own Node SDK, unmodified: it creates, lists, changes and removes, and it approves the webhooks' signatures."""

import json
import subprocess
from typing import Any

import pytest

from tests.emulator import node_sdk
from tests.emulator.harness import ACCOUNT, DANIELLE, LINE, TOKEN, VICKI, Emulator

LONGEST = 120  # seconds


@pytest.fixture
def seen(emulator: Emulator, capfd: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """What the SDK saw of a whole day: see node/drive.mjs."""

    def tell(news: str) -> None:
        with capfd.disabled():
            print(f"\n{news}")  # noqa: T201 - it takes a while

    command = node_sdk.script(tell)
    done = subprocess.run(
        [*command, emulator.url, ACCOUNT, TOKEN, LINE, VICKI, DANIELLE],
        capture_output=True,
        text=True,
        timeout=LONGEST,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_the_unmodified_node_sdk_cannot_tell_the_emulator_from_twilio(seen: dict[str, Any]) -> None:
    call, room = seen["call"]["sid"], seen["conference"]["sid"]
    gone = {"status": 404, "code": 20404, "moreInfo": "https://www.twilio.com/docs/errors/20404"}
    assert seen["account"] == "active"
    assert seen["numbers"] == {
        "friendlyName": "The line",
        "bought": "+13055550100",
        "local": ["+13055550100", LINE],
        "removed": True,
        "left": 1,
    }
    assert seen["call"] == {
        "sid": call,
        "first": "queued",
        "then": "in-progress",
        "rang": 1,
    }
    again = {"status": 400, "code": 22003, "moreInfo": "https://www.twilio.com/docs/errors/22003"}
    assert seen["queue"] == {
        "name": "support",
        "size": 1,
        "maxSize": 7,
        "members": [call],
        "position": 1,
        "again": again,
        "removed": True,
    }
    assert seen["recording"] == {
        "source": "StartCallRecordingAPI",
        "statuses": ["in-progress", "paused", "in-progress", "stopped", "processing", "completed"],
        "duration": "20",
        "listed": [True],
        "nothingRuns": gone,
        "removed": True,
        "left": 0,
    }
    assert seen["conference"] == {
        "started": "in-progress",
        "invited": "queued",
        "labels": [None, "colleague"],
        "held": [True, True],
        "onHold": [call],
        "byLabel": True,
        "removed": True,
        "left": 1,
        "sid": room,
    }
    nobody = {"status": 400, "code": 21604, "moreInfo": "https://www.twilio.com/docs/errors/21604"}
    assert seen["message"] == {
        "statuses": ["queued", "delivered"],
        "listed": [True],
        "emptied": "",
        "removed": True,
        "left": 0,
        "nobody": nobody,
    }
    assert seen["end"] == {
        "conference": "completed",
        "call": "completed",
        "calls": 6,
        "limited": 3,
        "removed": True,
        "gone": gone,
    }
    assert sorted({path for path, _ in seen["webhooks"]}) == [
        "/out",
        "/progress",
        "/room",
        "/taped",
        "/text",
        "/wait",
    ]
    progress = [status for path, status in seen["webhooks"] if path == "/progress"]
    assert progress == ["initiated", "ringing", "in-progress", "completed"]
