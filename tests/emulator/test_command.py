"""`ivr emulate` as somebody types it."""

import json
import socket
import subprocess
import sys
from http.client import HTTPConnection

from urllib3 import make_headers

from tests.emulator.harness import App, serving


def emulate(*options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "ivr.cli", "emulate", *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_help_shows_how_it_is_used_and_ends_with_0() -> None:
    done = emulate("--help")
    assert done.returncode == 0
    assert "ivr emulate --voice-url http://127.0.0.1:5000/voice" in done.stdout
    assert "docs/emulator.md" in done.stdout


def test_a_port_in_use_is_said_and_ends_with_2() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = emulate("--port", str(port))
    assert done.returncode == 2
    assert f"Port {port} of 127.0.0.1 cannot be had" in done.stderr
    assert "Choose another with --port" in done.stderr
    assert done.stdout == ""


def test_a_number_that_is_none_is_said_and_ends_with_2() -> None:
    done = emulate("--number", "12")
    assert done.returncode == 2
    assert "12 is no number in international form" in done.stderr


def test_the_webhooks_of_the_number_are_those_that_were_given() -> None:
    with serving(App()) as app:
        options = [
            "--voice-url",
            f"{app.url}/voice",
            "--sms-url",
            f"{app.url}/text",
            "--status-callback",
            f"{app.url}/end",
        ]
        command = [
            sys.executable,
            "-m",
            "ivr.cli",
            "emulate",
            "--port",
            "0",
            "--number",
            "+15550100100",
            *options,
        ]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            assert process.stdout is not None
            said = json.loads(process.stdout.readline())
            assert said["phones"] == f"{said['url']}/phones"
            number = _numbers(said["url"])[0]
        finally:
            process.terminate()
            process.wait(10)
            if process.stdout:
                process.stdout.close()
    assert number["phone_number"] == "+15550100100"
    assert (number["voice_url"], number["sms_url"]) == (f"{app.url}/voice", f"{app.url}/text")
    assert number["status_callback"] == f"{app.url}/end"


def _numbers(url: str) -> list[dict[str, str]]:
    account = "AC" + "0" * 32
    connection = HTTPConnection(url.removeprefix("http://"), timeout=10)
    headers = make_headers(basic_auth=f"{account}:{'0' * 32}")
    connection.request("GET", f"/2010-04-01/Accounts/{account}/IncomingPhoneNumbers.json", headers=headers)
    with connection.getresponse() as answer:
        found: list[dict[str, str]] = json.loads(answer.read())["incoming_phone_numbers"]
    connection.close()
    return found
