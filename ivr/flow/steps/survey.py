"""`survey`: how it was, from 1 (poor) to 5 (good), and why in their own words. A poor answer makes a promise to put it right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

from ivr.flow.model import Step, StepContext
from ivr.flow.phrases.understanding import parse_spoken_key
from ivr.flow.step_results import GoTo, InvalidInput, RunEffect, StepResult
from ivr.flow.turn import Effect, FlowInput, FlowInputKind, Listen
from ivr.flow.yaml_source.entry import Ref, YamlEntry
from ivr.flow.yaml_source.fields import Field, get_field

SCORES = "12345"
POOR_KEY = "poor"  # what the effect comes to when somebody will ring and put it right
LISTEN_FOR_COMMENT = Listen(max_digits=1, seconds=6)


@dataclass(frozen=True, kw_only=True)
class RecordRating(Effect):
    """How it was, 1 to 5. RESULT: "kept", or "poor" (a promise was made: somebody rings and puts it right)."""

    results: ClassVar[tuple[str, ...]] = ("kept", POOR_KEY)

    score: int

    def reaches_goal(self, result: str, *, stage: str, before: bool) -> bool:
        del stage
        return result == POOR_KEY or before


@dataclass(frozen=True, kw_only=True)
class RecordComment(Effect):
    """Why they rated so, verbatim. RESULT: "kept"."""

    results: ClassVar[tuple[str, ...]] = ("kept",)

    text: str


@dataclass(frozen=True, kw_only=True)
class SurveyStep(Step):
    keyword: ClassVar[str] = "survey"
    format: ClassVar[int] = 2
    description: ClassVar[str] = (
        "Asks how it was, from 1 (poor) to 5 (good), and why; a poor answer makes a promise to put it right"
    )
    fields: ClassVar[tuple[Field, ...]] = (
        Field(name="survey", kind="prompt", description="What asks for 1 (poor) to 5 (good)", required=True),
        Field(
            name="why",
            kind="prompt",
            description="What asks for their own words; without it, only a poor answer is asked for them",
        ),
        Field(
            name="seconds",
            kind="number",
            description="Seconds of silence that are waited for",
            default=5,
            minimum=2,
            maximum=20,
        ),
        Field(name="next", kind="step", description="Where the call goes on", required=True),
    )
    example: ClassVar[str] = """how: {survey: how_was_it, next: support}"""

    prompt: Ref
    next: Ref
    why: Ref | None = (
        None  # a prompt that asks for their own words; without it only a poor answer is asked for them
    )
    seconds: int = 5

    @classmethod
    def parse(cls, name: str, entry: YamlEntry) -> Self:
        return cls(
            name=name,
            location=entry.location,
            prompt=entry.get_ref("prompt", "survey"),
            next=entry.get_ref("step", "next"),
            why=entry.get_ref("prompt", "why") if "why" in entry else None,
            seconds=entry.get_number(get_field(cls.fields, "seconds")),
        )

    def on_enter(self, context: StepContext) -> StepResult:
        return context.ask_caller(
            context.prompt(self.prompt.name), listen=Listen(seconds=self.seconds), stage="rate"
        )

    def repeat(self, context: StepContext) -> StepResult:
        return (
            self._ask_why(context, poor=POOR_KEY in context.memo)
            if context.stage == "why"
            else self.on_enter(context)
        )

    def on_input(self, context: StepContext, flow_input: FlowInput) -> StepResult:
        match context.stage:
            case "rate":
                return self._on_score(context, flow_input)
            case "rated":
                return self._on_rated(context, flow_input.value)
            case "why":
                if flow_input.kind is FlowInputKind.WORDS:
                    return RunEffect(
                        effect=RecordComment(text=flow_input.value), stage="told", memo=context.memo
                    )
                return self._thank(context)
            case _:
                return self._thank(context)

    def _on_score(self, context: StepContext, flow_input: FlowInput) -> StepResult:
        if flow_input.kind is FlowInputKind.SILENCE:
            return GoTo(to=self.next.name)
        score = (
            parse_spoken_key(flow_input.value, context.phrasebook)
            if flow_input.kind is FlowInputKind.WORDS
            else flow_input.value
        )
        if len(score) != 1 or score not in SCORES:
            return InvalidInput()
        return RunEffect(effect=RecordRating(score=int(score)), stage="rated", memo=context.memo)

    def _on_rated(self, context: StepContext, result: str) -> StepResult:
        if result == POOR_KEY or self.why:
            return self._ask_why(context, poor=result == POOR_KEY)
        return GoTo(to=self.next.name, prompts=(context.phrase("after.thanks"),))

    def _ask_why(self, context: StepContext, *, poor: bool) -> StepResult:
        asked = context.prompt(self.why.name) if self.why else context.phrase("after.comment")
        memo = {**context.memo, POOR_KEY: "1"} if poor else context.memo
        return context.ask_caller(asked, listen=LISTEN_FOR_COMMENT, stage="why", memo=memo)

    def _thank(self, context: StepContext) -> StepResult:
        word = "after.sorry" if POOR_KEY in context.memo else "after.thanks"
        return GoTo(to=self.next.name, prompts=(context.phrase(word),))

    def expects_free_speech(self, context: StepContext) -> bool:
        return context.stage == "why"

    def automatic_refs(self) -> tuple[Ref, ...]:
        return (self.next,)

    def refs(self) -> tuple[Ref, ...]:
        return (self.prompt, self.next, *((self.why,) if self.why else ()))

    def example_inputs(self, context: StepContext) -> tuple[FlowInput, ...]:
        if context.stage == "why":
            return (FlowInput(kind=FlowInputKind.WORDS, value="something"),)
        return tuple(FlowInput(kind=FlowInputKind.KEYS, value=score) for score in "15")
