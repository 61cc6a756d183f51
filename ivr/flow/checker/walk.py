"""Every turn that a flow can come to and what is answered there: the real engine, folded over every input and every kind of call
until nothing new turns up.

A turn is worked out once for all kinds of call of which what it looked at is the same (`observed_outcomes`): what is answered to an input is
a list of call sets, and what holds for each. Who comes to a turn, and by which way, is put together from that afterwards (`explore`).
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from ivr.flow.checker.call_space import CallKind, CallSet, CallSpace, partition
from ivr.flow.checker.graph import DialogState, InputOutcome, StateKey, StepEntry, StepOutcome
from ivr.flow.checker.inputs import EdgeKind, TriedInput, list_inputs
from ivr.flow.checker.observed_facts import ObservedContext
from ivr.flow.checker.observed_outcomes import calls_sharing, compute_for_each_time, find_outcome, observe
from ivr.flow.checker.same_turns import assert_only_expected_facts, entry_key, state_key, step_outcomes_key
from ivr.flow.checker.speaking_time import speaking_seconds
from ivr.flow.engine import NextStep, apply_input_to_step, enter_step, limit_chain
from ivr.flow.model import Flow, Library, StepContext
from ivr.flow.steps.promise import PromiseStep
from ivr.flow.turn import (
    Effect,
    FlowInput,
    Position,
    Turn,
)


class FlowWalk:
    """`states`, `first_turns` and what the dialog states hold are all that is found."""

    def __init__(self, flow: Flow, library: Library, call_space: CallSpace) -> None:
        self.flow, self.library, self.call_space = flow, library, call_space
        self.states: dict[StateKey, DialogState] = {}
        self.first_turns: list[tuple[CallSet, InputOutcome]] = []  # of each language, the first turn
        self.entries: dict[StateKey, StepEntry] = {}
        self._step_outcomes: dict[StateKey, list[tuple[CallSet, StepOutcome]]] = {}  # of the entries
        self.overlong_steps: set[str] = (
            set()
        )  # steps from which more follow without the caller than are followed
        self.proved_dialogs: set[StateKey] = set()
        # by the dialog state's id, in order: who has come there since it was last looked at
        self._work: dict[int, tuple[DialogState, list[CallSet]]] = {}

    def explore_all(self, max_turns: int) -> bool:
        """Whether all could be walked through with no more than `max_turns` turns."""
        for language in self.flow.languages:
            entry = self._get_entry(Position(step=self.flow.start, language=language), goal_reached=False)
            for box, first in partition(
                self.call_space, self.call_space.all, entry.outcomes, partial(self._enter, entry)
            ):
                self.first_turns.append((box, first))
                self._arrive(first.to, box)
        turns = 0
        while self._work and turns <= max_turns:
            turns += 1
            spot, came = self._work.pop(next(iter(self._work)))
            self._try_inputs(spot, self.call_space.merge_adjacent(came))
        return not self._work

    def _arrive(self, state: DialogState, calls: CallSet) -> None:
        """What is answered here to those who have not been here before is still to be found."""
        for new in self.call_space.subtract_all([state.example_calls or calls], state.explored_calls):
            self._work.setdefault(id(state), (state, []))[1].append(new)
            state.explored_calls = self.call_space.merge_adjacent([*state.explored_calls, new])

    def _try_inputs(self, state: DialogState, arrived: Iterable[CallSet]) -> None:
        if state.goal_reached or (state.in_promise_dialog and not self._is_unproved_dialog(state)):
            return  # nothing is left to prove
        for box in arrived:
            for among, tried in partition(
                self.call_space, box, state.tried_inputs, partial(self._list_inputs, state)
            ):
                for given in tried:
                    known, halves = (
                        state.outcomes.setdefault(given, []),
                        state.step_outcomes.setdefault(given, []),
                    )
                    find = partial(self._apply_input, state, given, halves)
                    for part, found in partition(self.call_space, among, known, find):
                        self._arrive(found.to, part)

    # ---- a turn, and for whom it is the same ----

    def _apply_input(
        self,
        state: DialogState,
        tried_input: TriedInput,
        step_outcomes: list[tuple[CallSet, StepOutcome]],
        call_kind: CallKind,
    ) -> list[tuple[CallSet, InputOutcome]]:
        move, heard, _ = tried_input
        before = state.turn.position
        reached = _is_goal_reached(state, heard) if move is EdgeKind.RESULT else state.goal_reached

        def answered(who: CallKind, now: ObservedContext) -> StepOutcome:
            found = apply_input_to_step(self.flow, self.library, before, now.as_caller_context(), heard)
            if isinstance(found, NextStep):
                if heard.value == "#" and found.position.step in self.flow.steps:
                    return 0.0, state  # back is where they have been: nothing new comes of it
                return speaking_seconds(found.prompts), self._get_entry(found.position, goal_reached=reached)
            if state.in_promise_dialog:
                assert_only_expected_facts(now.facts)
            return speaking_seconds(found.prompts), self._get_state(found, who, now, goal_reached=reached)

        box, (spoken, on) = find_outcome(
            self.call_space,
            call_kind,
            step_outcomes,
            partial(compute_for_each_time, self.call_space, answered, words_only=state.in_promise_dialog),
        )
        if isinstance(on, DialogState):
            return [(box, InputOutcome(_edge_kind(move, before, on), spoken, (), on))]
        part, then = find_outcome(self.call_space, call_kind, on.outcomes, partial(self._enter, on))
        return [
            (
                box & part,
                InputOutcome(
                    _edge_kind(move, before, then.to),
                    spoken + then.spoken_seconds,
                    then.entered_steps,
                    then.to,
                ),
            )
        ]

    def _enter(self, entry: StepEntry, call_kind: CallKind) -> list[tuple[CallSet, InputOutcome]]:
        """Enter a step, and those that follow without the caller: whatever the caller did to come here, they say the same."""
        box, spoken = self.call_space.all, 0.0
        trail: tuple[str, ...] = ()
        at: StepEntry | DialogState = entry
        while isinstance(at, StepEntry):
            position = limit_chain(at.position, len(trail))
            if position is not at.position:
                at = self._get_entry(position, goal_reached=at.goal_reached)
                self.overlong_steps.add(entry.position.step)
            part, (said, on) = find_outcome(
                self.call_space, call_kind, at.step_outcomes, partial(self._enter_step, at)
            )
            box, spoken, trail = box & part, spoken + said, (*trail, position.step)
            at = on
        return [(box, InputOutcome(EdgeKind.RESULT, spoken, trail, at))]

    def _enter_step(self, entry: StepEntry, call_kind: CallKind) -> list[tuple[CallSet, StepOutcome]]:
        def entered(who: CallKind, now: ObservedContext) -> StepOutcome:
            found = enter_step(self.flow, self.library, entry.position, now.as_caller_context())
            if isinstance(found, NextStep):
                return speaking_seconds(found.prompts), self._get_entry(
                    found.position, goal_reached=entry.goal_reached
                )
            return speaking_seconds(found.prompts), self._get_state(
                found, who, now, goal_reached=entry.goal_reached
            )

        return compute_for_each_time(self.call_space, entered, call_kind)

    def _list_inputs(
        self, state: DialogState, call_kind: CallKind
    ) -> list[tuple[CallSet, tuple[TriedInput, ...]]]:
        watched = observe(self.call_space, call_kind)
        at = state.turn.position
        scene = StepContext(
            flow=self.flow, library=self.library, caller=watched.as_caller_context(), position=at
        )
        found = list_inputs(state.turn, self.flow.get_step(at.step), scene)
        return [(calls_sharing(self.call_space, call_kind, watched.facts), found)]

    # ---- where turns are the same (`same_turns`) ----

    def _get_state(
        self, turn: Turn, call_kind: CallKind, observed: ObservedContext, *, goal_reached: bool
    ) -> DialogState:
        key = state_key(self.flow, self.library, turn, observed.as_caller_context(), goal_reached)
        if key not in self.states:
            promise = isinstance(self.flow.get_step(turn.position.step), PromiseStep)
            self.states[key] = DialogState(
                key=key,
                turn=turn,
                goal_reached=goal_reached,
                in_promise_dialog=promise,
                example_calls=self.call_space.only_kind(call_kind) if promise else 0,
            )
        return self.states[key]

    def _get_entry(self, position: Position, *, goal_reached: bool) -> StepEntry:
        key = entry_key(position, goal_reached)
        if key not in self.entries:
            alike = step_outcomes_key(self.flow.get_step(position.step), position, goal_reached)
            own = self._step_outcomes.setdefault(alike, [])
            self.entries[key] = StepEntry(position=position, goal_reached=goal_reached, step_outcomes=own)
        return self.entries[key]

    def _is_unproved_dialog(self, state: DialogState) -> bool:
        """The dialogue of a promise is the same in all languages."""
        talk = state.key[1:]
        new = talk not in self.proved_dialogs
        self.proved_dialogs.add(talk)
        return new


def _edge_kind(kind: EdgeKind, before: Position, to: DialogState) -> EdgeKind:
    """Another language, or another of the promises they are owed, is the caller's own wish, whichever key it has."""
    after = to.turn.position
    same = before.step == after.step and before.stage == after.stage
    wish = isinstance(to.turn.action, Effect) and to.turn.action.is_navigation
    own = wish or (same and before.language != after.language)
    return EdgeKind.NAVIGATION if own and kind is EdgeKind.ANSWER else kind


def _is_goal_reached(state: DialogState, flow_input: FlowInput) -> bool:
    """Whether somebody has been reached, now that the effect has come to this."""
    action = state.turn.action
    if not isinstance(action, Effect):
        return state.goal_reached
    word = flow_input.value.partition(" ")[0]
    return action.reaches_goal(word, stage=state.turn.position.stage, before=state.goal_reached)
