"""The proof that a flow traps nobody, or a call that somebody could make and be trapped in.

Claimed of every kind of call, from every turn it can lead to:
  - whatever is pressed or not pressed, it cannot go in circles without a person or a promise, nor be hung up on;
  - who answers what is asked presses at most `max_keys` keys until a person or a promise is there, and waits at most
    `max_seconds` of speech and silence, also when from some point on they say nothing or press nothing but wrong keys.
Repeating, going back and choosing a language are the caller's own wish and count for neither. Who declines what they are owed has
decided; what else they call for then is counted anew, from where "something new" leads.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import reduce
from operator import and_

from ivr.flow.checker.call_space import CallSet
from ivr.flow.checker.describe_path import describe_actions, describe_edge, describe_edges, describe_steps
from ivr.flow.checker.graph import CallGraph, Edge, Node
from ivr.flow.checker.inputs import EdgeKind
from ivr.flow.turn import CallerContext, FlowInput

_KEY_PRESSES = {EdgeKind.ANSWER, EdgeKind.PERSON}
_FAILURES = {EdgeKind.SILENCE, EdgeKind.MISTAKE}


@dataclass(frozen=True, kw_only=True)
class ExampleCall:
    """A call that somebody could make, for the engine: who calls when, in which language, and what they do."""

    caller: CallerContext
    language: str
    inputs: tuple[FlowInput, ...]


@dataclass(frozen=True, kw_only=True)
class CallPath:
    """How somebody gets, or does not get, to a person or a promise."""

    keys: int
    seconds: float
    instructions: str  # how to call in, and what to do
    path: str  # the steps, with what was done at them
    example: ExampleCall
    steps: tuple[str, ...] = ()  # their names, in order


@dataclass(frozen=True, kw_only=True)
class Trap:
    step: str
    problem: str  # "pressing 2 twice leads back to ..."
    instructions: str  # a call that shows it
    example: ExampleCall
    loop: tuple[FlowInput, ...] = ()  # what may be done again and again then; () = the call ends there


@dataclass(frozen=True, kw_only=True)
class Proof:
    longest_path: CallPath | None  # by seconds
    most_keys: CallPath | None
    traps: tuple[Trap, ...]


def prove_flow(graph: CallGraph) -> Proof:
    circles = _find_loops(graph)
    traps: dict[str, Trap] = {}
    for trap in (*circles, *_find_hangups(graph)):
        traps.setdefault(trap.step + trap.problem, trap)
    if circles:  # in a circle there is no longest way
        return Proof(longest_path=None, most_keys=None, traps=tuple(traps.values()))
    order = _reverse_topological(graph.start_edges)
    longest = _longest_path(graph, order, lambda best: (best.seconds, best.keys))
    most_keys = _longest_path(graph, order, lambda best: (best.keys, best.seconds))
    return Proof(longest_path=longest, most_keys=most_keys, traps=tuple(traps.values()))


# ---- circles and hang-ups ----------------------------------------------------------------------------------------


def _find_loops(graph: CallGraph) -> list[Trap]:
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
                _describe_call(graph, _shortest_path_to(graph, node)),
                *describe_edges(_shortest_path_to(graph, node)),
                *did,
            ]
        ),
        example=_example_call(graph, _shortest_path_to(graph, node)),
        loop=tuple(edge.flow_input for edge in loop),
    )


def _describe_call(graph: CallGraph, edges: list[Edge]) -> str:
    """How to make a call that goes this way. Of a promise one example is walked through."""
    return graph.call_space.describe(_calls_along(edges))


def _calls_along(edges: list[Edge]) -> CallSet:
    """Who can go all of it: others have come in with them, from elsewhere, where nothing told them apart any more."""
    last = next((n for n, edge in enumerate(edges) if edge.to.state.in_promise_dialog), len(edges))
    return reduce(and_, (edge.calls for edge in edges[: last + 1]))


def _example_call(graph: CallGraph, edges: list[Edge]) -> ExampleCall:
    """The first edge is the call's beginning, at which nothing is heard."""
    return ExampleCall(
        caller=graph.call_space.make_context(graph.call_space.first_kind(_calls_along(edges))),
        language=edges[0].to.state.turn.position.language,
        inputs=tuple(edge.flow_input for edge in edges[1:]),
    )


def _find_hangups(graph: CallGraph) -> list[Trap]:
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
                    instructions=", ".join([_describe_call(graph, way), *describe_edges(way)]),
                    example=_example_call(graph, way),
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


# ---- the longest way ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _LongestRest:
    """The rest of a way."""

    keys: int
    seconds: float
    edge: Edge | None


SortKey = Callable[[_LongestRest], tuple[float, float]]


def _longest_path(
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
        instructions=", ".join([_describe_call(graph, way), *describe_edges(way)]),
        path=describe_steps(way),
        example=_example_call(graph, way),
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


def _reverse_topological(start_edges: Iterable[Edge]) -> list[tuple[Node, list[Edge]]]:
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
