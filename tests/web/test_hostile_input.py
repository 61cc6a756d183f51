"""Thousands of requests that mean harm: whoever sends them, nothing fails, nothing is changed without Twilio's signature,
nothing grows, and what is owed to people stands as before.
"""

from __future__ import annotations

import gc
import random
import string
from collections.abc import Iterator
from itertools import cycle, islice, product
from typing import Any
from urllib.parse import urlencode

import pytest
from prometheus_client import generate_latest

from ivr.cli.demo.stage import Stage
from ivr.domain.records.contact import Contact
from ivr.services import derive_id
from ivr.store import keys
from ivr.usecases.integrity import check as integrity_check
from tests.stories.callbacks.owed import holds
from tests.stories.people import LORI, contacts, promises
from tests.web.inside import Inside
from tests.web.strangers import FORM, JSON
from tests.web.webhooks.test_repeats import record
from tests.web.webhooks.twilio import ROUTES, Answer, call

pytestmark = pytest.mark.usefixtures("nothing_failed")


METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW")

STRANGE = (
    "\x00\x01\x1f\x7f",
    "\ud7ff\ue000\ufffe\u202e\u200b",
    "<Say>x</Say>]]><!--",
    "' OR 1=1 --",
    "${jndi:ldap://x}",
    "{{7*7}}%s%n{0}",
    "../../etc/passwd",
    "\r\nSet-Cookie: x=1",
    "+1202555015\u0665",
    "\N{PILE OF POO}" * 50,
    "9" * 500,
    "-1",
    "nan",
    "",
)


PATHS = (
    "/static/../services.py",
    "/static/..%2f..%2fservices.py",
    "/static/%2e%2e/%2e%2e/pyproject.toml",
    "/static//etc/passwd",
    "/..//..//etc/passwd",
    "/voice/../../etc/passwd",
    "/voice/step/..%2f..%2fx/1",
    "/voice/step/%00/1",
    "/voice/resume/" + "a" * 4000,
    "/p/../../x",
    "/p/" + "A" * 500,
    "/%ff%fe",
    "/?" + "a=1&" * 500,
    "//voice/answer",
    "/.env",
    "/.git/config",
)


HARMLESS = {400, 403, 404, 405, 413, 308}


def bodies(draw: random.Random) -> Iterator[tuple[bytes, str]]:
    """Without end."""
    while True:
        words = {name: draw.choice(STRANGE) for name in draw.sample(["Digits", "From", "CallSid", "Body"], 3)}
        yield urlencode(words, errors="surrogatepass").encode(), FORM
        yield b'{"CallSid": ["CA1"], "From": {"a": null}}', JSON
        yield (
            draw.randbytes(300),
            draw.choice([FORM, JSON, "multipart/form-data; boundary=x", "text/xml", "\x7f"]),
        )
        yield b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n', "multipart/form-data; boundary=x"
        yield b"&".join(b"P%d=x" % n for n in range(600)), FORM


def harmless(method: str, answer: Answer) -> bool:
    if answer.status == 303:  # the first page of those who work here
        return answer.headers["Location"].startswith("/sign-in?")
    return answer.status in HARMLESS or (method == "OPTIONS" and answer.status == 200)


def forged(draw: random.Random) -> dict[str, str]:
    return draw.choice(
        [
            {},
            {"X-Twilio-Signature": ""},
            {"X-Twilio-Signature": "".join(draw.choices(string.ascii_letters, k=28)) + "="},
            {"X-Twilio-Signature": "a" * 9000},
            {"X-Twilio-Signature": "\xff\xfe"},
            {
                "X-Forwarded-Host": "evil.example.com",
                "X-Original-URL": "/health",
                "X-HTTP-Method-Override": "GET",
            },
        ]
    )


def test_thousands_of_requests_that_twilio_did_not_sign_change_nothing_and_leave_nothing_behind(
    stage: Stage, line: Inside
) -> None:
    line.post("/voice/answer", call())
    stage.settle()
    kept, draw = record(stage), random.Random(1)
    named = derive_id(call()["CallSid"])
    everywhere = [route.path(name, 1) for route in ROUTES for name in (named, "nosuch")] + list(PATHS)
    body = bodies(draw)

    def attack(times: int) -> None:
        for path, method in islice(cycle(product(everywhere, METHODS)), times):
            data, kind = next(body)
            headers = {"Content-Type": kind, **forged(draw)}
            answer = line.send(method, path, None if method in ("GET", "HEAD") else data, headers)
            assert harmless(method, answer), (method, path)
            assert "Traceback" not in answer.body
            assert "<Response>" not in answer.body
            assert "root:" not in answer.body

    counted = []
    for times in (1500, 750, 750):
        attack(times)
        gc.collect()
        counted.append((len(gc.get_objects()), len(generate_latest())))
    (_, before, after) = counted
    assert after[0] - before[0] < 375, "less than half an object a request"
    assert after[1] - before[1] < 100, "no figure is named by a stranger"
    assert record(stage) == kept
    assert not any(stage.settings.spool.glob("*.json"))


