"""Every kind of call a flow can tell apart: all combinations of what calls differ in.

Their number is a product, soon of millions, so they are not walked through one by one. A `Box` is a set of kinds: for each of
the things that calls differ in, which of its values. It is one number, a bit for each value: two boxes have in common `a & b`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from math import prod
from typing import Self, TypeVar

from ivr.flow.checker import call_examples
from ivr.flow.checker.call_examples import Caller
from ivr.flow.model import Flow, Library
from ivr.flow.steps.branch import Branch
from ivr.flow.turn import Situation

Box = int
Kind = tuple[int, ...]  # of each thing that calls differ in, which value
T = TypeVar("T")
Fact = tuple[str, str]  # what a turn looked at: ("open", "support"), ("caller", "known"), ("now", "")

_WHEN, _WHO, _COUNT = range(3)  # then a thing for each queue whose agents, or whose estimate, is asked for


@dataclass(frozen=True, kw_only=True)
class Lines:
    """How often they have called today, and by queue who is free and how long the wait is thought to be."""

    calls: Sequence[int]
    free: Mapping[str, Sequence[int]]
    estimates: Mapping[str, Sequence[int | None]]


class Kinds:
    """All combinations of what a flow's steps look at."""

    @classmethod
    def of(cls, flow: Flow, library: Library, since: datetime) -> Self:
        conditions = [
            case.when for step in flow.steps.values() if isinstance(step, Branch) for case in step.cases
        ]
        zone = call_examples.zone(flow, library)
        return cls(
            library,
            [at.astimezone(zone) for at in call_examples.times(flow, library, conditions, since)],
            call_examples.callers(flow, conditions),
            Lines(
                calls=call_examples.calls_today(conditions),
                free=call_examples.free(conditions),
                estimates=call_examples.estimates(conditions),
            ),
        )

    def __init__(
        self, library: Library, times: Sequence[datetime], callers: Sequence[Caller], lines: Lines
    ) -> None:
        self.library, self.times, self.callers = library, times, callers
        self.calls, self.free, self.estimates = lines.calls, lines.free, lines.estimates
        things: list[Sequence[object]] = [self.times, self.callers, self.calls]
        things += [*self.free.values(), *self.estimates.values()]
        self._sizes = [len(thing) for thing in things]
        self._starts = [sum(self._sizes[:n]) for n in range(len(things))]
        self._fields = [
            ((1 << size) - 1) << start for size, start in zip(self._sizes, self._starts, strict=True)
        ]
        self._things = list(zip(self._fields, self._starts, strict=True))
        # Where no condition asks for it, an estimate is only said.
        self._estimates: dict[str, int | None] = dict.fromkeys(library.queues, call_examples.LONG_WAIT)
        self.all: Box = (1 << sum(self._sizes)) - 1
        self.count = prod(self._sizes)
        self.situation = lru_cache(maxsize=4096)(self._situation)
        self._open = lru_cache(self._is_open)
        self._seen = lru_cache(self._seen_of)
        self.alike = lru_cache(maxsize=65536)(self._alike)
        self.together = lru_cache(maxsize=65536)(self._together)
        self.first = lru_cache(maxsize=65536)(self._first)
        self.only = lru_cache(maxsize=65536)(self._only)

    def _situation(self, kind: Kind) -> Situation:
        free = zip(self.free.items(), kind[3:], strict=False)
        estimates = zip(self.estimates.items(), kind[3 + len(self.free) :], strict=True)
        return replace(
            self.callers[kind[_WHO]].situation(self.times[kind[_WHEN]]),
            calls_today=self.calls[kind[_COUNT]],
            agents_free={queue: values[at] for (queue, values), at in free},
            estimate=self._estimates | {queue: values[at] for (queue, values), at in estimates},
        )

    def told(self, box: Box) -> str:
        """How somebody could make such a call; of the line, only what matters for it."""
        now = self.situation(self.first(box))
        matters = [box & field != field for field, _ in self._things]
        free = zip(now.agents_free.items(), matters[3:], strict=False)
        asked = [(queue, now.estimate[queue]) for queue in self.estimates]
        estimates = zip(asked, matters[3 + len(self.free) :], strict=True)
        parts = [
            f"call in at {now.now:%A %H:%M}",
            str(self.callers[self.first(box)[_WHO]]),
            *(f"{n} free in {queue}" for (queue, n), so in free if so),
            *(f"{'no' if n is None else f'{n} s'} estimate in {queue}" for (queue, n), so in estimates if so),
            f"call number {now.calls_today} today" if now.calls_today > 1 else "",
        ]
        return ", ".join(part for part in parts if part)

    def is_open(self, kind: Kind, name: str) -> bool:
        return self._open(name)[kind[_WHEN]]

    # ---- boxes ----

    def _first(self, box: Box) -> Kind:
        """One of them, the same every time."""
        shifted = ((box & field) >> start for field, start in zip(self._fields, self._starts, strict=True))
        return tuple((bits & -bits).bit_length() - 1 for bits in shifted)

    def _only(self, kind: Kind) -> Box:
        return sum(1 << start + at for start, at in zip(self._starts, kind, strict=True))

    def both(self, one: Box, other: Box) -> Box:
        """What two boxes have in common; 0 when there is nothing."""
        common = one & other
        for field in self._fields:
            if not common & field:
                return 0
        return common

    def without(self, box: Box, less: Box) -> list[Box]:
        """The rest of a box that has something in common with `less`, as boxes that have nothing in common."""
        rest = []
        for field in self._fields:
            if box & field & ~less:
                rest.append(box & (~field | ~less))
                box &= ~field | less
        return rest

    def new(self, boxes: list[Box], seen: Iterable[Box]) -> list[Box]:
        """What of the boxes is in none that was seen."""
        for one in seen:
            boxes = [
                rest for box in boxes for rest in (self.without(box, one) if self.both(box, one) else [box])
            ]
        return boxes

    def joined(self, boxes: Iterable[Box]) -> list[Box]:
        """The same kinds in fewer boxes: two that differ in one thing alone are one."""
        found: list[Box] = []
        for box in boxes:
            grown = box
            while other := next((one for one in found if self._are_one(one, grown)), 0):
                found.remove(other)
                grown |= other
            found.append(grown)
        return found

    def _are_one(self, box: Box, other: Box) -> bool:
        apart = box ^ other
        return any(apart & field == apart for field in self._fields)

    def sides(self, box: Box) -> Iterator[Box]:
        """What a box leaves out, each thing by itself: the values it allows, of things of which it does not allow all."""
        return (part for field in self._fields if (part := box & field) != field)

    def _together(self, box: Box, sides: frozenset[Box]) -> Box:
        """The box with all those whom none of the sides tells apart from somebody in it."""
        for field in self._fields:
            values = [field]
            for side in sides:
                if side & field:
                    values = [part for one in values for part in (one & side, one & ~side) if part]
            for one in values:
                if box & one:
                    box |= one
        return box

    def at_times_of(self, kind: Kind, box: Box) -> Iterator[Kind]:
        """The same call at each of the hours in the box."""
        bits = (box & self._fields[_WHEN]) >> self._starts[_WHEN]
        return ((at, *kind[1:]) for at in range(bits.bit_length()) if bits >> at & 1)

    def _alike(self, kind: Kind, fact: Fact) -> Box:
        """All kinds of call of which this is as true as of this one."""
        what, name = fact
        match what:
            case "now":
                return self._where(_WHEN, lambda at: at == kind[_WHEN])
            case "open":
                is_open = self._open(name)
                return self._where(_WHEN, lambda at: is_open[at] == is_open[kind[_WHEN]])
            case "caller":  # what lies before or after the call does so by as much at any hour
                seen = self._seen(name)
                return self._where(_WHO, lambda at: seen[at] == seen[kind[_WHO]])
            case "calls":
                return self._where(_COUNT, lambda at: at == kind[_COUNT])
        queues = [("free", queue) for queue in self.free] + [("estimate", queue) for queue in self.estimates]
        if fact not in queues:
            return self.all
        thing = 3 + queues.index(fact)
        return self._where(thing, lambda at: at == kind[thing])

    def _is_open(self, name: str) -> list[bool]:
        return [self.library.is_open(name, at) for at in self.times]

    def _seen_of(self, name: str) -> list[object]:
        return [getattr(caller.situation(self.times[0]), name) for caller in self.callers]

    def _where(self, thing: int, holds: Callable[[int], bool]) -> Box:
        values = sum(1 << at for at in range(self._sizes[thing]) if holds(at))
        return self.all & ~self._fields[thing] | values << self._starts[thing]


def pieces(
    kinds: Kinds, box: Box, known: list[tuple[Box, T]], find: Callable[[Kind], list[tuple[Box, T]]]
) -> Iterator[tuple[Box, T]]:
    """The box in parts with what holds for each; what is not known of them yet is found."""
    left = [box]
    while left:
        one = left.pop()
        for at, made in known:
            if one & at == one:
                yield one, made
                break
            common = kinds.both(one, at)
            if common:
                yield common, made
                left += kinds.without(one, at)
                break
        else:
            known += find(kinds.first(one))
            left.append(one)
