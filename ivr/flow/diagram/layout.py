"""Where boxes and lines of a picture go: layers from left to right, lines only where no box is.

A box leaves by ports at its right side and is entered at its left side. Every box stands in a layer of its own width; lines
run level through a layer, in lanes that are kept free of boxes, and bend only between layers. What leads to the same box
shares one lane. So nothing can lie upon anything else. The method is Sugiyama's: break circles, layers by the longest
path, few crossings by barycentres; the heights are the least squares that keep order and distance.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ivr.flow.diagram.ordering import LANE, Item, in_columns, put_in_order, set_heights

WIDTH, GAP = 232.0, 76.0  # px: of a box; between layers, where lines bend
HEAD = 8.0  # px before a box at which lines end, for the tip that all of them share


@dataclass(frozen=True, kw_only=True)
class Shape:
    """A box to be placed: px."""

    height: float
    entry: float  # where lines come in, from its top
    ports: tuple[float, ...]  # where each of its lines goes out
    targets: tuple[int, ...]  # the box each of them leads to


@dataclass(frozen=True, kw_only=True)
class Line:
    source: int
    port: int
    target: int
    back: bool  # to a layer that is not after its own: told apart
    path: str  # as SVG writes paths; '' for a box that leads to itself


@dataclass(frozen=True, kw_only=True)
class Layout:
    left: tuple[float, ...]  # of each box
    top: tuple[float, ...]
    order: tuple[int, ...]  # of reading: layer by layer
    lines: tuple[Line, ...]
    width: float
    height: float


@dataclass(frozen=True, kw_only=True)
class _Way:
    """One line: from a port of a box by lanes to another box."""

    source: Item
    port: int
    target: Item
    back: bool
    lanes: list[Item]


def lay_out(shapes: Sequence[Shape], whole: Iterable[tuple[int, int]] = ()) -> Layout:
    """The first shape is where it begins. Lines in `whole`, as (source, port), are drawn to their end; others only to where they
    join a lane that is drawn already.
    """
    layer, back = layers([shape.targets for shape in shapes])
    boxes = [Item(layer[n], n, height=shape.height) for n, shape in enumerate(shapes)]
    lanes: dict[tuple[int, int, bool], Item] = {}
    ways = {
        (n, port): _way((boxes[n], port), boxes[to], (n, to) in back, lanes)
        for n, shape in enumerate(shapes)
        for port, to in enumerate(shape.targets)
    }
    for way in ways.values():
        if way.source is not way.target:
            _link(way, shapes)
    columns = in_columns([*boxes, *lanes.values()])
    put_in_order(columns)
    set_heights(columns)
    drawn: set[int] = set()
    first = [key for key in whole if key in ways]
    lines = {key: _line(ways[key], shapes, drawn) for key in dict.fromkeys([*first, *ways])}
    return Layout(
        left=tuple(_left(at) for at in layer),
        top=tuple(box.top for box in boxes),
        order=tuple(sorted(range(len(boxes)), key=lambda n: (layer[n], boxes[n].top))),
        lines=tuple(lines[key] for key in ways),
        width=_left(len(columns)) - GAP,
        height=max((item.top + item.height for column in columns for item in column), default=0),
    )


def _left(layer: int) -> float:
    return layer * (WIDTH + GAP)


# ---- layers --------------------------------------------------------------------------------------------------------


def layers(targets: Sequence[Sequence[int]]) -> tuple[list[int], set[tuple[int, int]]]:
    """The layer of each box by the boxes it leads to, and the lines that close circles."""
    back: set[tuple[int, int]] = set()
    done: list[int] = []
    open_: set[int] = set()
    seen: set[int] = set()
    for start in range(len(targets)):
        work = [] if start in seen else [(start, iter(targets[start]))]
        seen.add(start)
        open_.update([start] if work else [])
        while work:
            at, left = work[-1]
            to = next(left, None)
            if to is None:
                open_.discard(at)
                done.append(at)
                work.pop()
            elif to in open_:
                back.add((at, to))
            elif to not in seen:
                seen.add(to)
                open_.add(to)
                work.append((to, iter(targets[to])))
    layer = [0] * len(targets)
    for at in reversed(done):
        for to in targets[at]:
            if (at, to) not in back:
                layer[to] = max(layer[to], layer[at] + 1)
    return layer, back


def _way(start: tuple[Item, int], target: Item, back: bool, lanes: dict[tuple[int, int, bool], Item]) -> _Way:
    source, port = start
    here, there = source.layer, target.layer
    between = range(here, there - 1, -1) if back else range(here + 1, there)
    through = [
        lanes.setdefault((target.box, at, back), Item(at, target.box, lane=True))
        for at in between
        if source is not target
    ]
    return _Way(source=source, port=port, target=target, back=back, lanes=through)


def _link(way: _Way, shapes: Sequence[Shape]) -> None:
    points = [
        (way.source, shapes[way.source.box].ports[way.port]),
        *((lane, LANE / 2) for lane in way.lanes),
        (way.target, shapes[way.target.box].entry),
    ]
    for (one, own), (other, off) in pairwise(points):
        if one.lane and any(item is other for item, _, _ in (*one.after, *one.before, *one.beside)):
            return  # from here on the lane leads there already
        if one.layer == other.layer:
            one.beside.append((other, off, own))
            other.beside.append((one, own, off))
        elif one.layer < other.layer:
            one.after.append((other, off, own))
            other.before.append((one, own, off))
        else:
            one.before.append((other, off, own))
            other.after.append((one, own, off))


# ---- lines ---------------------------------------------------------------------------------------------------------


def _line(way: _Way, shapes: Sequence[Shape], drawn: set[int]) -> Line:
    """`drawn` grows by the lanes it draws."""
    path = "" if way.source is way.target else "".join(_parts(way, shapes, drawn))
    return Line(source=way.source.box, port=way.port, target=way.target.box, back=way.back, path=path)


def _parts(way: _Way, shapes: Sequence[Shape], drawn: set[int]) -> Iterator[str]:
    """Forward it enters lanes and boxes at their left. Back it turns round beside its own box, and again beside the other."""
    x, y = _left(way.source.layer) + WIDTH, way.source.top + shapes[way.source.box].ports[way.port]
    yield f"M{x:.1f} {y:.1f}"
    for lane in way.lanes:
        left, level = _left(lane.layer), lane.top + LANE / 2
        near, far = (left + WIDTH, left) if way.back else (left, left + WIDTH)
        yield _bend(x, y, near, level, turn=1)
        if id(lane) in drawn:
            return
        drawn.add(id(lane))
        x, y = far, level
        yield f"H{x:.1f}"
    yield _bend(x, y, _left(way.target.layer) - HEAD, way.target.top + shapes[way.target.box].entry, turn=-1)


def _bend(x: float, y: float, to_x: float, to_y: float, *, turn: int) -> str:
    """Between two layers; or, where both ends are at the same side of a layer, round to the right (1) or to the left (-1) of it."""
    middle = (x + to_x) / 2 if abs(x - to_x) > HEAD else x + turn * GAP * 0.6
    return f"C{middle:.1f} {y:.1f} {middle:.1f} {to_y:.1f} {to_x:.1f} {to_y:.1f}"
