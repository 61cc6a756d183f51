"""The day itself: second by second on the emulator's clock, through the real web server, workers and reconciler."""

from __future__ import annotations

import random
import statistics
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ivr.cli.demo.stage import OUR_NUMBER, Stage
from ivr.cli.serve.workers import QUEUES
from ivr.domain.records.agent import AgentState
from ivr.domain.records.promise import ENDED, Promise
from ivr.usecases.integrity.check import check_integrity
from ivr.usecases.staff import roster
from tests.endurance.day.people import agents, callers

PATIENCE = 600.0  # real seconds: a busy machine may take its time
STEP = 1.0  # seconds of the day that pass at once
LOOK = 10.0  # seconds of the day between looks at what everybody hears
SILENCE = 10.0  # seconds: nobody may hear nothing for longer
KINDS = {"dialled", "answered", "ended", "hung_up", "conference_join", "conference_leave"}
PARTS = ("web", *QUEUES, "scheduler")
OPENING = 1795438800.0  # a Monday, eight in the morning in New York
TAIL = 3 * 3600.0  # seconds after closing, in which what is under way may end


@dataclass(kw_only=True)
class Figures:
    """What came of the day. Times in seconds, memory in megabytes."""

    callers: int
    agents: int
    seed: int
    hours: float
    took: float = 0.0  # real seconds
    played: float = 0.0  # seconds of the day
    outcomes: Counter[str] = field(default_factory=Counter)
    promises: Counter[str] = field(default_factory=Counter)
    waits: list[float] = field(default_factory=list)  # from the answer until a person was there
    answers: list[float] = field(
        default_factory=list
    )  # milliseconds for which the network waited for a webhook
    webhooks: int = 0
    requests: int = 0  # of the line to the REST API
    silence: float = 0.0
    memory: list[dict[str, float]] = field(default_factory=list)  # by hour
    violations: list[str] = field(default_factory=list)


