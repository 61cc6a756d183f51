"""The flow engine: a fold of what a caller does over a flow. Pure: the same inputs give the same turns.

    turn = start_flow(flow, library, caller, language)
    turn = apply_input(flow, library, turn.position, caller, flow_input)

True at every step, whatever is asked and without the author's doing: 0 and "a person, please" lead to a person, * repeats,
# goes back, and after two silences or mistakes in a row there is a person. A closed or full queue is a promise instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from ivr.flow.model import Flow, Library, StepContext
from ivr.flow.phrases.understanding import wants_person
from ivr.flow.step_results import (
    REASON_GIVEN_KEY,
    STEP_HISTORY_KEY,
    AskCaller,
    EndCall,
    GoTo,
    InvalidInput,
    NoInput,
    RunEffect,
    StepResult,
)
from ivr.flow.turn import (
    CallerContext,
    EndOfCall,
    FlowInput,
    FlowInputKind,
    Position,
    Prompt,
    Turn,
)

MAX_FAILURES = 2
# Longer chains of steps that do not listen are loops; the checker refuses them, and here they lead to a person.
MAX_CHAINED_STEPS = 40
MAX_BACK_STEPS = 6

_NO_MEMO: Mapping[str, str] = {}

CALL_ENDED = "left"  # stage: the goodbye was said

BEGIN_INPUT = FlowInput(kind=FlowInputKind.BEGIN)


def start_flow(flow: Flow, library: Library, caller: CallerContext, language: str) -> Turn:
    return start_at_step(flow, library, caller, language, flow.start)


def start_at_step(
    flow: Flow,
    library: Library,
    caller: CallerContext,
    language: str,
    step: str,
    params: Mapping[str, str] | None = None,
) -> Turn:
    """Enter at any step: one of the flow's, or "@person", "@promise", "@closed", "@full", "@choose_time", "@reason", "@case".

    `params` for the built-in ones: `queue`, `skills` (comma-separated), `number`, `next` (step to go to afterwards),
    `reason` = "known" when the caller has said it already.
    """
    short = language.split("-", maxsplit=1)[0]
    known = (one for one in (language, short) if one in flow.languages)
    spoken_language = next(known, flow.languages[0])
    memo = dict(params or {})
    if memo.pop("reason", ""):
        memo[REASON_GIVEN_KEY] = "1"
    return enter_position(flow, library, Position(step=step, language=spoken_language, memo=memo), caller)


def apply_input(
    flow: Flow, library: Library, position: Position, caller: CallerContext, flow_input: FlowInput
) -> Turn:
    found = apply_input_to_step(flow, library, position, caller, flow_input)
    return found if isinstance(found, Turn) else _enter_until_turn(flow, library, found, caller)


@dataclass(frozen=True, kw_only=True)
class NextStep:
    """On to another step, which is not entered yet."""

    position: Position
    prompts: tuple[Prompt, ...] = ()


def apply_input_to_step(
    flow: Flow, library: Library, position: Position, caller: CallerContext, flow_input: FlowInput
) -> Turn | NextStep:
    """What the step makes of it by itself."""
    scene = StepContext(flow=flow, library=library, caller=caller, position=position)
    step = flow.get_step(position.step)
    if flow_input.kind is FlowInputKind.BEGIN:
        return NextStep(position=position)
    if flow_input.kind is FlowInputKind.KEYS and not flow_input.value:
        flow_input = FlowInput(kind=FlowInputKind.SILENCE)
    if _wants_person(scene, flow_input):
        return _apply_step_result(scene, step.on_person_requested(scene))
    if position.stage == CALL_ENDED:  # a late request after the goodbye changes nothing
        return Turn(position=position, prompts=(), action=EndOfCall())
    if flow_input.kind is FlowInputKind.KEYS and "*" in flow_input.value:
        return _apply_step_result(scene, step.repeat(scene))
    if flow_input.kind is FlowInputKind.KEYS and flow_input.value == "#":
        return _go_back(scene)
    return _apply_step_result(scene, step.on_input(scene, flow_input))


def enter_position(flow: Flow, library: Library, position: Position, caller: CallerContext) -> Turn:
    return _enter_until_turn(flow, library, NextStep(position=position), caller)


def enter_step(flow: Flow, library: Library, position: Position, caller: CallerContext) -> Turn | NextStep:
    """Enter one step, and none of those that it may lead to."""
    scene = StepContext(flow=flow, library=library, caller=caller, position=position)
    return _apply_step_result(scene, flow.get_step(position.step).on_enter(scene))


def limit_chain(position: Position, steps_passed: int) -> Position:
    """Return the step that is entered after `steps_passed` others: a person instead of this one, when they are a loop."""
    return _position_at_step(position, "@person") if steps_passed == MAX_CHAINED_STEPS else position


def _enter_until_turn(flow: Flow, library: Library, outcome: Turn | NextStep, caller: CallerContext) -> Turn:
    """Through steps that neither listen nor ask for an effect, until one does or the call ends."""
    says: tuple[Prompt, ...] = outcome.prompts
    trail: tuple[str, ...] = ()
    while isinstance(outcome, NextStep):
        at = limit_chain(outcome.position, len(trail))
        outcome = enter_step(flow, library, at, caller)
        trail += (at.step,)
        says += outcome.prompts
    return replace(outcome, prompts=says, entered_steps=trail)


def _wants_person(context: StepContext, flow_input: FlowInput) -> bool:
    if flow_input.kind is FlowInputKind.KEYS:
        # In a longer entry 0 is a digit like any other; alone, it is a wish.
        return flow_input.value == "0"
    if flow_input.kind is FlowInputKind.WORDS:
        free = context.flow.get_step(context.position.step).expects_free_speech(context)
        return wants_person(flow_input.value, context.phrasebook, free_speech=free)
    return False


def _apply_step_result(
    context: StepContext, result: StepResult, prompts: tuple[Prompt, ...] = (), *, failed: bool = False
) -> Turn | NextStep:
    """A step's move. Of a silence or a mistake, what the step does then; of too many, a person."""
    at = context.position
    step = context.flow.get_step(at.step)
    match result:
        case GoTo():
            to = _position_at_step(at, result.to, result.memo, result.language)
            return NextStep(position=to, prompts=prompts + result.prompts)
        case AskCaller() | RunEffect() | EndCall():
            return _make_turn(at, result, prompts, failed=failed)
        case InvalidInput() | NoInput() if at.failures + 1 >= MAX_FAILURES:
            said = context.phrase("menu.person")
            context = replace(context, position=replace(at, failures=0))
            return _apply_step_result(context, step.on_person_requested(context), (*prompts, said))
        case InvalidInput() | NoInput():
            said = context.phrase("menu.mistake" if isinstance(result, InvalidInput) else "menu.silence")
            context = replace(context, position=replace(at, failures=at.failures + 1))
            return _apply_step_result(context, step.reprompt(context), (*prompts, said), failed=True)


