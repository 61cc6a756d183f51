"""The built-in step "@case": on the way to a person, the caller is asked whether it is about the last matter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

from ivr.flow.model import Step, StepContext
from ivr.flow.phrases.understanding import contains_any_phrase, parse_spoken_key, parse_yes_or_no
from ivr.flow.step_results import GoTo, InvalidInput, RunEffect, StepResult
from ivr.flow.turn import Effect, FlowInput, FlowInputKind, Listen
from ivr.flow.yaml_source.entry import YamlEntry


@dataclass(frozen=True, kw_only=True)
class JoinCase(Effect):
    """The caller says that it is about the last matter (same=True) or something new. RESULT: "joined"."""

    results: ClassVar[tuple[str, ...]] = ("joined",)

    same: bool
    case: str = ""


@dataclass(frozen=True, kw_only=True)
class CaseStep(Step):
    """The built-in "@case": about the last matter, or something new? Then to a person."""

    @classmethod
    def parse(cls, name: str, entry: YamlEntry) -> Self:
        return cls(name=name, location=entry.location)

    def on_enter(self, context: StepContext) -> StepResult:
        if context.caller.last_contact is None:
            return self._go_on(context)
        return context.ask_caller(context.phrase("case"), listen=Listen(seconds=4), stage="asking")

    def on_input(self, context: StepContext, flow_input: FlowInput) -> StepResult:
        last = context.caller.last_contact
        if flow_input.kind in {FlowInputKind.RESULT, FlowInputKind.SILENCE} or last is None:
            return self._go_on(context)
        key = flow_input.value
        if flow_input.kind is FlowInputKind.WORDS:
            new = contains_any_phrase(
                flow_input.value, context.phrasebook.get_word_list("heard.something_new")
            )
            key = (
                "2"
                if new
                else parse_spoken_key(flow_input.value, context.phrasebook)
                or parse_yes_or_no(flow_input.value, context.phrasebook)
            )
        if key not in {"1", "2"}:
            return InvalidInput()
        return RunEffect(
            effect=JoinCase(same=key == "1", case=last.case if key == "1" else ""),
            stage="joined",
            memo=context.memo,
        )

    def _go_on(self, context: StepContext) -> StepResult:
        memo = {key: value for key, value in context.memo.items() if key in {"queue", "skills"}}
        return GoTo(to=context.memo.get("next", "@person"), memo=memo)

    def example_inputs(self, context: StepContext) -> tuple[FlowInput, ...]:
        del context
        return (FlowInput(kind=FlowInputKind.KEYS, value="1"), FlowInput(kind=FlowInputKind.KEYS, value="2"))
