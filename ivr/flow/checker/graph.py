"""What is found when a flow is walked through: who comes to which turn, and what leads from it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from ivr.flow.checker.call_space import CallSet, CallSpace
from ivr.flow.checker.inputs import EdgeKind, TriedInput
from ivr.flow.turn import (
    Effect,
    EndOfCall,
    FlowInput,
    Listen,
    Position,
    Turn,
)

StateKey = tuple[str | bool | int | frozenset[tuple[str, str]], ...]


@dataclass(frozen=True)
class InputOutcome:
    """What an input comes to."""

    kind: EdgeKind
    spoken_seconds: float  # of what is said then; not the state's, to which others come in other ways
    entered_steps: tuple[str, ...]
    to: DialogState


@dataclass(kw_only=True, eq=False)
class StepEntry:
    """A step about to be entered, and what is said then, for whom."""

    position: Position
    goal_reached: bool  # as of a dialog state
    step_outcomes: list[
        tuple[CallSet, StepOutcome]
    ]  # what the step does by itself; steps that do the same share one list
    outcomes: list[tuple[CallSet, InputOutcome]] = field(
        default_factory=list
    )  # with all steps that follow at once


@dataclass(frozen=True)
class Edge:
    flow_input: FlowInput
    listening_seconds: float  # seconds of listening before it
    outcome: InputOutcome
    calls: CallSet  # of those who go this way
    to: Node

    @property
    def kind(self) -> EdgeKind:
        return self.outcome.kind

    @property
    def seconds(self) -> float:
        return self.listening_seconds + self.outcome.spoken_seconds


@dataclass(kw_only=True, eq=False)
class DialogState:
    """A place in the talk, whoever comes to it: from here, the same inputs lead to the same."""

    key: StateKey
    turn: Turn  # of the first call that came here
    goal_reached: bool  # a person, a promise or the caller's own decision lies behind
    in_promise_dialog: bool  # within the dialogue of a promise
    example_calls: CallSet  # of that call alone, which is enough for a promise; else 0
    tried_inputs: list[tuple[CallSet, tuple[TriedInput, ...]]] = field(default_factory=list)
    outcomes: dict[TriedInput, list[tuple[CallSet, InputOutcome]]] = field(default_factory=dict)
    step_outcomes: dict[TriedInput, list[tuple[CallSet, StepOutcome]]] = field(default_factory=dict)
    explored_calls: list[CallSet] = field(default_factory=list)  # of those whose answers were found

    @property
    def offers_callback(self) -> bool:
        return self.in_promise_dialog and isinstance(self.turn.action, Listen)

    @cached_property
    def is_goal(self) -> bool:
        """Here a caller has found a person or a promise."""
        stands = "promise" in self.turn.position.memo  # what was promised before, and is being moved
        return (
            self.goal_reached
            or self.offers_callback
            or stands
            or (isinstance(self.turn.action, Effect) and bool(self.turn.action.destination("")))
        )

    @property
    def ends_call(self) -> bool:
        return isinstance(self.turn.action, EndOfCall)


# What is said at an answer, in seconds, and where it stays or goes on to: an answer as far as its own step gives it.
StepOutcome = tuple[float, DialogState | StepEntry]


@dataclass(kw_only=True, eq=False)
class Node:
    state: DialogState
    calls: CallSet
    edges: list[Edge] = field(default_factory=list)

    @property
    def goal_reached(self) -> bool:
        return self.state.goal_reached

    @property
    def step(self) -> str:
        return self.state.turn.position.step


@dataclass(frozen=True, kw_only=True)
class CallGraph:
    call_space: CallSpace
    start_edges: tuple[Edge, ...]  # to the first turn of each language
    nodes: tuple[Node, ...]
    is_complete: bool  # else it is too large: not all was walked through
    overlong_steps: tuple[
        str, ...
    ] = ()  # steps from which more follow without the caller than the engine follows
