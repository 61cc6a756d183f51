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

from ivr.flow.diagram.ordering import LANE_HEIGHT, LayoutItem, assign_tops, group_by_layer, reduce_crossings

BOX_WIDTH, LAYER_GAP = 232.0, 76.0  # px: of a box; between layers, where lines bend
ARROW_LENGTH = 8.0  # px before a box at which lines end, for the tip that all of them share


@dataclass(frozen=True, kw_only=True)
class BoxShape:
    """A box to be placed: px."""

    height: float
    entry_y: float  # where lines come in, from its top
    ports: tuple[float, ...]  # where each of its lines goes out
    targets: tuple[int, ...]  # the box each of them leads to


@dataclass(frozen=True, kw_only=True)
class Connector:
    source: int
    port: int
    target: int
    is_backward: bool  # to a layer that is not after its own: told apart
    path: str  # as SVG writes paths; '' for a box that leads to itself


@dataclass(frozen=True, kw_only=True)
class Layout:
    left: tuple[float, ...]  # of each box
    top: tuple[float, ...]
    reading_order: tuple[int, ...]  # of reading: layer by layer
    connectors: tuple[Connector, ...]
    width: float
    height: float


@dataclass(frozen=True, kw_only=True)
class _Route:
    """One line: from a port of a box by lanes to another box."""

    source: LayoutItem
    port: int
    target: LayoutItem
    is_backward: bool
    lanes: list[LayoutItem]


def lay_out(shapes: Sequence[BoxShape], drawn_whole: Iterable[tuple[int, int]] = ()) -> Layout:
    """The first shape is where it begins. Lines in `drawn_whole`, as (source, port), are drawn to their end; others only to where they
    join a lane that is drawn already.
    """
    layer, back = assign_layers([shape.targets for shape in shapes])
    boxes = [LayoutItem(layer[n], n, height=shape.height) for n, shape in enumerate(shapes)]
    lanes: dict[tuple[int, int, bool], LayoutItem] = {}
    ways = {
        (n, port): _make_route((boxes[n], port), boxes[to], (n, to) in back, lanes)
        for n, shape in enumerate(shapes)
        for port, to in enumerate(shape.targets)
    }
    for way in ways.values():
        if way.source is not way.target:
            _link_items(way, shapes)
    columns = group_by_layer([*boxes, *lanes.values()])
    reduce_crossings(columns)
    assign_tops(columns)
    drawn: set[int] = set()
    first = [key for key in drawn_whole if key in ways]
    lines = {key: _make_connector(ways[key], shapes, drawn) for key in dict.fromkeys([*first, *ways])}
    return Layout(
        left=tuple(_layer_left(at) for at in layer),
        top=tuple(box.top for box in boxes),
        reading_order=tuple(sorted(range(len(boxes)), key=lambda n: (layer[n], boxes[n].top))),
        connectors=tuple(lines[key] for key in ways),
        width=_layer_left(len(columns)) - LAYER_GAP,
        height=max((item.top + item.height for column in columns for item in column), default=0),
    )


def _layer_left(layer: int) -> float:
    return layer * (BOX_WIDTH + LAYER_GAP)


# ---- layers --------------------------------------------------------------------------------------------------------


def assign_layers(targets: Sequence[Sequence[int]]) -> tuple[list[int], set[tuple[int, int]]]:
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


def _make_route(
    source_and_port: tuple[LayoutItem, int],
    target: LayoutItem,
    is_backward: bool,
    lanes: dict[tuple[int, int, bool], LayoutItem],
) -> _Route:
    source, port = source_and_port
    here, there = source.layer, target.layer
    between = range(here, there - 1, -1) if is_backward else range(here + 1, there)
    through = [
        lanes.setdefault((target.box, at, is_backward), LayoutItem(at, target.box, is_lane=True))
        for at in between
        if source is not target
    ]
    return _Route(source=source, port=port, target=target, is_backward=is_backward, lanes=through)


def _link_items(route: _Route, shapes: Sequence[BoxShape]) -> None:
    points = [
        (route.source, shapes[route.source.box].ports[route.port]),
        *((lane, LANE_HEIGHT / 2) for lane in route.lanes),
        (route.target, shapes[route.target.box].entry_y),
    ]
    for (one, own), (other, off) in pairwise(points):
        if one.is_lane and any(
            item is other for item, _, _ in (*one.links_after, *one.links_before, *one.links_beside)
        ):
            return  # from here on the lane leads there already
        if one.layer == other.layer:
            one.links_beside.append((other, off, own))
            other.links_beside.append((one, own, off))
        elif one.layer < other.layer:
            one.links_after.append((other, off, own))
            other.links_before.append((one, own, off))
        else:
            one.links_before.append((other, off, own))
            other.links_after.append((one, own, off))


# ---- lines ---------------------------------------------------------------------------------------------------------


def _make_connector(route: _Route, shapes: Sequence[BoxShape], drawn_lanes: set[int]) -> Connector:
    """`drawn_lanes` grows by the lanes it draws."""
    path = "" if route.source is route.target else "".join(_path_segments(route, shapes, drawn_lanes))
    return Connector(
        source=route.source.box,
        port=route.port,
        target=route.target.box,
        is_backward=route.is_backward,
        path=path,
    )


def _path_segments(route: _Route, shapes: Sequence[BoxShape], drawn_lanes: set[int]) -> Iterator[str]:
    """Forward it enters lanes and boxes at their left. Back it turns round beside its own box, and again beside the other."""
    x, y = (
        _layer_left(route.source.layer) + BOX_WIDTH,
        route.source.top + shapes[route.source.box].ports[route.port],
    )
    yield f"M{x:.1f} {y:.1f}"
    for lane in route.lanes:
        left, level = _layer_left(lane.layer), lane.top + LANE_HEIGHT / 2
        near, far = (left + BOX_WIDTH, left) if route.is_backward else (left, left + BOX_WIDTH)
        yield _curve(x, y, near, level, turn=1)
        if id(lane) in drawn_lanes:
            return
        drawn_lanes.add(id(lane))
        x, y = far, level
        yield f"H{x:.1f}"
    yield _curve(
        x,
        y,
        _layer_left(route.target.layer) - ARROW_LENGTH,
        route.target.top + shapes[route.target.box].entry_y,
        turn=-1,
    )


def _curve(x: float, y: float, to_x: float, to_y: float, *, turn: int) -> str:
    """Between two layers; or, where both ends are at the same side of a layer, round to the right (1) or to the left (-1) of it."""
    middle = (x + to_x) / 2 if abs(x - to_x) > ARROW_LENGTH else x + turn * LAYER_GAP * 0.6
    return f"C{middle:.1f} {y:.1f} {middle:.1f} {to_y:.1f} {to_x:.1f} {to_y:.1f}"
