"""A call centre on a virtual clock, to see what the real router does to waiting times (bars.md, routing).

Arrivals are Poisson, handling times exponential: then Erlang's formula says what a perfect line would give, and the same draws
served by one ideal line (`ideal_wait`) say it without the noise of chance. After each event the router sees what the store would
show it: the head of each line and the idle agents' own callers.
"""

from __future__ import annotations

import heapq
import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from ivr.domain.rules.routing import Ability, IdleAgent, Requirements, RoutingRules, Waiting, match_waiting


@dataclass(frozen=True, kw_only=True)
class Call:
    at: float
    handling: float
    needs: Requirements
    own: str


@dataclass(frozen=True, kw_only=True)
class Centre:
    """What is simulated. `needs` and `own` draw for one call; `own` gives an agent's id or ""."""

    agents: Sequence[IdleAgent]
    per_minute: float = 3.6
    handle_seconds: float = 300.0
    calls: int = 20_000
    seed: int = 1
    needs: Callable[[random.Random], Requirements] = lambda _: Requirements()
    own: Callable[[random.Random], str] = lambda _: ""
    rules: RoutingRules = field(default_factory=RoutingRules)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    mean_wait: float  # seconds
    longest_wait: float
    own_share: float  # of the calls that have an own agent
    served: int


def erlang_c_wait(agents: int, per_minute: float, handle_seconds: float) -> float:
    """Mean wait in seconds of all calls, by Erlang C."""
    load = per_minute * handle_seconds / 60
    term = total = 1.0
    for k in range(1, agents):
        term *= load / k
        total += term
    tail = term * load / agents * agents / (agents - load)
    return tail / (total + tail) * handle_seconds / (agents - load)


def draw(centre: Centre) -> list[Call]:
    # needs and owners have dice of their own, so that centres which differ in them alone get the same calls
    rng, dice = random.Random(centre.seed), random.Random(centre.seed + 1_000_000)
    now, calls = 0.0, []
    for _ in range(centre.calls):
        now += rng.expovariate(centre.per_minute / 60)
        handling = rng.expovariate(1 / centre.handle_seconds)
        calls.append(Call(at=now, handling=handling, needs=centre.needs(dice), own=centre.own(dice)))
    return calls


def ideal_wait(centre: Centre) -> float:
    """Mean wait when the same calls stand in one line and everyone can serve everyone."""
    free_at = [0.0] * len(centre.agents)
    waited = 0.0
    for call in draw(centre):
        start = max(call.at, heapq.heappop(free_at))
        waited += start - call.at
        heapq.heappush(free_at, start + call.handling)
    return waited / centre.calls


def run(centre: Centre) -> Outcome:
    calls = draw(centre)
    floor = _Floor(centre, calls)
    for number, call in enumerate(calls):
        floor.until(call.at)
        floor.arrive(number, call)
    floor.until(math.inf)
    own = sum(1 for call in calls if call.own)
    return Outcome(
        mean_wait=sum(floor.waits) / len(calls),
        longest_wait=max(floor.waits),
        own_share=floor.own_served / own if own else 0.0,
        served=len(floor.waits),
    )


class _Floor:
    """Agents, lines and the talks in progress."""

    def __init__(self, centre: Centre, calls: Sequence[Call]) -> None:
        self.centre, self.calls = centre, calls
        self.idle = {agent.id: agent for agent in centre.agents}
        self.lines: dict[Requirements, dict[str, Waiting]] = {}
        self.own: dict[str, dict[str, Waiting]] = {}
        self.talks: list[tuple[float, int, IdleAgent]] = []
        self.waits: list[float] = []
        self.own_served = 0

    def until(self, now: float) -> None:
        while self.talks and self.talks[0][0] <= now:
            ended, _, agent = heapq.heappop(self.talks)
            self.idle[agent.id] = replace(agent, idle_since=ended)
            self.route(ended)

    def arrive(self, number: int, call: Call) -> None:
        waiting = Waiting(
            id=str(number), requirements=call.needs, queued_at=call.at, preferred_agent=call.own
        )
        self.lines.setdefault(call.needs, {})[waiting.id] = waiting
        self.own.setdefault(call.own, {})[waiting.id] = waiting
        self.route(call.at)

    def route(self, now: float) -> None:
        while self.idle and (
            matches := match_waiting(self._seen(), self.idle.values(), now, self.centre.rules)
        ):
            for found in matches:
                waiting, agent = found.waiting, found.agent
                del self.lines[waiting.requirements][waiting.id]
                del self.own[waiting.preferred_agent][waiting.id]
                del self.idle[agent.id]
                number = int(waiting.id)
                self.waits.append(now - waiting.queued_at)
                self.own_served += waiting.preferred_agent == agent.id
                heapq.heappush(self.talks, (now + self.calls[number].handling, number, agent))

    def _seen(self) -> list[Waiting]:
        heads = [next(iter(line.values())) for line in self.lines.values() if line]
        seen = {waiting.id: waiting for waiting in heads}
        for agent in self.idle:
            seen |= self.own.get(agent, {})
        return list(seen.values())


# ---- the centres of bars.md --------------------------------------------------------------------------------------


def one_skill(calls: int = 20_000, seed: int = 1) -> Centre:
    return Centre(agents=[IdleAgent(id=f"a{n}", idle_since=0.0) for n in range(20)], calls=calls, seed=seed)


def two_of_four(calls: int = 20_000, seed: int = 1) -> Centre:
    """Every agent can do two of four things, every call needs one of them."""
    pairs = [(a, b) for a in "wxyz" for b in "wxyz" if a < b]
    agents = [
        IdleAgent(id=f"a{n}", ability=Ability(skills=frozenset(pairs[n % len(pairs)])), idle_since=0.0)
        for n in range(20)
    ]
    return replace(
        one_skill(calls, seed),
        agents=agents,
        needs=lambda rng: Requirements(skills=frozenset(rng.choice("wxyz"))),
    )


def repeat_callers(calls: int = 20_000, seed: int = 1, *, window: float = 120.0) -> Centre:
    """Everyone has spoken with one of the agents before."""
    return replace(
        one_skill(calls, seed),
        own=lambda rng: f"a{rng.randrange(20)}",
        rules=RoutingRules(preferred_agent_window_seconds=window),
    )


@dataclass(frozen=True, kw_only=True)
class Bars:
    """Each as in bars.md; ratios of means over all runs, on the same calls."""

    one_skill: float  # mean wait against the ideal line; at most 1.03
    erlang: float  # the ideal line against Erlang C: how far chance has moved these runs
    two_of_four: float  # mean wait against all agents pooled; at most 1.2
    own_share: float  # against "sticky if idle"; at least 1.7
    own_wait: float  # mean wait against no stickiness; at most 1.02


def measure(calls: int = 30_000, runs: int = 8) -> Bars:
    """About three seconds a run."""
    seeds = range(runs)
    ideal = sum(ideal_wait(one_skill(calls, seed)) for seed in seeds)
    plain = sum(run(one_skill(calls, seed)).mean_wait for seed in seeds)
    own = [run(repeat_callers(calls, seed)) for seed in seeds]
    idle_only = sum(run(repeat_callers(calls, seed, window=-1)).own_share for seed in seeds)
    return Bars(
        one_skill=plain / ideal,
        erlang=ideal / runs / erlang_c_wait(20, 3.6, 300),
        two_of_four=sum(run(two_of_four(calls, seed)).mean_wait for seed in seeds) / ideal,
        own_share=sum(outcome.own_share for outcome in own) / idle_only,
        own_wait=sum(outcome.mean_wait for outcome in own) / plain,
    )
