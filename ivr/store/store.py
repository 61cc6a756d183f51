"""The record: reads in one round trip, changes in one script."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from redis import Redis
from redis.exceptions import OutOfMemoryError, RedisError, ResponseError

from ivr.domain.errors import MemoryFull, NoReplicas, Unavailable, Unconfirmed
from ivr.domain.record import Record
from ivr.domain.records.line_status import Standing
from ivr.redis_errors import is_outage
from ivr.store import codec, keys
from ivr.store.change import Change
from ivr.store.clock import Clock
from ivr.store.replicas import Replicas

R = TypeVar("R", bound=Record)

_SCRIPTS = Path(__file__).parent / "scripts"
_ANYWAY = "#!lua flags=allow-oom\n"  # transitions go on when memory is full
_STANDS = ("rev", "version", "notices")
FEW_REPLICAS = "too few replicas"
_WITH_ROOM = "#!lua\n"  # nothing new is owed then


@contextmanager
def reaching() -> Iterator[None]:
    """Whatever keeps us from the record is one error to everybody above."""
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
        self._standing: Standing | None = None
        self._stood: Sequence[str | None] = ()
        commit = (_SCRIPTS / "commit.lua").read_text()
        self.hear_script = self._script("hear")
        self._commit = redis.register_script(_ANYWAY + commit)
        self._commit_new = redis.register_script(_WITH_ROOM + commit)
        self.heads_script = self._script("heads")
        self.pulse_script = self._script("pulse")
        self.done_script = self._script("done")
        self.take_script = self._script("take")
        self.pace_script = self._script("pace")
        self.attempt_script = self._script("attempt")

    def _script(self, name: str) -> Any:
        return self.redis.register_script(_ANYWAY + (_SCRIPTS / f"{name}.lua").read_text())

    def commit(self, change: Change) -> bool:
        """Write it all, or nothing when a record involved has moved on. Raises `Unavailable` and, for what owes, `NothingNew`.

        `Unconfirmed`, for what must be sure: it is written, and too few replicas have it yet. It may not be told.
        """
        script = self._commit_new if change.owes else self._commit
        built = change.build(self.day)
        if change.owes and self.replicas.count:
            built["replicas"] = self.replicas.count
        must = change.owes or change.sure
        with reaching():
            answer, sure = self.replicas.run(script, [json.dumps(built)], must=must)
        if answer == FEW_REPLICAS:
            raise NoReplicas
        if answer == "" and must and not sure:
            raise Unconfirmed
        return answer == ""

    def day(self, at: float) -> str:
        """Of the line's clock: 2026-11-23."""
        return f"{datetime.fromtimestamp(at, self.zone):%Y-%m-%d}"

    def confirm(self) -> None:
        """Before somebody is told what the record alone says: the replicas have it. Raises `Unconfirmed`, `Unavailable`."""
        with reaching():
            if self.replicas.confirm():
                return
        raise Unconfirmed

    def read(self, commands: Sequence[tuple[Any, ...]]) -> list[Any]:
        """Several commands, one round trip; what stands for the line comes along, and the hand-driven clock."""
        with reaching():
            pipe: Any = self.redis.pipeline(transaction=False)
            for command in commands:
                pipe.execute_command(*command)
            pipe.hmget(keys.STANDING, *_STANDS)
            if self.clock.manual:
                pipe.get(keys.CLOCK)
            answers: list[Any] = pipe.execute()
        if self.clock.manual:
            self.clock.seen(answers.pop())
        self.stands(answers.pop())
        return answers

    def standing(self) -> Standing:
        """What stands for the line, as the last read found it; asked for when there was none. Raises Unavailable."""
        if self._standing is None:
            self.read([])
        return self._standing or Standing()

    def stands(self, found: Sequence[str | None]) -> None:
        """What a read brought along: rev, version, notices."""
        if (
            self._standing is None or found != self._stood
        ):  # whole: a record that was restored counts its writes anew
            self._stood = list(found)
            rev, version, notices = found
            self._standing = Standing(rev=int(rev or 0), version=version or "", notices=notices or "")

    def get(self, kind: type[R], name: str) -> R | None:
        if not name:
            return None
        (raw,) = self.read([("HGETALL", f"{kind.noun}:{name}")])
        return codec.load(kind, raw) if raw else None

    def get_all(self, kind: type[R], names: Sequence[str]) -> list[R]:
        """Those that exist, in the order asked for."""
        if not names:
            return []
        answers = self.read([("HGETALL", f"{kind.noun}:{n}") for n in names])
        return [codec.load(kind, raw) for raw in answers if raw]

    def everyone(self, kind: type[R]) -> list[R]:
        """All records of a noun, oldest first. For agents and for reports, never in a webhook."""
        (names,) = self.read([("ZRANGE", keys.everyone(kind.noun), 0, -1)])
        return self.get_all(kind, names)
