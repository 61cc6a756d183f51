"""The proof that a flow traps nobody, or a call that somebody could make and be trapped in.

Claimed of every kind of call, from every turn it can lead to:
  - whatever is pressed or not pressed, it cannot go in circles without a person or a promise, nor be hung up on;
  - who answers what is asked presses at most `max_keys` keys until a person or a promise is there, and waits at most
    `max_seconds` of speech and silence, also when from some point on they say nothing or press nothing but wrong keys.
Repeating, going back and choosing a language are the caller's own wish and count for neither.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ivr.flow.classes import CallClass
from ivr.flow.explore import Edge, Explored, Move, Node
from ivr.flow.pace import seconds
from ivr.flow.turn import Heard, HeardKind

_TIMED = {Move.ANSWER, Move.PERSON, Move.SILENCE, Move.MISTAKE, Move.RESULT}
_STUMBLES = {Move.SILENCE, Move.MISTAKE}


@dataclass(frozen=True, kw_only=True)
class Way:
    """How somebody gets, or does not get, to a person or a promise."""

    keys: int
    seconds: float
    told: str  # how to call in, and what to do
    path: str  # the steps, with what was done at them
    made: CallClass
    heard: tuple[Heard, ...]  # that call, for the engine
    steps: tuple[str, ...] = ()  # their names, in order


@dataclass(frozen=True, kw_only=True)
class Trap:
    step: str
    what: str  # "pressing 2 twice leads back to ..."
    call: str  # a call that shows it
    made: CallClass
    heard: tuple[Heard, ...]  # that call, for the engine
    round: tuple[Heard, ...] = ()  # what may be done again and again then; () = the call ends there


@dataclass(frozen=True, kw_only=True)
class Proof:
    longest: Way | None  # by seconds
    most_keys: Way | None
    traps: tuple[Trap, ...]


def prove(explored: Iterable[Explored]) -> Proof:
    longest: Way | None = None
    most_keys: Way | None = None
    traps: dict[str, Trap] = {}
    for found in explored:
        circles = _circles(found)
        for trap in (*circles, *_hangups(found)):
            traps.setdefault(trap.step + trap.what, trap)
        if circles:
            continue  # in a circle there is no longest way
        by_seconds, by_keys = _longest(found)
        if longest is None or (by_seconds.seconds, by_seconds.keys) > (longest.seconds, longest.keys):
            longest = by_seconds
        if most_keys is None or (by_keys.keys, by_keys.seconds) > (most_keys.keys, most_keys.seconds):
            most_keys = by_keys
    return Proof(longest=longest, most_keys=most_keys, traps=tuple(traps.values()))


# ---- circles and hang-ups ----------------------------------------------------------------------------------------


def _circles(found: Explored) -> list[Trap]:
    """One circle of every knot of turns that lead to each other, told from the turn in it that a call comes to first."""
    traps: list[Trap] = []
    done: set[int] = set()
    for node in _maybe_circling(found.nodes):
        if id(node) in done:
            continue
        circle = _way(node, node)
        if circle:
            traps.append(_circle(found, circle, node))
            done |= {id(other) for other in found.nodes if _way(node, other) and _way(other, node)}
    return traps


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
    return [edge for edge in node.edges if edge.move in _TIMED and not edge.to.reached]


def _circle(found: Explored, circle: list[Edge], back_at: Node) -> Trap:
    did = [act for edge in circle if (act := _act(edge))]
    doing = _times(did)
    return Trap(
        step=back_at.step,
        what=f'{doing} leads back to "{back_at.step}" and never to a person or a promise',
        call=", ".join([found.call.told, *_acts(_way_to(found, back_at)), *did]),
        made=found.call,
        heard=tuple(edge.heard for edge in _way_to(found, back_at)),
        round=tuple(edge.heard for edge in circle),
    )


def _hangups(found: Explored) -> list[Trap]:
    traps = []
    for node in found.nodes:
        # Who leaves while what was promised before still stands has been promised.
        if node.ends and not node.reached and "promise" not in node.turn.position.memo:
            way = _way_to(found, node)
            last = node.step
            before = way[-1] if way else None
            what = f"{_times([_act(before)])} ends the call" if before and _act(before) else "the call ends"
            traps.append(
                Trap(
                    step=last,
                    what=f"{what} without a person or a promise",
                    call=", ".join([found.call.told, *_acts(way)]),
                    made=found.call,
                    heard=tuple(edge.heard for edge in way),
                )
            )
    return traps


def _way_to(found: Explored, goal: Node) -> list[Edge]:
    """The shortest way there from picking up."""
    return [] if goal is found.root else _way(found.root, goal)


def _way(start: Node, goal: Node) -> list[Edge]:
    """The shortest way of at least one step, without the caller's own wishes to stay; empty when there is none."""
    came: dict[int, tuple[Node, Edge]] = {}
    work = [start]
    for node in work:
        for edge in _forward(node):
            if id(edge.to) not in came:
                came[id(edge.to)] = (node, edge)
                work.append(edge.to)
        if id(goal) in came:
            break
    else:
        return []
    way: list[Edge] = []
    at = goal
    while not way or at is not start:
        at, edge = came[id(at)]
        way.append(edge)
    return way[::-1]


