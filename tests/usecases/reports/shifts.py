"""Made-up days of a line: who called when and what came of it, as plain facts, and the same played through the use cases.

The facts are made first, so that figures can be worked out of them by hand, apart from whatever the line counts.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from random import Random

from ivr.domain.records import agent as agents
from ivr.domain.records.agent import Agent, AgentState
from ivr.domain.records.agent_leg import AgentLeg, LegState, Offer
from ivr.domain.records.contact import Contact
from ivr.domain.records.contact_parts import AfterCallQuestion
from ivr.domain.records.promise import Promise, PromiseState
from ivr.flow.steps.queue import Enqueue
from ivr.flow.turn import FlowInput, FlowInputKind
from ivr.services import Services, derive_id
from ivr.store.queries.contacts import ContactInput
from ivr.usecases.agents import wrapup
from ivr.usecases.calls import anything_else
from ivr.usecases.calls import incoming as incoming_call
from ivr.usecases.calls.actions.queue import join_queue
from ivr.usecases.conferences import conference
from ivr.usecases.contacts import caller_moves, hangups
from ivr.usecases.promises import lifecycle as promise_lifecycle
from tests.conftest import MONDAY_TWO_PM
from tests.known_leg import known_leg
from tests.usecases.promises.promised import set_clock

DAY, SHIFT = 86400.0, 3000.0
AGENTS = ("diane", "vicki")
LINES = ("+12025550100", "+12025550101")
QUEUES = ("support", "billing")
POOR_WORDS = "Nobody listened, =really"


@dataclass(kw_only=True)
class Call:
    """`wait`: until somebody said yes, or they hung up. `agent`: "" = nobody. `ended`, `told`: of the promise made of it."""

    sid: str
    number: str
    line: str
    queue: str
    at: float
    wait: float = 0.0
    agent: str = ""
    talk: float = 0.0
    wrap: float = 0.0
    helped: bool = False
    rating: int = 0
    after: str = ""  # kept, late, declined, "" = it is still owed
    told: float = 0.0  # by when, as it was promised

    @property
    def day(self) -> int:
        return int((self.at - MONDAY_TWO_PM) // DAY)


@dataclass(kw_only=True)
class Days:
    calls: list[Call] = field(default_factory=list)
    days: tuple[int, ...]


def made_up(seed: int, *, calls: int = 14, days: tuple[int, ...] = (0, 1, 8)) -> Days:
    chance, plan, known = Random(seed), Days(days=days), list[str]()
    for day in plan.days:
        start = MONDAY_TWO_PM + day * DAY
        free = [(start, name) for name in AGENTS]
        heapq.heapify(free)
        at, gone = start, set[str]()
        for n in range(calls):
            at += chance.uniform(15, 60)
            again = [number for number in known if number not in gone]
            number = chance.choice(again) if again and chance.random() < 0.4 else ""
            number = number or f"+1{chance.choice((212, 312, 415, 617))}555{100 + len(plan.calls):04}"
            gone.add(number)
            call = Call(
                sid=f"CA{day:02}{n:030}",
                number=number,
                line=chance.choice(LINES),
                queue=chance.choice(QUEUES),
                at=at,
            )
            plan.calls.append(call)
            patience, soonest = chance.uniform(20, 60), free[0][0]
            if number in known:
                known.remove(number)
            if soonest > at + patience:
                call.wait = patience
                call.after = chance.choice(("kept", "late", "declined", ""))
                continue
            _, call.agent = heapq.heappop(free)
            call.wait = max(soonest - at, 0.0) + chance.uniform(0.5, 4)
            call.talk, call.wrap = chance.uniform(20, 200), chance.uniform(5, 40)
            call.helped, call.rating = chance.random() < 0.8, chance.choice((0, 0, 1, 3, 4, 5))
            if call.helped and call.rating != 1:
                known.append(number)  # nothing is owed to them, so they may ring in again as anybody
            heapq.heappush(free, (at + call.wait + call.talk + call.wrap, call.agent))
    return plan


def play(services: Services, plan: Days) -> None:
    moments: list[tuple[float, int, Callable[[], None]]] = []

    def at(when: float, what: Callable[[], None]) -> None:
        heapq.heappush(moments, (when, len(moments) + 1000 * int(when), what))

    for day in plan.days:
        start = MONDAY_TWO_PM + day * DAY
        for name in AGENTS:
            at(start, lambda name=name: _state(services, name, AgentState.AVAILABLE))  # type: ignore[misc]
            at(start + SHIFT, lambda name=name: _state(services, name, AgentState.OFFLINE))  # type: ignore[misc]
    for call in plan.calls:
        at(call.at, lambda c=call: _comes(services, c))  # type: ignore[misc]
        met = call.at + call.wait
        if not call.agent:
            at(met, lambda c=call: _abandons(services, c))  # type: ignore[misc]
            if call.after in ("kept", "declined"):
                at(met + 60, lambda c=call: _ends(services, c))  # type: ignore[misc]
            elif call.after == "late":
                at(met + 0.4 * DAY, lambda c=call: _ends(services, c))  # type: ignore[misc]
            continue
        at(met, lambda c=call: _answered(services, c))  # type: ignore[misc]
        at(met + call.talk, lambda c=call: _talked(services, c))  # type: ignore[misc]
        at(met + call.talk + call.wrap, lambda c=call: _wrapped(services, c))  # type: ignore[misc]
    while moments:
        when, _, what = heapq.heappop(moments)
        set_clock(services, when)
        what()


def _contact(services: Services, call: Call) -> Contact:
    found = services.store.get(Contact, derive_id(call.sid))
    assert found is not None
    return found


def _state(services: Services, name: str, state: AgentState) -> None:
    agent = services.store.get(Agent, name)
    change = services.store.begin()
    if agent is None:
        agent = change.put(None, Agent(id=name, name=name.title(), phone=f"+1202555019{AGENTS.index(name)}"))
    change.put(agent, agents.request_state(agent, state, change.now))
    assert services.store.commit(change)


def _comes(services: Services, call: Call) -> None:
    incoming_call.answer(
        services,
        incoming_call.IncomingCall(call=call.sid, from_=call.number, to=call.line, attested=True),
    )
    change, contact = services.store.begin(), _contact(services, call)
    joined = join_queue(services, contact, Enqueue(queue=call.queue), change)
    change.put(contact, joined)
    assert services.store.commit(change)


def _abandons(services: Services, call: Call) -> None:
    hangups.on_caller_hangup(services, derive_id(call.sid), call.sid)
    owed = services.store.get(Promise, _contact(services, call).promise)
    assert owed is not None
    call.told = owed.due_by


def _ends(services: Services, call: Call) -> None:
    owed = services.store.get(Promise, _contact(services, call).promise)
    assert owed is not None
    change = services.store.begin()
    if call.after == "declined":
        promise_lifecycle.end_promise(owed, PromiseState.DECLINED, change)
    else:
        talking = change.put(owed, replace(owed, state=PromiseState.TALKING))
        promise_lifecycle.end_promise(talking, PromiseState.KEPT, change, owner=AGENTS[0])
    assert services.store.commit(change)


def _answered(services: Services, call: Call) -> None:
    change, contact = services.store.begin(), _contact(services, call)
    agent = services.store.get(Agent, call.agent)
    assert agent is not None
    leg = change.put(
        None,
        AgentLeg(
            id=f"o{call.sid}",
            state=LegState.BRIEFING,
            agent=agent.id,
            contact=contact.id,
            offer=Offer(made_at=change.now),
        ),
    )
    agent = change.put(agent, agents.reserve(agent, leg.id, change.now))
    claimed = conference.claim(contact, leg, change)
    conference.engage(leg, agent, claimed, change)
    assert services.store.commit(change)


def _talked(services: Services, call: Call) -> None:
    """The agent writes up; the caller says how it was and hangs up."""
    change, contact = services.store.begin(), _contact(services, call)
    caller_moves.begin_after_call(change.put(contact, replace(contact, talked=True)), change)
    assert services.store.commit(change)
    wrapup.begin(services, known_leg(services, contact.leg))
    if call.rating:
        _rates(
            services,
            call,
            AfterCallQuestion.RATING,
            FlowInput(kind=FlowInputKind.KEYS, value=str(call.rating)),
        )
    if call.rating == 1:
        _rates(
            services, call, AfterCallQuestion.COMMENT, FlowInput(kind=FlowInputKind.WORDS, value=POOR_WORDS)
        )
    hangups.on_caller_hangup(services, contact.id, call.sid)


def _rates(services: Services, call: Call, question: AfterCallQuestion, heard: FlowInput) -> None:
    contact, change = _contact(services, call), services.store.begin()
    asked = change.put(contact, replace(contact, after_call=replace(contact.after_call, question=question)))
    assert services.store.commit(change)
    anything_else.on_input(
        services,
        asked,
        ContactInput(number=asked.flow_progress.inputs_seen + 1, flow_input=heard, at=change.now),
    )


def _wrapped(services: Services, call: Call) -> None:
    def press(key: str) -> None:
        view = known_leg(services, f"o{call.sid}")
        kind = FlowInputKind.KEYS if key else FlowInputKind.SILENCE
        wrapup.on_input(services, view, FlowInput(kind=kind, value=key))

    press("1" if call.helped else "4")
    for _ in range(5):
        leg = services.store.get(AgentLeg, f"o{call.sid}")
        if leg is not None and leg.state.value == "ended":
            return
        press("")
    raise AssertionError(f"{call.sid}: the wrap-up has no end")
