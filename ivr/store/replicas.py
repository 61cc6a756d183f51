"""Copies of what was just written: a change is told to people only once enough replicas have it.

`WAIT` goes with the change in one round trip. It counts what this connection wrote, so a mere read followed by it proves
nothing (measured: Valkey 9.1 answers at once); `PUBLISH` moves the replication stream on and writes nothing. With
`appendfsync always` a replica confirms after its own fdatasync (seen with strace), so `WAITAOF` adds nothing but its wait:
its answer comes with the replica's next tick, up to a second later. See docs/decisions/0012.
"""

from __future__ import annotations

import time
from typing import Any

import structlog
from prometheus_client import Counter
from redis import Redis
from redis.exceptions import NoScriptError, RedisError

log = structlog.get_logger()

WAIT_MS = 500  # a replica nearby takes 0.3 ms; a webhook must answer within 2 s
REST = 5.0  # seconds for which those that need not wait do not, after replicas were silent
PROBE = "replicas"  # a channel that nobody listens to

UNCONFIRMED = Counter("calor_replica_timeouts", "Changes that too few replicas had in time")


class Replicas:
    """`count`: how many must have a change; 0 = there are none to wait for."""

    def __init__(self, redis: Redis, count: int) -> None:
        self._redis = redis
        self.count = count
        self._silent_until = 0.0

    def run(self, script: Any, args: list[str], *, must: bool) -> tuple[str, bool]:
        """What the script answers, and whether enough replicas have what was written until then.

        `must`: also when they were silent just now, which others do not wait for.
        """
        if not self.count:
            return str(script(args=args)), True
        waits = must or time.monotonic() >= self._silent_until
        try:
            answers = self._send(("EVALSHA", script.sha, 0, *args), waits=waits)
        except NoScriptError:
            answers = self._send(("EVAL", script.script, 0, *args), waits=waits)
        return str(answers[0]), waits and self._enough(answers[1])

    def confirm(self) -> bool:
        """Whether all that is in the record now is on the replicas. One round trip; none without replicas."""
        return not self.count or self._enough(self._send(("PUBLISH", PROBE, ""), waits=True)[1])

    def _send(self, command: tuple[Any, ...], *, waits: bool) -> list[Any]:
        pipe: Any = self._redis.pipeline(transaction=False)
        pipe.execute_command(*command)
        if waits:
            pipe.execute_command("WAIT", self.count, WAIT_MS)
        answers: list[Any] = pipe.execute(raise_on_error=False)
        if isinstance(answers[0], Exception):
            raise answers[0]
        return answers

    def _enough(self, had: Any) -> bool:
        """`had`: how many replicas have it; an error when the server stopped being the primary meanwhile."""
        enough = not isinstance(had, RedisError) and int(had) >= self.count
        self._silent_until = 0.0 if enough else time.monotonic() + REST
        if not enough:
            UNCONFIRMED.inc()
            log.warning("replicas_not_confirmed", had=str(had), wanted=self.count)
        return enough
