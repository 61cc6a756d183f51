"""Menu steps at a steady pace, while desks are open and while none is: what a caller waits for who comes at a bad moment."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

from redis import Redis

from tests.bench import ground, load, machine, paced
from tests.bench.desks import AGENTS
from tests.bench.figures import Figure, Run, centile, middle, progress, spread
from tests.bench.menu import CONNECTIONS, GATHER, KEYS, Menu
from tests.bench.twilio_calls import callers

RATE = 50  # webhooks a second
WARM = 10  # seconds of the round that does not count
KINDS = ("without", "with")


@dataclass(kw_only=True)
class Office:
    """The process with the agents, and with their desks when they are open (desks.py)."""

    process: subprocess.Popen[str]

    def say(self, words: str) -> str:
        """What it answers. Raises AssertionError when it has ended."""
        if self.process.stdin is None or self.process.stdout is None:
            raise AssertionError("The desks have no pipes")
        if words:
            self.process.stdin.write(f"{words}\n")
            self.process.stdin.flush()
        told = self.process.stdout.readline()
        if not told:
            raise AssertionError("The desks are gone; their last words are above")
        return told


@dataclass(kw_only=True)
class Kind:
    """Rounds of one kind. Milliseconds, and parts of a core."""

    p99s: list[float] = field(default_factory=list)
    medians: list[float] = field(default_factory=list)
    late: list[float] = field(default_factory=list)  # p99 of what the generator was late
    app: list[float] = field(default_factory=list)  # of processor, for a webhook and what happened beside it
    desks: list[float] = field(default_factory=list)
    generator: list[float] = field(default_factory=list)
    heard: list[int] = field(default_factory=lambda: [0] * AGENTS)
    fetched: int = 0
    changes: int = 0

    def add(self, done: paced.Paced, told: Mapping[str, Any], processor: float) -> None:
        self.p99s.append(centile(done.latencies, 0.99) * 1000)
        self.medians.append(middle(done.latencies) * 1000)
        self.late.append(centile(done.late, 0.99) * 1000)
        self.app.append(processor / len(done.latencies) * 1000)
        self.desks.append(told["processor"] / done.seconds)
        self.generator.append(done.generator / done.seconds)
        if told["events"]:
            self.heard = [a + b for a, b in zip(self.heard, told["events"], strict=True)]
        self.fetched += told["fetched"]
        self.changes += told["changes"]

    def __str__(self) -> str:
        return (
            f"p50 {middle(self.medians):.1f} ms; {middle(self.app):.2f} ms of processor each;"
            f" desks {middle(self.desks):.1%}, generator {middle(self.generator):.0%} of a core;"
            f" sent late by p99 {middle(self.late):.1f} ms"
        )


@dataclass(kw_only=True)
class Bench:
    office: Office
    menu: Menu
    pids: Sequence[int]  # of the app and its record
    kinds: dict[str, Kind] = field(default_factory=lambda: {kind: Kind() for kind in KINDS})
    wrong: list[str] = field(default_factory=list)
    people: int = 0

    def round(self, kind: str, seconds: int, *, counts: bool = True) -> None:
        people = callers(seconds * RATE // len(KEYS), f"tail {self.people}", first=self.people)
        self.people += len(people)
        errands = self.menu.bring(people)
        # everybody's first key, then everybody's second: nobody presses before the last answer is there
        requests = [errand[n] for n in range(len(KEYS)) for errand in errands]
        self.office.say(kind)
        before = self._processor()
        done = paced.send(load.web(self.menu.port, GATHER), requests, rate=RATE, connections=CONNECTIONS)
        used = self._processor() - before
        told = json.loads(self.office.say("over"))
        self.wrong += done.wrong
        words = f"p99 {centile(done.latencies, 0.99) * 1000:.1f} ms, {len(done.wrong)} wrong"
        progress(f"{kind:<8}{words}; {sum(told['events'])} events, {told['fetched']} fetched")
        if counts:
            self.kinds[kind].add(done, told, used)

    def all_there(self) -> None:
        """What was answered is in the record, and every desk was a live one. Raises WrongAnswerError."""
        missing, heard = self.menu.missing(), self.kinds["with"].heard
        if missing > len(self.wrong):
            raise load.WrongAnswerError(
                f"{missing} inputs are not in the record, {len(self.wrong)} answers were wrong"
            )
        if not all(heard):
            raise load.WrongAnswerError(f"{heard.count(0)} desks of {AGENTS} have heard nothing")

    def _processor(self) -> float:
        return sum(machine.processor_seconds(pid) for pid in self.pids)


def measure(run: Run) -> list[Figure]:
    # an agent's turn comes every fifty seconds or so: of fewer, not every desk would have heard of a change
    rounds, seconds = run.pick(5, 2), run.pick(40, 30)
    with ground.folder() as place, ExitStack() as running:
        redis = running.enter_context(ground.record(place))
        line = running.enter_context(ground.supervised(place))
        env = ground.environment(place, f"unix://{redis.connection_pool.connection_kwargs['path']}")
        port = ground.add_web(line, env)
        line.start()
        menu = Menu(redis=redis, base=env["PUBLIC_URL"], port=port)
        office = running.enter_context(_office(env, port))
        bench = Bench(office=office, menu=menu, pids=[line.pid("web"), _pid(redis)])
        for number in range(rounds + 1):
            progress(f"round {number or 'to warm up'}")
            for kind in KINDS:
                bench.round(kind, seconds if number else WARM, counts=number > 0)
        bench.all_there()
    return _figures(bench)


@contextmanager
def _office(env: Mapping[str, str], port: int) -> Iterator[Office]:
    """Everybody is hired and signed in."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.bench.desks", str(port)],
        env=dict(env),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        office = Office(process=process)
        try:
            office.say("")
            yield office
        finally:
            process.terminate()


def _pid(redis: Redis) -> int:
    return int(redis.info("server")["process_id"])


def _figures(bench: Bench) -> list[Figure]:
    bare, live = bench.kinds["without"], bench.kinds["with"]
    name = f"tail: p99 at {RATE}/s with {AGENTS} desks"
    each = [a / b for a, b in zip(live.p99s, bare.p99s, strict=True)]
    told = f"{sum(live.heard)} events of {live.changes} changes, {live.fetched} parts fetched"
    return [
        Figure(
            name=f"{name}, against none",
            value=middle(live.p99s) / middle(bare.p99s),
            unit="x",
            bar=1.5,
            note=f"rounds {spread(each)}",
        ),
        Figure(
            name=name,
            value=middle(live.p99s),
            unit=" ms",
            bar=50.0,
            note=f"rounds {spread(live.p99s)} ms; {live}; {told}",
        ),
        Figure(
            name=f"tail: p99 at {RATE}/s without desks",
            value=middle(bare.p99s),
            unit=" ms",
            note=f"rounds {spread(bare.p99s)} ms; {bare}; {bare.changes} changes",
        ),
        Figure(
            name="tail: wrong answers",
            value=len(bench.wrong),
            bar=0,
            note=f"of {len(bench.menu.ids) * len(KEYS)}" + (f"; {bench.wrong[0]}" if bench.wrong else ""),
        ),
    ]
