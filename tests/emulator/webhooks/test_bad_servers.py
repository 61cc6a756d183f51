"""Servers that answer badly: each is an error of Twilio's in the log and leads to the fallback, none harms the emulator."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from tests.emulator.harness import LINE, App, Emulator, Reply

GOOD = b"<Response><Say>Hello</Say></Response>"


@contextmanager
def answering(raw: bytes) -> Iterator[str]:
    """The address of a server that answers every request with these bytes and closes the connection."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                with connection, suppress(OSError):
                    connection.recv(65536)
                    connection.sendall(raw)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/answer"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


def called(emulator: Emulator, app: App, url: str, seconds: float = 5) -> tuple[list[str], str]:
    """The error codes that the fallback was told, and what the caller heard."""
    (number,) = emulator.api.incoming_phone_numbers.list(phone_number=LINE)
    number.update(voice_url=url)
    app.pages["/fallback"] = "<Say>One moment</Say>"
    call = emulator.dial()
    emulator.run(seconds)
    assert 0 not in emulator.errors(), emulator.log("error")
    return [one["ErrorCode"] for one in app.to("/fallback")], " ".join(emulator.spoken_texts(call))


def head(*lines: str) -> bytes:
    return "\r\n".join(["HTTP/1.1 200 OK", "Content-Type: text/xml", *lines, "", ""]).encode("latin-1")


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "11205"),
        (head(f"Content-Length: {len(GOOD) + 50}") + GOOD, "11206"),
        (head("Transfer-Encoding: chunked") + b"5\r\n<Resp", "11206"),
        (head("Transfer-Encoding: chunked") + b"zz\r\n" + GOOD, "11206"),
        (head("Content-Length: many") + GOOD, "11206"),
        (head("Content-Length: -5") + GOOD, "11206"),
        (head(f"X-Huge: {'x' * 100_000}") + GOOD, "11206"),
        (head("Content-Encoding: gzip", f"Content-Length: {len(GOOD)}") + GOOD, "11206"),
        (b"SSH-2.0-OpenSSH_9.6\r\n", "11206"),
        (b"HTTP/1.1 999999 What\r\n\r\n", "11206"),
        (b"\xff\xfe\x00\x01" * 100, "11206"),
    ],
)  # fmt: skip
def test_what_is_no_http_answer_is_an_error_and_the_fallback_is_asked(
    emulator: Emulator, app: App, raw: bytes, code: str
) -> None:
    with answering(raw) as url:
        codes, heard = called(emulator, app, url)
    assert (codes, heard) == ([code], "One moment")


@pytest.mark.parametrize(
    "raw",
    [
        head() + GOOD,  # ends with the connection
        head(*(f"X-{index}: {'x' * 5000}" for index in range(100))) + GOOD,
        head("Connection: close", f"Content-Length: {len(GOOD)}") + GOOD,
        head(
            "Set-Cookie: a[b]=c; Path=/",
            "Set-Cookie: =",
            "Set-Cookie: \xff=\xfe",
            f"Content-Length: {len(GOOD)}",
        )
        + GOOD,
        head("X-Strange: \xff\xfe", f"Content-Length: {len(GOOD)}") + GOOD,
    ],
)
def test_what_is_merely_odd_is_understood(emulator: Emulator, app: App, raw: bytes) -> None:
    with answering(raw) as url:
        codes, heard = called(emulator, app, url)
    assert (codes, heard) == ([], "Hello")


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://127.0.0.1:1/answer", "11205"),
        ("http://no-such-host.invalid/answer", "11210"),
        ("https://{host}/answer", "11220"),
    ],
)
def test_where_nobody_answers_has_a_code_of_its_own(
    emulator: Emulator, app: App, url: str, code: str
) -> None:
    url = url.replace("{host}", app.url.removeprefix("http://"))
    codes, heard = called(emulator, app, url, seconds=20)
    assert (codes, heard) == ([code], "One moment")


