"""A Twilio on this machine, pages of TwiML for it to fetch, and our client to it."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.request import Request, urlopen

import pytest

from ivr.telephony.client import Telephony

SID, TOKEN = "AC" + "1" * 32, "2" * 32
LINE = "+12025550100"


class Emulator:
    """What a test says to the people behind the telephones."""

    def __init__(self, url: str) -> None:
        self.url = url

    def ask(self, method: str, path: str, **body: Any) -> Any:
        request = Request(  # noqa: S310 - our own emulator
            self.url + path, json.dumps(body).encode(), {"Content-Type": "application/json"}, method=method
        )
        with urlopen(request, timeout=10) as answer:  # noqa: S310
            return json.load(answer)

    def phone(self, number: str, **manners: Any) -> None:
        self.ask("PUT", f"/emulator/phones/{number}", **manners)

    def fault(self, what: str, match: str, **more: Any) -> None:
        self.ask("POST", "/emulator/faults", where="rest", what=what, match=match, **more)


class Pages:
    """TwiML by path; what was asked for is kept."""

    def __init__(self) -> None:
        self.twiml: dict[str, str] = {}
        self.asked: list[str] = []
        pages = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                path = self.path.partition("?")[0]
                pages.asked.append(path)
                body = pages.twiml.get(path, "<Response/>").encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/xml")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture(scope="session")
def twilio() -> Iterator[str]:
    """The address of a running emulator."""
    argv = [sys.executable, "-m", "ivr.emulator", "--port", "0", "--account-sid", SID, "--auth-token", TOKEN]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        try:
            assert process.stdout
            yield json.loads(process.stdout.readline())["url"]
        finally:
            process.terminate()


@pytest.fixture
def emulator(twilio: str) -> Emulator:
    emulator = Emulator(twilio)
    emulator.ask("POST", "/emulator/reset")
    emulator.ask("DELETE", "/emulator/faults")
    return emulator


@pytest.fixture
def pages() -> Iterator[Pages]:
    pages = Pages()
    with pages.server:
        thread = threading.Thread(target=pages.server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield pages
        pages.server.shutdown()
        thread.join()


@pytest.fixture
def telephony(emulator: Emulator) -> Telephony:
    return Telephony(account_sid=SID, auth_token=TOKEN, api_url=emulator.url, seconds=2)
