"""Two numbers of one account that call each other, and a small web server that says what each of them hears.

The call under test goes out from `ours` to `other`; the pages of the experiment are its TwiML. `other` is answered by
the page "other", which stands for the person there: it can be silent, press keys (<Play digits>) and hang up.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from twilio.base.exceptions import TwilioRestException
from twilio.request_validator import RequestValidator

from ivr.domain.errors import CalorError

LISTEN_TWIML = '<Pause length="60"/>'  # a person who listens
PICK_UP_TWIML = (
    '<Play digits="w"/>'  # a Pause as the first verb would be waited for before the call is picked up
)
OTHER_PAGE = "other"
TWIML_HEADERS = {"Content-Type": "text/xml"}


@dataclass(frozen=True, kw_only=True)
class SeenRequest:
    """A request of the telephone network."""

    page: str
    params: Mapping[str, str]
    headers: Mapping[str, str]
    is_signed: bool
    method: str


@dataclass(frozen=True)
class ErrorPage:
    """A page that answers with an error."""

    status: int


ProbePage = (
    str | ErrorPage | Callable[[int], "str | ErrorPage"]
)  # TwiML inside <Response>; by which request it is, from 0


class RequestNotReceived(CalorError):
    """What an experiment waited for did not happen in time."""


@dataclass(kw_only=True)
class Lab:
    """`api`: the SDK's account resource. `url`: what the network reaches this server at. `token`: for signatures.

    `speed`: how many times faster than a real clock the network's runs.
    """

    api: Any
    ours: str
    other: str
    url: str
    token: str
    speed: float = 1.0
    pages: dict[str, ProbePage] = field(default_factory=dict)
    received: list[SeenRequest] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    _experiment_number: int = 0
    _request_received: threading.Condition = field(default_factory=threading.Condition)

    # ---- what an experiment does

    def page_url(self, name: str) -> str:
        """The address of a page of this experiment."""
        return f"{self.url}/probe/{self._experiment_number}/{name}"

    def start_call(self, start: str = "start", **more: Any) -> str:
        """Begin a call that is led by a page; its CallSid."""
        sid = str(self.api.calls.create(to=self.other, from_=self.ours, url=self.page_url(start), **more).sid)
        self.calls.append(sid)
        return sid

    def wait_for_request(
        self, page: str, count: int = 1, *, timeout_seconds: float = 30.0, **params: str
    ) -> SeenRequest:
        """The `count`th request for a page that carries these parameters. Raises NotSeen."""
        deadline = time.monotonic() + timeout_seconds / min(self.speed, 4)
        with self._request_received:
            while len(found := self.find_requests(page, **params)) < count:
                left = deadline - time.monotonic()
                if left <= 0:
                    asked = ", ".join(s.page for s in self.received) or "nothing"
                    raise RequestNotReceived(
                        f"no request number {count} for {page!r} within {timeout_seconds:.0f} s; seen: {asked}"
                    )
                self._request_received.wait(left)
        return found[count - 1]

    def find_requests(self, page: str, **params: str) -> list[SeenRequest]:
        return [s for s in self.received if s.page == page and params.items() <= s.params.items()]

    def pass_time(self, seconds: float) -> None:
        """Of the network's time."""
        time.sleep(seconds / self.speed)

    def wait_until_ended(self, sid: str) -> None:
        for _ in range(60):
            if self.api.calls(sid).fetch().status in {"completed", "failed", "canceled", "busy", "no-answer"}:
                return
            self.pass_time(0.5)

    def get_error_code(self, send_request: Callable[[], object]) -> int:
        """The error code with which the network refuses, 0 when it does not."""
        try:
            send_request()
        except TwilioRestException as e:
            return int(e.code)
        except CalorError as e:  # our own HTTP client's
            return int(getattr(e, "code", 0) or 0)
        return 0

    # ---- around it

    @contextmanager
    def experiment(self, pages: Mapping[str, ProbePage]) -> Iterator[None]:
        """Afterwards no call is left."""
        self._experiment_number += 1
        self.pages = {OTHER_PAGE: LISTEN_TWIML, **pages}
        self.received, self.calls = [], []
        try:
            yield
        finally:
            for sid in self.calls:
                with suppress(TwilioRestException, CalorError):  # it has ended
                    self.api.calls(sid).update(status="completed")

    def respond(
        self, method: str, path: str, query: str, body: str, headers: Mapping[str, str]
    ) -> tuple[int, str]:
        """Status and TwiML for a request of the network."""
        page = path.rpartition("/")[2]
        current = page == OTHER_PAGE or path == f"/probe/{self._experiment_number}/{page}"
        posted = dict(parse_qsl(body, keep_blank_values=True))
        address = f"{self.url}{path}" + (f"?{query}" if query else "")
        valid = RequestValidator(self.token).validate(address, posted, headers.get("X-Twilio-Signature", ""))
        if not current:  # the echo of an experiment that is over
            return 200, "<Response><Hangup/></Response>"
        with self._request_received:
            before = len(self.find_requests(page))
            params = posted or dict(parse_qsl(query, keep_blank_values=True))
            self.received.append(
                SeenRequest(page=page, params=params, headers=headers, is_signed=valid, method=method)
            )
            self._request_received.notify_all()
        said = self.pages.get(page, "")
        said = said(before) if callable(said) else said
        if page == OTHER_PAGE and isinstance(said, str):
            said = PICK_UP_TWIML + said
        return (said.status, "") if isinstance(said, ErrorPage) else (200, f"<Response>{said}</Response>")


@contextmanager
def serve_pages(lab: Lab, port: int) -> Iterator[None]:
    """Answer the network on this port of 127.0.0.1."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            self._answer(self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode())

        def do_GET(self) -> None:
            self._answer("")

        def log_message(self, *_: object) -> None:
            """Nothing: what was seen is told by the experiment."""

        def _answer(self, body: str) -> None:
            parts = urlsplit(self.path)
            headers = dict(self.headers.items())
            status, twiml = lab.respond(self.command, parts.path, parts.query, body, headers)
            data = twiml.encode()
            self.send_response(status)
            for name, value in {**TWIML_HEADERS, "Content-Length": str(len(data))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), name="probe")
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def answer_other_number(lab: Lab) -> Iterator[None]:
    """Point the other number's voice webhook here, and put it back as it was."""
    (number,) = lab.api.incoming_phone_numbers.list(phone_number=lab.other, limit=1) or [None]
    if number is None:
        raise CalorError(f"{lab.other} is not a number of this account.")
    before = {"voice_url": number.voice_url or "", "voice_method": number.voice_method or "POST"}
    lab.api.incoming_phone_numbers(number.sid).update(
        voice_url=f"{lab.url}/probe/{OTHER_PAGE}", voice_method="POST"
    )
    try:
        yield
    finally:
        lab.api.incoming_phone_numbers(number.sid).update(**before)
