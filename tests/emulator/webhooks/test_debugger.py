"""https://www.twilio.com/docs/usage/troubleshooting/debugging-event-webhooks and /docs/events/webhook-quickstart"""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlsplit

import pytest
from twilio.request_validator import RequestValidator

from tests.emulator.harness import ACCOUNT, LINE, START, TOKEN, App, Emulator, Json, Reply, emulating, serving


class Sink(BaseHTTPRequestHandler):
    """Keeps bodies as they come: the harness reads forms only."""

    protocol_version = "HTTP/1.1"
    got: list[tuple[str, str, str, str]] = []  # noqa: RUF012 - emptied by each test

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.got.append((self.path, body, self.headers["X-Twilio-Signature"], self.headers["Content-Type"]))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture(scope="module")
def sink() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Sink)
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/events?from=twilio"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def debugger() -> Iterator[App]:
    with serving(App()) as app:
        yield app


@pytest.fixture(scope="module")
def process(sink: str, debugger: App) -> Iterator[str]:
    told = ("--debugger-url", f"{debugger.url}/trouble#rp=nonsense", "--events-url", sink)
    with emulating("--clock", "manual", "--start", START, *told) as url:
        yield url


@pytest.fixture(autouse=True)
def afresh(debugger: App) -> None:
    debugger.seen.clear()
    debugger.pages.clear()
    Sink.got.clear()


def payloads(debugger: App) -> list[Json]:
    return [json.loads(one["Payload"]) for one in debugger.to("/trouble")]


def test_an_error_is_told_with_the_request_that_it_is_about(
    emulator: Emulator, app: App, debugger: App
) -> None:
    app.pages["/answer"] = Reply("Oh no", 500)
    call = emulator.dial()
    emulator.run(1)
    (told,) = debugger.to("/trouble")
    assert (told["AccountSid"], told["Level"], told["PayloadType"]) == (ACCOUNT, "ERROR", "application/json")
    assert told["Sid"].startswith("NO")
    assert told["Timestamp"].endswith("Z")
    payload = json.loads(told["Payload"])
    assert (payload["resource_sid"], payload["service_sid"], payload["error_code"]) == (call, None, "11200")
    assert payload["more_info"]["ErrorCode"] == "11200"
    assert payload["more_info"]["httpResponse"] == "500"
    request, response = payload["webhook"]["request"], payload["webhook"]["response"]
    assert (request["method"], request["url"]) == ("POST", f"{app.url}/answer")
    assert request["parameters"]["CallSid"] == call
    assert (response["status_code"], response["body"]) == (500, "Oh no")


def test_a_warning_is_called_so(emulator: Emulator, app: App, debugger: App) -> None:
    app.pages["/answer"] = "<Shout/><Pause length='x'/><Dial><Conference trim='x'>R</Conference></Dial>"
    emulator.dial()
    emulator.run(2)
    levels = [(json.loads(one["Payload"])["error_code"], one["Level"]) for one in debugger.to("/trouble")]
    assert levels == [("12200", "WARNING"), ("13910", "WARNING"), ("13239", "ERROR")]


def test_the_request_is_signed_as_any_other(emulator: Emulator, app: App, debugger: App) -> None:
    app.pages["/answer"] = "<Shout/>"
    emulator.dial()
    emulator.run(1)
    (seen,) = debugger.seen
    signature = seen.headers["x-twilio-signature"]
    assert RequestValidator(TOKEN).validate(f"{debugger.url}/trouble", seen.params, signature)
    assert seen.headers["i-twilio-idempotency-token"]


def test_trouble_with_the_debugger_is_not_told_to_the_debugger(
    emulator: Emulator, app: App, debugger: App
) -> None:
    debugger.pages["/trouble"] = Reply("", 500)
    app.pages["/answer"] = "<Shout/>"
    emulator.dial()
    emulator.run(5)
    assert len(debugger.seen) == 1
    assert emulator.errors() == [12200]


def test_the_same_identifier_is_what_the_api_lists(emulator: Emulator, app: App, debugger: App) -> None:
    app.pages["/answer"] = "<Shout/>"
    emulator.dial()
    emulator.run(1)
    (entry,) = emulator.log("error")
    assert debugger.to("/trouble")[0]["Sid"] == f"NO{entry['n']:032x}"


def test_events_are_json_signed_over_the_address_with_the_hash_of_the_body(
    emulator: Emulator, app: App, sink: str
) -> None:
    app.pages["/answer"] = Reply("", 404)
    call = emulator.dial()
    emulator.run(1)
    ((path, body, signature, kind),) = Sink.got
    url = f"{urlsplit(sink).scheme}://{urlsplit(sink).netloc}{path}"
    assert kind == "application/json"
    assert {"from", "bodySHA256"} == set(parse_qs(urlsplit(url).query))
    validator = RequestValidator(TOKEN)
    assert validator.validate(url, body, signature)
    assert not validator.validate(url, body + " ", signature)
    assert not validator.validate(url.replace("from=twilio", "from=me"), body, signature)
    (event,) = json.loads(body)
    assert (event["specversion"], event["type"]) == ("1.0", "com.twilio.error-logs.error.logged")
    assert event["id"] == event["data"]["sid"]
    assert (event["data"]["error_code"], event["data"]["level"], event["data"]["resource_sid"]) == (
        "11200", "ERROR", call,
    )  # fmt: skip


def test_where_nothing_goes_wrong_nobody_is_told(emulator: Emulator, app: App, debugger: App) -> None:
    app.pages["/answer"] = "<Say>Hello</Say>"
    emulator.dial()
    emulator.run(5)
    assert emulator.api.calls.list(from_=LINE) == []
    assert (debugger.seen, Sink.got) == ([], [])
