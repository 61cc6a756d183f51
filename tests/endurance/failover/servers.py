"""A primary, its replicas and three sentinels, as real processes on free ports of this machine, to be killed and stopped."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from ivr.cli.demo.ports import free_port
from ivr.cli.serve.embedded_redis import EmbeddedRedis
from tests.cli.patience import eventually

SERVICE = "calor"
HOST = "127.0.0.1"
ONCE = Retry(NoBackoff(), 0)
DOWN_AFTER = 2000  # milliseconds of silence until a sentinel takes a server for dead
FAILOVER_TIMEOUT = 3000  # milliseconds; what one sentinel could not finish is tried again after twice as long


@dataclass(kw_only=True)
class Servers:
    """`count` servers, the first of them the primary at the beginning."""

    folder: Path
    count: int
    least: int = 0  # min-replicas-to-write
    ports: list[int] = field(default_factory=list)
    sentinels: list[int] = field(default_factory=list)
    processes: dict[int, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"redis+sentinel://{','.join(f'{HOST}:{port}' for port in self.sentinels)}/{SERVICE}/0"

    def start(self) -> None:
        self.ports = [free_port() for _ in range(self.count)]
        for port in self.ports:
            self.serve(port, of=self.ports[0])
        eventually(lambda: self.in_step(self.count - 1))
        self.sentinels = [free_port() for _ in range(3)]
        for port in self.sentinels:
            self._watch(port)
        eventually(lambda: all(self._knows_all(port) for port in self.sentinels))

    def stop(self) -> None:
        for process in self.processes.values():
            with suppress(ProcessLookupError):
                process.send_signal(signal.SIGCONT)
            process.kill()
            process.wait()

    def serve(self, port: int, *, of: int) -> None:
        """As `ivr redis` starts it, a replica of the server on port `of` unless that is itself."""
        folder = self.folder / f"{port}"
        folder.mkdir(exist_ok=True)
        argv = EmbeddedRedis(folder=folder, port=port).argv()
        argv += ["--min-replicas-to-write", f"{self.least}", "--repl-diskless-sync-delay", "0"]
        if of != port:
            argv += ["--replicaof", HOST, f"{of}"]
        self._run(port, argv)
        eventually(lambda: self.ask(port, "PING") is not None)

    def _watch(self, port: int) -> None:
        conf = self.folder / f"sentinel-{port}.conf"
        conf.write_text(
            f"port {port}\nbind {HOST}\ndir {self.folder}\n"
            f"sentinel monitor {SERVICE} {HOST} {self.ports[0]} 2\n"
            f"sentinel down-after-milliseconds {SERVICE} {DOWN_AFTER}\n"
            f"sentinel failover-timeout {SERVICE} {FAILOVER_TIMEOUT}\n"
            f"sentinel parallel-syncs {SERVICE} 1\n"
        )
        binary = EmbeddedRedis(folder=self.folder).argv()[0]
        self._run(port, [binary, f"{conf}", "--sentinel"])

    def _run(self, port: int, argv: list[str]) -> None:
        with (self.folder / f"{port}.log").open("ab") as log:
            self.processes[port] = subprocess.Popen(argv, stdout=log, stderr=log)

    # ---- looking

    def ask(self, port: int, *command: str) -> Any:
        """The answer of one of them, or None when there is none."""
        redis: Any = Redis(host=HOST, port=port, socket_timeout=1, decode_responses=True, retry=ONCE)
        try:
            return redis.execute_command(*command)
        except (RedisError, OSError):
            return None
        finally:
            redis.close()

    def primary(self) -> int:
        """Whom the sentinels name; 0 while they do not agree."""
        named = {self._named(port) for port in self.sentinels if self.processes[port].poll() is None}
        return named.pop() if len(named) == 1 else 0

    def _named(self, sentinel: int) -> int:
        told = self.ask(sentinel, "SENTINEL", "GET-MASTER-ADDR-BY-NAME", SERVICE)
        return int(told[1]) if told else 0

    def _knows_all(self, sentinel: int) -> bool:
        told = self.ask(sentinel, "SENTINEL", "MASTERS")
        found = told[0] if told else {}
        state = found if isinstance(found, dict) else dict(zip(found[::2], found[1::2], strict=True))
        return (int(state.get("num-slaves", 0)), int(state.get("num-other-sentinels", 0))) == (
            self.count - 1,
            2,
        )

    def in_step(self, replicas: int) -> bool:
        """The primary has so many replicas that confirm what it writes."""
        port = self.primary() if self.sentinels else self.ports[0]
        if not port:
            return False
        self.ask(port, "PUBLISH", "replicas", "")
        redis = Redis(host=HOST, port=port, socket_timeout=2, decode_responses=True)
        try:
            found: Any = redis.wait(replicas, 500)
            return int(found) >= replicas
        except (RedisError, OSError):
            return False
        finally:
            redis.close()

    # ---- breaking

    def kill(self, port: int) -> None:
        self.processes[port].kill()
        self.processes[port].wait()

    def hang(self, port: int) -> None:
        os.kill(self.processes[port].pid, signal.SIGSTOP)

    def go_on(self, port: int) -> None:
        os.kill(self.processes[port].pid, signal.SIGCONT)

    def back(self, port: int) -> None:
        """A server that was killed starts again, as what it was last configured to be; the sentinels make it a replica."""
        self.serve(port, of=port)


@contextmanager
def servers(folder: Path, *, count: int = 3, least: int = 0) -> Iterator[Servers]:
    made = Servers(folder=folder, count=count, least=least)
    try:
        made.start()
        yield made
    finally:
        made.stop()