def test_bodies_of_any_size_are_not_read_beyond_a_megabyte(stage: Stage, line: Inside) -> None:
    kept = record(stage)
    for size in (1_000_000, 1_100_000, 20_000_000):
        for kind in (FORM, JSON, "text/plain"):
            answer = line.send("POST", "/voice/answer", b"x" * size, {"Content-Type": kind})
            assert answer.status in (403, 413) or answer.verbs == ["Redirect"]
        assert line.send("POST", "/texts/incoming", b"x" * size, {"Content-Type": FORM}).status in (403, 413)
    assert record(stage) == kept


def test_a_thousand_replays_of_webhooks_that_twilio_did_sign_change_nothing(
    stage: Stage, line: Inside
) -> None:
    """Whoever records Twilio's request may send it as often as they like: it says what it said."""
    sid = call()["CallSid"]
    told = [
        ("/voice/answer", call()),
        (f"/voice/step/{derive_id(sid)}/1", call(Digits="0")),
        (f"/voice/wait/{derive_id(sid)}/2", call()),
        ("/texts/incoming", {"From": LORI, "To": call()["To"], "Body": "Hello", "MessageSid": "SM1"}),
        ("/voice/status", call(CallStatus="completed")),
    ]
    for path, params in told:
        line.post(path, params)
    stage.settle()
    (owed,) = promises(stage)
    (ended,) = contacts(stage)
    draw = random.Random(2)
    for _ in range(1000):
        assert line.post(*draw.choice(told)).status in (200, 204)
    assert [p.id for p in promises(stage)] == [owed.id]
    assert contacts(stage) == [ended]
    (texts,) = stage.services.store.send_commands([("LLEN", keys.case_thread(owed.case))])
    assert texts <= 1


def test_keys_pressed_by_the_thousand_neither_slow_a_call_down_nor_grow_its_record(
    stage: Stage, line: Inside
) -> None:
    line.post("/voice/answer", call())
    name = derive_id(call()["CallSid"])
    redis: Any = stage.services.store.redis
    sizes = []
    for n in range(1, 401):
        line.post(f"/voice/step/{name}/{n}", call(Digits="*"))
        sizes.append(redis.hlen(keys.contact_inputs(name)))
    assert max(sizes) <= 21
    found = stage.services.store.get(Contact, name)
    assert found is not None
    assert len(found.flow_progress.path) < 2200
    assert line.post(f"/voice/step/{name}/401", call(Digits="0")).verbs[-1] == "Enqueue"
    long = line.post(f"/voice/step/{name}/402", call(Digits="1" * 60_000, SpeechResult="x" * 60_000))
    assert long.verbs


def test_whatever_a_caller_says_or_is_called_the_invariants_hold_afterwards(
    stage: Stage, line: Inside
) -> None:
    """Signed, as Twilio signs whatever callers and carriers send."""
    draw = random.Random(3)
    fields = [
        "From",
        "To",
        "Digits",
        "SpeechResult",
        "CallStatus",
        "StirVerstat",
        "QueueResult",
        "AnsweredBy",
    ]
    values = [
        *STRANGE,
        "completed",
        "busy",
        "0",
        "1",
        "#",
        "hangup",
        "leave",
        LORI,
        "a person",
        "machine_start",
    ]
    names: list[str] = []
    for n in range(30):
        sid = f"CA{n:032x}"
        line.post("/voice/answer", call(sid, f"+1202555{n + 300:04}"))
        names.append(derive_id(sid))
    kinds = [r for r in ROUTES if r.endpoint.startswith(("voice", "texts"))]
    for n in range(500):
        route, k = draw.choice(kinds), draw.randrange(30)
        told = {name: draw.choice(values) for name in draw.sample(fields, 3)}
        sid = f"CA{k:032x}"
        path = route.path(draw.choice([names[k], names[k], "nosuch"]), draw.randrange(4))
        answer = line.post(path, {**call(sid, f"+1202555{k + 300:04}"), "MessageSid": f"SM{n}", **told})
        assert answer.status in (200, 204), (path, told)
    for n in range(30):
        line.post("/voice/status", call(f"CA{n:032x}", f"+1202555{n + 300:04}", CallStatus="completed"))
    stage.settle()
    holds(stage)
    broken = [v for v in integrity_check.check_integrity(stage.services).violations if v.invariant != "I6"]
    assert broken == []
