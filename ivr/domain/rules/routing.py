"""Who is waiting for whom: which free agent takes which waiting person, and why, in words.

One line, in the order in which people first arrived, less the seconds they are owed. Whoever stands first and can be served
is served by the agent who has been idle longest, except that people meet the agent they know where that costs nobody a free
agent: stickiness may reorder the line by at most `Rules.own_window` seconds, and never keeps anyone idle.
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass, field
from enum import StrEnum

# Behind a longer line than this nobody goes first for a known face: it would take longer to decide than it is worth.
_MOST_AHEAD = 50


class Kind(StrEnum):
    CONTACT = "contact"
    PROMISE = "promise"


@dataclass(frozen=True, kw_only=True)
class Needs:
    """What it takes to serve somebody. Everyone with equal needs stands in one line."""

    skills: frozenset[str] = frozenset()  # the queue's own; never dropped
    wished: frozenset[str] = frozenset()  # the flow's extra ones; dropped after a while
    language: str = "en"
    supervisor: bool = False
    widen_after: float | None = 60.0  # seconds, then wishes are dropped and others help; None = never
    helpers: frozenset[str] | None = None  # what those others can do; None = nobody helps out


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """One person in line. Times are epoch seconds."""

    id: str
    kind: Kind = Kind.CONTACT
    queue: str = ""
    needs: Needs = field(default_factory=Needs)
    arrived: float  # when they first asked for a person: their place
    boost: float = 0.0  # seconds ahead of it
    own: str = ""  # id of the agent who knows them
    own_because: str = "took the caller's last call"
    own_until: float = 0.0  # until then for `own` alone
    not_before: float = 0.0
    avoid: frozenset[str] = frozenset()  # agents who passed
    passed: float = 0.0  # when the last of them did

    @property
    def order(self) -> tuple[float, str]:
        return self.arrived - self.boost, self.id


@dataclass(frozen=True, kw_only=True)
class Ability:
    """What an agent can do. Agents of equal ability are interchangeable."""

    skills: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset({"en"})
    supervisor: bool = False


@dataclass(frozen=True, kw_only=True)
class Idle:
    id: str
    ability: Ability = field(default_factory=Ability)
    since: float  # idle since, epoch seconds


@dataclass(frozen=True, kw_only=True)
class Rules:
    """The same for everybody. Seconds; None = never."""

    own_window: float = 120.0  # how far behind the head of the line an agent's own caller may be taken
    any_language_after: float | None = 300.0
    forgive_after: float = 180.0  # after the last of them passed they may be asked again: better than nobody


@dataclass(frozen=True, kw_only=True)
class Match:
    waiting: Waiting
    agent: Idle
    why: str


def match(
    waiting: Iterable[Waiting], idle: Iterable[Idle], now: float, rules: Rules | None = None
) -> list[Match]:
    """Who is to be offered to whom, now; nobody twice. No agent stays idle whom anyone left over could have.

    `waiting` need not be everybody: the heads of the lines (one line per `Needs`) and the idle agents' own callers are enough
    for the first match; as many heads per line as there are idle agents are enough for all.
    """
    table = _Table(idle, now, rules or Rules())
    line = sorted((w for w in waiting if w.not_before <= now), key=lambda w: w.order)
    return _own(line, table) + _rest(line, table)


def _own(line: list[Waiting], table: _Table) -> list[Match]:
    """People whose own agent is free."""
    found = []
    for caller in line:
        agent = table.free.get(caller.own)
        if agent and table.fits(caller, agent) and _may_go_first(caller, agent, line, table):
            found.append(table.take(caller, agent, f"{caller.own_because}; "))
    return found


def _may_go_first(caller: Waiting, agent: Idle, line: list[Waiting], table: _Table) -> bool:
    """Whether the caller may have this agent before the others are looked at.

    Yes if that leaves nobody in front of them waiting whom this agent could have helped. If it does, the known face may
    overtake those by the window and no more, and only when nobody else could take the caller.
    """
    ahead = [w for w in line if w.order < caller.order and w.id not in table.served]
    if len(ahead) > _MOST_AHEAD:
        return False
    before, after = _served(ahead, table), _served(ahead, table, without=agent)
    lost = [w for w in ahead if w.id not in after and (w.id in before or table.fits(w, agent))]
    if not lost:
        return True
    close = all(caller.order[0] - w.order[0] <= table.rules.own_window for w in lost)
    return close and caller.id not in _served([*ahead, caller], table)


def _served(line: list[Waiting], table: _Table, without: Idle | None = None) -> set[str]:
    """Who would be served if the line were taken in order."""
    taken = {without.id} if without else set()
    served = set()
    for caller in line:
        if len(taken) == len(table.free):
            break
        if agent := table.longest_idle(caller, taken):
            taken.add(agent.id)
            served.add(caller.id)
    return served


def _rest(line: list[Waiting], table: _Table) -> list[Match]:
    """Everyone else in order, each with the agent idle longest."""
    found = []
    hopeless: set[object] = set()
    for caller in line:
        if not table.free:
            break
        alike = (caller.needs, caller.avoid, table.widened(caller), table.reserved(caller))
        if caller.id in table.served or alike in hopeless:
            continue
        if agent := table.longest_idle(caller):
            because = f"idle longest, for {max(0.0, table.now - agent.since):.0f} s; "
            found.append(table.take(caller, agent, because))
        else:
            hopeless.add(alike)
    return found


@dataclass(frozen=True, kw_only=True)
class Widened:
    """What no longer counts for somebody who has waited this long."""

    wide: bool  # wished skills, and whose queue it is where another helps out
    any_language: bool
    forgiven: bool  # that they have passed


class _Table:
    """Agents still free and callers already served, while one matching is made."""

    def __init__(self, idle: Iterable[Idle], now: float, rules: Rules) -> None:
        self.now, self.rules = now, rules
        self.free = {agent.id: agent for agent in sorted(idle, key=lambda a: (a.since, a.id))}
        self.served: set[str] = set()
        # by ability: so that a thousand agents of ten kinds are ten comparisons
        self._alike: dict[Ability, dict[str, Idle]] = {}
        for agent in self.free.values():
            self._alike.setdefault(agent.ability, {})[agent.id] = agent

    def take(self, caller: Waiting, agent: Idle, because: str) -> Match:
        del self.free[agent.id]
        del self._alike[agent.ability][agent.id]
        self.served.add(caller.id)
        waited = f"the {_noun(caller)} waited {self._waited(caller):.0f} s"
        return Match(waiting=caller, agent=agent, why=because + waited + self._concessions(caller, agent))

    def longest_idle(self, caller: Waiting, taken: Container[str] = ()) -> Idle | None:
        """The free agent idle longest who could serve the caller, those `taken` aside."""
        groups = (group for ability, group in self._alike.items() if group and self._can(caller, ability))
        first = (self._first(caller, group, taken) for group in groups)
        best = [agent for agent in first if agent]
        return min(best, key=lambda a: (a.id in caller.avoid, a.since, a.id), default=None)

    def _first(self, caller: Waiting, group: dict[str, Idle], taken: Container[str]) -> Idle | None:
        """Of agents of one ability: whoever has passed comes after all who have not."""
        there = (a for a in group.values() if a.id not in taken and self._willing(caller, a))
        if not caller.avoid:
            return next(there, None)
        willing = list(there)
        return next((a for a in willing if a.id not in caller.avoid), willing[0] if willing else None)

    def fits(self, caller: Waiting, agent: Idle) -> bool:
        return self._can(caller, agent.ability) and self._willing(caller, agent)

    def widened(self, caller: Waiting) -> Widened:
        waited, needs, rules = self._waited(caller), caller.needs, self.rules
        return Widened(
            wide=needs.widen_after is not None and waited >= needs.widen_after,
            any_language=rules.any_language_after is not None and waited >= rules.any_language_after,
            forgiven=min(waited, self.now - caller.passed) >= rules.forgive_after,
        )

    def reserved(self, caller: Waiting) -> str:
        """Whose alone they are now, "" = anybody's."""
        return caller.own if self.now < caller.own_until else ""

    def _can(self, caller: Waiting, ability: Ability) -> bool:
        needs, now = caller.needs, self.widened(caller)
        return (
            (needs.skills <= ability.skills or (now.wide and _helps(needs, ability)))
            and (now.wide or needs.wished <= ability.skills)
            and (now.any_language or needs.language in ability.languages)
            and (ability.supervisor or not needs.supervisor)
        )

    def _willing(self, caller: Waiting, agent: Idle) -> bool:
        if self.reserved(caller) not in ("", agent.id):
            return False
        return agent.id not in caller.avoid or self.widened(caller).forgiven

    def _waited(self, caller: Waiting) -> float:
        # a promise keeps its place from the day it was made, but waits only since it fell due
        return max(0.0, self.now - max(caller.arrived, caller.not_before))

    def _concessions(self, caller: Waiting, agent: Idle) -> str:
        said = ""
        widened = f"{caller.needs.widen_after or 0:.0f} s"
        if not caller.needs.skills <= agent.ability.skills:
            said += f"; helps {caller.queue} out after {widened}"
        if missing := caller.needs.wished - agent.ability.skills:
            said += f"; without {', '.join(sorted(missing))} after {widened}"
        if caller.needs.language not in agent.ability.languages:
            said += f"; does not speak {caller.needs.language}, nobody who does was free"
            said += f" for {self.rules.any_language_after:.0f} s"
        if agent.id in caller.avoid:
            said += "; had passed before"
        return said


def _helps(needs: Needs, ability: Ability) -> bool:
    return needs.helpers is not None and needs.helpers <= ability.skills


def _noun(caller: Waiting) -> str:
    return "caller" if caller.kind is Kind.CONTACT else "promise"
