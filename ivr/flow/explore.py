"""All turns that one kind of call can lead to: the real engine, folded over every input until nothing new turns up."""

from __future__ import annotations

import json
from collections import deque
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise

from ivr.flow.classes import CallClass
from ivr.flow.engine import begin, hear
from ivr.flow.model import Flow, Library, Scene
from ivr.flow.moves import BACK
from ivr.flow.pace import seconds
from ivr.flow.steps.promise import Promise
from ivr.flow.turn import (
    ChangePromise,
    CheckCode,
    Comment,
    Dial,
    Effect,
    End,
    Enqueue,
    FindWindows,
    Heard,
    HeardKind,
    JoinCase,
    Listen,
    Lookup,
    MakePromise,
    Position,
    Rate,
    Reason,
    SendText,
    Situation,
    TakeMessage,
    TextCode,
    Turn,
    TurnTo,
)

MOST_STATES = 20_000


class Move(StrEnum):
    """What brings a call from one turn to the next."""

    ANSWER = "answer"  # one of the answers that were asked for
    PERSON = "person"  # 0
    SILENCE = "silence"
    MISTAKE = "mistake"
    RESULT = "result"
    WISH = "wish"  # again, back, another language: the caller's own wish to stay


@dataclass(frozen=True, kw_only=True)
class Edge:
    move: Move
    heard: Heard
    waited: float  # seconds of listening before it
    spoken: float  # seconds of what is said then; not the node's, which others come to in other ways
    trail: tuple[str, ...]
    to: Node


@dataclass(kw_only=True, eq=False)
class Node:
    turn: Turn
    reached: bool  # a person, a promise or the caller's own decision lies behind
    offers: bool  # a promise is being offered
    edges: list[Edge] = field(default_factory=list)

    @property
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

    @property
    def step(self) -> str:
        return self.turn.position.step


@dataclass(frozen=True, kw_only=True)
class Explored:
    call: CallClass
    root: Node
    nodes: tuple[Node, ...]


# What a step remembers only to say or do it: which way the talk goes does not hang on it.
_NO_MATTER = {BACK, "since", "until", "windows", "entered"}

Key = tuple[str | bool | int | frozenset[tuple[str, str]], ...]


def explore(flow: Flow, library: Library, call: CallClass, proved: set[Key]) -> Explored:
    """`proved` grows: dialogues of promises that other kinds of call have been through already, and that do not depend
    on what differs. They are the largest part of any flow, and the same in all of them.
    """
    hours = tuple(library.is_open(queue, call.situation.now) for queue in sorted(library.queues))
    line = f"{hours} {bool(call.situation.number)}"
    known: dict[Key, Node] = {}
    work: deque[Node] = deque()

    def node(turn: Turn, reached: bool) -> Node:
        key = _key(flow, library, call, turn, reached)
        if key not in known:
            listening = isinstance(turn.then, Listen)
            offers = listening and isinstance(flow.step(turn.position.step), Promise)
            known[key] = Node(turn=turn, reached=reached, offers=offers)
            work.append(known[key])
        return known[key]

    root = node(begin(flow, library, call.situation, call.language), False)
    while work and len(known) < MOST_STATES:
        at = work.popleft()
        if at.reached:
            continue  # nothing is left to prove
        if at.offers or isinstance(flow.step(at.step), Promise):
            same = (line, *_key(flow, library, call, at.turn, at.reached)[1:])
            if same in proved:
                continue
            proved.add(same)
        for kind, heard, waited in _inputs(flow, library, call, at):
            turn = hear(flow, library, at.turn.position, call.situation, heard)
            reached = _reached(at, heard) if kind is Move.RESULT else at.reached
            own = isinstance(turn.then, TurnTo) or _only_language(at.turn.position, turn.position)
            wish = kind is Move.ANSWER and own
            move = Move.WISH if wish else kind
            to, spoken = node(turn, reached), seconds(turn.says)
            at.edges.append(
                Edge(move=move, heard=heard, waited=waited, spoken=spoken, trail=turn.trail, to=to)
            )
    return Explored(call=call, root=root, nodes=tuple(known.values()))