# ---- the longest way ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Best:
    keys: int
    seconds: float
    edge: Edge | None


def _longest(found: Explored) -> tuple[Way, Way]:
    by_seconds = _best(found.root, found, seconds_first=True)
    by_keys = _best(found.root, found, seconds_first=False)
    return by_seconds, by_keys


def _best(root: Node, found: Explored, *, seconds_first: bool) -> Way:
    known: dict[int, _Best] = {}

    def order(best: _Best) -> tuple[float, float]:
        return (best.seconds, best.keys) if seconds_first else (best.keys, best.seconds)

    def look(node: Node) -> _Best:
        if id(node) in known:
            return known[id(node)]
        best = _Best(0, 0, None)
        if not node.goal:
            stumbling = node.turn.position.tries > 0
            for edge in node.edges:
                if edge.move not in _TIMED or (stumbling and edge.move not in _STUMBLES):
                    continue
                after = look(edge.to)
                key = 1 if edge.move in {Move.ANSWER, Move.PERSON} else 0
                candidate = _Best(after.keys + key, edge.waited + edge.spoken + after.seconds, edge)
                if best.edge is None or order(candidate) > order(best):
                    best = candidate
        known[id(node)] = best
        return best

    first = look(root)
    way: list[Edge] = []
    node = root
    while (edge := known[id(node)].edge) is not None:
        way.append(edge)
        node = edge.to
    return Way(
        keys=first.keys,
        seconds=seconds(root.turn.says) + first.seconds,
        told=", ".join([found.call.told, *_acts(way)]),
        path=_path(root, way),
        made=found.call,
        heard=tuple(edge.heard for edge in way),
        steps=(*root.turn.trail, *(step for edge in way for step in edge.trail)),
    )


# ---- telling it ----------------------------------------------------------------------------------------------------


def _act(edge: Edge) -> str:
    match edge.heard.kind:
        case HeardKind.KEYS:
            return f"press {edge.heard.value}"
        case HeardKind.WORDS:
            return "say something"
        case HeardKind.SILENCE:
            return "say nothing"
        case _:
            return {"full": "the line is full", "refused": "nothing can be written down"}.get(
                edge.heard.value, ""
            )


def _acts(way: Iterable[Edge]) -> list[str]:
    return [act for edge in way if (act := _act(edge))]


def _times(did: list[str]) -> str:
    doing = [act.replace("press ", "pressing ").replace("say ", "saying ") for act in did] or [
        "doing nothing"
    ]
    if len(doing) == 1:
        return doing[0]
    if len(set(doing)) == 1:
        return f"{doing[0]} {'twice' if len(doing) == 2 else f'{len(doing)} times'}"
    return ", ".join(doing[:-1]) + f" and {doing[-1]}"


def _path(root: Node, way: list[Edge]) -> str:
    parts = list(root.turn.trail)
    for edge in way:
        did = {HeardKind.KEYS: edge.heard.value, HeardKind.WORDS: "speaks", HeardKind.SILENCE: "silence"}
        if edge.heard.kind in did:
            parts[-1] = (
                f"{parts[-1]} ({did[edge.heard.kind]})"
                if "(" not in parts[-1]
                else (parts[-1].removesuffix(")") + f", {did[edge.heard.kind]})")
            )
        parts += [step for step in edge.trail if not step.startswith("@") or step == "@person"]
    return " > ".join(part.replace("@person", "a person") for part in parts)
