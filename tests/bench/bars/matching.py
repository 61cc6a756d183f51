"""What one assignment costs in a crowd: the real store, from the look at the line to the reservation that is on disk."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

from redis import Redis

from ivr.domain.records.agent import Agent, AgentState
from ivr.domain.records.contact import Contact, ContactState
from ivr.domain.records.contact_parts import Caller, FlowProgress, QueuePlace
from ivr.services import Services, build_services
from ivr.settings import load_settings
from ivr.store.change import Change
from ivr.usecases.queueing import membership
from ivr.usecases.routing import router
from tests.bench import ground
from tests.bench.figures import Figure, Run, middle, progress, spread
from tests.bench.twilio_calls import LINE

AT_ONCE = 200  # records written by one script while the crowd is made
LONG_AGO = (
    3600.0  # seconds over which the waiting arrived: as long as it takes a thousand to serve ten thousand
)


@dataclass(kw_only=True)
class Centre:
    """So many waiting, so many agents, who are all busy until one of them is not."""

    services: Services
    waiting: int
    agents: int
    sets: int
    numbers: Iterator[int]
    dice: random.Random

    def fill(self) -> None:
        for first in range(0, self.agents, AT_ONCE):
            change = self.services.store.begin()
            for n in range(first, min(first + AT_ONCE, self.agents)):
                skills = ("support", f"skill{n % self.sets}")
                change.put(
                    None,
                    Agent(id=f"a{n}", name=f"A {n}", phone=LINE, skills=skills, state=AgentState.ON_CALL),
                )
            self._commit(change)
        for first in range(0, self.waiting, AT_ONCE):
            self.arrive(min(AT_ONCE, self.waiting - first))

    def arrive(self, people: int) -> None:
        change = self.services.store.begin()
        for _ in range(people):
            n = next(self.numbers)
            contact = Contact(
                id=f"c{n}",
                state=ContactState.WAITING,
                caller=Caller(called_number=LINE),
                queue_place=QueuePlace(
                    name="support",
                    skills=(f"skill{self.dice.randrange(self.sets)}",),
                    queued_at=change.now - 60 - self.dice.random() * LONG_AGO,
                ),
                flow_progress=FlowProgress(
                    caller_context=f'{{"own": "a{self.dice.randrange(self.agents)}"}}'
                ),
            )
            membership.join(self.services, change.put(None, contact), change)
        self._commit(change)

    def free(self, names: list[str]) -> None:
        change = self.services.store.begin()
        for agent in self.services.store.get_many(Agent, names):
            change.put(agent, replace(agent, state=AgentState.AVAILABLE, leg="", state_since=change.now))
        self._commit(change)

    def assign(self) -> float:
        """Somebody becomes free; milliseconds until the offer is on disk."""
        self.free([f"a{self.dice.randrange(self.agents)}"])
        began = time.perf_counter()
        made = router.route(self.services)
        took = time.perf_counter() - began
        if len(made) != 1:
            raise AssertionError(f"{len(made)} offers for one agent")
        busy = replace(self.services.store.get_many(Agent, [made[0].agent])[0], state=AgentState.ON_CALL)
        change = self.services.store.begin()
        change.put(replace(busy, state=AgentState.RESERVED), busy)
        self._commit(change)
        self.arrive(1)
        return took * 1000

    def assign_all(self) -> float:
        """Everybody becomes free at once; milliseconds for each who was assigned."""
        names = [f"a{n}" for n in range(self.agents)]
        for first in range(0, len(names), AT_ONCE):
            self.free(names[first : first + AT_ONCE])
        began = time.perf_counter()
        made = router.route(self.services)
        return (time.perf_counter() - began) * 1000 / max(1, len(made))

    def _commit(self, change: Change) -> None:
        if not self.services.store.commit(change):
            raise AssertionError("The crowd is not what it was made to be")


def measure(run: Run) -> list[Figure]:
    assignments = run.pick(100, 15)
    with ground.folder() as place, ground.record(place) as redis:
        small = _centre(place, redis, 0, waiting=10, agents=10, sets=10)
        large = _centre(place, redis, 1, waiting=10_000, agents=1_000, sets=100)
        progress("10,000 people get in line ...")
        small.fill()
        large.fill()
        times: dict[str, list[float]] = {"small": [], "large": []}
        for _ in range(assignments):
            times["small"].append(small.assign())
            times["large"].append(large.assign())
        at_once = large.assign_all()
    few, many = middle(times["small"]), middle(times["large"])
    return [
        Figure(
            name="matching: an assignment at 10,000 and 1,000",
            value=many / few,
            unit="x",
            bar=1.5,
            note=f"against 10 and 10; {few:.2f} ms ({spread(times['small'])}) and {many:.2f} ms ({spread(times['large'])})",
        ),
        Figure(name="matching: the same, all 1,000 free at once", value=at_once, unit=" ms", note="each"),
    ]


def _centre(place: Path, redis: Redis, database: int, *, waiting: int, agents: int, sets: int) -> Centre:
    url = f"unix://{redis.connection_pool.connection_kwargs['path']}?db={database}"
    env = ground.environment(place, url)
    services = build_services(load_settings({k: v for k, v in env.items() if k.isupper()}))
    return Centre(
        services=services, waiting=waiting, agents=agents, sets=sets, numbers=count(), dice=random.Random(1)
    )
