"""Other people's apps run on the emulator as they are: one in Flask, one in Express, both as Twilio's tutorials write them."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from http.client import HTTPConnection

import pytest

from ivr.cli.demo.ports import free_port
from ivr.settings.load import read_environment
from tests.emulator import node_sdk
from tests.emulator.harness import (
    BRIDGED,
    DANIELLE,
    HANG_UP,
    LINE,
    LORI,
    TOKEN,
    VICKI,
    Emulator,
    listen,
    pause,
    press,
    say,
)

AGENTS = "+15550100207"  # the number that agents ring to serve the queue
MENU = listen("press 4")
STARTS = 30  # seconds, at most


@pytest.fixture(params=["flask", "express"])
def company(
    request: pytest.FixtureRequest, emulator: Emulator, capfd: pytest.CaptureFixture[str]
) -> Iterator[str]:
    """The app runs, and two numbers are its own; its address."""

    def tell(news: str) -> None:
        with capfd.disabled():
            print(f"\n{news}")  # noqa: T201 - it takes a while

    command = (
        [sys.executable, "-m", "tests.emulator.foreign.flask_app"]
        if request.param == "flask"
        else node_sdk.script(tell, "express_app.mjs")
    )
    port = free_port()
    env = {
        **read_environment(),
        "PORT": str(port),
        "TWILIO_AUTH_TOKEN": TOKEN,
        "FORWARD_TO": VICKI,
        "MODERATOR": DANIELLE,
    }
    process = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _until_up(port, process)
        url = f"http://127.0.0.1:{port}"
        (line,) = emulator.api.incoming_phone_numbers.list()
        line.update(voice_url=f"{url}/voice")
        emulator.api.incoming_phone_numbers.create(phone_number=AGENTS, voice_url=f"{url}/agent")
        yield url
    finally:
        process.terminate()
        process.wait(10)


def _until_up(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + STARTS
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)  # noqa: TID251 - another process, in real time
    raise AssertionError("the app did not start")


@pytest.mark.usefixtures("company")
def test_a_caller_is_forwarded_and_both_hear_each_other(emulator: Emulator) -> None:
    emulator.phone(
        VICKI, answers=True, after=2, script=[pause(1), say("Sales, Vicki speaking"), pause(3), HANG_UP]
    )
    call = emulator.dial(MENU, press("1"), BRIDGED, listen("Vicki speaking"), say("I would like to buy"))
    emulator.run(40)
    assert [one["words"] for one in emulator.log("heard", call=call)] == ["Sales, Vicki speaking"]
    assert emulator.leg(call)["status"] == "completed"
    assert emulator.errors() == []


@pytest.mark.usefixtures("company")
def test_nobody_there_is_said(emulator: Emulator) -> None:
    emulator.phone(VICKI, answers=False)
    call = emulator.dial(MENU, press("1"))
    emulator.run(60)
    assert emulator.spoken_texts(call)[-1] == "Nobody is there just now."


@pytest.mark.usefixtures("company")
def test_a_wrong_key_and_silence_lead_back_to_the_menu(emulator: Emulator) -> None:
    call = emulator.dial(MENU, press("9"), MENU, pause(12), HANG_UP)
    emulator.run(60)
    menus = [words for words in emulator.spoken_texts(call) if words.startswith("For sales")]
    assert len(menus) == 3
    assert "Sorry, I don't understand that choice." in emulator.spoken_texts(call)


@pytest.mark.usefixtures("company")
def test_a_message_is_recorded_and_written_down(emulator: Emulator) -> None:
    call = emulator.dial(
        MENU,
        press("2"),
        listen("when finished"),
        pause(1),
        say("Please call me back about the order of last week"),
        press("*"),
    )
    emulator.run(40)
    (recording,) = emulator.api.recordings.list()
    assert recording.call_sid == call
    assert emulator.spoken_texts(call)[-1] == "Thank you for your message."
    (told,) = [one for one in emulator.log("callback") if one["url"].endswith("/transcription")]
    assert told["params"]["TranscriptionText"] == "Please call me back about the order of last week"


@pytest.mark.usefixtures("company")
def test_the_meeting_begins_with_the_moderator_and_ends_with_her(emulator: Emulator) -> None:
    guest = emulator.dial(MENU, press("3"), BRIDGED, listen("welcome"), pause(60))
    emulator.run(15)
    assert emulator.spoken_texts(guest)[-1] == "Please wait for the moderator."
    emulator.dial(MENU, press("3"), BRIDGED, say("Hello and welcome"), pause(2), HANG_UP, from_=DANIELLE)
    emulator.run(30)
    assert [one["words"] for one in emulator.log("heard", call=guest)] == ["Hello and welcome"]
    (room,) = emulator.api.conferences.list()
    assert (room.status, room.friendly_name) == ("completed", "My conference")
    assert emulator.leg(guest)["status"] == "completed"


@pytest.mark.usefixtures("company")
def test_who_waits_hears_a_whisper_and_then_the_agent(emulator: Emulator) -> None:
    waits = emulator.dial(MENU, press("4"), BRIDGED, say("Finally"), pause(2), HANG_UP)
    emulator.run(1)
    later = emulator.dial(MENU, press("4"), from_="+15550144444")
    emulator.run(20)
    assert emulator.spoken_texts(waits)[-1] == "You are number 1 in line."
    assert emulator.spoken_texts(later)[-1] == "You are number 2 in line."
    agent = emulator.control(
        "POST", "/calls", {"from": VICKI, "to": AGENTS, "script": [BRIDGED, listen("Finally"), say("Hello")]}
    )["sid"]
    emulator.run(20)
    assert "You will now be connected to an agent." in emulator.spoken_texts(waits)
    assert next(one["words"] for one in emulator.log("heard", call=agent)) == "Finally"
    assert emulator.leg(waits)["status"] == "completed"
    assert "You will now be connected to an agent." in emulator.spoken_texts(
        later
    )  # the agent takes the next
    assert emulator.errors() == []


def test_a_request_that_the_network_did_not_sign_is_refused(company: str) -> None:
    connection = HTTPConnection(company.removeprefix("http://"), timeout=10)
    connection.request("POST", "/voice", f"From=%2B{LORI[1:]}&To=%2B{LINE[1:]}",
                       {"Content-Type": "application/x-www-form-urlencoded", "X-Twilio-Signature": "wrong"})  # fmt: skip
    assert connection.getresponse().status == 403
    connection.close()