@dataclass(kw_only=True)
class Day:
    stage: Stage
    figures: Figures
    log: list[dict[str, Any]] = field(default_factory=list)
    _read: int = 0
    _silent: set[str] = field(default_factory=set)

    def play(self) -> Figures:
        f, stage = self.figures, self.stage
        draw = random.Random(f.seed)
        coming = callers(draw, f.callers, f.hours)[::-1]
        for name, phone, script in agents(draw, f.agents):
            stage.add_agent(name, phone, script)
        began, opening = time.monotonic(), stage.now
        closing = opening + f.hours * 3600
        looked, hour = opening, opening
        while (now := stage.now) < closing + TAIL:
            while coming and opening + coming[-1].at <= now + STEP:
                one = coming.pop()
                stage.set_phone(one.number, name=one.number, **one.phone)
                stage.call_line(one.number, one.script)
            stage.jump_to(now + STEP)
            if now >= looked + LOOK:
                looked = now
                alive = self._look(now)
                if not coming and not alive and not self._owed_today(closing):
                    break
            if now >= hour:
                hour += 3600
                self._hour(now - opening, time.monotonic() - began)
        f.took, f.played = time.monotonic() - began, stage.now - opening
        self._tail()
        self._hour(f.played, f.took)
        self._judge()
        return f

    def _look(self, now: float) -> int:
        """Calls that go on; whoever is on one hears something. Those set away by a phone that rang out come back."""
        legs = self.stage.call_control_api("GET", "/emulator/legs?alive")["legs"]
        for leg in legs:
            if leg["silent_since"] is None or leg["status"] != "in-progress" or leg["direction"] != "inbound":
                continue
            silent = now - leg["silent_since"]
            self.figures.silence = max(self.figures.silence, silent)
            if silent > SILENCE and leg["sid"] not in self._silent:
                self._silent.add(leg["sid"])
                self.figures.violations.append(f"{leg['from']} heard nothing for {silent:.0f} s")
        for agent in roster.list_agents(self.stage.services):
            if agent.state is AgentState.AWAY:
                roster.set_state(self.stage.services, agent.name, AgentState.AVAILABLE)
        self._tail()
        return len(legs)

    def _owed_today(self, closing: float) -> bool:
        return any(
            p.state not in ENDED and p.due_by < closing for p in self.stage.services.store.list_all(Promise)
        )

    def _tail(self) -> None:
        """Read the network's log as it grows: the emulator lets go of what is old."""
        for e in self.stage.read_emulator_log(self._read):
            self._read = e["n"]
            if e["kind"] in KINDS:
                self.log.append(
                    {
                        name: e.get(name)
                        for name in ("kind", "call", "epoch", "to", "from", "by", "conference")
                    }
                )
            elif e["kind"] == "webhook":
                self.figures.webhooks += 1
                self.figures.answers.append(e["milliseconds"])
            elif e["kind"] == "rest":
                self.figures.requests += 1
            elif e["kind"] in {"error", "script_failed"}:
                self.figures.outcomes[f"{e['kind']}: {e.get('code') or e.get('why')}"] += 1

    def _hour(self, played: float, took: float) -> None:
        stage = self.stage
        record: Any = stage.services.store.redis.info("memory")
        row = {"hour": round(played / 3600, 2), "real": round(took, 1), "calls": float(self._calls())}
        row["emulator"] = _megabytes(stage.emulator_supervisor.pid("emulator"))
        row |= {name: _megabytes(stage.line_supervisor.pid(name)) for name in PARTS}
        row["record"] = round(record["used_memory"] / 2**20, 1)
        self.figures.memory.append(row)
        say("  ".join(f"{name} {value:g}" for name, value in row.items()))

    def _calls(self) -> int:
        return sum(e["kind"] == "dialled" and e["to"] == OUR_NUMBER for e in self.log)

    def _judge(self) -> None:
        """By the network's log: everyone reached a person, was promised a call, or had enough themselves."""
        f = self.figures
        promised = {p.number for p in self.stage.services.store.list_all(Promise)}
        inbound = {e["call"]: e["from"] for e in self.log if e["kind"] == "dialled" and e["to"] == OUR_NUMBER}
        answered = {e["call"]: e["epoch"] for e in self.log if e["kind"] == "answered"}
        met, by = self._met(inbound), {e["call"]: e["by"] for e in self.log if e["kind"] == "hung_up"}
        for call, number in inbound.items():
            if call in met:
                f.outcomes["talked with a person"] += 1
                f.waits.append(met[call] - answered[call])
            elif number in promised:
                f.outcomes["was promised a call"] += 1
            elif by.get(call) == number:
                f.outcomes["said goodbye"] += 1
            else:
                f.violations.append(f"{number} got nothing: {call} was ended by {by.get(call)}")
        for promise in self.stage.services.store.list_all(Promise):
            f.promises[str(promise.state)] += 1
        f.violations += [str(v) for v in check_integrity(self.stage.services).violations]

    def _met(self, inbound: dict[str, str]) -> dict[str, float]:
        """When each caller was first in a room with somebody else."""
        rooms: dict[str, set[str]] = {}
        met: dict[str, float] = {}
        for e in self.log:
            inside = rooms.setdefault(e["conference"] or "", set())
            if e["kind"] == "conference_join":
                inside.add(e["call"])
                if len(inside) > 1:
                    for call in inside & inbound.keys():
                        met.setdefault(call, e["epoch"])
            elif e["kind"] == "conference_leave":
                inside.discard(e["call"])
        return met


def simulate(folder: Path, out: Any, *, people: int, staff_of: int, seed: int, hours: float) -> Figures:
    stage = Stage(
        folder=folder,
        start_time=OPENING,
        out=out,
        emulator_options=("--keep", "1"),
        settle_timeout_seconds=PATIENCE,
        max_enqueue_seconds=0.0,
    )
    stage.start_up()
    try:
        return Day(
            stage=stage, figures=Figures(callers=people, agents=staff_of, seed=seed, hours=hours)
        ).play()
    finally:
        stage.shut_down()


def quantile(values: list[float], hundredth: int) -> float:
    return statistics.quantiles(values, n=100)[hundredth - 1] if len(values) > 1 else 0.0


def say(words: str) -> None:
    sys.stderr.write(words + "\n")
    sys.stderr.flush()


def _megabytes(leader: int) -> float:
    """What a process and its children take, each shared page counted once in all (PSS)."""
    total = 0
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and _group(entry) == leader:
            rollup = (entry / "smaps_rollup").read_text().splitlines()
            total += next(int(line.split()[1]) for line in rollup if line.startswith("Pss:"))
    return round(total / 1024, 1)


def _group(process: Path) -> int:
    try:
        return int((process / "stat").read_text().rpartition(")")[2].split()[2])
    except OSError:
        return 0
