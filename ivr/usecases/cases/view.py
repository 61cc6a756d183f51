"""A case as a colleague reads it, from the database as it is now. Looking changes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ivr.domain.records.account import Account
from ivr.domain.records.agent import Agent
from ivr.domain.records.customer import Case, Customer, Need
from ivr.domain.records.promise import Promise
from ivr.services import Services
from ivr.store.queries import case_index
from ivr.usecases.cases import edit as case_edit
from ivr.usecases.customers import case_thread, open_promises
from ivr.usecases.dialing import shared_numbers

MAX_OTHER_CASES = 20  # other cases of the same customer that are listed


@dataclass(frozen=True, kw_only=True)
class CaseView:
    """`thread`: entries as case_thread.add_entry wrote them, oldest first. `names`: of everybody in it, by id."""

    case: Case
    closed: bool
    customer: Customer
    needs: Sequence[Need]
    promises: Sequence[Promise]  # open ones of this case
    thread: Sequence[Mapping[str, Any]]
    other_cases: Sequence[Case]  # newest first
    names: Mapping[str, str]
    agents: Sequence[Agent]  # to whom it can be handed, by name


def get_case_view(services: Services, case_id: str) -> CaseView:
    """Raises NoSuchCase."""
    case = case_edit.get_case(services, case_id)
    customer = services.store.get(Customer, case.customer) or Customer(id=case.customer)
    thread = case_thread.get_thread(services, case.id)
    agents = sorted(services.store.list_all(Agent), key=lambda a: a.name.casefold())
    lately = services.store.read(case_index.get_last_activity([case.id])).get(case.id, 0.0)
    mine = shared_numbers.is_shared(
        services, customer
    )  # several people: nothing leads from one's case to another's
    others = (
        [] if mine or not customer.id else services.store.read(case_index.list_customer_cases(customer.id))
    )
    return CaseView(
        case=case,
        closed=case.is_closed(lately),
        customer=customer,
        needs=customer.needs,
        promises=[p for p in open_promises.list_for_customer(services, customer) if p.case == case.id],
        thread=thread,
        other_cases=services.store.get_many(
            Case, [other for other in others if other != case.id][:MAX_OTHER_CASES]
        ),
        names={**_get_account_names(services, thread, agents), **{a.id: a.name for a in agents}},
        agents=agents,
    )


def _get_account_names(
    services: Services, thread: Sequence[Mapping[str, Any]], agents: Sequence[Agent]
) -> dict[str, str]:
    """Those in it who answer no telephone."""
    said = {str(e.get(who, "")) for e in thread for who in ("agent", "by")}
    there = {a.id for a in agents}
    return {a.id: a.name for a in services.store.get_many(Account, sorted(said - there - {""}))}
