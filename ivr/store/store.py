"""Redis: reads in one round trip, changes in one script."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from redis import Redis
from redis.exceptions import OutOfMemoryError, RedisError, ResponseError

from ivr.domain.errors import Contention, MemoryFull, NoReplicas, NotReplicated, Unavailable
from ivr.domain.record import Record
from ivr.domain.records.line_status import LineStatus
from ivr.redis_errors import is_outage
from ivr.store import codec, keys
from ivr.store.change import Change
from ivr.store.clock import Clock
from ivr.store.query import Command, Query
from ivr.store.replicas import Replicas

R = TypeVar("R", bound=Record)
T = TypeVar("T")

_SCRIPTS = Path(__file__).parent / "scripts"
_ALLOW_OOM_HEADER = "#!lua flags=allow-oom\n"  # transitions go on when memory is full
LINE_STATUS_FIELDS = ("version", "flow_version", "stored_announcements")
MAX_ATTEMPTS = 100  # of one transaction; each time that one fails, somebody else's was written
TOO_FEW_REPLICAS = "too few replicas"
_SCRIPT_HEADER = "#!lua\n"  # nothing new is owed then


@contextmanager
def translate_redis_errors() -> Iterator[None]:
    """Whatever keeps us from Redis is one error to everybody above."""
    try:
        yield
    except OutOfMemoryError as e:
        raise MemoryFull from e
    except ResponseError as e:
        if "OOM" in str(e) or "used memory" in str(e):
            raise MemoryFull from e
        if "NOREPLICAS" in str(e):  # min-replicas-to-write
            raise NoReplicas from e
        if is_outage(e):  # READONLY, MISCONF and the like
            raise Unavailable(f"The record (Redis) refuses: {e}") from e
        raise
    except RedisError as e:
        raise Unavailable(f"The record (Redis) cannot be reached: {e}") from e


class Store:
    """`replicas`: how many must have a change that somebody is told of. `zone`: by whose days figures are counted."""

    def __init__(
        self, redis: Redis, *, manual_clock: bool = False, replicas: int = 0, zone: str = "UTC"
    ) -> None:
        self.redis = redis
        self.zone = ZoneInfo(zone)
        self.replicas = Replicas(redis, replicas)
        self.clock = Clock(redis, manual=manual_clock)
        self._line_status: LineStatus | None = None
        self._line_status_values: Sequence[str | None] = ()
        commit = (_SCRIPTS / "commit.lua").read_text()
        self.store_input_script = self._register_script("hear")
        self._commit = redis.register_script(_ALLOW_OOM_HEADER + commit)
        self._commit_new = redis.register_script(_SCRIPT_HEADER + commit)
        self.queue_heads_script = self._register_script("heads")
        self.queue_status_script = self._register_script("pulse")
        self.unschedule_script = self._register_script("done")
        self.take_due_script = self._register_script("take")
        self.linked_records_script = self._register_script("linked")
        self.call_rate_script = self._register_script("pace")
        self.sign_in_attempt_script = self._register_script("attempt")

    def _register_script(self, name: str) -> Any:
        return self.redis.register_script(_ALLOW_OOM_HEADER + (_SCRIPTS / f"{name}.lua").read_text())

    def commit(self, change: Change) -> bool:
        """Write it all, or nothing when a record involved has moved on. Raises `Unavailable` and, for what owes, `WritesRefused`.

        `NotReplicated`, for what must be sure: it is written, and too few replicas have it yet. It may not be told.
        """
        script = self._commit_new if change.makes_promise else self._commit
        built = change.build(self.format_day)
        if change.makes_promise and self.replicas.required_count:
            built["replicas"] = self.replicas.required_count
        must = change.makes_promise or change.needs_replicas
        with translate_redis_errors():
            answer, sure = self.replicas.run(script, [json.dumps(built)], always_wait=must)
        if answer == TOO_FEW_REPLICAS:
            raise NoReplicas
        if answer != "":
            return False
        change.mark_as_stored()
        if must and not sure:
            raise NotReplicated
        return True

    def begin(
        self,
        known: Iterable[Record | None] = (),
        *,
        now: float | None = None,
        needs_replicas: bool = False,
        promise_refused: bool = False,
        full_queues: frozenset[str] = frozenset(),
    ) -> Change:
        """A change to decide on. `known`: what was read for it a moment ago; `now`: the line's clock when it is None."""
        change = Change(
            now=self.clock.now() if now is None else now,
            needs_replicas=needs_replicas,
            promise_refused=promise_refused,
            full_queues=full_queues,
            reader=self.get,
        )
        change.know(known)
        return change

    def transact(self, known: Iterable[Record | None] = ()) -> Iterator[Change]:
        """Read, decide and write, and do it anew when somebody else wrote first.

            for change in store.transact():
                agent = change.get(Agent, agent_id)
                freed = change.put(agent, release(agent, change.now))
            return freed

        The body of the loop decides; at its end the change is committed. When a record involved has moved on meanwhile, the
        body runs again with a new change, whose `is_retry` is set: what was read before the loop is to be read again, and
        `known`, what was read a moment ago, is not known any more. After the loop everything is written. `return`, `break`
        and exceptions leave the body without writing anything. Raises `Contention` after MAX_ATTEMPTS, and what `commit` raises.
        """
        for attempt in range(MAX_ATTEMPTS):
            if self.clock.manual:
                self.clock.sync()
            change = self.begin(() if attempt else known)
            change.is_retry = attempt > 0
            yield change
            if change.is_empty or self.commit(change):
                return
        raise Contention

    def commit_best_effort(self, change: Change) -> None:
        """Write it, or nothing when a record involved has moved on: whoever was quicker has seen to it, or it is looked at again.

        Raises what `commit` raises.
        """
        self.commit(change)

    def format_day(self, at: float) -> str:
        """Of the line's clock: 2026-11-23."""
        return f"{datetime.fromtimestamp(at, self.zone):%Y-%m-%d}"

    def confirm_on_replicas(self) -> None:
        """Before somebody is told what Redis alone says: the replicas have it. Raises `NotReplicated`, `Unavailable`."""
        with translate_redis_errors():
            if self.replicas.confirm():
                return
        raise NotReplicated

    def read(self, query: Query[T]) -> T:
        """Answer a query in one round trip; without a command there is none. The line status and the hand-driven clock come along."""
        return query.parse(self.send_commands(query.commands) if query.commands else [])

    def refresh(self) -> None:
        """Read the line status and the hand-driven clock, and nothing else."""
        self.send_commands([])

    def send_commands(self, commands: Sequence[Command]) -> list[Any]:
        """Send raw commands in one round trip and return their answers. For `ivr/store` alone: others use `read`."""
        with translate_redis_errors():
            pipe: Any = self.redis.pipeline(transaction=False)
            for command in commands:
                pipe.execute_command(*command)
            pipe.hmget(keys.LINE_STATUS, *LINE_STATUS_FIELDS)
            if self.clock.manual:
                pipe.get(keys.MANUAL_CLOCK)
            answers: list[Any] = pipe.execute()
        if self.clock.manual:
            self.clock.set_manual_time(answers.pop())
        self.update_line_status(answers.pop())
        return answers

    def get_line_status(self) -> LineStatus:
        """The line status, as the last read found it; asked for when there was none. Raises Unavailable."""
        if self._line_status is None:
            self.refresh()
        return self._line_status or LineStatus()

    def update_line_status(self, values: Sequence[str | None]) -> None:
        """What a read brought along: version, flow_version, stored_announcements."""
        if (
            self._line_status is None or values != self._line_status_values
        ):  # whole: a database that was restored counts its writes anew
            self._line_status_values = list(values)
            version, flow_version, announcements = values
            self._line_status = LineStatus(
                version=int(version or 0),
                flow_version=flow_version or "",
                stored_announcements=announcements or "",
            )

    def get(self, kind: type[R], record_id: str) -> R | None:
        if not record_id:
            return None
        (raw,) = self.send_commands([("HGETALL", f"{kind.record_type}:{record_id}")])
        return codec.load(kind, raw) if raw else None

    def reload(self, record: R) -> R:
        """The record as it is now; the one that was given when there is none any more."""
        return self.get(type(record), record.id) or record

    def get_many(self, kind: type[R], record_ids: Sequence[str]) -> list[R]:
        """Those that exist, in the order asked for."""
        if not record_ids:
            return []
        answers = self.send_commands([("HGETALL", f"{kind.record_type}:{n}") for n in record_ids])
        return [codec.load(kind, raw) for raw in answers if raw]

    def list_all(self, kind: type[R]) -> list[R]:
        """All records of a type, oldest first. For agents, who are few, and for reports; never on a caller's way."""
        (names,) = self.send_commands([("ZRANGE", keys.created_index(kind.record_type), 0, -1)])
        return self.get_many(kind, names)
