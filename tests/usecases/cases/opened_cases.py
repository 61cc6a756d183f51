"""Cases as these tests open and look for them."""

from __future__ import annotations

from ivr.domain.actor import Actor, Channel
from ivr.services import Services
from ivr.usecases.cases import edit as case_edit
from ivr.usecases.cases import search as case_search
from ivr.usecases.customers import profile as customer_profile
from tests.stories.people import LORI
from tests.usecases.promises.promised import set_clock

BY = Actor(id="diane", channel=Channel.PAGE)


def opened(services: Services, subject: str = "Her suitcase", number: str = LORI, name: str = "") -> str:
    case = case_edit.open_case(services, number, subject, actor=BY).id
    if name:
        customer_profile.set_name(services, number, name)
    later(services)
    return case


def later(services: Services) -> None:
    set_clock(services, services.clock.now() + 60)


def found(services: Services, typed: str) -> list[str]:
    return [hit.case.id for hit in case_search.search_cases(services, typed).hits]
