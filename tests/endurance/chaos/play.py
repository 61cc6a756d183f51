"""One seed: a number of people who are promised calls, while things break at random. The same seed draws the same again."""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from ivr.domain.records.agent import AgentState
from ivr.usecases.staff import roster
from tests.conftest import MONDAY_TWO_PM
from tests.endurance.chaos import cast, check, still_open
from tests.endurance.chaos.house import AWAY, House
from tests.endurance.chaos.trouble import Troubles
from tests.memory import in_memory

EVENING = 6.5 * 3600  # seconds of play, at most: until nobody may be rung any more


@dataclass(kw_only=True)
class Result:
    seed: int
    violations: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    injected: Counter[str] = field(default_factory=Counter)
    late: list[float] = field(default_factory=list)
    took: float = 0.0  # real seconds
    played: float = 0.0  # seconds of the network's time
    story: list[str] = field(default_factory=list)


@contextmanager
def house() -> Iterator[House]:
    with (
        tempfile.TemporaryDirectory(prefix="calor-", dir=in_memory()) as name,
        (Path(name) / "line.log").open("w") as out,
    ):
        extra = {"IVR_FALLBACK_NUMBERS": ",".join(check.FALLBACK)}
        one = House(folder=Path(name), start_time=MONDAY_TWO_PM, out=out, extra_settings=extra)
        one.start_up()
        try:
            yield one
        finally:
            one.shut_down()


def say(words: str) -> None:
    sys.stderr.write(words + "\n")
    sys.stderr.flush()


def play(one: House, seed: int, *, promises: int, faults: int) -> Result:
    """Raises nothing for what is found: it is in the result."""
    began = time.monotonic()
    draw = random.Random(seed)
    one.go_on()
    one.reset(MONDAY_TWO_PM)
    result = Result(seed=seed)
    silence = check.Silence(house=one)
    one.watch = silence.record_silence
    start = one.time
    people = cast.customers(draw, promises)
    troubles = Troubles(house=one, draw=random.Random(seed + 1))
    _evening(one, people, troubles, faults, draw)
    one.go_on()
    done = False
    while not done and one.time < start + EVENING:
        done = one.pass_time(60, until=lambda: still_open.all_done(one))
        _at_work(one)
    one.watch = lambda: None
    log = one.read_emulator_log()
    found = check.check(one, log)
    result.violations += [*found.violations, *silence.violations.values()]
    if not done:
        result.violations += [f"not over by the evening: {what}" for what in still_open.open_ones(one)]
    result.counts, result.late = found.counts, sorted(found.late)
    result.injected, result.story = troubles.injected, troubles.story
    result.played, result.took = one.time - start, time.monotonic() - began
    return result


def _evening(
    one: House, people: list[cast.Customer], troubles: Troubles, faults: int, draw: random.Random
) -> None:
    """They ring in over some minutes, nobody is free at first; then people come to work, and all the while things break."""
    _agents(one, draw)
    waiting, living = list(people), list[cast.Customer]()
    broken = 0
    while waiting or living or broken < faults:
        if waiting:
            cast.rings_us(one, waiting[-1], draw)
            living.append(waiting.pop())
        elif living and draw.random() < 0.7:
            cast.lives_on(one, living.pop(0), draw)
        if broken < faults and draw.random() < min(1.0, faults / (2 * len(people)) + 0.05):
            troubles.make()
            broken += 1
        one.pass_time(draw.uniform(1, 12))
        if len(waiting) <= len(people) / 4:  # nobody works until most have rung in
            _at_work(one)


def _agents(one: House, draw: random.Random) -> None:
    cast.come_to_work(one, draw, len(cast.AGENTS))
    for agent in roster.list_agents(one.services):
        roster.set_state(one.services, agent.name, AgentState.AWAY)


def _at_work(one: House) -> None:
    """Everybody is, those too who were set away because their phone rang out."""
    with suppress(*AWAY):  # the next time, when the record is there
        for agent in roster.list_agents(one.services):
            if agent.state is AgentState.AWAY:
                roster.set_state(one.services, agent.name, AgentState.AVAILABLE)
