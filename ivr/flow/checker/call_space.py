"""Every kind of call a flow can tell apart: all combinations of what calls differ in.

Their number is a product, soon of millions, so they are not walked through one by one. A `CallSet` is a set of kinds: for each of
the things that calls differ in, which of its values. It is one number, a bit for each value: two call sets have in common `a & b`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from math import prod
from typing import Self, TypeVar

from ivr.flow.checker import call_examples
from ivr.flow.checker.call_examples import ExampleCaller
from ivr.flow.model import Flow, Library
from ivr.flow.steps.branch import BranchStep
from ivr.flow.turn import CallerContext

CallSet = int
CallKind = tuple[int, ...]  # of each thing that calls differ in, which value
T = TypeVar("T")
ObservedFact = tuple[str, str]  # what a turn looked at: ("open", "support"), ("caller", "known"), ("now", "")

_TIME, _CALLER, _CALL_COUNT = range(
    3
)  # then a thing for each queue whose agents, or whose estimate, is asked for


@dataclass(frozen=True, kw_only=True)
class QueueExamples:
    """How often they have called today, and by queue who is free and how long the wait is thought to be."""

    call_counts: Sequence[int]
    free_agents: Mapping[str, Sequence[int]]
    estimates: Mapping[str, Sequence[int | None]]


class CallSpace:
    """All combinations of what a flow's steps look at."""

    @classmethod
    def from_flow(cls, flow: Flow, library: Library, since: datetime) -> Self:
        conditions = [
            case.when for step in flow.steps.values() if isinstance(step, BranchStep) for case in step.cases
        ]
        zone = call_examples.flow_time_zone(flow, library)
        return cls(
            library,
            [at.astimezone(zone) for at in call_examples.example_times(flow, library, conditions, since)],
            call_examples.example_callers(flow, conditions),
            QueueExamples(
                call_counts=call_examples.example_call_counts(conditions),
                free_agents=call_examples.example_free_agents(conditions),
                estimates=call_examples.example_estimates(conditions),
            ),
        )

    def __init__(
        self,
        library: Library,
        times: Sequence[datetime],
        callers: Sequence[ExampleCaller],
        queues: QueueExamples,
    ) -> None:
        self.library, self.times, self.callers = library, times, callers
        self.call_counts, self.free_agents, self.estimates = (
            queues.call_counts,
            queues.free_agents,
            queues.estimates,
        )
        things: list[Sequence[object]] = [self.times, self.callers, self.call_counts]
        things += [*self.free_agents.values(), *self.estimates.values()]
        self._sizes = [len(thing) for thing in things]
        self._starts = [sum(self._sizes[:n]) for n in range(len(things))]
        self._masks = [
            ((1 << size) - 1) << start for size, start in zip(self._sizes, self._starts, strict=True)
        ]
        self._masks_and_starts = list(zip(self._masks, self._starts, strict=True))
        # Where no condition asks for it, an estimate is only said.
        self._default_estimates: dict[str, int | None] = dict.fromkeys(
            library.queues, call_examples.LONG_WAIT_SECONDS
        )
        self.all: CallSet = (1 << sum(self._sizes)) - 1
        self.count = prod(self._sizes)
        self.make_context = lru_cache(maxsize=4096)(self._make_context)
        self._open_by_time = lru_cache(self._list_open_by_time)
        self._caller_values = lru_cache(self._list_caller_values)
        self.sharing_fact = lru_cache(maxsize=65536)(self._sharing_fact)
        self.widen = lru_cache(maxsize=65536)(self._widen)
        self.first_kind = lru_cache(maxsize=65536)(self._first_kind)
        self.only_kind = lru_cache(maxsize=65536)(self._only_kind)

    def _make_context(self, call_kind: CallKind) -> CallerContext:
        free = zip(self.free_agents.items(), call_kind[3:], strict=False)
        estimates = zip(self.estimates.items(), call_kind[3 + len(self.free_agents) :], strict=True)
        return replace(
            self.callers[call_kind[_CALLER]].make_context(self.times[call_kind[_TIME]]),
            calls_today=self.call_counts[call_kind[_CALL_COUNT]],
            agents_free={queue: values[at] for (queue, values), at in free},
            estimate=self._default_estimates | {queue: values[at] for (queue, values), at in estimates},
        )

    def describe(self, calls: CallSet) -> str:
        """How somebody could make such a call; of the line, only what matters for it."""
        now = self.make_context(self.first_kind(calls))
        matters = [calls & field != field for field, _ in self._masks_and_starts]
        free = zip(now.agents_free.items(), matters[3:], strict=False)
        asked = [(queue, now.estimate[queue]) for queue in self.estimates]
        estimates = zip(asked, matters[3 + len(self.free_agents) :], strict=True)
        parts = [
            f"call in at {now.now:%A %H:%M}",
            str(self.callers[self.first_kind(calls)[_CALLER]]),
            *(f"{n} free in {queue}" for (queue, n), so in free if so),
            *(f"{'no' if n is None else f'{n} s'} estimate in {queue}" for (queue, n), so in estimates if so),
            f"call number {now.calls_today} today" if now.calls_today > 1 else "",
        ]
        return ", ".join(part for part in parts if part)

    def is_open(self, call_kind: CallKind, name: str) -> bool:
        return self._open_by_time(name)[call_kind[_TIME]]

    # ---- call sets ----

    def _first_kind(self, calls: CallSet) -> CallKind:
        """One of them, the same every time."""
        shifted = ((calls & field) >> start for field, start in zip(self._masks, self._starts, strict=True))
        return tuple((bits & -bits).bit_length() - 1 for bits in shifted)

    def _only_kind(self, call_kind: CallKind) -> CallSet:
        return sum(1 << start + at for start, at in zip(self._starts, call_kind, strict=True))

    def intersect(self, one: CallSet, other: CallSet) -> CallSet:
        """What two call sets have in common; 0 when there is nothing."""
        common = one & other
        for field in self._masks:
            if not common & field:
                return 0
        return common

    def subtract(self, calls: CallSet, removed: CallSet) -> list[CallSet]:
        """The rest of a call set that has something in common with `removed`, as call sets that have nothing in common."""
        rest = []
        for field in self._masks:
            if calls & field & ~removed:
                rest.append(calls & (~field | ~removed))
                calls &= ~field | removed
        return rest

    def subtract_all(self, call_sets: list[CallSet], removed: Iterable[CallSet]) -> list[CallSet]:
        """What of the call sets is in none that was seen."""
        for one in removed:
            call_sets = [
                rest
                for box in call_sets
                for rest in (self.subtract(box, one) if self.intersect(box, one) else [box])
            ]
        return call_sets

    def merge_adjacent(self, call_sets: Iterable[CallSet]) -> list[CallSet]:
        """The same kinds in fewer call sets: two that differ in one thing alone are one."""
        found: list[CallSet] = []
        for box in call_sets:
            grown = box
            while other := next((one for one in found if self._are_adjacent(one, grown)), 0):
                found.remove(other)
                grown |= other
            found.append(grown)
        return found

    def _are_adjacent(self, calls: CallSet, other: CallSet) -> bool:
        apart = calls ^ other
        return any(apart & field == apart for field in self._masks)

    def list_restrictions(self, calls: CallSet) -> Iterator[CallSet]:
        """What a call set leaves out, each thing by itself: the values it allows, of things of which it does not allow all."""
        return (part for field in self._masks if (part := calls & field) != field)

    def _widen(self, calls: CallSet, restrictions: frozenset[CallSet]) -> CallSet:
        """The call set with all those whom none of the sides tells apart from somebody in it."""
        for field in self._masks:
            values = [field]
            for side in restrictions:
                if side & field:
                    values = [part for one in values for part in (one & side, one & ~side) if part]
            for one in values:
                if calls & one:
                    calls |= one
        return calls

    def at_each_time(self, call_kind: CallKind, calls: CallSet) -> Iterator[CallKind]:
        """The same call at each of the hours in the call set."""
        bits = (calls & self._masks[_TIME]) >> self._starts[_TIME]
        return ((at, *call_kind[1:]) for at in range(bits.bit_length()) if bits >> at & 1)

    def _sharing_fact(self, call_kind: CallKind, fact: ObservedFact) -> CallSet:
        """All kinds of call of which this is as true as of this one."""
        what, name = fact
        match what:
            case "now":
                return self._calls_where(_TIME, lambda at: at == call_kind[_TIME])
            case "open":
                is_open = self._open_by_time(name)
                return self._calls_where(_TIME, lambda at: is_open[at] == is_open[call_kind[_TIME]])
            case "caller":  # what lies before or after the call does so by as much at any hour
                seen = self._caller_values(name)
                return self._calls_where(_CALLER, lambda at: seen[at] == seen[call_kind[_CALLER]])
            case "calls":
                return self._calls_where(_CALL_COUNT, lambda at: at == call_kind[_CALL_COUNT])
        queues = [("free", queue) for queue in self.free_agents] + [
            ("estimate", queue) for queue in self.estimates
        ]
        if fact not in queues:
            return self.all
        thing = 3 + queues.index(fact)
        return self._calls_where(thing, lambda at: at == call_kind[thing])

    def _list_open_by_time(self, name: str) -> list[bool]:
        return [self.library.is_open(name, at) for at in self.times]

    def _list_caller_values(self, name: str) -> list[object]:
        return [getattr(caller.make_context(self.times[0]), name) for caller in self.callers]

    def _calls_where(self, dimension: int, holds: Callable[[int], bool]) -> CallSet:
        values = sum(1 << at for at in range(self._sizes[dimension]) if holds(at))
        return self.all & ~self._masks[dimension] | values << self._starts[dimension]


def partition(
    call_space: CallSpace,
    calls: CallSet,
    known: list[tuple[CallSet, T]],
    compute: Callable[[CallKind], list[tuple[CallSet, T]]],
) -> Iterator[tuple[CallSet, T]]:
    """The call set in parts with what holds for each; what is not known of them yet is found."""
    left = [calls]
    while left:
        one = left.pop()
        for at, made in known:
            if one & at == one:
                yield one, made
                break
            common = call_space.intersect(one, at)
            if common:
                yield common, made
                left += call_space.subtract(one, at)
                break
        else:
            known += compute(call_space.first_kind(one))
            left.append(one)
