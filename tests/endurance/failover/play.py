"""The whole line on three servers with sentinels, in real time, and what is seen of it while the primary fails."""

from __future__ import annotations

import itertools
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from ivr.cli.demo.stage import OUR_NUMBER, Stage
from ivr.domain.errors import Unavailable
from ivr.domain.records.agent import AgentState
from ivr.domain.records.contact import Contact, ContactState
from ivr.usecases.staff import roster
from tests.bench import ground
from tests.endurance.failover.servers import Servers, servers
from tests.endurance.failover.walker import Crowd
from tests.stories.people import TAKES_IT, Script, contacts, listen, pause, press, promises
from tests.stories.watch import together

WAITS: Script = [listen("press", 30), press("0"), pause(3000)]
CROWD = 4
BEFORE, AFTER = (
    3.0,
    10.0,
)  # seconds for which the crowd rings in before the fault, and after the line is well again
LONGEST = 90.0
_tick = threading.Event()


class NotSeen(AssertionError):
    """What should have been seen was not, within LONGEST."""


def until(seen: Callable[[], bool], what: str, *, within: float = LONGEST) -> float:
    """Seconds it took. What cannot be looked at just now is not seen."""
    began = time.monotonic()
    while time.monotonic() - began < within:
        try:
            if seen():
                return time.monotonic() - began
        except Unavailable:
            pass  # the record is away: that is what is being played
        _tick.wait(0.02)
    raise NotSeen(what)


@dataclass(frozen=True, kw_only=True)
class Seen:
    """One fault. Seconds are counted from it."""

    how: str
    answered: float  # until a webhook was answered from the record again
    rang: float  # until the phone of an agent rang for the caller who had been waiting all the time
    failed: int  # webhooks meanwhile that were answered without the record: music, or the apology
    slowest: float  # seconds of the slowest webhook
    told: int  # callers who heard that they will be called, before, during and after
    fallen: int  # callers who heard the apology and were put through to the fallback
    wrong: tuple[str, ...]


@dataclass(kw_only=True)
class Play:
    """Each round adds a caller who waits and an agent who takes them; they talk until the end."""

    stage: Stage
    ground: Servers
    talks: list[tuple[str, str]] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    fallen: list[str] = field(default_factory=list)
    _count: Iterator[int] = field(default_factory=itertools.count)

    def round(self, how: str) -> Seen:
        n = next(self._count)
        caller, agent = f"+12025550{200 + n}", f"+12025550{300 + n}"
        self.stage.call_line(caller, WAITS)
        until(lambda: self._waits(caller), "the caller waits")
        roster.add_agent(
            self.stage.services, roster.AgentDetails(name=f"Agent {n}", phone=agent, skills=("support",))
        )
        self.stage.set_phone(agent, name=f"Agent {n}", script=[*TAKES_IT[:-1], pause(3000)])
        crowd = Crowd(settings=self.stage.settings, size=CROWD, first=2125550000 + 10_000 * n)
        crowd.start()
        try:
            _tick.wait(BEFORE)
            primary = self.ground.primary()
            broke = time.monotonic()
            self._break(how, primary)
            until(lambda: self._available(f"Agent {n}"), "the agent is available")
            until(lambda: self._rang(agent), "the agent's phone rings")
            rang = time.monotonic() - broke
            if how != "killed":
                self.ground.go_on(
                    primary
                )  # and for a moment there are two who think that they are the primary
            until(lambda: together(caller, agent)(self.stage), "caller and agent talk")
            _tick.wait(AFTER)
        finally:
            crowd.stop()
        if how == "killed":
            self.ground.back(primary)
        until(lambda: self.ground.in_step(2), "all servers are in step")
        self.talks.append((caller, agent))
        self.told += [c.number for c in crowd.callers if c.told]
        self.fallen += [c.number for c in crowd.callers if c.fallen and not c.told]
        after = [w for w in crowd.webhooks if w.at + w.seconds > broke]
        failed = [w for w in after if not w.well]
        first = min((w.at for w in failed), default=broke)
        well = min(w.at + w.seconds for w in after if w.well and w.at > max(first, broke))
        return Seen(
            how=how,
            answered=well - broke,
            rang=rang,
            failed=len(failed),
            slowest=max(w.seconds for w in crowd.webhooks),
            told=sum(c.told for c in crowd.callers),
            fallen=sum(c.fallen for c in crowd.callers),
            wrong=tuple(self._wrong()),
        )

    def _break(self, how: str, primary: int) -> None:
        if how == "killed":
            self.ground.kill(primary)
        elif how == "hung":
            self.ground.hang(primary)

    def _wrong(self) -> Iterator[str]:
        """Whatever must always hold, and does not."""
        owed = Counter(p.number for p in promises(self.stage))
        yield from (f"{n} was told of a promise that is not there" for n in self.told if not owed[n])
        yield from (f"{n} is owed {count} calls" for n, count in owed.items() if count > 1)
        texted = {
            t["to"]
            for t in self.stage.call_control_api("GET", "/emulator/texts")["texts"]
            if t["from"] == OUR_NUMBER
        }
        yield from (f"{n} got a text about a promise that is not there" for n in texted if not owed[n])
        yield from (
            f"{c} and {a} do not talk any more" for c, a in self.talks if not together(c, a)(self.stage)
        )
        try:
            until(lambda: all(self._known(n) for n in self.fallen), "made good")
        except NotSeen:
            yield from (f"{n} heard the apology and is not known" for n in self.fallen if not self._known(n))

    def _known(self, number: str) -> bool:
        return any(c.caller.number == number for c in contacts(self.stage))

    def _waits(self, number: str) -> bool:
        return any(c.caller.number == number and c.state is ContactState.WAITING for c in self._contacts())

    def _contacts(self) -> list[Contact]:
        return contacts(self.stage)

    def _available(self, name: str) -> bool:
        roster.set_state(self.stage.services, name, AgentState.AVAILABLE)
        return True

    def _rang(self, number: str) -> bool:
        return any(e["kind"] == "dialled" and e["to"] == number for e in self.stage.read_emulator_log())


@contextmanager
def line(folder: Path, *, least: int) -> Iterator[Play]:
    """`least`: min-replicas-to-write of the servers."""
    with servers(folder / "servers", least=least) as made, (folder / "line.log").open("w") as out:
        now = time.time()  # noqa: TID251 - real time is what is played in
        extra = {
            "REDIS_URL": made.url,
            "IVR_REPLICAS": "1",
            "IVR_CLOCK": "real",
            "IVR_FLOWS": str(ground.flows(folder)),
            "IVR_UNVERIFIED_CALLBACKS_PER_HOUR": "100000",
        }
        stage = Stage(
            folder=folder, start_time=now, out=out, extra_settings=extra, emulator_options=("--clock", "real")
        )
        stage.start_up()
        try:
            yield Play(stage=stage, ground=made)
        finally:
            stage.shut_down()
