"""The order and the heights of what stands in the layers of a picture: few crossings, level lines."""

from __future__ import annotations

from bisect import bisect_right, insort
from dataclasses import dataclass, field

ROW_GAP, LANE_HEIGHT = 26.0, 12.0  # px between boxes; what a lane takes
SWEEPS, ROUNDS = 8, 8


@dataclass(eq=False)
class LayoutItem:
    """A box, or a lane through a layer to `box`."""

    layer: int
    box: int
    is_lane: bool = False
    height: float = LANE_HEIGHT
    top: float = 0
    index: int = 0
    links_before: list[tuple[LayoutItem, float, float]] = field(
        default_factory=list
    )  # with its and our offset
    links_after: list[tuple[LayoutItem, float, float]] = field(default_factory=list)
    links_beside: list[tuple[LayoutItem, float, float]] = field(default_factory=list)  # of the same layer


def group_by_layer(items: list[LayoutItem]) -> list[list[LayoutItem]]:
    columns: list[list[LayoutItem]] = [[] for _ in range(max((item.layer for item in items), default=-1) + 1)]
    for item in items:
        columns[item.layer].append(item)
    for column in columns:
        column.sort(key=lambda item: item.box)
        _number_places(column)
    return columns


def _number_places(column: list[LayoutItem]) -> None:
    for place, item in enumerate(column):
        item.index = place


def reduce_crossings(columns: list[list[LayoutItem]]) -> None:
    best, least = [list(column) for column in columns], _count_crossings(columns)
    for sweep in range(SWEEPS):
        for column in columns if sweep % 2 == 0 else reversed(columns):
            _sort_by_barycenter(column, forward=sweep % 2 == 0)
        found = _count_crossings(columns)
        if found < least:
            best, least = [list(column) for column in columns], found
    for column, order in zip(columns, best, strict=True):
        column[:] = order
        _number_places(column)


def _sort_by_barycenter(column: list[LayoutItem], *, forward: bool) -> None:
    def middle(item: LayoutItem) -> float | None:
        near = item.links_before if forward else item.links_after
        return sum(_port_place(other, off) for other, off, _ in near) / len(near) if near else None

    wanted = {id(item): middle(item) for item in column}

    def key(item: LayoutItem) -> float:
        own = wanted[id(item)]
        beside = (wanted[id(other)] for other, _, _ in item.links_beside)
        found = own if own is not None else next((value for value in beside if value is not None), None)
        return item.index if found is None else found

    column.sort(key=key)
    _number_places(column)


def _port_place(item: LayoutItem, offset: float) -> float:
    """The place of a port: those of a box lie between it and the next."""
    return item.index + offset / (item.height + 1)


def _count_crossings(columns: list[list[LayoutItem]]) -> int:
    count = 0
    for column in columns:
        links = sorted(
            (_port_place(item, own), _port_place(other, off))
            for item in column
            for other, off, own in item.links_after
        )
        passed: list[float] = []
        for _, end in links:
            count += len(passed) - bisect_right(passed, end)
            insort(passed, end)
    return count


# ---- heights -------------------------------------------------------------------------------------------------------


def assign_tops(columns: list[list[LayoutItem]]) -> None:
    for column in columns:
        _place_near_wanted(column, [0.0] * len(column))
    for turn in range(ROUNDS):
        last = turn >= ROUNDS - 2
        for column in columns if turn % 2 == 0 else reversed(columns):
            _place_near_wanted(
                column, [_wanted_top(item, forward=turn % 2 == 0, both_sides=last) for item in column]
            )
    highest = min((item.top for column in columns for item in column), default=0)
    for column in columns:
        for item in column:
            item.top -= highest


def _wanted_top(item: LayoutItem, *, forward: bool, both_sides: bool) -> float:
    """The top at which its lines would be level."""
    near = (
        (item.links_before if forward else item.links_after)
        or item.links_beside
        or (item.links_after if forward else item.links_before)
    )
    if both_sides:
        near = [*item.links_before, *item.links_after] or item.links_beside
    return sum(other.top + off - own for other, off, own in near) / len(near) if near else item.top


def _place_near_wanted(column: list[LayoutItem], wanted_tops: list[float]) -> None:
    """As near to what is wanted as order and distance allow: isotonic regression, by pooling those that get in each other's way."""
    pools: list[tuple[float, int]] = []  # mean of what is wanted less the room above, how many
    offsets: list[float] = []
    offset = 0.0
    for n, item in enumerate(column):
        if n:
            above = column[n - 1]
            offset += above.height + (0 if above.is_lane and item.is_lane else ROW_GAP)
        offsets.append(offset)
        mean, count = wanted_tops[n] - offset, 1
        while pools and pools[-1][0] > mean:
            other, size = pools.pop()
            mean, count = (other * size + mean * count) / (size + count), size + count
        pools.append((mean, count))
    means = [mean for mean, count in pools for _ in range(count)]
    for item, mean, room in zip(column, means, offsets, strict=True):
        item.top = mean + room
