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
from ivr.domain.records.agent_leg import Offer
from ivr.domain.records.contact import Contact
from ivr.domain.records.promise import Promise, PromiseState
from ivr.flow.turn import Enqueue, Heard, HeardKind
from ivr.services import Services, id_of
from ivr.store.change import Change
from ivr.store.queries.contacts import Input
from ivr.usecases.agents import wrapup
from ivr.usecases.calls import anything_else, flow_actions
from ivr.usecases.calls import incoming as incoming_call
from ivr.usecases.conferences import conference
from ivr.usecases.contacts import hangups
from ivr.usecases.promises import lifecycle as promise_lifecycle
from tests.conftest import MONDAY_TWO_PM
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


def play(s: Services, plan: Days) -> None:
    moments: list[tuple[float, int, Callable[[], None]]] = []

    def at(when: float, what: Callable[[], None]) -> None:
        heapq.heappush(moments, (when, len(moments) + 1000 * int(when), what))

    for day in plan.days:
        start = MONDAY_TWO_PM + day * DAY
        for name in AGENTS:
            at(start, lambda name=name: _state(s, name, AgentState.AVAILABLE))  # type: ignore[misc]
            at(start + SHIFT, lambda name=name: _state(s, name, AgentState.OFFLINE))  # type: ignore[misc]
    for call in plan.calls:
        at(call.at, lambda c=call: _comes(s, c))  # type: ignore[misc]
        met = call.at + call.wait
        if not call.agent:
            at(met, lambda c=call: _abandons(s, c))  # type: ignore[misc]
            if call.after in ("kept", "declined"):
                at(met + 60, lambda c=call: _ends(s, c))  # type: ignore[misc]
            elif call.after == "late":
                at(met + 0.4 * DAY, lambda c=call: _ends(s, c))  # type: ignore[misc]
            continue
        at(met, lambda c=call: _answered(s, c))  # type: ignore[misc]
        at(met + call.talk, lambda c=call: _talked(s, c))  # type: ignore[misc]
        at(met + call.talk + call.wrap, lambda c=call: _wrapped(s, c))  # type: ignore[misc]
    while moments:
        when, _, what = heapq.heappop(moments)
        set_clock(s, when)
        what()


def _contact(s: Services, call: Call) -> Contact:
    found = s.store.get(Contact, id_of(call.sid))
    assert found is not None
    return found


def _state(s: Services, name: str, state: AgentState) -> None:
    agent = s.store.get(Agent, name)
    change = Change(now=s.clock.now())
    if agent is None:
        agent = change.put(None, Agent(id=name, name=name.title(), phone=f"+1202555019{AGENTS.index(name)}"))
    change.put(agent, agents.ask_for(agent, state, change.now))
    assert s.store.commit(change)


def _comes(s: Services, call: Call) -> None:
    incoming_call.answer(
        s,
        incoming_call.Incoming(call=call.sid, from_=call.number, to=call.line, stir="TN-Validation-Passed-A"),
    )
    change, contact = Change(now=s.clock.now()), _contact(s, call)
    joined = flow_actions.join_line(s, contact, Enqueue(queue=call.queue), change)
    change.put(contact, joined)
    assert s.store.commit(change)


def _abandons(s: Services, call: Call) -> None:
    hangups.caller_gone(s, id_of(call.sid), call.sid)
    owed = s.store.get(Promise, _contact(s, call).promise)
    assert owed is not None
    call.told = owed.until


def _ends(s: Services, call: Call) -> None:
    owed = s.store.get(Promise, _contact(s, call).promise)
    assert owed is not None
    change = Change(now=s.clock.now())
    if call.after == "declined":
        promise_lifecycle.end(s, owed, PromiseState.DECLINED, change)
    else:
        talking = change.put(owed, replace(owed, state=PromiseState.TALKING))
        promise_lifecycle.end(s, talking, PromiseState.KEPT, change, owner=AGENTS[0])
    assert s.store.commit(change)


def _answered(s: Services, call: Call) -> None:
    change, contact = Change(now=s.clock.now()), _contact(s, call)
    agent = s.store.get(Agent, call.agent)
    assert agent is not None
    offer = change.put(None, Offer(id=f"o{call.sid}", agent=agent.id, contact=contact.id, made=change.now))
    agent = change.put(agent, agents.reserve(agent, offer.id, change.now))
    claimed = conference.claim(contact, offer, change)
    conference.engage(offer, agent, claimed, change)
    assert s.store.commit(change)


def _talked(s: Services, call: Call) -> None:
    """The agent writes up; the caller says how it was and hangs up."""
    change, contact = Change(now=s.clock.now()), _contact(s, call)
    hangups.ask(change.put(contact, replace(contact, talked=True)), change)
    assert s.store.commit(change)
    offer = s.store.get(Offer, contact.offer)
    assert offer is not None
    wrapup.begin(s, offer)
    if call.rating:
        _rates(s, call, anything_else.RATE, Heard(kind=HeardKind.KEYS, value=str(call.rating)))
    if call.rating == 1:
        _rates(s, call, anything_else.COMMENT, Heard(kind=HeardKind.WORDS, value=POOR_WORDS))
    hangups.caller_gone(s, contact.id, call.sid)


def _rates(s: Services, call: Call, position: str, heard: Heard) -> None:
    contact, change = _contact(s, call), Change(now=s.clock.now())
    asked = change.put(contact, replace(contact, position=position))
    assert s.store.commit(change)
    anything_else.hear(s, asked, Input(n=asked.seen + 1, heard=heard, at=change.now))


def _wrapped(s: Services, call: Call) -> None:
    def press(key: str) -> None:
        offer = s.store.get(Offer, f"o{call.sid}")
        assert offer is not None
        kind = HeardKind.KEYS if key else HeardKind.SILENCE
        wrapup.hear(s, offer, Heard(kind=kind, value=key))

    press("1" if call.helped else "4")
    for _ in range(5):
        offer = s.store.get(Offer, f"o{call.sid}")
        if offer is not None and offer.state.value == "ended":
            return
        press("")
    raise AssertionError(f"{call.sid}: the wrap-up has no end")
