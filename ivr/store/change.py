"""A change: what one transition writes, to be stored whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar, cast

from ivr.domain.actor import By
from ivr.domain.metrics import counters, report_facts
from ivr.domain.record import Record
from ivr.domain.records.agent import Agent, AgentState
from ivr.store import codec, indexes, keys

R = TypeVar("R", bound=Record)

SHOWN = frozenset({"account", "agent", "agent_leg", "case", "contact", "promise"})
"""Nouns that open pages are told of. The ids of the others are telephone numbers, or nobody looks at them."""
DAYS = 40 * 86400  # seconds for which the figures of a day are kept
KEPT = 20000  # entries of the stream for open pages: some minutes of a busy line


@dataclass(kw_only=True)
class Change:
    """Collects writes; `Store.commit` applies them if no record involved has moved on since it was read.

    `now` is when it was decided, epoch seconds.
    """

    now: float
    owes: bool = False  # makes a new promise: refused when memory is full
    sure: bool = False  # somebody is told, or a telephone rings for it: enough replicas must have it first, as for `owes`
    full: bool = False  # it was refused: decide again without a new promise
    crowded: frozenset[str] = frozenset()  # queues that took no more callers when this was read
    ops: list[list[str]] = field(default_factory=list)
    due: bool = False
    _records: dict[str, tuple[Record | None, Record]] = field(default_factory=dict)  # as read, as it will be
    _expected: list[Record] = field(default_factory=list)
    _once: list[str] = field(default_factory=list)
    _touched: set[str] = field(default_factory=set)

    def put(self, old: R | None, new: R) -> R:
        """Store `new` in place of `old` (None: it must not exist yet). Returns it as it will be, revision counted on.

        A record may be put again within one change: what counts is how it was first read and how it ends.
        """
        base = self._records[new.member][0] if new.member in self._records else old
        new = replace(new, rev=(base.rev if base else 0) + 1)
        self._records[new.member] = (base, new)
        return new

    def latest(self, record: R | None) -> R | None:
        """The record as this change will leave it."""
        if record is None or record.member not in self._records:
            return record
        return cast("R", self._records[record.member][1])

    def made(self, kind: type[R], name: str) -> R | None:
        """A record that this change puts, by its id."""
        found = self._records.get(f"{kind.noun}:{name}")
        return cast("R", found[1]) if found else None

    def expect(self, record: Record) -> None:
        """Only if this record has not moved on either."""
        self._expected.append(record)

    def absent(self, key: str) -> None:
        """Only if `key` is not there yet."""
        self._once.append(key)

    def once(self, key: str, value: str, *, seconds: int) -> None:
        """Only if `key` is not there yet; it is from then on, for so long: what Twilio sends twice counts once."""
        self._once.append(key)
        self.op("SET", key, value, "EX", seconds)

    def touch(self, topic: str) -> None:
        """Pages that show this are told that it has changed. A record that is put, and a line that is joined, touch themselves."""
        self._touched.add(topic)

    @property
    def empty(self) -> bool:
        return not (self._records or self.ops)

    def build(self, day_of: Callable[[float], str] | None = None) -> dict[str, Any]:
        """As scripts/commit.lua reads it. `day_of`: the day of a moment by the line's clock; None = nothing is counted by days."""
        day = day_of(self.now) if day_of else ""
        checks = [[r.member, str(r.rev)] for r in self._expected]
        absent = list(self._once)
        writes = Change(now=self.now)
        for old, new in self._records.values():
            if old is None:
                absent.append(new.member)
                writes.op("ZADD", keys.everyone(new.noun), self.now, new.id)
            else:
                checks.append([new.member, str(old.rev)])
            # whole, not what differs: `old` may have been changed in memory since it was read
            writes.op("HSET", new.member, *(text for pair in codec.dump(new).items() for text in pair))
            if isinstance(new, Agent):
                writes._index_agent(old if isinstance(old, Agent) else None, new)
            writes.ops += indexes.moves(old, new)
            writes._count(old, new, day)
        if day_of:
            writes._report(self._records.values(), day_of)
        ops = writes.ops + self.ops
        if topics := self._topics():
            ops.append(["XADD", keys.LIVE, "MAXLEN", "~", str(KEPT), "*", "topics", " ".join(topics)])
        return {"checks": checks, "absent": absent, "ops": ops, "due": self.due or writes.due}

    def _topics(self) -> list[str]:
        return sorted(self._touched | {m for m, (_, new) in self._records.items() if new.noun in SHOWN})

    def op(self, *command: Any) -> None:
        self.ops.append([c if isinstance(c, str) else json.dumps(c) for c in command])

    def wake(self, record: Record, at: float) -> None:
        """Somebody must look at the record at `at` at the latest."""
        self.op("ZADD", keys.WAKE, at, record.member)
        self.due = self.due or at <= self.now

    def rest(self, record: Record) -> None:
        """Nothing is owed any more. Only an ending may say so."""
        self.op("ZREM", keys.WAKE, record.member)

    def journal(self, event: str, **ids: object) -> None:
        """Ids and codes only: never numbers, names or words."""
        told = [str(x) for pair in ids.items() if pair[1] not in ("", None) for x in pair]
        self.op("XADD", keys.JOURNAL, "*", "event", event, "at", f"{self.now:.3f}", *told)

    def act(self, event: str, by: By, **ids: object) -> None:
        """What a person did to routing, promises or people, with who and where: `ivr audit-log` lists these."""
        self.journal(event, by=by.who, where=by.where.value, **ids)

    def leg(self, sid: str, record: Record) -> None:
        """Legs are looked up while they live; a call lasts four hours at most (Twilio's limit is 24 h)."""
        self.op("SET", keys.leg(sid), record.member, "EX", 172800)

    def join_line(
        self, *, member: str, needs: str, queue: str, score: float, waiting: dict[str, Any]
    ) -> None:
        self.touch(keys.queue(queue))
        self.op("SADD", keys.LINES, needs)
        self.op("ZADD", keys.line(needs), score, member)
        self.op("ZADD", keys.queue(queue), score, member)
        if member.startswith("contact:"):
            self.op("SADD", keys.callers(queue), member)
        self.op("HSET", keys.WAITING, member, json.dumps({**waiting, "needs": needs}))

    def leave_line(self, *, member: str, needs: str, queue: str) -> None:
        self.touch(keys.queue(queue))
        self.op("ZREM", keys.line(needs), member)
        self.op("ZREM", keys.queue(queue), member)
        self.op("SREM", keys.callers(queue), member)
        self.op("HDEL", keys.WAITING, member)

    def _count(self, old: Record | None, new: Record, day: str) -> None:
        for name, by in counters.counts(old, new, self.now):
            for key in [keys.COUNTED, *([keys.counted(day)] if day else [])]:
                self.op("HINCRBYFLOAT", key, "|".join(name), by)
            if day:
                self.op("EXPIRE", keys.counted(day), DAYS)

    def _report(self, records: Iterable[report_facts.Pair], day_of: Callable[[float], str]) -> None:
        """By day; by agent by month too, as there are many of them and a year of days would be long to read."""
        told = [fact for fact in report_facts.facts(records, self.now) if fact.many]
        days = {at: day_of(at) for at in {fact.at for fact in told}}
        for at, by, label, name, many in told:
            periods = (days[at], days[at][:7]) if by in report_facts.MONTHLY else (days[at],)
            for period in periods:
                self.op("HINCRBYFLOAT", keys.report(period, by), f"{label}|{name}", many)
        if told:
            self.op("SETNX", keys.REPORTED, day_of(self.now))

    def _index_agent(self, old: Agent | None, new: Agent) -> None:
        if old is not None:
            was = abilities(old)
            self.op("ZREM", keys.idle(was), old.id)
            if abilities(new) != was or new.state in (AgentState.OFFLINE, AgentState.AWAY):
                self.op("SREM", keys.works(was), old.id)
            if new.phone != old.phone:
                self.op("HDEL", keys.PHONES, old.phone)
        self.op("HSET", keys.PHONES, new.phone, new.id)
        self.op("HDEL", keys.IDLE, new.id)
        if new.state in (AgentState.OFFLINE, AgentState.AWAY):
            return
        can = abilities(new)
        self.op("SADD", keys.ABILITIES, can)
        self.op("SADD", keys.works(can), new.id)
        if new.state is AgentState.AVAILABLE:
            self.wake(new, self.now)  # somebody is free: who waits for them?
            self.op("ZADD", keys.idle(can), new.since, new.id)
            self.op("HSET", keys.IDLE, new.id, json.dumps(_idle(new)))


def abilities(agent: Agent) -> str:
    """Agents who can do the same stand in one index: `support,billing|en,es|supervisor`."""
    return "|".join(
        (
            ",".join(sorted(agent.skills)),
            ",".join(sorted(agent.languages)),
            "supervisor" if agent.supervisor else "",
        )
    )


def _idle(agent: Agent) -> dict[str, Any]:
    return {
        "id": agent.id,
        "skills": sorted(agent.skills),
        "languages": sorted(agent.languages),
        "supervisor": agent.supervisor,
        "since": agent.since,
    }
