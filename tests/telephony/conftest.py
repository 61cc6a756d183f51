"""A Twilio on this machine, pages of TwiML for it to fetch, and our client to it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from ivr.telephony.client import Telephony
from tests.telephony.emulated import SID, TOKEN, Emulator, fresh, running


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
    with running() as url:
        yield url


@pytest.fixture
def emulator(twilio: str) -> Emulator:
    return fresh(twilio)


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
    return Telephony(account_sid=SID, auth_token=TOKEN, api_url=emulator.url, timeout_seconds=2)
