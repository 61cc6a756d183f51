"""An agent's leg and all that a key on it may touch, read in one round trip."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from ivr.domain.record import Record
from ivr.domain.records.agent import Agent
from ivr.domain.records.agent_leg import AgentLeg, LegState
from ivr.domain.records.contact import Contact
from ivr.domain.records.customer import Case, Customer
from ivr.domain.records.promise import Promise
from ivr.store import codec, keys
from ivr.store.store import Store, translate_redis_errors


@dataclass(frozen=True, kw_only=True)
class LegView:
    """What is known of a leg; None where there is no such record. `language`: what is spoken to the leg."""

    leg: AgentLeg
    agent: Agent | None = None  # whose leg it is; None for somebody outside
    contact: Contact | None = None
    promise: Promise | None = None  # that the leg is there for
    customer: Customer | None = None
    case: Case | None = None
    contact_promise: Promise | None = None  # that the contact carries by now
    promise_owner: Agent | None = None
    asking_leg: AgentLeg | None = None  # the leg of the colleague who wants help
    asking_agent: Agent | None = None
    consult_leg: AgentLeg | None = None  # of the colleague who is asked, or has come
    consult_agent: Agent | None = None
    all_agents: tuple[Agent, ...] = ()  # for a leg in the menu, from which any of them may be asked
    language: str

    @property
    def records(self) -> tuple[Record | None, ...]:
        """For `Store.begin` and `Store.transact`: these need not be read again."""
        return (
            self.leg,
            self.agent,
            self.contact,
            self.promise,
            self.customer,
            self.case,
            self.contact_promise,
            self.promise_owner,
            self.asking_leg,
            self.asking_agent,
            self.consult_leg,
            self.consult_agent,
            *self.all_agents,
        )

    def with_leg(self, leg: AgentLeg) -> LegView:
        return replace(self, leg=leg)


LEG, AGENT, CONTACT, PROMISE, CUSTOMER, CASE, CONTACT_PROMISE, OWNER = range(1, 9)
ASKING_LEG, ASKING_AGENT, CONSULT_LEG, CONSULT_AGENT = range(9, 13)
"""Places in the list that scripts/linked.lua reads."""
_KINDS: tuple[type[Record], ...] = (
    AgentLeg,
    Agent,
    Contact,
    Promise,
    Customer,
    Case,
    Promise,
    Agent,
    AgentLeg,
    Agent,
    AgentLeg,
    Agent,
)
_LINKS: Mapping[int, tuple[tuple[int, str], ...]] = {
    AGENT: ((LEG, "agent"),),
    CONTACT: ((LEG, "contact"),),
    PROMISE: ((LEG, "promise"),),
    CUSTOMER: ((CONTACT, "caller.number"), (PROMISE, "number")),
    CASE: ((CONTACT, "case"), (PROMISE, "case")),
    CONTACT_PROMISE: ((CONTACT, "promise"),),
    OWNER: ((PROMISE, "owner"),),
    ASKING_LEG: ((LEG, "consult.asked_by_leg"),),
    ASKING_AGENT: ((ASKING_LEG, "agent"),),
    CONSULT_LEG: ((CONTACT, "conference.consult_leg"),),
    CONSULT_AGENT: ((CONSULT_LEG, "agent"),),
}
_LINKS_JSON = json.dumps([[_KINDS[place - 1].record_type, *fields] for place, fields in _LINKS.items()])

_AGENTS_JSON = json.dumps(
    ["state", LegState.MENU.value, keys.created_index(Agent.record_type), Agent.record_type]
)


def read_leg_view(store: Store, leg_id: str, *, default_language: str) -> LegView | None:
    """One round trip. None when there is no such leg. `default_language`: where nobody's is known."""
    with translate_redis_errors():
        raws, clock, status, agents = store.linked_records_script(
            args=[f"agent_leg:{leg_id}", _LINKS_JSON, _AGENTS_JSON]
        )
    store.update_line_status(status)
    if store.clock.manual:
        store.clock.set_manual_time(clock)
    view = _build(list(_load(raws)), default_language)
    return replace(view, all_agents=tuple(_load_agents(agents))) if view and agents else view


def _load_agents(raws: Iterable[list[str]]) -> Iterable[Agent]:
    for flat in raws:
        if flat:
            yield codec.load(Agent, dict(zip(flat[::2], flat[1::2], strict=True)))


def _load(raws: Iterable[list[str]]) -> Iterable[Record | None]:
    for kind, flat in zip(_KINDS, raws, strict=True):
        yield codec.load(kind, dict(zip(flat[::2], flat[1::2], strict=True))) if flat else None


def _build(found: list[Record | None], default_language: str) -> LegView | None:
    leg, agent, contact, promise, customer, case, contact_promise, owner, *others = found
    asking_leg, asking_agent, consult_leg, consult_agent = others
    if not isinstance(leg, AgentLeg):
        return None
    view = LegView(
        leg=leg,
        agent=agent if isinstance(agent, Agent) else None,
        contact=contact if isinstance(contact, Contact) else None,
        promise=promise if isinstance(promise, Promise) else None,
        customer=customer if isinstance(customer, Customer) else None,
        case=case if isinstance(case, Case) else None,
        contact_promise=contact_promise if isinstance(contact_promise, Promise) else None,
        promise_owner=owner if isinstance(owner, Agent) else None,
        asking_leg=asking_leg if isinstance(asking_leg, AgentLeg) else None,
        asking_agent=asking_agent if isinstance(asking_agent, Agent) else None,
        consult_leg=consult_leg if isinstance(consult_leg, AgentLeg) else None,
        consult_agent=consult_agent if isinstance(consult_agent, Agent) else None,
        language=default_language,
    )
    return replace(view, language=_choose_language(view))


def _choose_language(view: LegView) -> str:
    """The agent's own language; to somebody outside, the caller's."""
    if view.leg.consult.external_number:
        return view.contact.caller.language if view.contact else view.language
    return view.agent.languages[0] if view.agent else view.language
