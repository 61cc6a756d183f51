"""All that is known of one promise: what happened to it, what was texted about it, where it stands, what comes next."""

from __future__ import annotations

from dataclasses import dataclass

from ivr.domain.records.agent import Agent
from ivr.domain.records.agent_leg import AgentLeg
from ivr.domain.records.customer import Text
from ivr.domain.records.promise import ENDED, QUEUED, Promise, PromiseState
from ivr.domain.rules.event_log_fold import LogEntry
from ivr.services import RedisServices
from ivr.store.queries import due_index, event_log, queues
from ivr.usecases.event_log import read as event_log_read
from ivr.usecases.promises import time_windows
from ivr.usecases.queueing import capacity

MARGIN_BEFORE_SECONDS = 3600.0  # seconds before it was made: the call in which it was


@dataclass(frozen=True, kw_only=True)
class Timeline:
    """`ahead_count`: in its queue, None when it stands in none; `due_at`: when somebody looks, epoch seconds, 0 = never."""

    promise: Promise
    entries: tuple[LogEntry, ...]
    texts: tuple[Text, ...]
    agent_names: dict[str, str]  # of the agents who occur
    ahead_count: int | None
    due_at: float
    next_step: str

    @property
    def attempts(self) -> tuple[LogEntry, ...]:
        return tuple(e for e in self.entries if e.event in ("dialling", "picked up", "attempt failed"))


def build_timeline(s: RedisServices, promise: Promise) -> Timeline:
    history = tuple(_collect_entries(s, promise))
    about = {e.get("text"): e for e in history if e.get("text")}
    agents = {a.id: a.name for a in s.store.list_all(Agent)}
    ahead = None
    if promise.state in QUEUED:
        asked = {promise.queue: capacity.required_skills(s, promise.queue)}
        ahead = queues.get_status(s.store, asked, promise.key).position.get(promise.queue)
    return Timeline(
        promise=promise,
        entries=history,
        texts=tuple(s.store.get_many(Text, list(about))),
        agent_names=agents,
        ahead_count=ahead,
        due_at=s.store.read(due_index.get_due_time(promise.key)),
        next_step=_describe_next_step(s, promise, ahead, agents),
    )


def _collect_entries(s: RedisServices, promise: Promise) -> list[LogEntry]:
    """Its own events, those of its calls, and those of the agents who were asked for it."""
    contacts, legs = {promise.contact} - {""}, {promise.leg} - {""}
    found = []
    archived = promise.created_at < event_log.get_extent(s.store).since
    for page in event_log_read.read_pages(s, archived=archived, since=_start_entry_id(s, promise)):
        for e in page:
            mine = e.get("promise") == promise.id or e.get("about") == promise.key
            if mine:
                contacts |= {e.get("contact")} - {""}
                legs |= {e.get("offer")} - {""}
            others = e.get("promise") not in ("", promise.id)
            if mine or (not others and (e.get("contact") in contacts or e.get("offer") in legs)):
                found.append(e)
    return found


def _start_entry_id(s: RedisServices, promise: Promise) -> str:
    """Entries are named by the server's time; a time that is driven by hand is another one."""
    return "-" if s.clock.manual else f"{max(0, int((promise.created_at - MARGIN_BEFORE_SECONDS) * 1000))}"


def _describe_next_step(
    s: RedisServices, promise: Promise, ahead: int | None, agent_names: dict[str, str]
) -> str:
    """In words, without times: they are shown beside it."""
    owner = agent_names.get(promise.owner, promise.owner)
    if promise.state in ENDED:
        done = {PromiseState.OWNED: f"nothing by the line: {owner or 'nobody'} has it"}
        return done.get(promise.state, "nothing: it has ended")
    if (
        promise.state in QUEUED
        and time_windows.next_callable_time(s, promise.number, s.clock.now()) > s.clock.now()
    ):
        return "it is put off: it is night where they are"
    leg = s.store.get(AgentLeg, promise.leg)
    asked = agent_names.get(leg.agent, leg.agent) if leg else "an agent"
    words = {
        PromiseState.MADE: "it goes into the line when its time comes",
        PromiseState.DUE: f"the next free agent for {promise.queue} is asked" + _describe_ahead(ahead),
        PromiseState.RINGING: f"{asked} is being asked",
        PromiseState.DIALING: f"their phone is rung for {asked}",
        PromiseState.TALKING: f"{asked} talks with them and says afterwards whether it was kept",
        PromiseState.MERGED: f"they rang in: contact {promise.merged_into} carries it",
        PromiseState.ESCALATED: f"{_describe_asked_people(promise)} is asked, again and again, until a person has it"
        + _describe_ahead(ahead),
    }
    if promise.state is PromiseState.MADE and promise.escalated:
        return f"{_describe_asked_people(promise)} is asked again when its time comes"
    return words[promise.state]


def _describe_asked_people(promise: Promise) -> str:
    return "the next free supervisor" if promise.needs_supervisor else "whoever is free first"


def _describe_ahead(ahead: int | None) -> str:
    return "" if ahead is None else f"; {ahead} in front of it"
