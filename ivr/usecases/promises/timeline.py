"""All that is known of one promise: what happened to it, what was texted about it, where it stands, what comes next."""

from __future__ import annotations

from dataclasses import dataclass

from ivr.domain.records.agent import Agent
from ivr.domain.records.agent_leg import Offer
from ivr.domain.records.customer import Text
from ivr.domain.records.promise import ENDED, IN_LINE, Promise, PromiseKind, PromiseState
from ivr.domain.rules.event_log_fold import Entry
from ivr.services import RedisServices
from ivr.store.queries import due_index, event_log, queues
from ivr.usecases.customers import caller_context
from ivr.usecases.event_log import read as event_log_read
from ivr.usecases.promises import time_windows

EARLIER = 3600.0  # seconds before it was made: the call in which it was


@dataclass(frozen=True, kw_only=True)
class Account:
    """`ahead`: in its line, None when it stands in none; `wake`: when somebody looks, epoch seconds, 0 = never."""

    promise: Promise
    history: tuple[Entry, ...]
    texts: tuple[Text, ...]
    names: dict[str, str]  # of the agents who occur
    ahead: int | None
    wake: float
    next: str

    @property
    def attempts(self) -> tuple[Entry, ...]:
        return tuple(e for e in self.history if e.event in ("dialling", "picked up", "attempt failed"))


def recount(s: RedisServices, promise: Promise) -> Account:
    history = tuple(_history(s, promise))
    about = {e.get("text"): e for e in history if e.get("text")}
    agents = {a.id: a.name for a in s.store.everyone(Agent)}
    ahead = None
    if promise.state in IN_LINE:
        asked = {promise.queue: caller_context.required(s, promise.queue)}
        ahead = queues.pulse(s.store, asked, promise.member).position.get(promise.queue)
    return Account(
        promise=promise,
        history=history,
        texts=tuple(s.store.get_all(Text, list(about))),
        names=agents,
        ahead=ahead,
        wake=due_index.at(s.store, promise.member),
        next=_next(s, promise, ahead, agents),
    )


def _history(s: RedisServices, promise: Promise) -> list[Entry]:
    """Its own events, those of its calls, and those of the agents who were asked for it."""
    contacts, offers = {promise.contact} - {""}, {promise.offer} - {""}
    found = []
    archived = promise.made_at < event_log.extent(s.store).since
    for page in event_log_read.pages(s, archived=archived, since=_since(s, promise)):
        for e in page:
            mine = e.get("promise") == promise.id or e.get("about") == promise.member
            if mine:
                contacts |= {e.get("contact")} - {""}
                offers |= {e.get("offer")} - {""}
            others = e.get("promise") not in ("", promise.id)
            if mine or (not others and (e.get("contact") in contacts or e.get("offer") in offers)):
                found.append(e)
    return found


def _since(s: RedisServices, promise: Promise) -> str:
    """Entries are named by the server's time; a time that is driven by hand is another one."""
    return "-" if s.clock.manual else f"{max(0, int((promise.made_at - EARLIER) * 1000))}"


def _next(s: RedisServices, promise: Promise, ahead: int | None, agents: dict[str, str]) -> str:
    """In words, without times: they are shown beside it."""
    owner = agents.get(promise.owner, promise.owner)
    if promise.state in ENDED:
        done = {PromiseState.OWNED: f"nothing by the line: {owner or 'nobody'} has it"}
        return done.get(promise.state, "nothing: it has ended")
    if promise.state in IN_LINE and time_windows.awake(s, promise.number, s.clock.now()) > s.clock.now():
        return "it is put off: it is night where they are"
    offer = s.store.get(Offer, promise.offer)
    asked = agents.get(offer.agent, offer.agent) if offer else "an agent"
    words = {
        PromiseState.MADE: "it goes into the line when its time comes",
        PromiseState.DUE: f"the next free agent for {promise.queue} is asked" + _behind(ahead),
        PromiseState.RINGING: f"{asked} is being asked",
        PromiseState.DIALLING: f"their phone is rung for {asked}",
        PromiseState.TALKING: f"{asked} talks with them and says afterwards whether it was kept",
        PromiseState.MERGED: f"they rang in: contact {promise.merged} carries it",
        PromiseState.ESCALATED: f"{_whom(promise)} is asked, again and again, until a person has it"
        + _behind(ahead),
    }
    if promise.state is PromiseState.MADE and promise.kind is PromiseKind.ESCALATION:
        return f"{_whom(promise)} is asked again when its time comes"
    return words[promise.state]


def _whom(promise: Promise) -> str:
    return "the next free supervisor" if promise.supervisor else "whoever is free first"


def _behind(ahead: int | None) -> str:
    return "" if ahead is None else f"; {ahead} in front of it"