@pytest.mark.parametrize(
    "url",
    ["http://[", "http://a b/", "ftp://example.com/a", "http://:80", "mailto:a@b", "http://\u2100.example/"],
)
def test_what_is_no_address_is_an_invalid_url(emulator: Emulator, app: App, url: str) -> None:
    app.pages["/answer"] = f"<Redirect>{url}</Redirect>"
    codes, heard = called(emulator, app, f"{app.url}/answer")
    assert heard == "One moment"
    assert codes[0] in {"11100", "11210"}


@pytest.mark.parametrize(
    "attribute",
    ["action='http://['", "partialResultCallback='http://['", "action='//['"],
)
def test_an_attribute_that_is_no_address_ends_nothing_else(
    emulator: Emulator, app: App, attribute: str
) -> None:
    app.pages["/answer"] = f"<Gather input='speech' {attribute} actionOnEmptyResult='true' timeout='1'/>"
    codes, _ = called(emulator, app, f"{app.url}/answer")
    assert set(codes) <= {"11100"}


def test_a_part_of_an_answer_is_never_asked_for_again(emulator: Emulator, app: App) -> None:
    short = head(f"Content-Length: {len(GOOD) + 50}") + GOOD
    with answering(short) as url:
        codes, _ = called(emulator, app, f"{url}#rc=5&rp=all")
    assert codes == ["11206"]
    assert len([one for one in emulator.log("webhook") if one["url"] == url]) == 1


@pytest.mark.parametrize(
    ("status", "headers"),
    [(308, {"Location": "/moved"}), (304, {}), (302, {}), (300, {"Location": "/moved"})],
)
def test_only_redirects_of_four_kinds_are_followed_and_only_with_a_location(
    emulator: Emulator, app: App, status: int, headers: dict[str, str]
) -> None:
    app.pages["/answer"] = Reply("", status, headers)
    app.pages["/moved"] = "<Say>Here</Say>"
    codes, heard = called(emulator, app, f"{app.url}/answer")
    assert (codes, heard) == (["11216"], "One moment")


@pytest.mark.parametrize(
    ("status", "method", "resent"),
    [(301, "GET", False), (302, "GET", False), (303, "GET", False), (307, "POST", True)],
)
def test_a_redirect_is_followed_without_the_parameters_unless_it_keeps_the_method(
    emulator: Emulator, app: App, status: int, method: str, resent: bool
) -> None:
    app.pages["/answer"] = Reply("", status, {"Location": "/moved?a=b"})
    app.pages["/moved"] = "<Say>Here</Say>"
    _, heard = called(emulator, app, f"{app.url}/answer")
    moved = next(one for one in app.seen if one.path.startswith("/moved"))
    assert (heard, moved.method, "CallSid" in moved.params) == ("Here", method, resent)


def test_a_redirect_to_no_address_is_an_error(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = Reply("", 302, {"Location": "http://["})
    codes, heard = called(emulator, app, f"{app.url}/answer")
    assert (codes, heard) == (["11100"], "One moment")


def test_status_callbacks_that_fail_are_warnings_and_change_nothing(emulator: Emulator, app: App) -> None:
    app.pages["/status"] = app.pages["/events"] = Reply("", 500)
    noun = '<Conference statusCallback="/events" statusCallbackEvent="join">R</Conference>'
    app.pages["/answer"] = f"<Dial timeLimit='2'>{noun}</Dial>"
    call = emulator.dial()
    emulator.run(5)
    assert sorted(emulator.errors()) == [15003, 16011]
    assert emulator.api.calls(call).fetch().status == "completed"


@pytest.mark.parametrize(("fragment", "code"), [("rp=sometimes", 11243), ("e=mars", 11240)])
def test_an_override_that_twilio_does_not_know_is_an_error_and_ignored(
    emulator: Emulator, app: App, fragment: str, code: int
) -> None:
    app.pages["/answer"] = "<Say>Hello</Say>"
    codes, heard = called(emulator, app, f"{app.url}/answer#{fragment}&rc=99999999999999&ct=²")
    assert (codes, heard) == ([], "Hello")
    assert emulator.errors() == [code]


def test_the_form_says_its_encoding(emulator: Emulator, app: App) -> None:
    called(emulator, app, f"{app.url}/answer")
    assert app.seen[0].headers["content-type"] == "application/x-www-form-urlencoded; charset=UTF-8"
