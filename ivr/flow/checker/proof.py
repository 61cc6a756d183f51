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

from ivr.flow.checker.call_space import Box
from ivr.flow.checker.describe_path import act, acts, path, times
from ivr.flow.checker.graph import Edge, Explored, Node
from ivr.flow.checker.inputs import Move
from ivr.flow.turn import Heard, Situation

_KEYS = {Move.ANSWER, Move.PERSON}
_STUMBLES = {Move.SILENCE, Move.MISTAKE}


@dataclass(frozen=True, kw_only=True)
class Made:
    """A call that somebody could make, for the engine: who calls when, in which language, and what they do."""

    situation: Situation
    language: str
    heard: tuple[Heard, ...]


@dataclass(frozen=True, kw_only=True)
class Way:
    """How somebody gets, or does not get, to a person or a promise."""

    keys: int
    seconds: float
    told: str  # how to call in, and what to do
    path: str  # the steps, with what was done at them
    made: Made
    steps: tuple[str, ...] = ()  # their names, in order


@dataclass(frozen=True, kw_only=True)
class Trap:
    step: str
    what: str  # "pressing 2 twice leads back to ..."
    call: str  # a call that shows it
    made: Made
    round: tuple[Heard, ...] = ()  # what may be done again and again then; () = the call ends there


@dataclass(frozen=True, kw_only=True)
class Proof:
    longest: Way | None  # by seconds
    most_keys: Way | None
    traps: tuple[Trap, ...]


def prove(found: Explored) -> Proof:
    circles = _circles(found)
    traps: dict[str, Trap] = {}
    for trap in (*circles, *_hangups(found)):
        traps.setdefault(trap.step + trap.what, trap)
    if circles:  # in a circle there is no longest way
        return Proof(longest=None, most_keys=None, traps=tuple(traps.values()))
    order = _ends_first(found.starts)
    longest = _longest(found, order, lambda best: (best.seconds, best.keys))
    most_keys = _longest(found, order, lambda best: (best.keys, best.seconds))
    return Proof(longest=longest, most_keys=most_keys, traps=tuple(traps.values()))


# ---- circles and hang-ups ----------------------------------------------------------------------------------------


def _circles(found: Explored) -> list[Trap]:
    """One circle of every knot of turns that lead to each other, told from the turn in it that a call comes to first.

    A condition on the way round narrows who goes on, so the turn before it that a call has come through with others is not in the
    knot: then the circle is told from a later turn than the first that one caller is at twice.
    """
    traps: list[Trap] = []
    done: set[int] = set()
    for node in _maybe_circling(found.nodes):
        if id(node) in done:
            continue
        circle = _way(_forward(node), node)
        if circle:
            traps.append(_circle(found, circle, node))
            done |= _after(node, _forward_to) & _after(node, _backward_from(found.nodes))
    return traps


def _after(node: Node, step: Callable[[Node], Iterable[Node]]) -> set[int]:
    """All that can be come to from a node, by their id, itself included."""
    seen = {id(node)}
    work = [node]
    while work:
        for other in step(work.pop()):
            if id(other) not in seen:
                seen.add(id(other))
                work.append(other)
    return seen


def _forward_to(node: Node) -> list[Node]:
    return [edge.to for edge in _forward(node)]


def _backward_from(nodes: tuple[Node, ...]) -> Callable[[Node], Iterable[Node]]:
    before: dict[int, list[Node]] = {}
    for node in nodes:
        for edge in _forward(node):
            before.setdefault(id(edge.to), []).append(node)
    return lambda node: before.get(id(node), ())


def _maybe_circling(nodes: tuple[Node, ...]) -> list[Node]:
    """Without those that lead nowhere, and then those that lead only to such, and so on: none are left in a good flow."""
    left = {id(node): node for node in nodes if not node.reached}
    leads_to = {key: {id(edge.to) for edge in _forward(node)} for key, node in left.items()}
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


def _forward(node: Node) -> list[Edge]:
    return [edge for edge in node.edges if edge.move is not Move.WISH and not edge.to.reached]


def _circle(found: Explored, circle: list[Edge], back_at: Node) -> Trap:
    did = [one for edge in circle if (one := act(edge))]
    doing = times(did)
    return Trap(
        step=back_at.step,
        what=f'{doing} leads back to "{back_at.step}" and never to a person or a promise',
        call=", ".join([_call(found, _way_to(found, back_at)), *acts(_way_to(found, back_at)), *did]),
        made=_made(found, _way_to(found, back_at)),
        round=tuple(edge.heard for edge in circle),
    )


