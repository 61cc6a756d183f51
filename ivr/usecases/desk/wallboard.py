"""Who waits, who is on with whom, and how well the line answers: for supervisors, and for a wall. Looking changes nothing.

Four round trips, however much is promised; it reads the agents, and of the contacts those that wait or talk, MAX_PER_LIST of each.
"""

from __future__ import annotations

from dataclasses import dataclass

from ivr.domain.metrics import rates
from ivr.domain.metrics.rates import ServiceRates
from ivr.domain.phone_numbers import TrustLevel
from ivr.domain.records.agent import Agent, AgentState
from ivr.domain.records.agent_leg import BEFORE_ACCEPT, AgentLeg, LegKind, MonitoringMode
from ivr.domain.records.contact import Contact, ContactState
from ivr.domain.records.contact_parts import PartyLocation
from ivr.services import Services
from ivr.store.queries import agents as stored_agents
from ivr.store.queries import contacts as stored_contacts
from ivr.store.queries import counters, records
from ivr.store.queries import queues as stored_queues
from ivr.store.query import combine, each
from ivr.usecases.customers import names as customer_names
from ivr.usecases.queueing import capacity

MAX_PER_LIST = 100  # of each queue, of each stage of a talk
MAX_AGENTS = 1000
TALK_STATES = (ContactState.TALKING, ContactState.ON_HOLD, ContactState.CALLING)
AT_WORK_STATES = (
    AgentState.AVAILABLE,
    AgentState.RESERVED,
    AgentState.ON_CALL,
    AgentState.WRAP_UP,
    AgentState.AWAY,
)


@dataclass(frozen=True, kw_only=True)
class WaitingCaller:
    """`asked_agent`: the agent who is being asked for them. `estimate_seconds`: seconds; None = nobody works there."""

    contact: Contact
    name: str
    since: float
    asked_agent: str
    estimate_seconds: int | None


@dataclass(frozen=True, kw_only=True)
class MonitoringSupervisor:
    """A supervisor in a talk, or on the way: then `joining`."""

    name: str
    mode: MonitoringMode
    joining: bool
    is_viewer: bool


@dataclass(frozen=True, kw_only=True)
class ActiveCall:
    """`held_since`: since when the caller is on hold, epoch seconds, 0 = not. `can_monitor`: it can be listened to now."""

    contact: Contact
    name: str
    agent: str
    colleague: str  # the colleague in it, or being asked; "" = nobody
    since: float
    held_since: float
    is_dialing: bool  # a callback: their phone is being rung
    can_monitor: bool
    supervisors: tuple[MonitoringSupervisor, ...]


@dataclass(frozen=True, kw_only=True)
class QueueSummary:
    name: str
    waiting: int
    longest_wait_since: float  # the longest wait began then; 0 = nobody waits
    threshold: int
    today: ServiceRates


@dataclass(frozen=True, kw_only=True)
class Wallboard:
    """`agents_by_state`: those at work by state, longest first. `monitored_contact`: the talk that whoever looks is in or on the way to, "" = none."""

    queues: tuple[QueueSummary, ...]
    callers: tuple[WaitingCaller, ...]
    active_calls: tuple[ActiveCall, ...]
    agents_by_state: dict[AgentState, tuple[Agent, ...]]
    offline_count: int
    today: ServiceRates
    monitored_contact: str
    now: float

    @property
    def waiting_count(self) -> int:
        return sum(q.waiting for q in self.queues)


def get_wallboard(services: Services, viewer_id: str) -> Wallboard:
    """`viewer_id`: the id of whoever looks."""
    now, queues = services.clock.now(), sorted(services.library.queues)
    counts, waits, order, stages, staff, (day, offline) = services.store.read(
        combine(
            each(queues, stored_contacts.count_waiting),
            each(queues, lambda q: stored_contacts.list_waiting(q, MAX_PER_LIST)),
            each(queues, lambda q: stored_queues.list_waiting(q, MAX_PER_LIST)),
            each(TALK_STATES, lambda state: stored_contacts.list_open(state.value, MAX_PER_LIST)),
            each(AT_WORK_STATES, lambda state: stored_agents.list_in_state(state.value, MAX_AGENTS)),
            combine(
                counters.get_day(services.store.format_day(now)),
                stored_agents.count_in_state(AgentState.OFFLINE.value),
            ),
        )
    )
    contacts, agents = _read_records(
        services,
        [w for found in (*waits.values(), *stages.values()) for w in found],
        [a for found in staff.values() for a in found],
    )
    legs, names = _read_legs_and_names(services, agents, contacts)
    pulse = stored_queues.get_status(
        services.store, {q: capacity.required_skills(services, q) for q in queues}
    )
    asked = {
        o.contact: agents[o.agent]
        for o in legs.values()
        if o.state in BEFORE_ACCEPT and o.kind is LegKind.CONTACT and o.agent in agents
    }
    shown = tuple(
        QueueSummary(
            name=q,
            waiting=counts[q],
            longest_wait_since=contacts[found[0]].queue_place.queued_at
            if found and found[0] in contacts
            else 0.0,
            threshold=services.library.get_queue(q).threshold,
            today=rates.compute_service_rates(day, q, services.library.get_queue(q).threshold),
        )
        for q, found in waits.items()
    )
    places = {m: (q, n) for q, found in order.items() for n, m in enumerate(found)}
    listening = next(
        (o.contact for o in legs.values() if o.agent == viewer_id and o.kind is LegKind.MONITOR), ""
    )
    return Wallboard(
        queues=shown,
        callers=_list_callers(
            services,
            [contacts[w] for found in waits.values() for w in found if w in contacts],
            names,
            asked,
            (places, pulse),
        ),
        active_calls=_list_active_calls(
            [contacts[w] for found in stages.values() for w in found if w in contacts],
            names,
            agents,
            legs,
            viewer_id,
        ),
        agents_by_state=_group_by_state(agents),
        offline_count=offline,
        today=sum((q.today for q in shown), ServiceRates()),
        monitored_contact=listening,
        now=now,
    )


