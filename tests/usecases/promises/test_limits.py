"""What is asked too often is refused before it is promised, or waits; and one rule says which numbers are rung, wherever they come from."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ivr.cli.demo.stage import OUR_NUMBER
from ivr.domain.errors import CalorError
from ivr.domain.phone_numbers import DialRefusal
from ivr.domain.records.contact import Contact, Outcome
from ivr.domain.records.promise import Promise
from ivr.flow.steps.text import SendText
from ivr.services import Services
from ivr.store import keys
from ivr.usecases.calls.actions.text import send_text
from ivr.usecases.dialing import permissions
from ivr.usecases.outages import catch_up as outage_catch_up
from ivr.usecases.staff import roster
from tests.stories.people import DIANE, LORI
from tests.usecases.promises.asking_for_calls import OTHER, asks, contact, leaves

JAMAICA, PREMIUM, LONDON = "+18765551234", "+19005551212", "+442079460000"


@pytest.mark.parametrize(
    ("number", "told"),
    [
        (JAMAICA, "country"),
        (LONDON, "country"),
        (PREMIUM, "costly"),
        (OUR_NUMBER, "ours"),
        ("+1911", "invalid"),
    ],
)
def test_a_number_that_is_not_rung_is_refused_wherever_it_comes_from(
    services: Services, number: str, told: str
) -> None:
    assert asks(services, contact(services, "c1"), number) == f"not_callable {told}"
    owner = contact(services, "c2", number)
    assert asks(services, owner) == f"not_callable {told}"
    change = services.store.begin()
    assert send_text(services, owner, SendText(body="x"), change)[1] == "refused"
    assert leaves(services, services.store.get(Contact, "c2") or owner).outcome is Outcome.LOST
    services.store.redis.sadd(keys.OUR_NUMBERS, OUR_NUMBER)  # as soon as it was called
    with pytest.raises(CalorError, match="cannot be rung"):
        roster.add_agent(services, roster.AgentDetails(name="Diane", phone=number))
    assert services.store.list_all(Promise) == []


def test_an_agents_telephone_is_not_rung_as_a_customers_until_it_is_nobodys(services: Services) -> None:
    assert permissions.why_not_dialable(services, DIANE) is None
    roster.add_agent(services, roster.AgentDetails(name="Diane", phone=DIANE))
    assert permissions.why_not_dialable(services, DIANE) is DialRefusal.OUR_OWN
    roster.add_agent(services, roster.AgentDetails(name="Diane", phone=OTHER))
    assert [permissions.why_not_dialable(services, n) for n in (DIANE, OTHER)] == [None, DialRefusal.OUR_OWN]
    roster.remove_agent(services, "Diane")
    assert permissions.why_not_dialable(services, OTHER) is None


def test_the_telephones_that_answer_when_the_line_is_broken_are_not_rung_as_customers(
    services: Services,
) -> None:
    ours = services.settings.model_copy(update={"fallback_numbers": (LORI,), "caller_id": OTHER})
    services = replace(services, settings=ours)
    assert [permissions.is_dialable(services, n) for n in (LORI, OTHER, "+12025550144")] == [
        False,
        False,
        True,
    ]


def test_a_recording_of_a_number_that_is_not_rung_goes_to_a_supervisor_and_of_one_that_is_becomes_a_call(
    services: Services,
) -> None:
    for n, number in enumerate((JAMAICA, LORI)):
        fact = outage_catch_up.OutageFact(
            call=f"CA{n}",
            customer_number=number,
            our_number=OUR_NUMBER,
            recording_sid=f"RE{n}",
            recording_url="https://x/RE",
        )
        outage_catch_up.apply_message(services, fact)
    assert {p.number: p.needs_supervisor for p in services.store.list_all(Promise)} == {
        JAMAICA: True,
        LORI: False,
    }