def _key(flow: Flow, library: Library, call: CallClass, turn: Turn, reached: bool) -> Key:
    """Turns with the same key go on in the same way."""
    at = turn.position
    memo = {key: value for key, value in at.memo.items() if key not in _NO_MATTER}
    step = flow.step(at.step)
    name = at.step
    if isinstance(step, Promise):
        # Two offers are the same talk when they are made for the same reason and their queues are both open or both closed.
        queue = memo.pop("queue", "") or step.queue.name or flow.person
        memo.pop("skills", "")
        open_ = library.is_open(queue, call.situation.now)
        name = f"{step.offer} {open_} {step.next.name if step.next else ''}"
    then = type(turn.then).__name__
    return (at.language, name, at.stage, at.tries, frozenset(memo.items()), reached, then)


def _only_language(before: Position, after: Position) -> bool:
    return before.step == after.step and before.stage == after.stage and before.language != after.language


def _reached(at: Node, heard: Heard) -> bool:
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


def _inputs(flow: Flow, library: Library, call: CallClass, at: Node) -> list[tuple[Move, Heard, float]]:
    then = at.turn.then
    if isinstance(then, End):
        return []
    if not isinstance(then, Listen):
        waited = float(then.seconds) if isinstance(then, Lookup) else 0.0
        outcomes = results(then, call.situation)
        return [(Move.RESULT, Heard(kind=HeardKind.RESULT, value=value), waited) for value in outcomes]
    scene = Scene(flow=flow, library=library, situation=call.situation, position=at.turn.position)
    answers = flow.step(at.step).inputs(scene)
    keys = {heard.value for heard in answers}
    wrong = next(key for key in "8765" if key not in keys)
    return [
        *((Move.ANSWER, heard, 0.0) for heard in answers),
        (Move.PERSON, _keys("0"), 0),
        (Move.SILENCE, Heard(kind=HeardKind.SILENCE), float(then.seconds)),
        (Move.MISTAKE, _keys(wrong), 0),
        (Move.WISH, _keys("*"), 0),
        (Move.WISH, _keys("#"), 0),
    ]


@lru_cache(maxsize=64)
def _keys(value: str) -> Heard:
    return Heard(kind=HeardKind.KEYS, value=value)


def results(effect: Effect, situation: Situation) -> tuple[str, ...]:
    """All that an effect may come to."""
    if isinstance(effect, FindWindows):
        return _windows(situation), "[]"
    if isinstance(effect, MakePromise):
        until = (situation.now + timedelta(minutes=20)).isoformat()
        return f"made {until}", f"merged {until}", "refused", "not_callable country", "bounded line"
    if isinstance(effect, Lookup):
        return *(f"found {answer}" for answer in effect.answers), "found", "failed"
    return _OUTCOMES[type(effect)]


_OUTCOMES: dict[type, tuple[str, ...]] = {
    Enqueue: ("full",),
    ChangePromise: ("done", "refused"),
    TakeMessage: ("taken", "empty"),
    TextCode: ("sent", "no_text", "not_callable country"),
    CheckCode: ("right", "wrong", "over"),
    SendText: ("sent", "refused"),
    Dial: ("talked", "nobody"),
    Rate: ("kept", "poor"),
    Comment: ("kept",),
    JoinCase: ("joined",),
    TurnTo: ("done", "refused"),
    Reason: ("kept",),
}


def _windows(situation: Situation) -> str:
    """One more than are read at a time, so that "later times" is tried too."""
    first = situation.now + timedelta(hours=1)
    hours = [(first + timedelta(hours=n)).isoformat() for n in range(5)]
    return json.dumps(list(pairwise(hours)))
