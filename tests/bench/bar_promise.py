"""A promise made durably: how long the write takes until it is on disk, for one, eight and 32 who make one at the same time."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.bench import ground
from tests.bench.figures import Figure, Run, centile, middle, progress

CLIENTS = (1, 8, 32)
PROCESSES = 2  # as many as a deployment here has web workers


@dataclass(kw_only=True)
class Made:
    """Milliseconds, by round."""

    medians: list[float] = field(default_factory=list)
    p99s: list[float] = field(default_factory=list)
    deciding: list[float] = field(default_factory=list)


def measure(run: Run) -> list[Figure]:
    rounds, each = run.pick(7, 2), run.pick(1600, 320)
    found = {clients: Made() for clients in CLIENTS}
    with ground.folder() as place, ground.record(place) as redis:
        env = ground.environment(place, f"unix://{redis.connection_pool.connection_kwargs['path']}")
        for _ in range(rounds):
            for clients, made in found.items():
                redis.flushdb()
                latencies, deciding = _round(env, clients, each if clients > 1 else each // 4)
                made.medians.append(middle(latencies) * 1000)
                made.p99s.append(centile(latencies, 0.99) * 1000)
                made.deciding.append(deciding * 1000)
                progress(f"{clients:>2} clients: {made.medians[-1]:.2f} ms, p99 {made.p99s[-1]:.2f} ms")
    return [_figure(clients, made) for clients, made in reversed(found.items())]


def _figure(clients: int, made: Made) -> Figure:
    if clients == max(CLIENTS):
        note = f"median {middle(made.medians):.2f} ms; p99 of rounds {min(made.p99s):.1f} to {max(made.p99s):.1f} ms"
        return Figure(
            name=f"promise: made durably, {clients} clients, p99",
            value=middle(made.p99s),
            unit=" ms",
            bar=10.0,
            note=note,
        )
    who = "alone" if clients == 1 else f"{clients} clients"
    note = f"p99 {middle(made.p99s):.2f} ms"
    if clients == 1:
        note += f"; deciding it takes {middle(made.deciding):.2f} ms before"
    return Figure(
        name=f"promise: made durably, {who}, median", value=middle(made.medians), unit=" ms", note=note
    )


def _round(env: Mapping[str, str], clients: int, count: int) -> tuple[list[float], float]:
    """All latencies in seconds, and the mean time it took to decide one."""
    processes = min(PROCESSES, clients)
    share = count // processes
    running = [
        subprocess.Popen(  # noqa: S603
            [
                sys.executable,
                "-m",
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
    told = [json.loads(one.communicate()[0]) for one in running]
    latencies = [t for of_one in told for t in of_one["latencies"]]
    return latencies, sum(of_one["deciding"] for of_one in told) / len(told)
