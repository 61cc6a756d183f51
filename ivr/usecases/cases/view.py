"""A case as a colleague reads it, from the record as it is now. Looking changes nothing."""

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
from ivr.usecases.customers import last_talk, open_promises

OTHERS = 20  # other cases of the same customer that are listed


@dataclass(frozen=True, kw_only=True)
class CaseView:
    """`thread`: entries as remember.note wrote them, oldest first. `names`: of everybody in it, by id."""

    case: Case
    closed: bool
    customer: Customer
    needs: Sequence[Need]
    promises: Sequence[Promise]  # open ones of this case
    thread: Sequence[Mapping[str, Any]]
    others: Sequence[Case]  # newest first
    names: Mapping[str, str]
    agents: Sequence[Agent]  # to whom it can be handed, by name


def look(s: Services, name: str) -> CaseView:
    """Raises NoSuchCase."""
    case = case_edit.get(s, name)
    customer = s.store.get(Customer, case.customer) or Customer(id=case.customer)
    thread = last_talk.thread(s, case.id)
    agents = sorted(s.store.everyone(Agent), key=lambda a: a.name.casefold())
    lately = case_index.lately(s.store, [case.id]).get(case.id, 0.0)
    mine = open_promises.is_shared(s, customer)  # several people: nothing leads from one's case to another's
    others = [] if mine or not customer.id else case_index.of_customer(s.store, customer.id)
    return CaseView(
        case=case,
        closed=case.is_closed(lately),
        customer=customer,
        needs=customer.needs,
        promises=[p for p in open_promises.open_promises(s, customer) if p.case == case.id],
        thread=thread,
        others=s.store.get_all(Case, [other for other in others if other != case.id][:OTHERS]),
        names={**_accounts(s, thread, agents), **{a.id: a.name for a in agents}},
        agents=agents,
    )


def _accounts(s: Services, thread: Sequence[Mapping[str, Any]], agents: Sequence[Agent]) -> dict[str, str]:
    """Those in it who answer no telephone."""
    said = {str(e.get(who, "")) for e in thread for who in ("agent", "by")}
    there = {a.id for a in agents}
    return {a.id: a.name for a in s.store.get_all(Account, sorted(said - there - {""}))}
