"""Where a caller can be trapped: circles that never lead to a person or a promise, and ends of the call without either."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ivr.flow.checker.describe_path import describe_actions, describe_edge, describe_edges
from ivr.flow.checker.example_call import ExampleCall, describe_call, make_example_call
from ivr.flow.checker.graph import CallGraph, Edge, Node
from ivr.flow.checker.inputs import EdgeKind
from ivr.flow.turn import FlowInput


@dataclass(frozen=True, kw_only=True)
class Trap:
    step: str
    problem: str  # "pressing 2 twice leads back to ..."
    instructions: str  # a call that shows it
    example: ExampleCall
    loop: tuple[FlowInput, ...] = ()  # what may be done again and again then; () = the call ends there


def find_loops(graph: CallGraph) -> list[Trap]:
    """One circle of every knot of turns that lead to each other, told from the turn in it that a call comes to first.

    A condition on the way round narrows who goes on, so the turn before it that a call has come through with others is not in the
    knot: then the circle is told from a later turn than the first that one caller is at twice.
    """
    traps: list[Trap] = []
    done: set[int] = set()
    for node in _loop_candidates(graph.nodes):
        if id(node) in done:
            continue
        circle = _shortest_path(_unresolved_edges(node), node)
        if circle:
            traps.append(_loop_trap(graph, circle, node))
            done |= _reachable_ids(node, _next_nodes) & _reachable_ids(node, _previous_nodes(graph.nodes))
    return traps


def _reachable_ids(node: Node, next_nodes: Callable[[Node], Iterable[Node]]) -> set[int]:
    """All that can be come to from a node, by their id, itself included."""
    seen = {id(node)}
    work = [node]
    while work:
        for other in next_nodes(work.pop()):
            if id(other) not in seen:
                seen.add(id(other))
                work.append(other)
    return seen


def _next_nodes(node: Node) -> list[Node]:
    return [edge.to for edge in _unresolved_edges(node)]


def _previous_nodes(nodes: tuple[Node, ...]) -> Callable[[Node], Iterable[Node]]:
    before: dict[int, list[Node]] = {}
    for node in nodes:
        for edge in _unresolved_edges(node):
            before.setdefault(id(edge.to), []).append(node)
    return lambda node: before.get(id(node), ())


def _loop_candidates(nodes: tuple[Node, ...]) -> list[Node]:
    """Without those that lead nowhere, and then those that lead only to such, and so on: none are left in a good flow."""
    left = {id(node): node for node in nodes if not node.goal_reached}
    leads_to = {key: {id(edge.to) for edge in _unresolved_edges(node)} for key, node in left.items()}
    comes_from: dict[int, list[int]] = {}
    for key, following in leads_to.items():
        for other in following:
            comes_from.setdefault(other, []).append(key)
    work = [key for key, following in leads_to.items() if not following]
    while work:
        key = work.pop()
        del left[key]
        for before in comes_from.get(key, ()):
            leads_to[before].discard(key)
            if not leads_to[before]:
                work.append(before)
    return list(left.values())


def _unresolved_edges(node: Node) -> list[Edge]:
    return [edge for edge in node.edges if edge.kind is not EdgeKind.NAVIGATION and not edge.to.goal_reached]


def _loop_trap(graph: CallGraph, loop: list[Edge], node: Node) -> Trap:
    did = [one for edge in loop if (one := describe_edge(edge))]
    doing = describe_actions(did)
    return Trap(
        step=node.step,
        problem=f'{doing} leads back to "{node.step}" and never to a person or a promise',
        instructions=", ".join(
            [
                describe_call(graph, _shortest_path_to(graph, node)),
                *describe_edges(_shortest_path_to(graph, node)),
                *did,
            ]
        ),
        example=make_example_call(graph, _shortest_path_to(graph, node)),
        loop=tuple(edge.flow_input for edge in loop),
    )


def find_hangups(graph: CallGraph) -> list[Trap]:
    traps = []
    for node in graph.nodes:
        # Who leaves while what was promised before still stands has been promised.
        if node.state.ends_call and not node.goal_reached and "promise" not in node.state.turn.position.memo:
            way = _shortest_path_to(graph, node)
            before = way[-1] if way else None
            what = (
                f"{describe_actions([describe_edge(before)])} ends the call"
                if before and describe_edge(before)
                else "the call ends"
            )
            traps.append(
                Trap(
                    step=node.step,
                    problem=f"{what} without a person or a promise",
                    instructions=", ".join([describe_call(graph, way), *describe_edges(way)]),
                    example=make_example_call(graph, way),
                )
            )
    return traps


def _shortest_path_to(graph: CallGraph, goal: Node) -> list[Edge]:
    """The shortest way there from picking up."""
    return _shortest_path(graph.start_edges, goal) or _shortest_path(
        graph.start_edges, goal, with_navigation=True
    )


def _shortest_path(first_edges: Iterable[Edge], goal: Node, *, with_navigation: bool = False) -> list[Edge]:
    """The shortest way that begins with one of these, without the caller's own wishes to stay; empty when there is none."""
    came: dict[int, tuple[int, Edge]] = {}
    work = deque((0, edge) for edge in first_edges)
    while work and id(goal) not in came:
        before, edge = work.popleft()
        if id(edge.to) not in came:
            came[id(edge.to)] = (before, edge)
            work += (
                (id(edge.to), after)
                for after in (edge.to.edges if with_navigation else _unresolved_edges(edge.to))
            )
    way: list[Edge] = []
    at = id(goal)
    while at in came and (not way or way[-1] not in first_edges):
        at, edge = came[at]
        way.append(edge)
    return way[::-1]
