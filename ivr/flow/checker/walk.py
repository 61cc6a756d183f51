"""Every turn that a flow can come to and what is answered there: the real engine, folded over every input and every kind of call
until nothing new turns up.

A turn is worked out once for all kinds of call of which what it looked at is the same (`observed_facts`): what is answered to an input is
a list of call sets, and what holds for each. Who comes to a turn, and by which way, is put together from that afterwards (`explore`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from ivr.flow.checker.call_space import CallKind, CallSet, CallSpace, ObservedFact, T, partition
from ivr.flow.checker.graph import DialogState, InputOutcome, StateKey, StepEntry, StepOutcome
from ivr.flow.checker.inputs import EdgeKind, TriedInput, list_inputs
from ivr.flow.checker.observed_facts import ObservedContext
from ivr.flow.checker.speaking_time import speaking_seconds
from ivr.flow.engine import NextStep, apply_input_to_step, enter_step, limit_chain
from ivr.flow.model import Flow, Library, StepContext
from ivr.flow.step_results import REASON_GIVEN_KEY, STEP_HISTORY_KEY
from ivr.flow.steps.promise import PromiseStep
from ivr.flow.turn import (
    CallerContext,
    ChangePromise,
    DialExternal,
    Enqueue,
    FlowInput,
    MakePromise,
    Position,
    RecordMessage,
    RecordRating,
    SelectPromise,
    Turn,
)

# What a step remembers only to say or do it: which way the talk goes does not hang on it.
_IRRELEVANT_MEMO_KEYS = {STEP_HISTORY_KEY, "since", "until", "windows", "entered"}
# What only the words of a promise hang on. How long they take does not matter: who hears them is being promised something.
_WORDING_FACTS = {"now", "estimate"}

Compute = Callable[[CallKind, ObservedContext], T]


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
                _assert_only_expected_facts(now.facts)
            return speaking_seconds(found.prompts), self._get_state(found, who, now, goal_reached=reached)

        box, (spoken, on) = self._find_outcome(
            call_kind,
            step_outcomes,
            partial(self._compute_for_each_time, answered, words_only=state.in_promise_dialog),
        )
        if isinstance(on, DialogState):
            return [(box, InputOutcome(_edge_kind(move, before, on), spoken, (), on))]
        part, then = self._find_outcome(call_kind, on.outcomes, partial(self._enter, on))
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

    def _find_outcome(
        self,
        call_kind: CallKind,
        known: list[tuple[CallSet, T]],
        compute: Callable[[CallKind], list[tuple[CallSet, T]]],
    ) -> tuple[CallSet, T]:
        """What holds for one kind of call, and for whom else."""
        one = self.call_space.only_kind(call_kind)
        for found in known:
            if found[0] & one == one:
                return found
        known += compute(call_kind)
        return next(found for found in known if found[0] & one == one)

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
            part, (said, on) = self._find_outcome(call_kind, at.step_outcomes, partial(self._enter_step, at))
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

        return self._compute_for_each_time(entered, call_kind)

    def _compute_for_each_time(
        self, compute: Compute[T], call_kind: CallKind, *, words_only: bool = False
    ) -> list[tuple[CallSet, T]]:
        """What holds for this kind of call, and for which others. The clock is in many words, and seldom makes another turn of them:
        what is said at each hour is compared, instead of going on apart.
        """
        box, made, by_clock = self._compute_once(call_kind, compute, words_only=words_only)
        if not by_clock:
            return [(box, made)]
        found: dict[tuple[CallSet, T], CallSet] = {}
        for other in self.call_space.at_each_time(call_kind, box):
            part, said = box, made
            if other != call_kind:
                part, said, _ = self._compute_once(other, compute, words_only=words_only)
            now = self.call_space.intersect(part, self.call_space.sharing_fact(other, ("now", "")))
            found[part, said] = found.get((part, said), 0) | now
        return [(hours, said) for (_, said), hours in found.items()]

    def _compute_once(
        self, call_kind: CallKind, compute: Compute[T], *, words_only: bool
    ) -> tuple[CallSet, T, bool]:
        """The call set is that of everything looked at but the clock; whether that was looked at too."""
        watched = self._observe(call_kind)
        made = compute(call_kind, watched)
        facts = watched.facts
        if words_only:
            facts = {fact for fact in facts if fact[0] not in _WORDING_FACTS}
        return self._calls_sharing(call_kind, facts), made, ("now", "") in facts

    def _observe(self, call_kind: CallKind) -> ObservedContext:
        return ObservedContext(
            self.call_space.make_context(call_kind), partial(self.call_space.is_open, call_kind)
        )

    def _calls_sharing(self, call_kind: CallKind, facts: Iterable[ObservedFact]) -> CallSet:
        box = self.call_space.all
        for fact in facts:
            if fact[0] != "now":
                box &= self.call_space.sharing_fact(call_kind, fact)
        return box

    def _list_inputs(
        self, state: DialogState, call_kind: CallKind
    ) -> list[tuple[CallSet, tuple[TriedInput, ...]]]:
        watched = self._observe(call_kind)
        at = state.turn.position
        scene = StepContext(
            flow=self.flow, library=self.library, caller=watched.as_caller_context(), position=at
        )
        found = list_inputs(state.turn, self.flow.get_step(at.step), scene)
        return [(self._calls_sharing(call_kind, watched.facts), found)]

    # ---- where turns are the same ----

    def _get_state(
        self, turn: Turn, call_kind: CallKind, observed: ObservedContext, *, goal_reached: bool
    ) -> DialogState:
        key = self._state_key(turn, observed.as_caller_context(), goal_reached)
        if key not in self.states:
            promise = isinstance(self.flow.get_step(turn.position.step), PromiseStep)
            self.states[key] = DialogState(
                key=key,
                turn=turn,
                example_call=call_kind,
                goal_reached=goal_reached,
                in_promise_dialog=promise,
                example_calls=self.call_space.only_kind(call_kind) if promise else 0,
            )
        return self.states[key]

    def _get_entry(self, position: Position, *, goal_reached: bool) -> StepEntry:
        memo = _relevant_memo(position)
        key = (position.language, position.step, frozenset(memo.items()), goal_reached)
        if key not in self.entries:
            step = self.flow.get_step(position.step)
            alike: StateKey = key
            if isinstance(step, PromiseStep):  # another step that offers the same says the same
                memo.pop(REASON_GIVEN_KEY, "")
                alike = (
                    position.language,
                    step.offer,
                    step.queue.name,
                    frozenset(memo.items()),
                    goal_reached,
                )
            own = self._step_outcomes.setdefault(alike, [])
            self.entries[key] = StepEntry(position=position, goal_reached=goal_reached, step_outcomes=own)
        return self.entries[key]

    def _state_key(self, turn: Turn, caller: CallerContext, goal_reached: bool) -> StateKey:
        """Turns with the same key go on in the same way."""
        at = turn.position
        memo, name = _relevant_memo(at), at.step
        step = self.flow.get_step(at.step)
        if isinstance(step, PromiseStep):
            # Where they lead afterwards is past what is to be proved.
            for told in (
                "queue",
                "skills",
                REASON_GIVEN_KEY,
            ):  # who is to call, and whether they are asked why
                memo.pop(told, "")
            name = step.dialog_key(
                StepContext(flow=self.flow, library=self.library, caller=caller, position=at)
            )
        then = type(turn.action).__name__
        return (at.language, name, at.stage, at.failures, frozenset(memo.items()), goal_reached, then)

    def _is_unproved_dialog(self, state: DialogState) -> bool:
        """The dialogue of a promise is the same in all languages."""
        talk = state.key[1:]
        new = talk not in self.proved_dialogs
        self.proved_dialogs.add(talk)
        return new


def _relevant_memo(position: Position) -> dict[str, str]:
    return {key: value for key, value in position.memo.items() if key not in _IRRELEVANT_MEMO_KEYS}


def _edge_kind(kind: EdgeKind, before: Position, to: DialogState) -> EdgeKind:
    """Another language, or another of the promises they are owed, is the caller's own wish, whichever key it has."""
    after = to.turn.position
    same = before.step == after.step and before.stage == after.stage
    own = isinstance(to.turn.action, SelectPromise) or (same and before.language != after.language)
    return EdgeKind.NAVIGATION if own and kind is EdgeKind.ANSWER else kind


def _is_goal_reached(state: DialogState, flow_input: FlowInput) -> bool:
    """Whether somebody has been reached, now that the effect has come to this."""
    then, word = state.turn.action, flow_input.value.partition(" ")[0]
    match then:
        case Enqueue():
            return False
        case MakePromise():
            return word in {"made", "merged"}
        case RecordMessage():
            # An empty recording is kept like any other; what the caller is offered next is explored all the same.
            return word == "taken" or state.turn.position.stage == "recorded"
        case ChangePromise():
            return word == "done"
        case DialExternal():
            return word == "talked"
        case RecordRating():
            return word == "poor" or state.goal_reached
        case _:
            return state.goal_reached


def _assert_only_expected_facts(facts: Iterable[ObservedFact]) -> None:
    """That one example of each dialogue is enough rests on what it looks at."""
    others = {f"{what} {name}" for what, name in facts if what not in {*_WORDING_FACTS, "open"}}
    if others - {"caller number", "caller zones"}:
        raise AssertionError(f"a promise looks at more than its key tells apart: {sorted(others)}")
