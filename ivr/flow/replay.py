"""A call that was really made, run through other flows: where it would have gone, after how many keys and seconds.

What a caller did is known by step and key. In other flows the same key may mean something else, so it is their wish that is
repeated: whoever chose the option that leads to bookings presses whatever leads there in the draft. At a step that they never
met they say nothing, which is what people do who do not know yet; each such step is told as a guess.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ivr.flow.checker.speaking_time import speaking_seconds
from ivr.flow.engine import apply_input, start_flow
from ivr.flow.model import Flow, Library, StepContext
from ivr.flow.steps.menu import MenuOption, MenuStep
from ivr.flow.turn import CallerContext, Effect, EndOfCall, FlowInput, FlowInputKind, Listen, Turn

MAX_TURNS = 60  # of a call; longer ones are broken
SECONDS_PER_KEY = 1.0  # seconds in which a key is pressed once something was said
SECONDS_PER_SENTENCE = 2.5  # seconds of a sentence


@dataclass(frozen=True, kw_only=True)
class CallerAction:
    """`action`: a key, "digits", "words", "words:2" (words that chose the option 2), "silence"."""

    step: str
    action: str


@dataclass(frozen=True, kw_only=True)
class RecordedCall:
    """A call as the database knows it. Of words only that there were some."""

    id: str
    called_number: str
    language: str
    caller: CallerContext
    actions: tuple[CallerAction, ...]


@dataclass(frozen=True, kw_only=True)
class ReplayResult:
    """`destination`: "person QUEUE", "promise QUEUE", "message QUEUE", "transfer" or "left". `seconds`: until then."""

    flow: str
    destination: str
    keys: int
    seconds: float
    steps: tuple[str, ...]
    guessed_steps: tuple[str, ...] = ()  # steps that this caller never met

    @property
    def path(self) -> str:
        return " > ".join(step for step in self.steps if not step.startswith("@"))


@dataclass(kw_only=True)
class _ReplayedCaller:
    """What is left of what they did, by step."""

    original_flow: Flow  # the flow that gave their keys a meaning
    remaining_actions: dict[str, list[str]] = field(default_factory=dict)
    guessed_steps: list[str] = field(default_factory=list)

    def next_input(self, flow: Flow, context: StepContext, listen: Listen) -> tuple[FlowInput, float]:
        """What they do here, and after how many seconds."""
        name = context.position.step
        if not self.remaining_actions.get(name):
            self.guessed_steps.append(name)
            return FlowInput(kind=FlowInputKind.SILENCE), listen.seconds
        what = self.remaining_actions[name].pop(0)
        if what == "silence":
            return FlowInput(kind=FlowInputKind.SILENCE), listen.seconds
        if what == "words":
            return FlowInput(kind=FlowInputKind.WORDS, value="something"), SECONDS_PER_SENTENCE
        if what == "digits":
            typed = next((h for h in flow.get_step(name).example_inputs(context) if len(h.value) > 1), None)
            return typed or FlowInput(kind=FlowInputKind.SILENCE), SECONDS_PER_KEY * (
                len(typed.value) if typed else 1
            )
        key, said = what.removeprefix("words:"), what.startswith("words:")
        step = flow.get_step(name)
        if isinstance(step, MenuStep) and key in "123456789":
            return self._choose_equivalent(step, key, listen, spoken=said)
        return FlowInput(kind=FlowInputKind.KEYS, value=key), SECONDS_PER_KEY

    def _choose_equivalent(
        self, menu: MenuStep, key: str, listen: Listen, *, spoken: bool
    ) -> tuple[FlowInput, float]:
        meant = self._original_option(menu.name, key)
        found = (
            _find_equivalent_option(menu, meant)
            if meant
            else next((o for o in menu.options if o.key == key), None)
        )
        if found is None:
            self.guessed_steps.append(menu.name)
            return FlowInput(kind=FlowInputKind.SILENCE), listen.seconds
        if spoken and found.all_words:
            return FlowInput(kind=FlowInputKind.WORDS, value=found.all_words[0]), SECONDS_PER_SENTENCE
        return FlowInput(kind=FlowInputKind.KEYS, value=found.key), SECONDS_PER_KEY

    def _original_option(self, menu: str, key: str) -> MenuOption | None:
        step = self.original_flow.steps.get(menu)
        options = step.options if isinstance(step, MenuStep) else ()
        return next((option for option in options if option.key == key), None)


def _find_equivalent_option(menu: MenuStep, original: MenuOption) -> MenuOption | None:
    """The option that grants the same wish: it leads to the same place, or listens for the same words."""
    tests = (
        lambda o: o.next.name == original.next.name and o.language == original.language,
        lambda o: bool(original.language) and o.language == original.language,
        lambda o: bool(set(o.all_words) & set(original.all_words)),
    )
    return next((o for test in tests for o in menu.options if test(o)), None)


def replay_call(library: Library, call: RecordedCall, original_flow: Flow) -> ReplayResult:
    """`original_flow`: the flow that the call went through, by which its keys are understood."""
    flow = library.get_flow_for_number(call.called_number)
    left: dict[str, list[str]] = {}
    for did in call.actions:
        left.setdefault(did.step, []).append(did.action)
    caller = _ReplayedCaller(original_flow=original_flow, remaining_actions=left)
    turn = start_flow(flow, library, call.caller, call.language)
    keys, passed, steps = 0, 0.0, list(turn.entered_steps)
    for _ in range(MAX_TURNS):
        passed += speaking_seconds(turn.prompts)
        if end := _destination(turn, flow):
            break
        if isinstance(turn.action, Effect):
            result = turn.action.likely_result(call.caller)
            heard = FlowInput(kind=FlowInputKind.RESULT, value=result)
        elif isinstance(turn.action, Listen):
            scene = StepContext(flow=flow, library=library, caller=call.caller, position=turn.position)
            heard, after = caller.next_input(flow, scene, turn.action)
            keys += heard.kind is FlowInputKind.KEYS
            passed += after
        turn = apply_input(flow, library, turn.position, call.caller, heard)
        steps += turn.entered_steps
    else:
        end = "left"
    return ReplayResult(
        flow=flow.name,
        destination=end,
        keys=keys,
        seconds=round(passed, 1),
        steps=tuple(steps),
        guessed_steps=tuple(dict.fromkeys(caller.guessed_steps)),
    )


def _destination(turn: Turn, flow: Flow) -> str:
    match turn.action:
        case EndOfCall():
            return "left"
        case Effect() as effect:
            return effect.destination(flow.person_queue)
        case _:
            return ""


@dataclass(frozen=True, kw_only=True)
class ReplayComparison:
    """One call, as it goes through what is published, and as it would go through the draft."""

    call: RecordedCall
    published: ReplayResult
    draft: ReplayResult

    @property
    def has_other_destination(self) -> bool:
        return self.published.destination != self.draft.destination

    @property
    def seconds_saved(self) -> float:
        """Seconds by which it ends sooner in the draft; negative: later."""
        return self.published.seconds - self.draft.seconds


def compare_replays(published: Library, draft: Library, call: RecordedCall) -> ReplayComparison:
    flow = published.get_flow_for_number(call.called_number)
    return ReplayComparison(
        call=call, published=replay_call(published, call, flow), draft=replay_call(draft, call, flow)
    )
