"""Who comes to which turn, and what leads on from there: what is proved of a flow is proved of this.

A `Node` is a turn and the box of those who come to it. They go on together until something tells them apart, and those whom nothing
tells apart from here on are together with them, whichever way they have come. So a line of three hundred steps with millions of
kinds of call is some thousands of nodes, and still each kind's every way is among them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from ivr.flow.checker.call_space import Box, Kind, Kinds, T, pieces
from ivr.flow.checker.graph import Answer, Edge, Explored, Node, Spot
from ivr.flow.checker.inputs import Input, Move
from ivr.flow.checker.walk import Walk
from ivr.flow.engine import BEGIN
from ivr.flow.model import Flow, Library

MOST_NODES = 100_000  # three hundred steps are some thousands


def explore(flow: Flow, library: Library, kinds: Kinds, most: int = MOST_NODES) -> Explored:
    """Everything that can happen; no more than `most` nodes of it."""
    return explored(Walk(flow, library, kinds), most)


def explored(walk: Walk, most: int = MOST_NODES) -> Explored:
    if not walk.everywhere(most):
        return Explored(kinds=walk.kinds, starts=(), nodes=(), whole=False)
    return _Graph(walk).everything(most)


class _Graph:
    def __init__(self, walk: Walk) -> None:
        self.walk, self.kinds = walk, walk.kinds
        self.matters = _what_matters(walk.kinds, walk.spots.values())
        self.nodes: dict[tuple[int, Box], Node] = {}
        self.seen: dict[int, list[Box]] = {id(spot): [] for spot in walk.spots.values()}
        self.work: deque[Node] = deque()

    def everything(self, most: int) -> Explored:
        starts = tuple(
            Edge(BEGIN, 0, answer, box, self._arrive(answer.to, box)) for box, answer in self.walk.begun
        )
        while self.work and len(self.nodes) <= most:
            self._expand(self.work.popleft())
        return Explored(
            kinds=self.kinds,
            starts=starts,
            nodes=tuple(self.nodes.values()),
            whole=not self.work,
            lost=tuple(sorted(self.walk.lost)),
        )

    def _arrive(self, spot: Spot, box: Box) -> Node:
        """The node of a spot for those who come to it."""
        together = spot.box or self.kinds.together(box, self.matters[id(spot)])
        found = self.nodes.get((id(spot), together))
        if found is None:
            found = self.nodes[id(spot), together] = Node(spot=spot, box=together)
            self.seen[id(spot)].append(together)
            self.work.append(found)
        return found

    def _expand(self, node: Node) -> None:
        spot = node.spot
        if not spot.given:
            return  # nothing was left to prove
        for box, tried in pieces(self.kinds, node.box, spot.given, _known):
            for given in tried:
                for part, answer in pieces(self.kinds, box, spot.answers[given], _known):
                    node.edges += self._edges(given, answer, part)

    def _edges(self, given: Input, answer: Answer, box: Box) -> list[Edge]:
        _, heard, waited = given
        if answer.move is not Move.WISH:
            return [Edge(heard, waited, answer, box, self._arrive(answer.to, box))]
        # To who stays by their own wish, only what they have not met is new.
        new = self.kinds.new([box], self.seen[id(answer.to)])
        return [Edge(heard, waited, answer, one, self._arrive(answer.to, one)) for one in new]


def _known(kind: Kind) -> list[tuple[Box, T]]:
    raise AssertionError(f"nobody has walked here: {kind}")


def _what_matters(kinds: Kinds, spots: Iterable[Spot]) -> dict[int, frozenset[Box]]:
    """Of each spot, by its id: all that tells kinds of call apart there or anywhere it leads to, as boxes."""
    matters: dict[int, set[Box]] = {}
    comes_from: dict[int, set[int]] = {}
    for spot in spots:
        answers = [found for known in spot.answers.values() for found in known]
        boxes = {box for box, _ in (*spot.given, *answers)} if not spot.promise else set()
        matters[id(spot)] = {side for box in boxes for side in kinds.sides(box)}
        if not spot.promise:
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
