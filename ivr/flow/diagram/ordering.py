"""The order and the heights of what stands in the layers of a picture: few crossings, level lines."""

from __future__ import annotations

from bisect import bisect_right, insort
from dataclasses import dataclass, field

ROW_GAP, LANE = 26.0, 12.0  # px between boxes; what a lane takes
SWEEPS, ROUNDS = 8, 8


@dataclass(eq=False)
class Item:
    """A box, or a lane through a layer to `box`."""

    layer: int
    box: int
    lane: bool = False
    height: float = LANE
    top: float = 0
    place: int = 0
    before: list[tuple[Item, float, float]] = field(default_factory=list)  # with its and our offset
    after: list[tuple[Item, float, float]] = field(default_factory=list)
    beside: list[tuple[Item, float, float]] = field(default_factory=list)  # of the same layer


def in_columns(items: list[Item]) -> list[list[Item]]:
    columns: list[list[Item]] = [[] for _ in range(max((item.layer for item in items), default=-1) + 1)]
    for item in items:
        columns[item.layer].append(item)
    for column in columns:
        column.sort(key=lambda item: item.box)
        _number(column)
    return columns


def _number(column: list[Item]) -> None:
    for place, item in enumerate(column):
        item.place = place


def put_in_order(columns: list[list[Item]]) -> None:
    best, least = [list(column) for column in columns], _crossings(columns)
    for sweep in range(SWEEPS):
        for column in columns if sweep % 2 == 0 else reversed(columns):
            _sort(column, forward=sweep % 2 == 0)
        found = _crossings(columns)
        if found < least:
            best, least = [list(column) for column in columns], found
    for column, order in zip(columns, best, strict=True):
        column[:] = order
        _number(column)


def _sort(column: list[Item], *, forward: bool) -> None:
    def middle(item: Item) -> float | None:
        near = item.before if forward else item.after
        return sum(_at(other, off) for other, off, _ in near) / len(near) if near else None

    wanted = {id(item): middle(item) for item in column}

    def key(item: Item) -> float:
        own = wanted[id(item)]
        beside = (wanted[id(other)] for other, _, _ in item.beside)
        found = own if own is not None else next((value for value in beside if value is not None), None)
        return item.place if found is None else found

    column.sort(key=key)
    _number(column)


def _at(item: Item, offset: float) -> float:
    """The place of a port: those of a box lie between it and the next."""
    return item.place + offset / (item.height + 1)


def _crossings(columns: list[list[Item]]) -> int:
    count = 0
    for column in columns:
        links = sorted((_at(item, own), _at(other, off)) for item in column for other, off, own in item.after)
        passed: list[float] = []
        for _, end in links:
            count += len(passed) - bisect_right(passed, end)
            insort(passed, end)
    return count


# ---- heights -------------------------------------------------------------------------------------------------------


def set_heights(columns: list[list[Item]]) -> None:
    for column in columns:
        _settle(column, [0.0] * len(column))
    for turn in range(ROUNDS):
        last = turn >= ROUNDS - 2
        for column in columns if turn % 2 == 0 else reversed(columns):
            _settle(column, [_wanted(item, forward=turn % 2 == 0, both=last) for item in column])
    highest = min((item.top for column in columns for item in column), default=0)
    for column in columns:
        for item in column:
            item.top -= highest


def _wanted(item: Item, *, forward: bool, both: bool) -> float:
    """The top at which its lines would be level."""
    near = (item.before if forward else item.after) or item.beside or (item.after if forward else item.before)
    if both:
        near = [*item.before, *item.after] or item.beside
    return sum(other.top + off - own for other, off, own in near) / len(near) if near else item.top


def _settle(column: list[Item], wanted: list[float]) -> None:
    """As near to what is wanted as order and distance allow: isotonic regression, by pooling those that get in each other's way."""
    pools: list[tuple[float, int]] = []  # mean of what is wanted less the room above, how many
    offsets: list[float] = []
    offset = 0.0
    for n, item in enumerate(column):
        if n:
            above = column[n - 1]
            offset += above.height + (0 if above.lane and item.lane else ROW_GAP)
        offsets.append(offset)
        mean, count = wanted[n] - offset, 1
        while pools and pools[-1][0] > mean:
            other, size = pools.pop()
            mean, count = (other * size + mean * count) / (size + count), size + count
        pools.append((mean, count))
    means = [mean for mean, count in pools for _ in range(count)]
    for item, mean, room in zip(column, means, offsets, strict=True):
        item.top = mean + room
