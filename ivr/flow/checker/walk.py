"""Every turn that a flow can come to and what is answered there: the real engine, folded over every input and every kind of call
until nothing new turns up.

A turn is worked out once for all kinds of call of which what it looked at is the same (`watch`): what is answered to an input is
a list of boxes, and what holds for each. Who comes to a turn, and by which way, is put together from that afterwards (`explore`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from ivr.flow.checker.call_space import Box, Fact, Kind, Kinds, T, pieces
from ivr.flow.checker.graph import Answer, Entry, Half, Key, Spot
from ivr.flow.checker.inputs import Input, Move, inputs
from ivr.flow.checker.observed_facts import Watched
from ivr.flow.checker.speaking_time import seconds
from ivr.flow.engine import Passage, answer, enter_step, follow
from ivr.flow.model import Flow, Library, Scene
from ivr.flow.step_results import BACK, REASON
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

# What a step remembers only to say or do it: which way the talk goes does not hang on it.
_NO_MATTER = {BACK, "since", "until", "windows", "entered"}
# What only the words of a promise hang on. How long they take does not matter: who hears them is being promised something.
_WORDS_ONLY = {"now", "estimate"}

Find = Callable[[Kind, Watched], T]


class Walk:
    """`spots`, `begun` and what the spots hold are all that is found."""

    def __init__(self, flow: Flow, library: Library, kinds: Kinds) -> None:
        self.flow, self.library, self.kinds = flow, library, kinds
        self.spots: dict[Key, Spot] = {}
        self.begun: list[tuple[Box, Answer]] = []  # of each language, the first turn
        self.entries: dict[Key, Entry] = {}
        self._own: dict[Key, list[tuple[Box, Half]]] = {}  # of the entries
        self.lost: set[str] = set()  # steps from which more follow without the caller than are followed
        self.proved: set[Key] = set()
        # by the spot's id, in order: who has come there since it was last looked at
        self._work: dict[int, tuple[Spot, list[Box]]] = {}

    def everywhere(self, most: int) -> bool:
        """Whether all could be walked through with no more than `most` turns."""
        for language in self.flow.languages:
            entry = self._entry(Position(step=self.flow.start, language=language), reached=False)
            for box, first in pieces(self.kinds, self.kinds.all, entry.known, partial(self._enter, entry)):
                self.begun.append((box, first))
                self._come(first.to, box)
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
                    known, halves = spot.answers.setdefault(given, []), spot.halves.setdefault(given, [])
                    find = partial(self._hear, spot, given, halves)
                    for part, found in pieces(self.kinds, among, known, find):
                        self._come(found.to, part)

    # ---- a turn, and for whom it is the same ----

    def _hear(
        self, spot: Spot, given: Input, halves: list[tuple[Box, Half]], kind: Kind
    ) -> list[tuple[Box, Answer]]:
        move, heard, _ = given
        before = spot.turn.position
        reached = _reached(spot, heard) if move is Move.RESULT else spot.reached

        def answered(who: Kind, now: Watched) -> Half:
            found = answer(self.flow, self.library, before, now.as_situation(), heard)
            if isinstance(found, Passage):
                if heard.value == "#" and found.position.step in self.flow.steps:
                    return 0.0, spot  # back is where they have been: nothing new comes of it
                return seconds(found.says), self._entry(found.position, reached=reached)
            if spot.promise:
                _as_promised(now.facts)
            return seconds(found.says), self._spot(found, who, now, reached=reached)

        box, (spoken, on) = self._of(
            kind, halves, partial(self._each_hour, answered, words_only=spot.promise)
        )
        if isinstance(on, Spot):
            return [(box, Answer(_wish(move, before, on), spoken, (), on))]
        part, then = self._of(kind, on.known, partial(self._enter, on))
        return [(box & part, Answer(_wish(move, before, then.to), spoken + then.spoken, then.trail, then.to))]

    def _of(
        self, kind: Kind, known: list[tuple[Box, T]], find: Callable[[Kind], list[tuple[Box, T]]]
    ) -> tuple[Box, T]:
        """What holds for one kind of call, and for whom else."""
        one = self.kinds.only(kind)
        for found in known:
            if found[0] & one == one:
                return found
        known += find(kind)
        return next(found for found in known if found[0] & one == one)

    def _enter(self, entry: Entry, kind: Kind) -> list[tuple[Box, Answer]]:
        """Enter a step, and those that follow without the caller: whatever the caller did to come here, they say the same."""
        box, spoken = self.kinds.all, 0.0
        trail: tuple[str, ...] = ()
        at: Entry | Spot = entry
        while isinstance(at, Entry):
            position = follow(at.position, len(trail))
            if position is not at.position:
                at = self._entry(position, reached=at.reached)
                self.lost.add(entry.position.step)
            part, (said, on) = self._of(kind, at.own, partial(self._enter_step, at))
            box, spoken, trail = box & part, spoken + said, (*trail, position.step)
            at = on
        return [(box, Answer(Move.RESULT, spoken, trail, at))]

    def _enter_step(self, entry: Entry, kind: Kind) -> list[tuple[Box, Half]]:
        def entered(who: Kind, now: Watched) -> Half:
            found = enter_step(self.flow, self.library, entry.position, now.as_situation())
            if isinstance(found, Passage):
                return seconds(found.says), self._entry(found.position, reached=entry.reached)
            return seconds(found.says), self._spot(found, who, now, reached=entry.reached)

        return self._each_hour(entered, kind)

    def _each_hour(self, find: Find[T], kind: Kind, *, words_only: bool = False) -> list[tuple[Box, T]]:
        """What holds for this kind of call, and for which others. The clock is in many words, and seldom makes another turn of them:
        what is said at each hour is compared, instead of going on apart.
        """
        box, made, by_clock = self._found(kind, find, words_only=words_only)
        if not by_clock:
            return [(box, made)]
        found: dict[tuple[Box, T], Box] = {}
        for other in self.kinds.at_times_of(kind, box):
            part, said = box, made
            if other != kind:
                part, said, _ = self._found(other, find, words_only=words_only)
            now = self.kinds.both(part, self.kinds.alike(other, ("now", "")))
            found[part, said] = found.get((part, said), 0) | now
        return [(hours, said) for (_, said), hours in found.items()]

    def _found(self, kind: Kind, find: Find[T], *, words_only: bool) -> tuple[Box, T, bool]:
        """The box is that of everything looked at but the clock; whether that was looked at too."""
        watched = self._watched(kind)
        made = find(kind, watched)
        facts = watched.facts
        if words_only:
            facts = {fact for fact in facts if fact[0] not in _WORDS_ONLY}
        return self._box(kind, facts), made, ("now", "") in facts

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

    def _entry(self, at: Position, *, reached: bool) -> Entry:
        memo = _memo(at)
        key = (at.language, at.step, frozenset(memo.items()), reached)
        if key not in self.entries:
            step = self.flow.step(at.step)
            alike: Key = key
            if isinstance(step, Promise):  # another step that offers the same says the same
                memo.pop(REASON, "")
                alike = (at.language, step.offer, step.queue.name, frozenset(memo.items()), reached)
            own = self._own.setdefault(alike, [])
            self.entries[key] = Entry(position=at, reached=reached, own=own)
        return self.entries[key]

    def _key(self, turn: Turn, now: Situation, reached: bool) -> Key:
        """Turns with the same key go on in the same way."""
        at = turn.position
        memo, name = _memo(at), at.step
        step = self.flow.step(at.step)
        if isinstance(step, Promise):
            # Where they lead afterwards is past what is to be proved.
            for told in ("queue", "skills", REASON):  # who is to call, and whether they are asked why
                memo.pop(told, "")
            name = step.talk(Scene(flow=self.flow, library=self.library, situation=now, position=at))
        then = type(turn.then).__name__
        return (at.language, name, at.stage, at.tries, frozenset(memo.items()), reached, then)

    def _first_time(self, spot: Spot) -> bool:
        """The dialogue of a promise is the same in all languages."""
        talk = spot.key[1:]
        new = talk not in self.proved
        self.proved.add(talk)
        return new


def _memo(at: Position) -> dict[str, str]:
    return {key: value for key, value in at.memo.items() if key not in _NO_MATTER}


def _wish(move: Move, before: Position, to: Spot) -> Move:
    """Another language, or another of the promises they are owed, is the caller's own wish, whichever key it has."""
    after = to.turn.position
    same = before.step == after.step and before.stage == after.stage
    own = isinstance(to.turn.then, TurnTo) or (same and before.language != after.language)
    return Move.WISH if own and move is Move.ANSWER else move


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