def _make_turn(
    before: Position, result: AskCaller | RunEffect | EndCall, prompts: tuple[Prompt, ...], *, failed: bool
) -> Turn:
    prompts += result.prompts
    if isinstance(result, EndCall):
        return Turn(
            position=replace(before, stage=CALL_ENDED, failures=0), prompts=prompts, action=EndOfCall()
        )
    memo = {**_call_memo(before), **result.memo}
    if isinstance(result, RunEffect):
        position = Position(step=before.step, stage=result.stage, language=before.language, memo=memo)
        return Turn(position=position, prompts=prompts, action=result.effect)
    been = [name for name in memo.get(STEP_HISTORY_KEY, "").split() if name]
    if not been or been[-1] != before.step:
        memo[STEP_HISTORY_KEY] = " ".join([*been, before.step][-MAX_BACK_STEPS:])
    tries = before.failures if failed else 0
    position = Position(
        step=before.step, stage=result.stage, failures=tries, language=before.language, memo=memo
    )
    return Turn(position=position, prompts=prompts, action=result.listen)


def _call_memo(position: Position) -> dict[str, str]:
    return {key: position.memo[key] for key in (STEP_HISTORY_KEY, REASON_GIVEN_KEY) if key in position.memo}


def _position_at_step(
    position: Position, step: str, memo: Mapping[str, str] = _NO_MEMO, language: str = ""
) -> Position:
    return Position(step=step, language=language or position.language, memo={**_call_memo(position), **memo})


def _go_back(context: StepContext) -> Turn | NextStep:
    """To the listening step before this one; the first one is said again."""
    at = context.position
    within = context.flow.get_step(at.step).go_back(context)
    if within is not None:
        return _apply_step_result(context, within)
    been = at.memo.get(STEP_HISTORY_KEY, "").split()
    earlier = been[:-1] if been and been[-1] == at.step else been
    if not earlier:
        return _apply_step_result(context, context.flow.get_step(at.step).repeat(context))
    return NextStep(position=_position_at_step(at, earlier[-1], {STEP_HISTORY_KEY: " ".join(earlier[:-1])}))
