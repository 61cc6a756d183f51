"""Who comes to which turn, and what leads on from there: what is proved of a flow is proved of this.

A `Node` is a turn and the call set of those who come to it. They go on together until something tells them apart, and those whom nothing
tells apart from here on are together with them, whichever way they have come. So a line of three hundred steps with millions of
kinds of call is some thousands of nodes, and still each kind's every way is among them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from ivr.flow.checker.call_space import CallKind, CallSet, CallSpace, T, partition
from ivr.flow.checker.graph import CallGraph, DialogState, Edge, InputOutcome, Node
from ivr.flow.checker.inputs import EdgeKind, TriedInput
from ivr.flow.checker.walk import FlowWalk
from ivr.flow.engine import BEGIN_INPUT
from ivr.flow.model import Flow, Library

MAX_NODES = 100_000  # three hundred steps are some thousands


def explore_flow(
    flow: Flow, library: Library, call_space: CallSpace, max_nodes: int = MAX_NODES
) -> CallGraph:
    """Everything that can happen; no more than `max_nodes` nodes of it."""
    return explore_walk(FlowWalk(flow, library, call_space), max_nodes)


def explore_walk(walk: FlowWalk, max_nodes: int = MAX_NODES) -> CallGraph:
    if not walk.explore_all(max_nodes):
        return CallGraph(call_space=walk.call_space, start_edges=(), nodes=(), is_complete=False)
    return _GraphBuilder(walk).build(max_nodes)


class _GraphBuilder:
    def __init__(self, walk: FlowWalk) -> None:
        self.walk, self.call_space = walk, walk.call_space
        self.relevant = _relevant_restrictions(walk.call_space, walk.states.values())
        self.nodes: dict[tuple[int, CallSet], Node] = {}
        self.known_call_sets: dict[int, list[CallSet]] = {id(spot): [] for spot in walk.states.values()}
        self.work: deque[Node] = deque()

    def build(self, max_nodes: int) -> CallGraph:
        starts = tuple(
            Edge(BEGIN_INPUT, 0, answer, box, self._node_for(answer.to, box))
            for box, answer in self.walk.first_turns
        )
        while self.work and len(self.nodes) <= max_nodes:
            self._expand(self.work.popleft())
        return CallGraph(
            call_space=self.call_space,
            start_edges=starts,
            nodes=tuple(self.nodes.values()),
            is_complete=not self.work,
            overlong_steps=tuple(sorted(self.walk.overlong_steps)),
        )

    def _node_for(self, state: DialogState, calls: CallSet) -> Node:
        """The node of a dialog state for those who come to it."""
        together = state.example_calls or self.call_space.widen(calls, self.relevant[id(state)])
        found = self.nodes.get((id(state), together))
        if found is None:
            found = self.nodes[id(state), together] = Node(state=state, calls=together)
            self.known_call_sets[id(state)].append(together)
            self.work.append(found)
        return found

    def _expand(self, node: Node) -> None:
        spot = node.state
        if not spot.tried_inputs:
            return  # nothing was left to prove
        for box, tried in partition(self.call_space, node.calls, spot.tried_inputs, _refuse_unexplored):
            for given in tried:
                for part, answer in partition(self.call_space, box, spot.outcomes[given], _refuse_unexplored):
                    node.edges += self._make_edges(given, answer, part)

    def _make_edges(self, tried_input: TriedInput, answer: InputOutcome, calls: CallSet) -> list[Edge]:
        _, heard, waited = tried_input
        if answer.kind is not EdgeKind.NAVIGATION:
            return [Edge(heard, waited, answer, calls, self._node_for(answer.to, calls))]
        # To who stays by their own wish, only what they have not met is new.
        new = self.call_space.subtract_all([calls], self.known_call_sets[id(answer.to)])
        return [Edge(heard, waited, answer, one, self._node_for(answer.to, one)) for one in new]


def _refuse_unexplored(call_kind: CallKind) -> list[tuple[CallSet, T]]:
    raise AssertionError(f"nobody has walked here: {call_kind}")


def _relevant_restrictions(
    call_space: CallSpace, states: Iterable[DialogState]
) -> dict[int, frozenset[CallSet]]:
    """Of each dialog state, by its id: all that tells kinds of call apart there or anywhere it leads to, as call sets."""
    matters: dict[int, set[CallSet]] = {}
    comes_from: dict[int, set[int]] = {}
    for spot in states:
        answers = [found for known in spot.outcomes.values() for found in known]
        boxes = {box for box, _ in (*spot.tried_inputs, *answers)} if not spot.in_promise_dialog else set()
        matters[id(spot)] = {side for box in boxes for side in call_space.list_restrictions(box)}
        if not spot.in_promise_dialog:
            for _, answer in answers:
                comes_from.setdefault(id(answer.to), set()).add(id(spot))
    work = deque(matters)
    while work:
        at = work.popleft()
        for before in comes_from.get(at, ()):
            if not matters[at] <= matters[before]:
                matters[before] |= matters[at]
                work.append(before)
    return {at: frozenset(found) for at, found in matters.items()}