def _read_records(
    services: Services, contacts: list[str], agents: list[str]
) -> tuple[dict[str, Contact], dict[str, Agent]]:
    found, people = services.store.read(
        combine(
            each(contacts, lambda c: records.get_readable(Contact, c)),
            each(agents, lambda a: records.get_readable(Agent, a)),
        )
    )
    return {c.id: c for c in found.values() if c}, {a.id: a for a in people.values() if a}


def _read_legs_and_names(
    services: Services, agents: dict[str, Agent], contacts: dict[str, Contact]
) -> tuple[dict[str, AgentLeg], dict[str, str]]:
    """The legs of those agents and of those contacts; the names of customers by number."""
    leg_ids = {a.leg for a in agents.values()} | {
        x for c in contacts.values() for x in (c.leg, c.conference.consult_leg)
    }
    asked = sorted(leg_ids - {""})
    numbers = sorted({c.caller.number for c in contacts.values()} - {""})
    legs, names = services.store.read(
        combine(
            each(asked, lambda leg_id: records.get_readable(AgentLeg, leg_id)),
            customer_names.get_names(services, numbers),
        )
    )
    return {leg.id: leg for leg in legs.values() if leg}, names


def _list_callers(
    services: Services,
    waiting: list[Contact],
    customer_names: dict[str, str],
    asked_agents: dict[str, Agent],
    places_and_pulse: tuple[dict[str, tuple[str, int]], stored_queues.QueueStatus],
) -> tuple[WaitingCaller, ...]:
    """The longest first."""
    places, pulse = places_and_pulse
    found = []
    for c in waiting:
        queue, ahead = places.get(c.key, (c.queue_place.name, MAX_PER_LIST))  # further back than was read
        agent = asked_agents.get(c.id)
        found.append(
            WaitingCaller(
                contact=c,
                name=_display_name(c, customer_names),
                since=c.queue_place.queued_at or c.started_at,
                asked_agent=agent.name if agent else "",
                estimate_seconds=0
                if agent
                else capacity.estimate_wait_seconds(services, pulse, queue, ahead),
            )
        )
    return tuple(sorted(found, key=lambda w: w.since))


def _list_active_calls(
    talking: list[Contact],
    customer_names: dict[str, str],
    agents: dict[str, Agent],
    legs: dict[str, AgentLeg],
    viewer_id: str,
) -> tuple[ActiveCall, ...]:
    found = []
    for c in talking:
        leg, second = legs.get(c.leg), legs.get(c.conference.consult_leg)
        agent = agents.get(leg.agent) if leg else None
        ears = tuple(
            MonitoringSupervisor(
                name=agents[o.agent].name,
                mode=o.monitoring_mode,
                joining=o.state in BEFORE_ACCEPT,
                is_viewer=o.agent == viewer_id,
            )
            for o in legs.values()
            if o.kind is LegKind.MONITOR
            and o.contact == c.id
            and o.agent in agents
            and agents[o.agent].leg == o.id
        )
        other = agents.get(second.agent) if second else None
        found.append(
            ActiveCall(
                contact=c,
                name=_display_name(c, customer_names),
                agent=agent.name if agent else "",
                colleague=other.name if other else "somebody outside" if second else "",
                since=agent.state_since if agent else c.conference.joined_at or c.started_at,
                held_since=c.hold.started_at if c.state is ContactState.ON_HOLD else 0.0,
                is_dialing=c.state is ContactState.CALLING,
                can_monitor=c.state is ContactState.TALKING
                and c.conference.caller_location is PartyLocation.IN_CONFERENCE
                and c.conference.agent_location is PartyLocation.IN_CONFERENCE
                and bool(c.conference.sid),
                supervisors=ears,
            )
        )
    return tuple(sorted(found, key=lambda t: t.since))


def _display_name(contact: Contact, customer_names: dict[str, str]) -> str:
    """A name that may be another's is not shown as if it were sure (I7)."""
    name = customer_names.get(contact.caller.number, "") or contact.caller.name
    return f"perhaps {name}" if name and contact.caller.trust_level is TrustLevel.UNVERIFIED else name


def _group_by_state(agents: dict[str, Agent]) -> dict[AgentState, tuple[Agent, ...]]:
    by: dict[AgentState, list[Agent]] = {state: [] for state in AT_WORK_STATES}
    for agent in agents.values():
        if agent.state in by:
            by[agent.state].append(agent)
    return {state: tuple(sorted(found, key=lambda a: a.state_since)) for state, found in by.items()}
