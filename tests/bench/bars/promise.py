"""A promise made durably: how long its write takes until it is on disk, for one, eight and 32 who make one at the same time.

Twice: the write alone, as `Store.commit` sends it, from connections that use next to no processor; and `Store.commit` itself in
two processes as they serve webhooks, which compete with the record for the cores. Beside both, what the disk takes for a bare
fsync: on a busy disk nothing durable is quicker than that.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from redis import Redis

from ivr import store
from ivr.services import build_services
from ivr.settings import load_settings
from tests.bench import ground, load
from tests.bench.figures import Figure, Run, centile, middle, progress
from tests.bench.promising import decide
from tests.bench.twilio_calls import callers

CLIENTS = (1, 8, 32)
PROCESSES = 2  # as many as a deployment here has web workers
BAR = 10.0
WRITTEN = b"$0\r\n\r\n"  # what commit.lua answers when it has written


@dataclass(kw_only=True)
class Took:
    """Milliseconds, by round."""

    medians: list[float] = field(default_factory=list)
    p99s: list[float] = field(default_factory=list)

    def add(self, seconds: list[float]) -> None:
        self.medians.append(middle(seconds) * 1000)
        self.p99s.append(centile(seconds, 0.99) * 1000)

    def __str__(self) -> str:
        return f"median {middle(self.medians):.2f} ms, p99 {middle(self.p99s):.1f} ms"


@dataclass(kw_only=True)
class Results:
    write: dict[int, Took] = field(default_factory=lambda: {clients: Took() for clients in CLIENTS})
    commit: dict[int, Took] = field(default_factory=lambda: {clients: Took() for clients in CLIENTS})
    fsync: Took = field(default_factory=Took)
    deciding: list[float] = field(default_factory=list)  # milliseconds


def measure(run: Run) -> list[Figure]:
    rounds, each = run.pick(7, 2), run.pick(1600, 320)
    found = Results()
    with ground.folder() as place, ground.record(place) as redis:
        env = ground.environment(place, f"unix://{redis.connection_pool.connection_kwargs['path']}")
        bodies = _bodies(env, each, found)
        for _ in range(rounds):
            found.fsync.add(_fsync(place, bodies[: each // 4]))
            for clients in CLIENTS:
                count = each if clients > 1 else each // 4
                redis.flushdb()
                found.write[clients].add(_write(redis, clients, bodies[:count]))
                redis.flushdb()
                found.commit[clients].add(_commit(env, clients, count))
                progress(f"{clients:>2}: write {found.write[clients]}; commit {found.commit[clients]}")
    return _figures(found)


def _figures(found: Results) -> list[Figure]:
    disk = f"a bare fsync: {found.fsync}"
    made = []
    most = max(CLIENTS)
    for what, by_clients in (("its write", found.write), ("Store.commit", found.commit)):
        took = by_clients[most]
        note = f"rounds {min(took.p99s):.1f} to {max(took.p99s):.1f} ms; {disk}"
        made.append(
            Figure(
                name=f"promise: {what}, {most} clients, p99",
                value=middle(took.p99s),
                unit=" ms",
                bar=BAR,
                note=note,
            )
        )
        medians = ", ".join(f"{clients}: {middle(one.medians):.2f}" for clients, one in by_clients.items())
        name = f"promise: {what}, {most} clients, median"
        made.append(
            Figure(name=name, value=middle(took.medians), unit=" ms", note=f"by clients {medians} ms")
        )
    made.append(
        Figure(
            name="promise: deciding one", value=middle(found.deciding), unit=" ms", note="before its write"
        )
    )
    return made


def _bodies(env: Mapping[str, str], count: int, found: Results) -> list[str]:
    """What `Store.commit` hands to commit.lua."""
    services = build_services(load_settings({k: v for k, v in env.items() if k.isupper()}))
    bodies = []
    for caller in callers(count, "write"):
        began = time.perf_counter()
        change = decide(services, caller)
        found.deciding.append((time.perf_counter() - began) * 1000)
        bodies.append(json.dumps(change.build()))
    return bodies


def _fsync(place: Path, bodies: list[str]) -> list[float]:
    taken = []
    with (place / "bare").open("ab", buffering=0) as file:
        for body in bodies:
            began = time.perf_counter()
            file.write(body.encode())
            os.fdatasync(file.fileno())
            taken.append(time.perf_counter() - began)
    return taken


def _write(redis: Redis, clients: int, bodies: list[str]) -> list[float]:
    script = (Path(store.__file__).parent / "scripts/commit.lua").read_text()
    sha = str(redis.script_load("#!lua\n" + script))
    path = redis.connection_pool.connection_kwargs["path"]

    def connect() -> socket.socket:
        made = socket.socket(socket.AF_UNIX)
        made.connect(path)
        return made

    def check(got: bytearray) -> None:
        if got != WRITTEN:
            raise load.WrongAnswerError(got.decode(errors="replace"))

    server = load.Server(
        connect=connect,
        size=lambda got: len(got) if got.endswith(b"\r\n") and got != b"$0\r\n" else None,
        check=check,
    )
    errands = [[_packed("EVALSHA", sha, "0", body)] for body in bodies]
    return list(load.send(server, errands, connections=clients).latencies)


def _packed(*words: str) -> bytes:
    """A command as it stands on the wire. https://redis.io/docs/latest/develop/reference/protocol-spec/"""
    told = [word.encode() for word in words]
    return b"*%d\r\n" % len(told) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in told)


def _commit(env: Mapping[str, str], clients: int, count: int) -> list[float]:
    """Seconds each `Store.commit` took."""
    processes = min(PROCESSES, clients)
    share = count // processes
    running = [
        subprocess.Popen(
            [
                sys.executable,
                "-m",
                "tests.bench.as_served",
                "tests.bench.promising",
                *map(str, (clients // processes, share, share * i)),
            ],
            env=dict(env),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for i in range(processes)
    ]
    for one in running:
        if one.stdout is None or one.stdout.readline() != "ready\n":
            raise AssertionError("A client did not start")
    for one in running:
        if one.stdin:
            one.stdin.write("go\n")
            one.stdin.flush()
    return [taken for one in running for taken in json.loads(one.communicate()[0])]
