"""`ivr twilio probe`: what we rest on, tried between two numbers of the emulator as it would be on Twilio."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator

import pytest

from ivr.cli.demo.ports import free_port
from ivr.settings.load import read_environment
from tests.emulator.harness import ACCOUNT, TOKEN, Emulator, emulating

OURS, OTHER = "+15550100200", "+15550100201"
ANSWERED = "https://example.com/answer"
SPEED = "8"


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with emulating("--clock", "real", "--speed", SPEED) as url:
        emulator = Emulator(url)
        for number in (OURS, OTHER):
            emulator.api.incoming_phone_numbers.create(phone_number=number, voice_url=ANSWERED)
        yield emulator
        emulator.close()


def probe(*options: str, api_url: str) -> subprocess.CompletedProcess[str]:
    env = {
        **read_environment(),
        "TWILIO_ACCOUNT_SID": ACCOUNT,
        "TWILIO_AUTH_TOKEN": TOKEN,
        "TWILIO_API_URL": api_url,
        "PUBLIC_URL": "https://line.example.com",
        "REDIS_URL": "redis://127.0.0.1:1/0",
    }
    command = [sys.executable, "-m", "ivr.cli", "twilio", "probe", *options]
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=300, check=False)


def on(emulator: Emulator, *options: str) -> subprocess.CompletedProcess[str]:
    numbers = ["--from", OURS, "--to", OTHER]
    return probe(*numbers, "--port", str(free_port()), "--speed", SPEED, *options, api_url=emulator.url)


def test_the_emulator_does_everything_as_documented_and_the_number_is_put_back(emulator: Emulator) -> None:
    done = on(emulator, "--json")
    outcomes = json.loads(done.stdout)
    assert [(o["fact"], o["observed"]) for o in outcomes if o["verdict"] != "as documented"] == []
    assert len(outcomes) >= 27
    assert done.returncode == 0
    (number,) = emulator.api.incoming_phone_numbers.list(phone_number=OTHER)
    assert number.voice_url == ANSWERED
    assert not [call for call in emulator.api.calls.list() if call.status == "in-progress"]


def test_what_does_not_happen_is_said_with_what_did_and_ends_with_1(emulator: Emulator) -> None:
    emulator.fault("webhook", "error", "/got", times=2)
    done = on(emulator, "--only", "empty-gather")
    assert done.returncode == 1
    assert "NOT SEEN" in done.stdout
    assert "no request number 1 for 'got'" in done.stdout


def test_what_is_different_is_said(emulator: Emulator) -> None:
    emulator.fault("webhook", "twice", "/start")
    done = on(emulator, "--only", "no-retry-of-a-500")
    assert done.returncode == 1
    assert "DIFFERS" in done.stdout
    assert "2 requests before the fallback" in done.stdout


def test_twilio_itself_needs_an_address_it_can_reach_and_a_yes() -> None:
    assert "give the public address" in probe(api_url="https://api.twilio.com").stderr
    done = probe("--url", "https://line.example.com", api_url="https://api.twilio.com")
    assert "short calls that Twilio charges for" in done.stderr
    assert done.returncode == 1


def test_a_fact_that_does_not_exist_is_named(emulator: Emulator) -> None:
    done = on(emulator, "--only", "nothing")
    assert "There is no fact 'nothing': see --list." in done.stderr
    assert done.returncode == 2
