"""What is found when a flow is walked through: who comes to which turn, and what leads from it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from ivr.flow.checker.call_space import Box, Kind, Kinds
from ivr.flow.checker.inputs import Input, Move
from ivr.flow.turn import Dial, End, Enqueue, Heard, Listen, MakePromise, Position, TakeMessage, Turn

Key = tuple[str | bool | int | frozenset[tuple[str, str]], ...]


@dataclass(frozen=True)
class Answer:
    """What an input comes to."""

    move: Move
    spoken: float  # seconds of what is said then; not the spot's, to which others come in other ways
    trail: tuple[str, ...]
    to: Spot


@dataclass(kw_only=True, eq=False)
class Entry:
    """A step about to be entered, and what is said then, for whom."""

    position: Position
    reached: bool  # as of a spot
    own: list[tuple[Box, Half]]  # what the step does by itself; steps that do the same share one list
    known: list[tuple[Box, Answer]] = field(default_factory=list)  # with all steps that follow at once


@dataclass(frozen=True)
class Edge:
    heard: Heard
    waited: float  # seconds of listening before it
    answer: Answer
    box: Box  # of those who go this way
    to: Node

    @property
    def move(self) -> Move:
        return self.answer.move

    @property
    def seconds(self) -> float:
        return self.waited + self.answer.spoken


@dataclass(kw_only=True, eq=False)
class Spot:
    """A place in the talk, whoever comes to it: from here, the same inputs lead to the same."""

    key: Key
    turn: Turn  # of the first call that came here
    kind: Kind  # that call
    reached: bool  # a person, a promise or the caller's own decision lies behind
    promise: bool  # within the dialogue of a promise
    box: Box  # of that call alone, which is enough for a promise; else 0
    given: list[tuple[Box, tuple[Input, ...]]] = field(default_factory=list)
    answers: dict[Input, list[tuple[Box, Answer]]] = field(default_factory=dict)
    halves: dict[Input, list[tuple[Box, Half]]] = field(default_factory=dict)
    seen: list[Box] = field(default_factory=list)  # of those whose answers were found

    @property
    def offers(self) -> bool:
        return self.promise and isinstance(self.turn.then, Listen)

    @cached_property
    def goal(self) -> bool:
        """Here a caller has found a person or a promise."""
        stands = "promise" in self.turn.position.memo  # what was promised before, and is being moved
        return (
            self.reached
            or self.offers
            or stands
            or isinstance(self.turn.then, Enqueue | MakePromise | TakeMessage | Dial)
        )

    @property
    def ends(self) -> bool:
        return isinstance(self.turn.then, End)


# What is said at an answer, in seconds, and where it stays or goes on to: an answer as far as its own step gives it.
Half = tuple[float, Spot | Entry]


@dataclass(kw_only=True, eq=False)
class Node:
    spot: Spot
    box: Box
    edges: list[Edge] = field(default_factory=list)

    @property
    def reached(self) -> bool:
        return self.spot.reached

    @property
    def step(self) -> str:
        return self.spot.turn.position.step


@dataclass(frozen=True, kw_only=True)
class Explored:
    kinds: Kinds
    starts: tuple[Edge, ...]  # to the first turn of each language
    nodes: tuple[Node, ...]
    whole: bool  # else it is too large: not all was walked through
    lost: tuple[str, ...] = ()  # steps from which more follow without the caller than the engine follows
