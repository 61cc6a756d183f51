"""Browser phones: https://www.twilio.com/docs/voice/twiml/client, https://www.twilio.com/docs/iam/access-tokens"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from twilio.jwt.access_token.grants import VideoGrant, VoiceGrant
from twilio.rest import Client

from tests.emulator.calls.browser_phone import API_KEY, KEY, SECRET, connected, token
from tests.emulator.harness import ACCOUNT, LINE, START, App, Emulator, LocalHttpClient, emulating, pause

ALL = ["initiated", "ringing", "answered", "completed"]
DAN = "client:dan"


@pytest.fixture(scope="module")
def process() -> Iterator[str]:
    with emulating("--clock", "manual", "--start", START, "--seed", "7", *API_KEY) as url:
        yield url


def ring(emulator: Emulator, app: App, twiml: str = "<Pause length='60'/>") -> str:
    app.pages["/out"] = twiml
    call = emulator.api.calls.create(
        to=DAN,
        from_=LINE,
        url=f"{app.url}/out",
        status_callback=f"{app.url}/progress",
        status_callback_event=ALL,
        timeout=20,
    )
    return str(call.sid)


def test_a_call_rings_in_the_browser_and_is_answered_there(emulator: Emulator, app: App) -> None:
    with connected(emulator, token()) as phone:
        assert phone.next() == {"is": "registered", "identity": "dan"}
        sid = ring(emulator, app)
        emulator.run(1)
        assert phone.next() == {"is": "incoming", "sid": sid, "from": LINE}
        phone.send("answer", sid=sid)
        assert phone.next()["is"] == "accepted"
        emulator.run(8)
        phone.send("hang_up", sid=sid)
        assert phone.next()["is"] == "over"
    ended = emulator.api.calls(sid).fetch()
    assert (ended.status, ended.to, ended.duration) == ("completed", DAN, "8")
    assert app.to("/out")[0]["To"] == DAN
    emulator.run()
    progress = [one["CallStatus"] for one in app.to("/progress")]
    assert progress == ["initiated", "ringing", "in-progress", "completed"]


def test_keys_reach_the_line_and_nobody_hears_who_is_muted(emulator: Emulator, app: App) -> None:
    app.pages["/room"] = "<Dial><Conference>room</Conference></Dial>"
    with connected(emulator, token()) as phone:
        sid = ring(
            emulator,
            app,
            f"<Dial hangupOnStar='true' action='{app.url}/menu'><Conference>room</Conference></Dial>",
        )
        app.pages["/answer"] = "<Dial><Conference>room</Conference></Dial>"
        caller = emulator.dial(pause(600))
        emulator.run(1)
        phone.until("incoming")
        phone.send("answer", sid=sid)
        phone.until("accepted")
        emulator.run(1)
        phone.send("mute", sid=sid, on=True)
        muted(emulator, sid, "muted")
        emulator.act(sid, "say", words="a secret")
        emulator.run(3)
        phone.send("mute", sid=sid, on=False)
        muted(emulator, sid, "unmuted")
        emulator.act(sid, "say", words="good morning")
        emulator.run(3)
        assert [one["words"] for one in emulator.log("heard", call=caller)] == ["good morning"]
        phone.send("press", sid=sid, keys="*")
        muted(emulator, sid, "pressed")
        emulator.run(1)
    assert app.to("/menu")[0]["CallStatus"] == "in-progress"


def muted(emulator: Emulator, sid: str, kind: str) -> None:
    """What was sent has been done."""
    deadline = time.monotonic() + 10
    while not emulator.log(kind, call=sid):
        assert time.monotonic() < deadline


def test_a_dialled_client_rings_in_every_browser_of_that_name_and_the_first_has_the_call(
    emulator: Emulator, app: App
) -> None:
    app.pages["/answer"] = f"<Dial action='{app.url}/after'><Client>dan</Client></Dial>"
    with connected(emulator, token()) as one, connected(emulator, token()) as two:
        one.until("registered")
        two.until("registered")
        emulator.dial(pause(600))
        emulator.run(1)
        sid = one.until("incoming")["sid"]
        assert two.until("incoming")["sid"] == sid
        two.send("answer", sid=sid)
        assert two.next()["is"] == "accepted"
        assert one.next()["is"] == "over"
        one.send("hang_up", sid=sid)  # not its own any more
        emulator.run(2)
        assert emulator.api.calls(sid).fetch().status == "in-progress"
    emulator.run(1)  # the browser was closed
    assert app.to("/after")[0]["DialCallStatus"] == "completed"


def test_a_call_is_declined_or_rings_out_when_nobody_has_the_page_open(emulator: Emulator, app: App) -> None:
    with connected(emulator, token()) as phone:
        sid = ring(emulator, app)
        emulator.run(1)
        phone.until("incoming")
        phone.send("hang_up", sid=sid)
        phone.until("over")
        assert emulator.api.calls(sid).fetch().status == "busy"
    sid = ring(emulator, app)
    emulator.run(30)
    assert emulator.api.calls(sid).fetch().status == "no-answer"


def test_a_call_to_another_name_is_neither_seen_nor_touched(emulator: Emulator, app: App) -> None:
    with connected(emulator, token("eve")) as eve:
        eve.until("registered")
        sid = ring(emulator, app)
        emulator.run(1)
        eve.send("answer", sid=sid)
        eve.send("hang_up", sid=sid)
        eve.send("register", token=token("dan"))
        assert eve.next() == {"is": "refused", "code": 20106, "why": "Invalid Access Token grants"}
        assert emulator.api.calls(sid).fetch().status == "ringing"


@pytest.mark.parametrize(
    ("code", "wrong"),
    [
        (20103, {"key": "SK" + "4" * 32}),
        (20103, {"account": "AC" + "4" * 32}),
        (20107, {"secret": "4" * 32}),
        (20104, {"valid_until": 1_700_000_000}),
        (20104, {"ttl": 100_000}),
        (20105, {"nbf": 4_000_000_000, "valid_until": 4_000_003_600}),
        (20106, {"identity": None}),
        (20106, {"identity": "dan@example.com"}),
        (20106, {"grants": [VideoGrant()]}),
        (20106, {"grants": [VoiceGrant(outgoing_application_sid="AP1")]}),
    ],
)
def test_a_token_that_is_not_right_opens_nothing(
    emulator: Emulator, code: int, wrong: dict[str, Any]
) -> None:
    with connected(emulator, token(**wrong)) as phone:
        assert phone.next()["code"] == code
        assert phone.closed()


@pytest.mark.parametrize("text", ["", "None", "a.b.c", "é.é.é", "W10.W10.W10", "e30.e30.e30"])
def test_what_is_no_token_opens_nothing(emulator: Emulator, text: str) -> None:
    with connected(emulator, text) as phone:
        assert phone.next()["code"] in (20101, 20102)
        assert phone.closed()


def test_a_newer_token_is_asked_for_before_the_old_one_ends_and_without_it_the_phone_is_off(
    emulator: Emulator,
) -> None:
    with connected(emulator, token(ttl=20)) as phone:
        phone.until("registered")
        assert phone.next()["is"] == "expiring"
        phone.send("register", token=token(ttl=2))
        assert [phone.next()["is"], phone.next()["is"]] == ["registered", "expiring"]
        assert phone.next()["code"] == 20104
        assert phone.closed()


def test_an_api_key_opens_the_rest_api_like_the_auth_token(emulator: Emulator) -> None:
    http = LocalHttpClient(emulator.url)
    assert Client(KEY, SECRET, ACCOUNT, http_client=http).calls.list(limit=1) == []
    assert http.session
    http.session.close()
