"""Copies of what was just written: a change is told to people only once enough replicas have it.

`WAIT` goes with the change in one round trip. It counts what this connection wrote, so a mere read followed by it proves
nothing (measured: Valkey 9.1 answers at once); `PUBLISH` moves the replication stream on and writes nothing. With
`appendfsync always` a replica confirms after its own fdatasync (seen with strace), so `WAITAOF` adds nothing but its wait:
its answer comes with the replica's next tick, up to a second later. See docs/decisions/0006.
"""

from __future__ import annotations

import time
from typing import Any

import structlog
from prometheus_client import Counter
from redis import Redis
from redis.exceptions import NoScriptError, RedisError

from ivr.domain.errors import Unconfirmed

log = structlog.get_logger()

WAIT_MS = 500  # a replica nearby takes 0.3 ms; a webhook must answer within 2 s
REST = 5.0  # seconds for which those that need not wait do not, after replicas were silent
PROBE = "replicas"  # a channel that nobody listens to

UNCONFIRMED = Counter("calor_unconfirmed_changes", "Changes that too few replicas had in time")


class Replicas:
    """`count`: how many must have a change; 0 = there are none to wait for."""

    def __init__(self, redis: Redis, count: int) -> None:
        self._redis = redis
        self.count = count
        self._silent_until = 0.0

    def run(self, script: Any, args: list[str], *, must: bool) -> str:
        """What the script answers. `must`: raises Unconfirmed when too few have what it wrote; it stands all the same."""
        if not self.count:
            return str(script(args=args))
        waits = must or time.monotonic() >= self._silent_until
        try:
            answers = self._send(("EVALSHA", script.sha, 0, *args), waits=waits)
        except NoScriptError:
            answers = self._send(("EVAL", script.script, 0, *args), waits=waits)
        if waits:
            self._judge(answers[1], must=must)
        return str(answers[0])

    def confirm(self) -> None:
        """All that is in the record now is on the replicas. One round trip; none without replicas. Raises Unconfirmed."""
        if self.count:
            self._judge(self._send(("PUBLISH", PROBE, ""), waits=True)[1], must=True)

    def _send(self, command: tuple[Any, ...], *, waits: bool) -> list[Any]:
        pipe: Any = self._redis.pipeline(transaction=False)
        pipe.execute_command(*command)
        if waits:
            pipe.execute_command("WAIT", self.count, WAIT_MS)
        answers: list[Any] = pipe.execute(raise_on_error=False)
        if isinstance(answers[0], Exception):
            raise answers[0]
        return answers

    def _judge(self, had: Any, *, must: bool) -> None:
        """`had`: how many replicas have it; an error when the server stopped being the primary meanwhile."""
        if not isinstance(had, RedisError) and int(had) >= self.count:
            self._silent_until = 0.0
            return
        self._silent_until = time.monotonic() + REST
        UNCONFIRMED.inc()
        log.warning("unconfirmed_by_replicas", had=str(had), wanted=self.count)
        if must:
            raise Unconfirmed
