"""Floods of callers, slow connections, and an agent's telephone that rings the line."""

from __future__ import annotations

import socket
from urllib.parse import quote, urlsplit

import pytest

from ivr.cli.demo.stage import Stage
from ivr.domain.records.contact import Outcome
from ivr.domain.records.promise import PromiseState
from ivr.services import derive_id
from ivr.store import keys
from ivr.usecases.integrity import check as integrity_check
from tests.stories.people import DIANE, LORI, contacts, promises
from tests.web.inside import Inside
from tests.web.strangers import FORM
from tests.web.webhooks.twilio import Twilio, call

pytestmark = pytest.mark.usefixtures("nothing_failed")


def test_a_flood_of_made_up_callers_costs_no_customer_their_call(stage: Stage, line: Inside) -> None:
    """Each asks for a person and hangs up. They are on record, cost little an hour, and stand behind a customer."""
    for n in range(60):
        sid, number = f"CA{n:032x}", f"+1202555{n + 300:04}"
        line.post("/voice/answer", call(sid, number))
        line.post(f"/voice/step/{derive_id(sid)}/1", call(sid, number, Digits="0"))
        line.post("/voice/status", call(sid, number, CallStatus="completed"))
    hers = call("CA" + "f" * 32, LORI, StirVerstat="TN-Validation-Passed-A")
    line.post("/voice/answer", hers)
    assert (
        line.post(f"/voice/step/{derive_id(hers['CallSid'])}/1", {**hers, "Digits": "0"}).verbs[-1]
        == "Enqueue"
    )
    line.post("/voice/status", {**hers, "CallStatus": "completed"})
    stage.settle()
    assert {c.outcome for c in contacts(stage)} == {Outcome.PROMISED}
    soon = [p for p in promises(stage) if p.not_before <= stage.now]
    assert LORI in {p.number for p in soon}
    assert len(soon) <= 21, "so many an hour, and hers"
    (members,) = stage.services.store.send_commands([("ZRANGE", keys.queue("support"), 0, -1)])
    assert len(members) == len(soon)
    assert integrity_check.check_integrity(stage.services).violations == ()
    assert {p.state for p in promises(stage)} <= {PromiseState.MADE, PromiseState.DUE}


def test_slow_and_broken_connections_keep_nobody_waiting(stage: Stage, twilio: Twilio) -> None:
    """Against the server as it is deployed: headers that never end, bodies that do not come, bytes that are no HTTP."""
    where = urlsplit(stage.settings.public_url)
    beginnings = [
        b"POST /voice/answer HTTP/1.1\r\nHost: x\r\nContent-Type: "
        + FORM.encode()
        + b"\r\nContent-Length: 5000\r\n\r\nCall",
        b"POST /voice/answer HTTP/1.1\r\nHost: x\r\nX-A: ",
        b"GET /static/hold.wav HTTP/1.1\r\nHost: x\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"POST /voice/answer HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nffffff\r\n",
    ]
    held = []
    for n in range(150):
        wire = socket.create_connection((where.hostname or "", where.port or 0), timeout=20)
        wire.sendall(beginnings[n % len(beginnings)])
        held.append(wire)
    assert twilio.get("/health").status == 200
    assert "Gather" in twilio.post("/voice/answer", call()).verbs
    for wire in held:
        wire.close()
    assert twilio.get("/ready").status in (200, 503)
    assert len(contacts(stage)) == 1


def test_an_agents_telephone_that_rings_the_line_is_a_caller_like_any_other(
    stage: Stage, line: Inside
) -> None:
    stage.add_agent("Diane", DIANE, [])
    hers = call("CA" + "d" * 32, DIANE)
    line.post("/voice/answer", hers)
    name = derive_id(hers["CallSid"])
    assert line.post(f"/voice/step/{name}/1?x={quote('ñ')}", {**hers, "Digits": "0"}).verbs[-1] == "Enqueue"
