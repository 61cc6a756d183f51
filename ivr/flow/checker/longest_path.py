"""The longest way to a person or a promise, by seconds or by keys, through a graph without circles."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ivr.flow.checker.describe_path import describe_edges, describe_steps
from ivr.flow.checker.example_call import ExampleCall, describe_call, make_example_call
from ivr.flow.checker.graph import CallGraph, Edge, Node
from ivr.flow.checker.inputs import EdgeKind

_KEY_PRESSES = {EdgeKind.ANSWER, EdgeKind.PERSON}
_FAILURES = {EdgeKind.SILENCE, EdgeKind.MISTAKE}


@dataclass(frozen=True, kw_only=True)
class CallPath:
    """How somebody gets, or does not get, to a person or a promise."""

    keys: int
    seconds: float
    instructions: str  # how to call in, and what to do
    path: str  # the steps, with what was done at them
    example: ExampleCall
    steps: tuple[str, ...] = ()  # their names, in order


@dataclass(frozen=True)
class _LongestRest:
    """The rest of a way."""

    keys: int
    seconds: float
    edge: Edge | None


SortKey = Callable[[_LongestRest], tuple[float, float]]


def find_longest_path(
    graph: CallGraph, ends_first: list[tuple[Node, list[Edge]]], order: SortKey
) -> CallPath | None:
    known: dict[int, _LongestRest] = {}
    for node, onward in ends_first:
        known[id(node)] = _longest_onward(onward, known, order)
    if not graph.start_edges:
        return None
    best = max((_prepend(edge, known[id(edge.to)]) for edge in graph.start_edges), key=order)
    way: list[Edge] = []
    at = best
    while at.edge is not None:
        way.append(at.edge)
        at = known[id(at.edge.to)]
    return CallPath(
        keys=best.keys,
        seconds=best.seconds,
        instructions=", ".join([describe_call(graph, way), *describe_edges(way)]),
        path=describe_steps(way),
        example=make_example_call(graph, way),
        steps=tuple(step for edge in way for step in edge.outcome.entered_steps),
    )


def _prepend(edge: Edge, rest: _LongestRest) -> _LongestRest:
    key = 1 if edge.kind in _KEY_PRESSES else 0
    return _LongestRest(rest.keys + key, edge.seconds + rest.seconds, edge)


def _longest_onward(edges: list[Edge], known: dict[int, _LongestRest], order: SortKey) -> _LongestRest:
    ways = (_prepend(edge, known[id(edge.to)]) for edge in edges)
    return max(ways, key=order, default=_LongestRest(0, 0, None))


def _counted_edges(node: Node) -> list[Edge]:
    """What is counted. Who has stumbled is only asked what comes of stumbling on."""
    spot = node.state
    if spot.is_goal:
        return []
    stumbling = spot.turn.position.failures > 0
    return [
        edge
        for edge in node.edges
        if edge.kind is not EdgeKind.NAVIGATION and (not stumbling or edge.kind in _FAILURES)
    ]


def reverse_topological(start_edges: Iterable[Edge]) -> list[tuple[Node, list[Edge]]]:
    """Every node after those that it leads to, with what leads there; there are no circles."""
    order: list[tuple[Node, list[Edge]]] = []
    seen: set[int] = set()
    work: list[tuple[Node, list[Edge] | None]] = [(edge.to, None) for edge in start_edges]
    while work:
        node, onward = work.pop()
        if onward is not None:
            order.append((node, onward))
        elif id(node) not in seen:
            seen.add(id(node))
            leads = _counted_edges(node)
            work.append((node, leads))
            work += [(edge.to, None) for edge in leads]
    return order
