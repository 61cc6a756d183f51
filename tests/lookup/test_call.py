"""The company's own system is asked, signed and in time, and nothing is believed that is not as it should be."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ivr.domain.errors import LookupFailed
from ivr.domain.rules.lookup import LookupAnswer, LookupFailure
from ivr.lookup import LookupClient
from ivr.settings import load_settings
from tests.lookup.system import System, certificate, http, says, system

SECRET = "a secret of thirty-two letters.."
NOW = 1795460400.0
TOLD = {"contact": "c1", "line": "+12025550100", "number": "+12025550155", "reason": "my <suitcase> & «hat»"}
PLENTY = 20.0  # seconds; for whoever is answered at once


def lookups(hosts: str, private: str) -> LookupClient:
    env = {
        "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
        "TWILIO_AUTH_TOKEN": "0" * 32,
        "PUBLIC_URL": "https://line.example.com",
        "REDIS_URL": "redis://127.0.0.1:9/0",
        "IVR_LOOKUP_HOSTS": hosts,
        "IVR_LOOKUP_PRIVATE": private,
        "IVR_LOOKUP_SECRET": SECRET,
    }
    return LookupClient(load_settings(env))


@pytest.fixture
def crm() -> Iterator[System]:
    with system() as made:
        yield made


def ask(of: System, *, seconds: float = PLENTY, url: str = "") -> LookupAnswer:
    return lookups(of.name, of.name).ask(url or of.url, TOLD, timeout_seconds=seconds, now=NOW)


def why(of: System, *, seconds: float = PLENTY) -> str:
    """The code, when nothing of what was asked or answered is told with it."""
    with pytest.raises(LookupFailed) as failed:
        ask(of, seconds=seconds)
    told = str(failed.value)
    assert not any(private in told for private in (SECRET, "2025550155", "suitcase", "their words"))
    return failed.value.cause


def test_what_it_says_is_taken_and_what_is_asked_is_signed(crm: System) -> None:
    crm.play = says(facts=["Order 4711 left on Friday", " "], name="Lori", answer="gold", mood="sunny")
    assert ask(crm) == LookupAnswer(facts=("Order 4711 left on Friday",), name="Lori", answer="gold")
    ((first, headers, body),) = crm.asked
    assert first == b"POST /calor?of=line HTTP/1.1\r\n"
    assert headers["host"] == crm.name
    assert json.loads(body) == TOLD
    stamp, given = headers["calor-timestamp"], headers["calor-signature"]
    expected = hmac.new(SECRET.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    assert hmac.compare_digest(given, "sha256=" + expected)
    assert stamp == str(int(NOW))
    assert SECRET not in str(headers)


def test_what_operations_tells_the_other_side_to_do_tells_us_from_anybody(crm: System) -> None:
    told = (Path(__file__).parents[2] / "docs" / "operations.md").read_text("utf-8")
    (code,) = [
        block for block in re.findall(r"```python\n(.*?)```", told, re.DOTALL) if "from_the_line" in block
    ]
    theirs: dict[str, Any] = {}
    exec(code.replace('b"..."', repr(SECRET.encode())), theirs)  # noqa: S102 - ours
    crm.play = http("{}")
    now = time.time()  # noqa: TID251 - theirs is real
    for at in (now, now - 3600):
        lookups(crm.name, crm.name).ask(crm.url, TOLD, timeout_seconds=PLENTY, now=at)
    (_, fresh, body), (_, old, _) = [(a, {k.title(): v for k, v in h.items()}, b) for a, h, b in crm.asked]
    assert theirs["from_the_line"](fresh, body)
    assert not theirs["from_the_line"](fresh, body + b" ")
    assert not theirs["from_the_line"](old, body)


def test_a_system_that_knows_nothing_says_so_in_an_empty_object(crm: System) -> None:
    crm.play = http("{}")
    assert ask(crm) == LookupAnswer()
    crm.play = says(facts=[], name=None, answer=None)
    assert ask(crm) == LookupAnswer()
    crm.play = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"
    assert ask(crm) == LookupAnswer()


def test_foreign_text_is_one_line_of_what_can_be_seen(crm: System) -> None:
    facts = ["<b>bold</b>\n&amp;", "right \u202eto left\u0000\u0007", "\u2028"]
    crm.play = says(facts=facts, name="Lori\r\nMiller")
    assert ask(crm) == LookupAnswer(facts=("<b>bold</b> &amp;", "right to left"), name="Lori Miller")


@pytest.mark.parametrize(
    ("play", "expected"),
    [
        (http("no", status="404 Not Found"), LookupFailure.STATUS),
        (http("{}", status="204 No Content"), LookupFailure.STATUS),
        (http("{}", status="500 their words"), LookupFailure.STATUS),
        (http("<p>their words</p>", type_="text/html"), LookupFailure.INVALID_ANSWER),
        (http("their words"), LookupFailure.INVALID_ANSWER),
        (http(""), LookupFailure.INVALID_ANSWER),
        (http('["their words"]'), LookupFailure.INVALID_ANSWER),
        (http("[" * 16000), LookupFailure.INVALID_ANSWER),
        (http(b"\xff\xfe"), LookupFailure.INVALID_ANSWER),
        (http('{"facts": "their words"}'), LookupFailure.INVALID_ANSWER),
        (http('{"facts": [{"their words": 1}]}'), LookupFailure.INVALID_ANSWER),
        (http('{"facts": ["a", 1]}'), LookupFailure.INVALID_ANSWER),
        (http('{"answer": true}'), LookupFailure.INVALID_ANSWER),
        (says(facts=["their words"] * 9), LookupFailure.INVALID_ANSWER),
        (says(facts=["a" * 201]), LookupFailure.INVALID_ANSWER),
        (says(facts=["\ud800 half a letter"]), LookupFailure.INVALID_ANSWER),
        (says(name="a" * 81), LookupFailure.INVALID_ANSWER),
        (says(facts=[], more="their words" * 2000), LookupFailure.INVALID_ANSWER),
        (http("{}", more="X-More: " + "x" * 70000 + "\r\n"), LookupFailure.INVALID_ANSWER),
        (
            b"HTTP/1.1 200 OK\r\n" + b"X: " + b"x" * 60000 + b"\r\nY: " + b"y" * 60000 + b"\r\n\r\n{}",
            LookupFailure.INVALID_ANSWER,
        ),
        (
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{}",
            LookupFailure.UNREACHABLE,
        ),
        (b"their words", LookupFailure.UNREACHABLE),
        (b"", LookupFailure.UNREACHABLE),
    ],
)
def test_an_answer_that_is_not_as_it_should_be_is_none(
    crm: System, play: bytes, expected: LookupFailure
) -> None:
    crm.play = play
    assert why(crm) == expected


def test_an_answer_without_end_is_read_no_further_than_it_may_be_long(crm: System) -> None:
    """A length of -1 is read until the end by the standard library."""
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n"

    def endless(conn: socket.socket) -> None:
        conn.sendall(head)
        while True:
            conn.sendall(b"x" * 65536)

    crm.play = endless
    assert why(crm) == LookupFailure.INVALID_ANSWER
    assert crm.gone.wait(10)


@pytest.mark.parametrize(
    "sent",
    [
        (b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 202\r\n\r\n{", b" ", b"}"),
        (b"HTTP/1.1 200 OK\r\nX: ", b"x", b"\r\n" + http("{}").partition(b"\r\n")[2]),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n", http("{}")),
        (b"", b"", http("{}")),
    ],
)
def test_whoever_answers_letter_by_letter_is_left_when_the_time_is_over(
    crm: System, sent: tuple[bytes, bytes, bytes]
) -> None:
    crm.drip(*sent)
    assert why(crm, seconds=0.3) == LookupFailure.TIMEOUT
    if sent[1]:
        assert crm.gone.wait(10)  # nothing of it goes on behind our back


def test_a_name_that_nobody_resolves_takes_no_longer_either(crm: System) -> None:
    one = lookups(crm.name, crm.name)
    while one._resolve_slots.acquire(blocking=False):  # noqa: SLF001 - as if as many names were hanging
        pass
    with pytest.raises(LookupFailed) as failed:
        one.ask(crm.url, TOLD, timeout_seconds=0.2, now=NOW)
    assert (failed.value.cause, crm.asked) == (LookupFailure.TIMEOUT, [])


def test_nobody_is_followed_to_where_they_send_us(crm: System) -> None:
    with system() as secret:
        secret.play = says(facts=["the secrets of this machine"])
        crm.play = http("", status="302 Found", more=f"Location: {secret.url}\r\n")
        assert why(crm) == LookupFailure.STATUS
        assert secret.asked == []


def test_a_host_that_is_not_on_the_list_is_not_asked_whatever_the_flow_says(crm: System) -> None:
    other = lookups("crm.example.com", "")
    hidden = (f"https://crm.example.com@{crm.name}/", f"https://{crm.name}/#crm.example.com")
    for url in (crm.url, f"https://{crm.name}/", *hidden):
        with pytest.raises(LookupFailed) as failed:
            other.ask(url, TOLD, timeout_seconds=PLENTY, now=NOW)
        assert failed.value.cause == LookupFailure.HOST_NOT_LISTED
    with pytest.raises(LookupFailed) as failed:
        lookups(crm.name, "").ask(crm.url, TOLD, timeout_seconds=PLENTY, now=NOW)
    assert "without https" in str(failed.value)
    assert crm.asked == []


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "127.1"])
def test_a_name_that_leads_into_a_private_network_is_not_asked(crm: System, host: str) -> None:
    name = f"{host}:{crm.port}"
    with pytest.raises(LookupFailed) as failed:
        lookups(name, "").ask(f"https://{name}/", TOLD, timeout_seconds=PLENTY, now=NOW)
    assert failed.value.cause == LookupFailure.PRIVATE_ADDRESS
    assert "IVR_LOOKUP_PRIVATE" in str(failed.value)
    assert crm.asked == []


def test_a_name_that_there_is_not_and_a_port_where_nobody_is_are_away() -> None:
    for url in ("https://nobody.invalid/", f"https://{'a' * 70}.example/", "http://127.0.0.1:1/"):
        host = url.split("/")[2]
        with pytest.raises(LookupFailed) as failed:
            lookups(host, host).ask(url, TOLD, timeout_seconds=PLENTY, now=NOW)
        assert failed.value.cause == LookupFailure.UNREACHABLE


HEARD: list[tuple[str, Any]] = []


def _hook(event: str, args: tuple[Any, ...]) -> None:
    if event in ("socket.getaddrinfo", "socket.connect"):
        HEARD.append((event, args))


def test_the_name_is_resolved_once_and_the_address_that_was_looked_at_is_taken_without_a_proxy(
    crm: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    crm.host, crm.play = "localhost", http("{}")
    asker = lookups(crm.name, crm.name)
    sys.addaudithook(_hook)
    HEARD.clear()
    asker.ask(crm.url, TOLD, timeout_seconds=PLENTY, now=NOW)
    ours = [args for event, args in HEARD if event == "socket.getaddrinfo" and args[0] == "localhost"]
    assert len(ours) == 1
    places = {args[1][0] for event, args in HEARD if event == "socket.connect" and args[1][1] == crm.port}
    assert places <= {"127.0.0.1", "::1"}
    assert crm.asked[0][1]["host"] == crm.name


def test_over_https_the_name_must_be_that_of_the_certificate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tls, authority = certificate(tmp_path, "localhost")
    with system(tls, "localhost") as crm:
        crm.play = says(answer="gold")
        assert why(crm) == LookupFailure.CERTIFICATE  # nobody here knows that authority
        monkeypatch.setenv("SSL_CERT_FILE", str(authority))
        assert ask(crm).answer == "gold"
        lookups(crm.name, crm.name).check_reachable(crm.url)
        assert len(crm.asked) == 1  # looking asks nothing
        crm.host = "127.0.0.1"
        assert why(crm) == LookupFailure.CERTIFICATE
        assert len(crm.asked) == 1