def _call(found: Explored, way: list[Edge]) -> str:
    """How to make a call that goes this way. Of a promise one example is walked through."""
    return found.kinds.told(_box(way))


def _box(way: list[Edge]) -> Box:
    """Who can go all of it: others have come in with them, from elsewhere, where nothing told them apart any more."""
    last = next((n for n, edge in enumerate(way) if edge.to.spot.promise), len(way))
    return reduce(and_, (edge.box for edge in way[: last + 1]))


def _made(found: Explored, way: list[Edge]) -> Made:
    """The first edge is the call's beginning, at which nothing is heard."""
    return Made(
        situation=found.kinds.situation(found.kinds.first(_box(way))),
        language=way[0].to.spot.turn.position.language,
        heard=tuple(edge.heard for edge in way[1:]),
    )


def _hangups(found: Explored) -> list[Trap]:
    traps = []
    for node in found.nodes:
        # Who leaves while what was promised before still stands has been promised.
        if node.spot.ends and not node.reached and "promise" not in node.spot.turn.position.memo:
            way = _way_to(found, node)
            before = way[-1] if way else None
            what = f"{times([act(before)])} ends the call" if before and act(before) else "the call ends"
            traps.append(
                Trap(
                    step=node.step,
                    what=f"{what} without a person or a promise",
                    call=", ".join([_call(found, way), *acts(way)]),
                    made=_made(found, way),
                )
            )
    return traps


def _way_to(found: Explored, goal: Node) -> list[Edge]:
    """The shortest way there from picking up."""
    return _way(found.starts, goal) or _way(found.starts, goal, wishing=True)


def _way(first: Iterable[Edge], goal: Node, *, wishing: bool = False) -> list[Edge]:
    """The shortest way that begins with one of these, without the caller's own wishes to stay; empty when there is none."""
    came: dict[int, tuple[int, Edge]] = {}
    work = deque((0, edge) for edge in first)
    while work and id(goal) not in came:
        before, edge = work.popleft()
        if id(edge.to) not in came:
            came[id(edge.to)] = (before, edge)
            work += ((id(edge.to), after) for after in (edge.to.edges if wishing else _forward(edge.to)))
    way: list[Edge] = []
    at = id(goal)
    while at in came and (not way or way[-1] not in first):
        at, edge = came[at]
        way.append(edge)
    return way[::-1]


# ---- the longest way ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Best:
    """The rest of a way."""

    keys: int
    seconds: float
    edge: Edge | None


Order = Callable[[_Best], tuple[float, float]]


def _longest(found: Explored, ends_first: list[tuple[Node, list[Edge]]], order: Order) -> Way | None:
    known: dict[int, _Best] = {}
    for node, onward in ends_first:
        known[id(node)] = _further(onward, known, order)
    if not found.starts:
        return None
    best = max((_before(edge, known[id(edge.to)]) for edge in found.starts), key=order)
    way: list[Edge] = []
    at = best
    while at.edge is not None:
        way.append(at.edge)
        at = known[id(at.edge.to)]
    return Way(
        keys=best.keys,
        seconds=best.seconds,
        told=", ".join([_call(found, way), *acts(way)]),
        path=path(way),
        made=_made(found, way),
        steps=tuple(step for edge in way for step in edge.answer.trail),
    )


def _before(edge: Edge, after: _Best) -> _Best:
    key = 1 if edge.move in _KEYS else 0
    return _Best(after.keys + key, edge.seconds + after.seconds, edge)


def _further(onward: list[Edge], known: dict[int, _Best], order: Order) -> _Best:
    ways = (_before(edge, known[id(edge.to)]) for edge in onward)
    return max(ways, key=order, default=_Best(0, 0, None))


def _onward(node: Node) -> list[Edge]:
    """What is counted. Who has stumbled is only asked what comes of stumbling on."""
    spot = node.spot
    if spot.goal:
        return []
    stumbling = spot.turn.position.tries > 0
    return [
        edge
        for edge in node.edges
        if edge.move is not Move.WISH and (not stumbling or edge.move in _STUMBLES)
    ]


def _ends_first(starts: Iterable[Edge]) -> list[tuple[Node, list[Edge]]]:
    """Every node after those that it leads to, with what leads there; there are no circles."""
    order: list[tuple[Node, list[Edge]]] = []
    seen: set[int] = set()
    work: list[tuple[Node, list[Edge] | None]] = [(edge.to, None) for edge in starts]
    while work:
        node, onward = work.pop()
        if onward is not None:
            order.append((node, onward))
        elif id(node) not in seen:
            seen.add(id(node))
            leads = _onward(node)
            work.append((node, leads))
            work += [(edge.to, None) for edge in leads]
    return order
