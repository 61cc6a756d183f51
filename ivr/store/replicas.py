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
SILENCE_BACKOFF_SECONDS = 5.0  # seconds for which those that need not wait do not, after replicas were silent
PROBE_CHANNEL = "replicas"  # a channel that nobody listens to

REPLICA_TIMEOUTS = Counter("calor_replica_timeouts", "Changes that too few replicas had in time")


class Replicas:
    """`required_count`: how many must have a change; 0 = there are none to wait for."""

    def __init__(self, redis: Redis, required_count: int) -> None:
        self._redis = redis
        self.required_count = required_count
        self._silent_until = 0.0

    def run(self, script: Any, args: list[str], *, always_wait: bool) -> tuple[str, bool]:
        """What the script answers, and whether enough replicas have what was written until then.

        `always_wait`: also when they were silent just now, which others do not wait for.
        """
        if not self.required_count:
            return str(script(args=args)), True
        waits = always_wait or time.monotonic() >= self._silent_until
        try:
            answers = self._send(("EVALSHA", script.sha, 0, *args), wait=waits)
        except NoScriptError:
            answers = self._send(("EVAL", script.script, 0, *args), wait=waits)
        return str(answers[0]), waits and self._have_enough(answers[1])

    def confirm(self) -> bool:
        """Whether all that is in Redis now is on the replicas. One round trip; none without replicas."""
        return not self.required_count or self._have_enough(
            self._send(("PUBLISH", PROBE_CHANNEL, ""), wait=True)[1]
        )

    def _send(self, command: tuple[Any, ...], *, wait: bool) -> list[Any]:
        pipe: Any = self._redis.pipeline(transaction=False)
        pipe.execute_command(*command)
        if wait:
            pipe.execute_command("WAIT", self.required_count, WAIT_MS)
        answers: list[Any] = pipe.execute(raise_on_error=False)
        if isinstance(answers[0], Exception):
            raise answers[0]
        return answers

    def _have_enough(self, wait_answer: Any) -> bool:
        """`wait_answer`: how many replicas have it; an error when the server stopped being the primary meanwhile."""
        enough = not isinstance(wait_answer, RedisError) and int(wait_answer) >= self.required_count
        self._silent_until = 0.0 if enough else time.monotonic() + SILENCE_BACKOFF_SECONDS
        if not enough:
            REPLICA_TIMEOUTS.inc()
            log.warning("replicas_not_confirmed", had=str(wait_answer), wanted=self.required_count)
        return enough
