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

from ivr.flow.explore import Edge, Explored, Move, Node
from ivr.flow.turn import HeardKind

_TIMED = {Move.ANSWER, Move.PERSON, Move.SILENCE, Move.MISTAKE, Move.RESULT}
_STUMBLES = {Move.SILENCE, Move.MISTAKE}


@dataclass(frozen=True, kw_only=True)
class Way:
    """How somebody gets, or does not get, to a person or a promise."""

    keys: int
    seconds: float
    told: str  # how to call in, and what to do
    path: str  # the steps, with what was done at them


@dataclass(frozen=True, kw_only=True)
class Trap:
    step: str
    what: str  # "pressing 2 twice leads back to ..."
    call: str  # a call that shows it


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
    """Depth first over all that is not the caller's own wish to stay: an edge to a turn still open closes a circle."""
    done: set[int] = set()
    open_: dict[int, int] = {}  # node -> its place on the way
    traps: list[Trap] = []
    for start in found.nodes:
        if id(start) in done or start.reached:
            continue
        way: list[Edge] = []
        stack: list[tuple[Node, list[Edge]]] = [(start, _forward(start))]
        open_[id(start)] = 0
        while stack:
            node, left = stack[-1]
            if not left:
                stack.pop()
                if way:
                    way.pop()
                open_.pop(id(node), None)
                done.add(id(node))
                continue
            edge = left.pop()
            if id(edge.to) in open_:
                traps.append(_circle(found, [*way, edge][open_[id(edge.to)] :], edge.to))
            elif id(edge.to) not in done:
                way.append(edge)
                open_[id(edge.to)] = len(stack)
                stack.append((edge.to, _forward(edge.to)))
    return traps


def _forward(node: Node) -> list[Edge]:
    return [edge for edge in node.edges if edge.move in _TIMED and not edge.to.reached]


def _circle(found: Explored, circle: list[Edge], back_at: Node) -> Trap:
    did = [act for edge in circle if (act := _act(edge))]
    doing = _times(did)
    return Trap(
        step=back_at.step,
        what=f'{doing} leads back to "{back_at.step}" and never to a person or a promise',
        call=", ".join([found.call.told, *_acts(_way_to(found, back_at)), *did]),
    )


def _hangups(found: Explored) -> list[Trap]:
    traps = []
    for node in found.nodes:
        # Who leaves while what was promised before still stands has been promised.
        if node.ends and not node.reached and "promise" not in node.turn.position.memo:
            way = _way_to(found, node)
            last = node.turn.trail[-1] if node.turn.trail else node.step
            before = way[-1] if way else None
            what = f"{_times([_act(before)])} ends the call" if before and _act(before) else "the call ends"
            traps.append(
                Trap(
                    step=last,
                    what=f"{what} without a person or a promise",
                    call=", ".join([found.call.told, *_acts(way)]),
                )
            )
    return traps


def _way_to(found: Explored, goal: Node) -> list[Edge]:
    """The shortest way there from picking up."""
    came: dict[int, tuple[Node, Edge] | None] = {id(found.root): None}
    work = [found.root]
    for node in work:
        if node is goal:
            break
        for edge in node.edges:
            if id(edge.to) not in came:
                came[id(edge.to)] = (node, edge)
                work.append(edge.to)
    way: list[Edge] = []
    step = came.get(id(goal))
    while step is not None:
        node, edge = step
        way.append(edge)
        step = came[id(node)]
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
        best = _Best(0, node.spoken, None)
        if not node.goal:
            stumbling = node.turn.position.tries > 0
            for edge in node.edges:
                if edge.move not in _TIMED or (stumbling and edge.move not in _STUMBLES):
                    continue
                after = look(edge.to)
                key = 1 if edge.move in {Move.ANSWER, Move.PERSON} else 0
                candidate = _Best(after.keys + key, node.spoken + edge.waited + after.seconds, edge)
                if order(candidate) > order(best):
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
        seconds=first.seconds,
        told=", ".join([found.call.told, *_acts(way)]),
        path=_path(root, way),
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
        parts += [step for step in edge.to.turn.trail if not step.startswith("@") or step == "@person"]
    return " > ".join(part.replace("@person", "a person") for part in parts)
