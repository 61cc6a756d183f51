"""A change: what one transition writes, to be stored whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, TypeVar, cast

from ivr.domain.actor import Actor
from ivr.domain.metrics import counters, report_facts
from ivr.domain.record import Record
from ivr.domain.records.agent import Agent, AgentState
from ivr.store import codec, indexes, keys

R = TypeVar("R", bound=Record)

PAGE_RECORD_TYPES = frozenset({"account", "agent", "agent_leg", "case", "contact", "promise"})
"""Record types that open pages are told of. The ids of the others are telephone numbers, or nobody looks at them."""
DAY_COUNTERS_TTL_SECONDS = 40 * 86400  # seconds for which the figures of a day are kept
LEG_TTL_SECONDS = 2 * 86400  # a call lasts a day at most
CHANGE_FEED_MAX_LENGTH = 20000  # entries of the stream for open pages: some minutes of a busy line


class RecordReader(Protocol):
    """Store.get."""

    def __call__(self, kind: type[R], record_id: str, /) -> R | None: ...


@dataclass(kw_only=True)
class Change:
    """Collects writes; `Store.commit` applies them if no record involved has moved on since it was read.

    `now` is when it was decided, epoch seconds.
    """

    now: float
    makes_promise: bool = False  # makes a new promise: refused when memory is full
    needs_replicas: bool = False  # somebody is told, or a telephone rings for it: enough replicas must have it first, as for `makes_promise`
    promise_refused: bool = False  # it was refused: decide again without a new promise
    is_retry: bool = False  # somebody was quicker: what was read before is out of date
    full_queues: frozenset[str] = frozenset()  # queues that took no more callers when this was read
    reader: RecordReader | None = None  # reads what is not known yet
    commands: list[list[str]] = field(default_factory=list)
    is_due_now: bool = False
    _records: dict[str, tuple[Record | None, Record]] = field(default_factory=dict)  # as read, as it will be
    _known: dict[str, Record | None] = field(default_factory=dict)  # as read
    _expected_records: list[Record] = field(default_factory=list)
    _absent_keys: list[str] = field(default_factory=list)
    _touched_topics: set[str] = field(default_factory=set)

    def put(self, old: R | None, new: R) -> R:
        """Store `new` in place of `old` (None: it must not exist yet). Returns it as it will be, version counted on.

        A record may be put again within one change: what counts is how it was first read and how it ends.
        """
        base = self._records[new.key][0] if new.key in self._records else old
        new = replace(new, version=(base.version if base else 0) + 1)
        self._records[new.key] = (base, new)
        return new

    def know(self, records: Iterable[Record | None]) -> None:
        """These were read a moment ago: they need not be read again for this change."""
        self._known.update((record.key, record) for record in records if record is not None)

    def get(self, kind: type[R], record_id: str) -> R | None:
        """The record as this change will leave it; read once. None when there is none, or the id is empty."""
        key = f"{kind.record_type}:{record_id}"
        if not record_id:
            return None
        if key in self._records:
            return cast("R", self._records[key][1])
        if key not in self._known:
            if self.reader is None:
                raise RuntimeError("This change cannot read: begin it with Store.begin or Store.transact.")
            self._known[key] = self.reader(kind, record_id)
        return cast("R | None", self._known[key])

    def get_pending(self, kind: type[R], record_id: str) -> R | None:
        """A record that this change puts, by its id."""
        found = self._records.get(f"{kind.record_type}:{record_id}")
        return cast("R", found[1]) if found else None

    def latest(self, record: R) -> R:
        """The record as this change will leave it."""
        return cast("R", self._records[record.key][1]) if record.key in self._records else record

    def expect(self, record: Record) -> None:
        """Only if this record has not moved on either."""
        self._expected_records.append(record)

    def expect_absent(self, key: str) -> None:
        """Only if `key` is not there yet."""
        self._absent_keys.append(key)

    def claim_key(self, key: str, value: str, *, ttl_seconds: int) -> None:
        """Only if `key` is not there yet; it is from then on, for so long: what Twilio sends twice counts once."""
        self._absent_keys.append(key)
        self.append_command("SET", key, value, "EX", ttl_seconds)

    def touch_topic(self, topic: str) -> None:
        """Pages that show this are told that it has changed. A record that is put, and a queue that is joined, touch themselves."""
        self._touched_topics.add(topic)

    def mark_as_stored(self) -> None:
        """For `Store.commit`: the database has what this change put."""
        for _, new in self._records.values():
            new.mark_as_stored()

    @property
    def is_empty(self) -> bool:
        return not (self._records or self.commands)

    def build(self, day_of: Callable[[float], str] | None = None) -> dict[str, Any]:
        """As scripts/commit.lua reads it. `day_of`: the day of a moment by the line's clock; None = nothing is counted by days."""
        day = day_of(self.now) if day_of else ""
        checks = [[r.key, str(r.version)] for r in self._expected_records]
        absent = list(self._absent_keys)
        writes = Change(now=self.now)
        for old, new in self._records.values():
            if old is None:
                absent.append(new.key)
                writes.append_command("ZADD", keys.created_index(new.record_type), self.now, new.id)
            else:
                checks.append([new.key, str(old.version)])
            written, deleted = codec.diff(old, new)
            writes.append_command("HSET", new.key, *(text for pair in written.items() for text in pair))
            if deleted:
                writes.append_command("HDEL", new.key, *deleted)
            if isinstance(new, Agent):
                writes._index_agent(old if isinstance(old, Agent) else None, new)
            writes.commands += indexes.list_commands(old, new)
            writes._add_counters(old, new, day)
        if day_of:
            writes._add_report_facts(self._records.values(), day_of)
        ops = writes.commands + self.commands
        if topics := self._topics():
            ops.append(
                [
                    "XADD",
                    keys.CHANGE_FEED,
                    "MAXLEN",
                    "~",
                    str(CHANGE_FEED_MAX_LENGTH),
                    "*",
                    "topics",
                    " ".join(topics),
                ]
            )
        return {"checks": checks, "absent": absent, "ops": ops, "due": self.is_due_now or writes.is_due_now}

    def _topics(self) -> list[str]:
        return sorted(
            self._touched_topics
            | {m for m, (_, new) in self._records.items() if new.record_type in PAGE_RECORD_TYPES}
        )

    def append_command(self, *command: Any) -> None:
        """Append a raw command. For `ivr/store` alone: others use the writes of `ivr/store/queries`."""
        self.commands.append([c if isinstance(c, str) else json.dumps(c) for c in command])

    def schedule(self, record: Record, at: float) -> None:
        """Somebody must look at the record at `at` at the latest."""
        self.append_command("ZADD", keys.DUE, at, record.key)
        self.is_due_now = self.is_due_now or at <= self.now

    def unschedule(self, record: Record) -> None:
        """Nothing is owed any more. Only an ending may say so."""
        self.append_command("ZREM", keys.DUE, record.key)

    def log_event(self, event: str, **ids: object) -> None:
        """Ids and codes only: never numbers, names or words."""
        told = [str(x) for pair in ids.items() if pair[1] not in ("", None) for x in pair]
        self.append_command("XADD", keys.EVENT_LOG, "*", "event", event, "at", f"{self.now:.3f}", *told)

    def log_action(self, event: str, actor: Actor, **ids: object) -> None:
        """What a person did to routing, promises or people, with who and where: `ivr audit-log` lists these."""
        self.log_event(event, by=actor.id, where=actor.channel.value, **ids)

    def index_leg(self, call_sid: str, record: Record) -> None:
        """Legs are looked up while they live; a call lasts four hours at most (Twilio's limit is 24 h)."""
        self.append_command("SET", keys.leg(call_sid), record.key, "EX", LEG_TTL_SECONDS)

    def join_queue(
        self, *, record_key: str, requirements: str, queue: str, score: float, waiting: dict[str, Any]
    ) -> None:
        self.touch_topic(keys.queue(queue))
        self.append_command("SADD", keys.REQUIREMENTS, requirements)
        self.append_command("ZADD", keys.waiting_with(requirements), score, record_key)
        self.append_command("ZADD", keys.queue(queue), score, record_key)
        if record_key.startswith("contact:"):
            self.append_command("SADD", keys.waiting_callers(queue), record_key)
        self.append_command("HSET", keys.WAITING, record_key, json.dumps({**waiting, "needs": requirements}))

    def leave_queue(self, *, record_key: str, requirements: str, queue: str) -> None:
        self.touch_topic(keys.queue(queue))
        self.append_command("ZREM", keys.waiting_with(requirements), record_key)
        self.append_command("ZREM", keys.queue(queue), record_key)
        self.append_command("SREM", keys.waiting_callers(queue), record_key)
        self.append_command("HDEL", keys.WAITING, record_key)

    def _add_counters(self, old: Record | None, new: Record, day: str) -> None:
        for name, by in counters.list_increments(old, new, self.now):
            for key in [keys.COUNTERS, *([keys.counters(day)] if day else [])]:
                self.append_command("HINCRBYFLOAT", key, "|".join(name), by)
            if day:
                self.append_command("EXPIRE", keys.counters(day), DAY_COUNTERS_TTL_SECONDS)

    def _add_report_facts(
        self, records: Iterable[report_facts.RecordPair], day_of: Callable[[float], str]
    ) -> None:
        """By day; by agent by month too, as there are many of them and a year of days would be long to read."""
        told = [fact for fact in report_facts.list_facts(records, self.now) if fact.amount]
        days = {at: day_of(at) for at in {fact.at for fact in told}}
        for at, by, label, name, many in told:
            periods = (days[at], days[at][:7]) if by in report_facts.MONTHLY_DIMENSIONS else (days[at],)
            for period in periods:
                self.append_command("HINCRBYFLOAT", keys.report(period, by), f"{label}|{name}", many)
        if told:
            self.append_command("SETNX", keys.FIRST_REPORT_DAY, day_of(self.now))

    def _index_agent(self, old: Agent | None, new: Agent) -> None:
        if old is not None:
            was = format_abilities(old)
            self.append_command("ZREM", keys.idle(was), old.id)
            if format_abilities(new) != was or new.state in (AgentState.OFFLINE, AgentState.AWAY):
                self.append_command("SREM", keys.signed_in(was), old.id)
            if new.phone != old.phone:
                self.append_command("HDEL", keys.AGENT_PHONES, old.phone)
        self.append_command("HSET", keys.AGENT_PHONES, new.phone, new.id)
        self.append_command("HDEL", keys.IDLE, new.id)
        if new.state in (AgentState.OFFLINE, AgentState.AWAY):
            return
        can = format_abilities(new)
        self.append_command("SADD", keys.ABILITIES, can)
        self.append_command("SADD", keys.signed_in(can), new.id)
        if new.state is AgentState.AVAILABLE:
            self.schedule(new, self.now)  # somebody is free: who waits for them?
            self.append_command("ZADD", keys.idle(can), new.state_since, new.id)
            self.append_command("HSET", keys.IDLE, new.id, json.dumps(_idle_entry(new)))


def format_abilities(agent: Agent) -> str:
    """Agents who can do the same stand in one index: `support,billing|en,es|supervisor`."""
    return "|".join(
        (
            ",".join(sorted(agent.skills)),
            ",".join(sorted(agent.languages)),
            "supervisor" if agent.supervisor else "",
        )
    )


def _idle_entry(agent: Agent) -> dict[str, Any]:
    return {
        "id": agent.id,
        "skills": sorted(agent.skills),
        "languages": sorted(agent.languages),
        "supervisor": agent.supervisor,
        "since": agent.state_since,
    }
