"""Every turn that a flow can come to and what is answered there: the real engine, folded over every input and every kind of call
until nothing new turns up.

A turn is worked out once for all kinds of call of which what it looked at is the same (`watch`): what is answered to an input is
a list of boxes, and what holds for each. Who comes to a turn, and by which way, is put together from that afterwards (`explore`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import TypeVar

from ivr.flow.calls import Box, Fact, Kind, Kinds
from ivr.flow.engine import begin, hear
from ivr.flow.graph import Answer, Key, Spot
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

# What a step remembers only to say or do it: which way the talk goes does not hang on it.
_NO_MATTER = {BACK, "since", "until", "windows", "entered"}
# What only the words of a promise hang on. How long they take does not matter: who hears them is being promised something.
_WORDS_ONLY = {"now", "estimate"}

T = TypeVar("T")
Make = Callable[[Situation], tuple[Turn, bool, Move]]


class Walk:
    """`spots`, `begun` and what the spots hold are all that is found."""

    def __init__(self, flow: Flow, library: Library, kinds: Kinds) -> None:
        self.flow, self.library, self.kinds = flow, library, kinds
        self.spots: dict[Key, Spot] = {}
        self.begun: list[tuple[Box, Answer]] = []  # of each language, the first turn
        self.proved: set[Key] = set()
        self._work: dict[
            int, tuple[Spot, list[Box]]
        ] = {}  # by the spot's id, who has come there since; in order

    def everywhere(self, most: int) -> bool:
        """Whether all could be walked through with no more than `most` turns."""
        for language in self.flow.languages:
            first: list[tuple[Box, Answer]] = []
            for box, answer in pieces(self.kinds, self.kinds.all, first, partial(self._begin, language)):
                self.begun.append((box, answer))
                self._come(answer.to, box)
        turns = 0
        while self._work and turns <= most:
            turns += 1
            spot, came = self._work.pop(next(iter(self._work)))
            self._walk(spot, self.kinds.joined(came))
        return not self._work

    def _come(self, spot: Spot, box: Box) -> None:
        """What is answered here to those who have not been here before is still to be found."""
        for new in self.kinds.new([spot.box or box], spot.seen):
            self._work.setdefault(id(spot), (spot, []))[1].append(new)
            spot.seen = self.kinds.joined([*spot.seen, new])

    def _walk(self, spot: Spot, came: Iterable[Box]) -> None:
        if spot.reached or (spot.promise and not self._first_time(spot)):
            return  # nothing is left to prove
        for box in came:
            for among, tried in pieces(self.kinds, box, spot.given, partial(self._input, spot)):
                for given in tried:
                    known = spot.answers.setdefault(given, [])
                    for part, answer in pieces(self.kinds, among, known, partial(self._hear, spot, given)):
                        self._come(answer.to, part)

    # ---- a turn, and for whom it is the same ----

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


def pieces(
    kinds: Kinds, box: Box, known: list[tuple[Box, T]], find: Callable[[Kind], list[tuple[Box, T]]]
) -> Iterator[tuple[Box, T]]:
    """The box in parts with what holds for each; what is not known of them yet is found."""
    left = [box]
    while left:
        one = left.pop()
        for at, made in known:
            if one & at == one:
                yield one, made
                break
            common = kinds.both(one, at)
            if common:
                yield common, made
                left += kinds.without(one, at)
                break
        else:
            known += find(kinds.first(one))
            left.append(one)
