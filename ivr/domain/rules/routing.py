"""Who is waiting for whom: which free agent takes which waiting person, and why, in words.

One queue, in the order of `priority`. Whoever stands first and can be served
is served by the agent who has been idle longest, except that people meet the agent they know where that costs nobody a free
agent: stickiness may reorder the queue by at most `RoutingRules.preferred_agent_window_seconds` seconds, and never keeps anyone idle.
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from ivr.domain.rules import priority

# Behind a longer queue than this nobody goes first for a known face: it would take longer to decide than it is worth.
_MAX_CALLERS_AHEAD = 50


class WaitingKind(StrEnum):
    CONTACT = "contact"
    PROMISE = "promise"


@dataclass(frozen=True, kw_only=True)
class Requirements:
    """What it takes to serve somebody. Everyone with equal requirements stands in one queue."""

    skills: frozenset[str] = frozenset()  # the queue's own; never dropped
    preferred_skills: frozenset[str] = frozenset()  # the flow's extra ones; dropped after a while
    language: str = "en"
    supervisor: bool = False
    relax_after_seconds: float | None = 60.0  # seconds, then wishes are dropped and others help; None = never
    overflow_skills: frozenset[str] | None = None  # what those others can do; None = nobody helps out


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """One person in the queue. Times are epoch seconds."""

    id: str
    kind: WaitingKind = WaitingKind.CONTACT
    queue: str = ""
    requirements: Requirements = field(default_factory=Requirements)
    queued_at: float  # when they first asked for a person: their place
    boost_seconds: float = 0.0  # seconds ahead of it
    preferred_agent: str = ""  # id of the agent who knows them
    preferred_reason: str = "took the caller's last call"
    preferred_until: float = 0.0  # until then for `preferred_agent` alone
    not_before: float = 0.0
    declined_by: frozenset[str] = frozenset()  # agents who passed
    declined_at: float = 0.0  # when the last of them did

    @property
    def sort_key(self) -> tuple[float, str]:
        return priority.compute_place(self.queued_at, self.boost_seconds), self.id


@dataclass(frozen=True, kw_only=True)
class Ability:
    """What an agent can do. Agents of equal ability are interchangeable."""

    skills: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset({"en"})
    supervisor: bool = False


@dataclass(frozen=True, kw_only=True)
class IdleAgent:
    id: str
    ability: Ability = field(default_factory=Ability)
    idle_since: float  # idle since, epoch seconds


@dataclass(frozen=True, kw_only=True)
class RoutingRules:
    """The same for everybody. Seconds; None = never."""

    preferred_agent_window_seconds: float = (
        120.0  # how far behind the head of the queue an agent's own caller may be taken
    )
    any_language_after_seconds: float | None = 300.0
    ask_again_after_seconds: float = (
        180.0  # after the last of them passed they may be asked again: better than nobody
    )


@dataclass(frozen=True, kw_only=True)
class Match:
    waiting: Waiting
    agent: IdleAgent
    reason: str


def match_waiting(
    waiting: Iterable[Waiting],
    idle_agents: Iterable[IdleAgent],
    now: float,
    rules: RoutingRules | None = None,
) -> list[Match]:
    """Who is to be offered to whom, now; nobody twice. No agent stays idle whom anyone left over could have.

    `waiting` need not be everybody: the heads of the queues (one queue per `Requirements`) and the idle agents' own callers are enough
    for the first match; as many heads per queue as there are idle agents are enough for all.
    """
    table = _Matching(idle_agents, now, rules or RoutingRules())
    line = sorted((w for w in waiting if w.not_before <= now), key=lambda w: w.sort_key)
    return _match_preferred_agents(line, table) + _match_in_order(line, table)


def _match_preferred_agents(queue: list[Waiting], table: _Matching) -> list[Match]:
    """People whose own agent is free."""
    found = []
    for caller in queue:
        agent = table.free_agents.get(caller.preferred_agent)
        if agent and table.can_serve(caller, agent) and _may_go_first(caller, agent, queue, table):
            found.append(table.assign(caller, agent, f"{caller.preferred_reason}; "))
    return found


def _may_go_first(caller: Waiting, agent: IdleAgent, queue: list[Waiting], table: _Matching) -> bool:
    """Whether the caller may have this agent before the others are looked at.

    Yes if that leaves nobody in front of them waiting whom this agent could have helped. If it does, the known face may
    overtake those by the window and no more, and only when nobody else could take the caller.
    """
    ahead = [w for w in queue if w.sort_key < caller.sort_key and w.id not in table.served_ids]
    if len(ahead) > _MAX_CALLERS_AHEAD:
        return False
    before, after = _find_served(ahead, table), _find_served(ahead, table, without=agent)
    lost = [w for w in ahead if w.id not in after and (w.id in before or table.can_serve(w, agent))]
    if not lost:
        return True
    close = all(
        caller.sort_key[0] - w.sort_key[0] <= table.rules.preferred_agent_window_seconds for w in lost
    )
    return close and caller.id not in _find_served([*ahead, caller], table)


def _find_served(queue: list[Waiting], table: _Matching, without: IdleAgent | None = None) -> set[str]:
    """Who would be served if the queue were taken in order."""
    taken = {without.id} if without else set()
    served = set()
    for caller in queue:
        if len(taken) == len(table.free_agents):
            break
        if agent := table.find_longest_idle(caller, taken):
            taken.add(agent.id)
            served.add(caller.id)
    return served


def _match_in_order(queue: list[Waiting], table: _Matching) -> list[Match]:
    """Everyone else in order, each with the agent idle longest."""
    found = []
    hopeless: set[object] = set()
    for caller in queue:
        if not table.free_agents:
            break
        alike = (
            caller.requirements,
            caller.declined_by,
            table.relax_requirements(caller),
            table.get_reserved_agent(caller),
        )
        if caller.id in table.served_ids or alike in hopeless:
            continue
        if agent := table.find_longest_idle(caller):
            because = f"idle longest, for {max(0.0, table.now - agent.idle_since):.0f} s; "
            found.append(table.assign(caller, agent, because))
        else:
            hopeless.add(alike)
    return found


@dataclass(frozen=True, kw_only=True)
class RelaxedRequirements:
    """What no longer counts for somebody who has waited this long."""

    skills_relaxed: bool  # wished skills, and whose queue it is where another helps out
    any_language: bool
    declines_ignored: bool  # that they have passed


class _Matching:
    """Agents still free and callers already served, while one matching is made."""

    def __init__(self, idle_agents: Iterable[IdleAgent], now: float, rules: RoutingRules) -> None:
        self.now, self.rules = now, rules
        self.free_agents = {
            agent.id: agent for agent in sorted(idle_agents, key=lambda a: (a.idle_since, a.id))
        }
        self.served_ids: set[str] = set()
        # by ability: so that a thousand agents of ten kinds are ten comparisons
        self._free_by_ability: dict[Ability, dict[str, IdleAgent]] = {}
        for agent in self.free_agents.values():
            self._free_by_ability.setdefault(agent.ability, {})[agent.id] = agent

    def assign(self, caller: Waiting, agent: IdleAgent, because: str) -> Match:
        del self.free_agents[agent.id]
        del self._free_by_ability[agent.ability][agent.id]
        self.served_ids.add(caller.id)
        waited = f"the {_name_of_kind(caller)} waited {self._seconds_waited(caller):.0f} s"
        return Match(
            waiting=caller, agent=agent, reason=because + waited + self._describe_concessions(caller, agent)
        )

    def find_longest_idle(self, caller: Waiting, taken: Container[str] = ()) -> IdleAgent | None:
        """The free agent idle longest who could serve the caller, those `taken` aside."""
        groups = (
            group
            for ability, group in self._free_by_ability.items()
            if group and self._has_ability(caller, ability)
        )
        first = (self._find_first_willing(caller, group, taken) for group in groups)
        best = [agent for agent in first if agent]
        return min(best, key=lambda a: (a.id in caller.declined_by, a.idle_since, a.id), default=None)

    def _find_first_willing(
        self, caller: Waiting, group: dict[str, IdleAgent], taken: Container[str]
    ) -> IdleAgent | None:
        """Of agents of one ability: whoever has passed comes after all who have not."""
        there = (a for a in group.values() if a.id not in taken and self._is_willing(caller, a))
        if not caller.declined_by:
            return next(there, None)
        willing = list(there)
        return next((a for a in willing if a.id not in caller.declined_by), willing[0] if willing else None)

    def can_serve(self, caller: Waiting, agent: IdleAgent) -> bool:
        return self._has_ability(caller, agent.ability) and self._is_willing(caller, agent)

    def relax_requirements(self, caller: Waiting) -> RelaxedRequirements:
        waited, needs, rules = self._seconds_waited(caller), caller.requirements, self.rules
        return RelaxedRequirements(
            skills_relaxed=needs.relax_after_seconds is not None and waited >= needs.relax_after_seconds,
            any_language=rules.any_language_after_seconds is not None
            and waited >= rules.any_language_after_seconds,
            declines_ignored=min(waited, self.now - caller.declined_at) >= rules.ask_again_after_seconds,
        )

    def get_reserved_agent(self, caller: Waiting) -> str:
        """Whose alone they are now, "" = anybody's."""
        return caller.preferred_agent if self.now < caller.preferred_until else ""

    def _has_ability(self, caller: Waiting, ability: Ability) -> bool:
        needs, now = caller.requirements, self.relax_requirements(caller)
        return (
            (needs.skills <= ability.skills or (now.skills_relaxed and _can_help_out(needs, ability)))
            and (now.skills_relaxed or needs.preferred_skills <= ability.skills)
            and (now.any_language or needs.language in ability.languages)
            and (ability.supervisor or not needs.supervisor)
        )

    def _is_willing(self, caller: Waiting, agent: IdleAgent) -> bool:
        if self.get_reserved_agent(caller) not in ("", agent.id):
            return False
        return agent.id not in caller.declined_by or self.relax_requirements(caller).declines_ignored

    def _seconds_waited(self, caller: Waiting) -> float:
        # a promise keeps its place from the day it was made, but waits only since it fell due
        return max(0.0, self.now - max(caller.queued_at, caller.not_before))

    def _describe_concessions(self, caller: Waiting, agent: IdleAgent) -> str:
        said = ""
        widened = f"{caller.requirements.relax_after_seconds or 0:.0f} s"
        if not caller.requirements.skills <= agent.ability.skills:
            said += f"; helps {caller.queue} out after {widened}"
        if missing := caller.requirements.preferred_skills - agent.ability.skills:
            said += f"; without {', '.join(sorted(missing))} after {widened}"
        if caller.requirements.language not in agent.ability.languages:
            said += f"; does not speak {caller.requirements.language}, nobody who does was free"
            said += f" for {self.rules.any_language_after_seconds:.0f} s"
        if agent.id in caller.declined_by:
            said += "; had passed before"
        return said


def _can_help_out(requirements: Requirements, ability: Ability) -> bool:
    return requirements.overflow_skills is not None and requirements.overflow_skills <= ability.skills


def _name_of_kind(caller: Waiting) -> str:
    return "caller" if caller.kind is WaitingKind.CONTACT else "promise"
