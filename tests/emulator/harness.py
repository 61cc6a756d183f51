"""An emulator in a process of its own, an app that answers its webhooks, and both as a test sees them."""

import http.client
import json
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from tests.emulator import description

ACCOUNT = "AC" + "7" * 32
TOKEN = "8" * 32
LINE = "+15550100200"  # the account's number
LORI = "+15550111111"
VICKI = "+15550122222"
DANIELLE = "+15550133333"
START = "2026-03-02T09:00:00Z"

Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A request the app got."""

    method: str
    path: str  # with its query
    headers: dict[str, str]
    params: dict[str, str]


@dataclass
class Reply:
    body: str | bytes = ""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


Page = str | Reply | Callable[[dict[str, str]], str | Reply]


class App:
    """Answers `pages` by path. A page is TwiML inside <Response>, a whole reply, or a function of the parameters."""

    def __init__(self) -> None:
        self.pages: dict[str, Page] = {}
        self.seen: list[Seen] = []
        self.url = ""

    def paths(self) -> list[str]:
        return [one.path for one in self.seen]

    def to(self, path: str) -> list[dict[str, str]]:
        """The parameters of the requests for that path."""
        return [one.params for one in self.seen if one.path.split("?")[0] == path]

    def answer(self, seen: Seen) -> Reply:
        page = self.pages.get(seen.path.split("?")[0], "")
        if callable(page):
            page = page(seen.params)
        return page if isinstance(page, Reply) else Reply(f"<Response>{page}</Response>")


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    app: App

    def do_POST(self) -> None:
        text = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()
        self._answer(dict(parse_qsl(text, keep_blank_values=True)))

    def do_GET(self) -> None:
        self._answer(dict(parse_qsl(urlsplit(self.path).query, keep_blank_values=True)))

    def log_message(self, *_: object) -> None:
        """Nothing: the journal has it all."""

    def _answer(self, params: dict[str, str]) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        seen = Seen(method=self.command, path=self.path, headers=headers, params=params)
        self.app.seen.append(seen)
        reply = self.app.answer(seen)
        body = reply.body.encode() if isinstance(reply.body, str) else reply.body
        self.send_response(reply.status)
        for name, value in {
            "Content-Type": "text/xml",
            "Content-Length": str(len(body)),
            **reply.headers,
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def serving(app: App) -> Iterator[App]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("AppHandler", (Handler,), {"app": app}))
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    app.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield app
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class LocalHttpClient(TwilioHttpClient):  # type: ignore[misc] # the SDK has no types
    """Twilio's own client, at another address. Every answer must be one that Twilio could give."""

    def __init__(self, base: str) -> None:
        super().__init__(timeout=10)
        self.base = base

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Any:
        response = super().request(method, url.replace("https://api.twilio.com", self.base), *args, **kwargs)
        description.check(method.upper(), urlsplit(url).path, response.status_code, response.text)
        return response


class Emulator:
    def __init__(self, url: str) -> None:
        self.url = url
        self.address = url.removeprefix("http://")
        self._control = http.client.HTTPConnection(self.address, timeout=30)
        self._http = LocalHttpClient(url)
        self.api = Client(ACCOUNT, TOKEN, http_client=self._http)

    def close(self) -> None:
        self._control.close()
        if self._http.session:
            self._http.session.close()

    def control(self, method: str, path: str, body: Json | None = None, status: int = 200) -> Json:
        self._control.request(
            method, f"/emulator{path}", json.dumps(body or {}), {"Content-Type": "application/json"}
        )
        with self._control.getresponse() as response:
            answer: Json = json.loads(response.read())
        assert response.status == status, answer
        return answer

    def run(self, seconds: float = 0.0) -> None:
        """Let so much time pass, and everything in it happen."""
        self.control("POST", "/clock", {"by": seconds})

    def phone(self, number: str, **settings: Any) -> None:
        self.control("PUT", f"/phones/{number}", settings)

    def dial(self, *script: Json, from_: str = LORI, **more: Any) -> str:
        sid: str = self.control(
            "POST", "/calls", {"from": from_, "to": LINE, "script": list(script), **more}
        )["sid"]
        return sid

    def act(self, sid: str, act: str, **body: Any) -> None:
        self.control("POST", f"/legs/{sid}/{act}", body)

    def leg(self, sid: str) -> Json:
        return self.control("GET", f"/legs/{sid}")

    def log(self, *kinds: str, call: str | None = None) -> list[Json]:
        entries: list[Json] = self.control("GET", "/log")["entries"]
        return [one for one in entries if (not kinds or one["kind"] in kinds) and call in {None, one["call"]}]

    def spoken_texts(self, call: str | None = None) -> list[str]:
        return [one["words"] for one in self.log("said", call=call)]

    def errors(self) -> list[int]:
        return [one["code"] for one in self.log("error")]

    def fault(self, where: str, what: str, match: str = "", **more: Any) -> None:
        self.control("POST", "/faults", {"where": where, "what": what, "match": match, **more})


@contextmanager
def emulating(*more: str) -> Iterator[str]:
    """The address of a new emulator. What it complains of on stderr, warnings included, fails whoever uses it."""
    options = ["--port", "0", "--account-sid", ACCOUNT, "--auth-token", TOKEN, *more]
    command = [sys.executable, "-W", "error", "-m", "ivr.emulator", *options]
    with tempfile.TemporaryFile() as complaints:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=complaints)
        assert process.stdout is not None
        try:
            yield json.loads(process.stdout.readline())["url"]
        finally:
            process.terminate()
            process.wait(10)
            process.stdout.close()
        complaints.seek(0)
        assert (process.returncode, complaints.read().decode()) == (0, "")


def listen(pattern: str, within: float = 60) -> Json:
    return {"do": "listen", "for": pattern, "within": within}


def press(keys: str) -> Json:
    return {"do": "press", "keys": keys}


def say(words: str) -> Json:
    return {"do": "say", "words": words}


def pause(seconds: float) -> Json:
    return {"do": "pause", "seconds": seconds}


BRIDGED: Json = {"do": "bridged"}
HANG_UP: Json = {"do": "hang_up"}
