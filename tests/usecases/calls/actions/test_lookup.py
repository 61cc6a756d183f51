"""What a lookup leaves in the record, however often its webhook comes, and whatever happens meanwhile."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ivr.domain.records.contact import Contact
from ivr.flow.turn import FlowInput, FlowInputKind
from ivr.services import Services, build_services
from ivr.settings import load_settings
from ivr.store import keys
from ivr.store.queries.contacts import ContactInput
from ivr.telephony.reply import GatherInput, Redirect, Reply
from ivr.usecases.calls import caller_leg
from ivr.usecases.calls import incoming as incoming_call
from tests.conftest import MONDAY_TWO_PM
from tests.flow.caller import files
from tests.lookup.system import System, says, system
from tests.stories.people import LORI

STEPS = """  a: {{lookup: "{url}", seconds: 3, answers: {{gold: b}}, next: c, else: c}}
  b: {{lookup: "{url}", seconds: 3, say: welcome, next: c}}
  c: {{menu: what, options: {{1: {{next: support}}}}}}
  support: {{queue: support}}
"""
INCOMING = incoming_call.IncomingCall(call="CA" + "1" * 32, from_=LORI, to="+12025550100")


@pytest.fixture
def crm() -> Iterator[System]:
    with system() as made:
        yield made


@pytest.fixture
def services(at_rest: dict[str, str], crm: System, tmp_path: Path) -> Iterator[Services]:
    for name, text in files(STEPS.format(url=crm.url)).items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
    more = {
        "IVR_FLOWS": str(tmp_path),
        "IVR_LOOKUP_HOSTS": crm.name,
        "IVR_LOOKUP_PRIVATE": crm.name,
        "IVR_LOOKUP_SECRET": "x" * 32,
    }
    services = build_services(load_settings({**at_rest, **more}))
    services.store.redis.flushall()
    services.store.redis.set(keys.MANUAL_CLOCK, f"{MONDAY_TWO_PM:.3f}")
    services.clock.sync()
    yield services
    services.store.redis.close()
    services.store.redis.connection_pool.disconnect()


def contact(services: Services) -> Contact:
    (found,) = services.store.list_all(Contact)
    return found


def back(services: Services, n: int) -> Reply:
    """Twilio is back, with nothing heard."""
    heard = ContactInput(number=n, flow_input=FlowInput(kind=FlowInputKind.SILENCE), at=services.clock.now())
    reply = caller_leg.on_input(services, contact(services).id, heard, in_waiting_room=False)
    assert reply is not None
    return reply


def test_each_is_asked_in_a_webhook_of_its_own_that_twilio_waits_for(services: Services, crm: System) -> None:
    crm.play = says(facts=["Order 4711 left"], name="Lori", answer="gold")
    first = incoming_call.answer(services, INCOMING)
    assert (contact(services).flow_progress.name, crm.asked) == (
        "main",
        [],
    )  # the call is in the record before anybody else is asked
    assert isinstance(first.verb, Redirect)
    assert first.verb.url.endswith("/1#ct=2000&rt=8000&rc=1&tt=9000&rp=ct,rt,5xx")

    second = back(services, 1)
    assert len(crm.asked) == 1
    assert isinstance(second.verb, GatherInput)  # there is something to say: 0 is heard in it
    assert (second.verb.listen.seconds, "rt=8000" in second.verb.action_url) == (1, True)

    crm.play = says(facts=["Order 4711 left", "Pays by card"])
    third = back(services, 2)
    assert len(crm.asked) == 2
    assert isinstance(third.verb, GatherInput)
    assert "rt=3000" in third.verb.action_url  # who is asked nothing is answered as fast as ever
    assert (contact(services).lookup.facts, contact(services).lookup.name) == (
        "Order 4711 left\nPays by card",
        "Lori",
    )


def test_a_webhook_that_comes_twice_asks_once(services: Services, crm: System) -> None:
    crm.play = says(facts=["Order 4711 left"])
    incoming_call.answer(services, INCOMING)
    assert isinstance(back(services, 1).verb, GatherInput)
    assert isinstance(back(services, 1).verb, GatherInput)
    assert len(crm.asked) == 1


def test_a_contact_that_moved_on_meanwhile_is_asked_about_anew_and_has_each_fact_once(
    services: Services, crm: System
) -> None:
    def meanwhile(conn: socket.socket) -> None:
        if len(crm.asked) == 1:
            change, now = services.store.begin(), contact(services)
            change.put(now, replace(now, queue_place=replace(now.queue_place, boost_seconds=60.0)))
            assert services.store.commit(change)
        conn.sendall(says(facts=["Order 4711 left"]))

    crm.play = meanwhile
    incoming_call.answer(services, INCOMING)
    assert isinstance(back(services, 1).verb, GatherInput)
    assert len(crm.asked) == 2
    assert (contact(services).lookup.facts, contact(services).queue_place.boost_seconds) == (
        "Order 4711 left",
        60.0,
    )


def test_no_more_facts_are_kept_than_one_answer_may_have(services: Services, crm: System) -> None:
    crm.play = says(facts=[f"fact {n}" for n in range(8)], answer="gold")
    incoming_call.answer(services, INCOMING)
    back(services, 1)
    crm.play = says(facts=["the newest"])
    back(services, 2)
    assert contact(services).lookup.facts.splitlines() == [*(f"fact {n}" for n in range(1, 8)), "the newest"]
