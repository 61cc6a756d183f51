"""All turns that a flow can lead to: the real engine, folded over every input and every kind of call until nothing new turns up.

A turn is worked out once for all kinds of call of which what it looked at is the same (`watch`), and kinds of call go on together
for as long as nothing tells them apart: a `Node` is a turn and the box of those that come to it. So a line of three hundred
steps with millions of kinds of call is some ten thousand nodes, and still each kind's every way is among them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import TypeVar

from ivr.flow.calls import Box, Fact, Kind, Kinds
from ivr.flow.engine import BEGIN, begin, hear
from ivr.flow.graph import Answer, Edge, Explored, Key, Node, Spot
from ivr.flow.inputs import Input, Move, inputs
from ivr.flow.model import Flow, Library, Scene
from ivr.flow.moves import BACK, REASON
from ivr.flow.pace import seconds
from ivr.flow.steps.promise import Promise
from ivr.flow.turn import (
    ChangePromise,
    Dial,
    Enqueue,
    Heard,
    MakePromise,
    Position,
    Rate,
    Situation,
    TakeMessage,
    Turn,
    TurnTo,
)
from ivr.flow.watch import Watched

MOST_NODES = 100_000  # three hundred steps are about five thousand


# What a step remembers only to say or do it: which way the talk goes does not hang on it.
_NO_MATTER = {BACK, "since", "until", "windows", "entered"}
# What only the words of a promise hang on. How long they take does not matter: who hears them is being promised something.
_WORDS_ONLY = {"now", "estimate"}

T = TypeVar("T")
Make = Callable[[Situation], tuple[Turn, bool, Move]]


def explore(flow: Flow, library: Library, kinds: Kinds, most: int = MOST_NODES) -> Explored:
    """Everything that can happen; no more than `most` nodes of it."""
    return Walk(flow, library, kinds).everything(most)


class Walk:
    def __init__(self, flow: Flow, library: Library, kinds: Kinds) -> None:
        self.flow, self.library, self.kinds = flow, library, kinds
        self.spots: dict[Key, Spot] = {}
        self.nodes: dict[tuple[int, Box], Node] = {}
        self.work: deque[Node] = deque()
        self.proved: set[Key] = set()

    def everything(self, most: int) -> Explored:
        starts: list[Edge] = []
        for language in self.flow.languages:
            pieces: list[tuple[Box, Answer]] = []
            for box, answer in self._pieces(self.kinds.all, pieces, partial(self._begin, language)):
                starts.append(Edge(BEGIN, 0, answer, box, self._arrive(answer.to, box)))
        while self.work and len(self.nodes) <= most:
            self._expand(self.work.popleft())
        return Explored(
            kinds=self.kinds,
            starts=tuple(starts),
            nodes=tuple(self.nodes.values()),
            whole=not self.work,
        )

    def _arrive(self, spot: Spot, box: Box) -> Node:
        """The node of a spot for those who come to it."""
        return self._node(spot, spot.box or box)

    def _node(self, spot: Spot, box: Box) -> Node:
        found = self.nodes.get((id(spot), box))
        if found is None:
            found = self.nodes[id(spot), box] = Node(spot=spot, box=box)
            spot.seen.append(box)
            self.work.append(found)
        return found

    def _expand(self, node: Node) -> None:
        spot = node.spot
        if spot.reached:
            return  # nothing is left to prove
        if spot.promise and not self._first_time(spot):
            return
        for box, tried in self._pieces(node.box, spot.given, partial(self._input, spot)):
            for given in tried:
                known = spot.answers.setdefault(given, [])
                for part, answer in self._pieces(box, known, partial(self._hear, spot, given)):
                    node.edges += self._edges(given, answer, part)

    def _edges(self, given: Input, answer: Answer, box: Box) -> list[Edge]:
        _, heard, waited = given
        if answer.move is not Move.WISH:
            return [Edge(heard, waited, answer, box, self._arrive(answer.to, box))]
        # To who stays by their own wish, only what they have not met is new.
        new = [box]
        for seen in answer.to.seen:
            new = [
                rest
                for one in new
                for rest in (self.kinds.without(one, seen) if self.kinds.both(one, seen) else [one])
            ]
        return [Edge(heard, waited, answer, one, self._arrive(answer.to, one)) for one in new]

    # ---- a turn, and for whom it is the same ----

    def _pieces(
        self, box: Box, known: list[tuple[Box, T]], find: Callable[[Kind], list[tuple[Box, T]]]
    ) -> Iterator[tuple[Box, T]]:
        """The box in parts with what holds for each; what is not known of them yet is found."""
        left = [box]
        while left:
            one = left.pop()
            for at, made in known:
                if one & at == one:
                    yield one, made
                    break
                common = self.kinds.both(one, at)
                if common:
                    yield common, made
                    left += self.kinds.without(one, at)
                    break
            else:
                known += find(self.kinds.first(one))
                left.append(one)

    def _begin(self, language: str, kind: Kind) -> list[tuple[Box, Answer]]:
        def turn(now: Situation) -> tuple[Turn, bool, Move]:
            return begin(self.flow, self.library, now, language), False, Move.RESULT

        return self._answers(kind, turn)

    def _hear(self, spot: Spot, given: Input, kind: Kind) -> list[tuple[Box, Answer]]:
        move, heard, _ = given
        before = spot.turn.position

        def turn(now: Situation) -> tuple[Turn, bool, Move]:
            after = hear(self.flow, self.library, before, now, heard)
            reached = _reached(spot, heard) if move is Move.RESULT else spot.reached
            own = isinstance(after.then, TurnTo) or _only_language(before, after.position)
            return after, reached, Move.WISH if own and move is Move.ANSWER else move

        return self._answers(kind, turn, promise=spot.promise)

    def _answers(self, kind: Kind, turn: Make, *, promise: bool = False) -> list[tuple[Box, Answer]]:
        """What this kind of call hears, and which others hear the same. The clock is in many words, and seldom makes another turn
        of them: what is said at each hour is compared, instead of going on apart.
        """
        box, answer, by_clock = self._answer(kind, turn, promise=promise)
        if not by_clock:
            return [(box, answer)]
        found: dict[tuple[Box, Answer], Box] = {}
        for other in self.kinds.at_times_of(kind, box):
            part, said, _ = self._answer(other, turn, promise=promise)
            now = self.kinds.alike(other, ("now", ""))
            found[part, said] = found.get((part, said), 0) | self.kinds.both(part, now)
        return [(part, said) for (_, said), part in found.items()]

    def _answer(self, kind: Kind, turn: Make, *, promise: bool) -> tuple[Box, Answer, bool]:
        """The box is that of everything looked at but the clock; whether that was looked at too."""
        watched = self._watched(kind)
        after, reached, move = turn(watched.as_situation())
        to = self._spot(after, kind, watched, reached=reached)
        facts = watched.facts
        if promise:
            if to.promise and not after.trail:
                _as_promised(facts)
            facts = {fact for fact in facts if fact[0] not in _WORDS_ONLY}
        box = self._box(kind, facts)
        answer = Answer(move, seconds(after.says), after.trail, to)
        return box, answer, ("now", "") in facts

    def _watched(self, kind: Kind) -> Watched:
        return Watched(self.kinds.situation(kind), partial(self.kinds.is_open, kind))

    def _box(self, kind: Kind, facts: Iterable[Fact]) -> Box:
        box = self.kinds.all
        for fact in facts:
            if fact[0] != "now":
                box &= self.kinds.alike(kind, fact)
        return box

    def _input(self, spot: Spot, kind: Kind) -> list[tuple[Box, tuple[Input, ...]]]:
        watched = self._watched(kind)
        at = spot.turn.position
        scene = Scene(flow=self.flow, library=self.library, situation=watched.as_situation(), position=at)
        found = inputs(spot.turn, self.flow.step(at.step), scene)
        return [(self._box(kind, watched.facts), found)]

    # ---- where turns are the same ----

    def _spot(self, turn: Turn, kind: Kind, watched: Watched, *, reached: bool) -> Spot:
        key = self._key(turn, watched.as_situation(), reached)
        if key not in self.spots:
            promise = isinstance(self.flow.step(turn.position.step), Promise)
            self.spots[key] = Spot(
                key=key,
                turn=turn,
                kind=kind,
                reached=reached,
                promise=promise,
                box=self.kinds.only(kind) if promise else 0,
            )
        return self.spots[key]

    def _key(self, turn: Turn, now: Situation, reached: bool) -> Key:
        """Turns with the same key go on in the same way."""
        at = turn.position
        memo = {key: value for key, value in at.memo.items() if key not in _NO_MATTER}
        step = self.flow.step(at.step)
        name = at.step
        if isinstance(step, Promise):
            # Two offers are the same talk when they are made for the same reason, their queues are both open or both closed, and
            # so is the person's. Where they lead afterwards is past what is to be proved.
            queue = memo.pop("queue", "") or step.queue.name or self.flow.person
            for key in (
                "skills",
                REASON,
            ):  # who is to call, and whether they are asked why once it is promised
                memo.pop(key, "")
            is_open = [now.is_open(one, self.library.is_open) for one in (queue, self.flow.person)]
            name = f"{step.offer} {is_open} {bool(now.number)}"
        then = type(turn.then).__name__
        return (at.language, name, at.stage, at.tries, frozenset(memo.items()), reached, then)

    def _first_time(self, spot: Spot) -> bool:
        """The dialogue of a promise is the same in all languages."""
        talk = spot.key[1:]
        new = talk not in self.proved
        self.proved.add(talk)
        return new


def _only_language(before: Position, after: Position) -> bool:
    return before.step == after.step and before.stage == after.stage and before.language != after.language


def _reached(at: Spot, heard: Heard) -> bool:
    """Whether somebody has been reached, now that the effect has come to this."""
    then, word = at.turn.then, heard.value.partition(" ")[0]
    match then:
        case Enqueue():
            return False
        case MakePromise():
            return word in {"made", "merged"}
        case TakeMessage():
            # An empty recording is kept like any other; what the caller is offered next is explored all the same.
            return word == "taken" or at.turn.position.stage == "recorded"
        case ChangePromise():
            return word == "done"
        case Dial():
            return word == "talked"
        case Rate():
            return word == "poor" or at.reached
        case _:
            return at.reached


def _as_promised(facts: Iterable[Fact]) -> None:
    """That one example of each dialogue is enough rests on what it looks at."""
    others = {f"{what} {name}" for what, name in facts if what not in {*_WORDS_ONLY, "open"}}
    if others - {"caller number", "caller zones"}:
        raise AssertionError(f"a promise looks at more than its key tells apart: {sorted(others)}")
