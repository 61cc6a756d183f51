"""`ask`: the reason in one sentence, or some digits. Both stand on top of the brief; neither holds anybody up: silence goes on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from ivr.flow.model import Exit, Flow, Step, StepContext
from ivr.flow.step_results import REASON_GIVEN_KEY, EndCall, GoTo, InvalidInput, RunEffect, StepResult
from ivr.flow.turn import Effect, FlowInput, FlowInputKind, Listen
from ivr.flow.yaml_source.entry import Ref, YamlEntry, did_you_mean
from ivr.flow.yaml_source.fields import Field, get_field

SUBJECTS = ("reason", "digits")


@dataclass(frozen=True, kw_only=True)
class RecordReason(Effect):
    """The caller's sentence, verbatim. It goes on top of the brief (and of the promise, when one was just made). RESULT: "kept"."""

    results: ClassVar[tuple[str, ...]] = ("kept",)

    text: str


def record_reason(text: str, *, stage: str, memo: Mapping[str, str]) -> RunEffect:
    """Keep what they said; nobody asks them for it again in this call."""
    return RunEffect(effect=RecordReason(text=text), stage=stage, memo={**memo, REASON_GIVEN_KEY: "1"})


@dataclass(frozen=True, kw_only=True)
class AskStep(Step):
    keyword: ClassVar[str] = "ask"
    description: ClassVar[str] = (
        "Asks for the reason in one sentence, or for some digits; both stand on top of what the agent is told, and silence goes on"
    )
    fields: ClassVar[tuple[Field, ...]] = (
        Field(
            name="ask",
            kind="text",
            description="One sentence, or some digits",
            required=True,
            choices=SUBJECTS,
        ),
        Field(
            name="prompt", kind="prompt", description="What asks; of a reason the line has words of its own"
        ),
        Field(
            name="digits",
            kind="number",
            description="How many digits; 0 of a reason",
            default=0,
            minimum=2,
            maximum=20,
        ),
        Field(name="label", kind="text", description="What the agent is told the digits are"),
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
    schema_rules: ClassVar[Mapping[str, Any]] = {
        "if": {"properties": {"ask": {"const": "digits"}}},
        "then": {"required": ["prompt", "digits", "label"]},
    }
    example: ClassVar[str] = """why: {ask: reason, next: number}
number: {ask: digits, prompt: your_number, digits: 6, label: booking number, next: support}"""

    subject: str  # reason, digits
    prompt: Ref
    next: Ref | None  # None: the call ends there (only in the built-in step)
    digits: int = 0  # how many; only for digits
    label: str = ""  # how the agent's brief names them: "booking number"
    seconds: int = 5

    @classmethod
    def parse(cls, name: str, entry: YamlEntry) -> Self:
        what = entry.get_text("ask")
        if what and what not in SUBJECTS:
            entry.add_fault(
                f'"ask" should be reason or digits, not "{what}".{did_you_mean(what, SUBJECTS)}',
                entry.value_location("ask"),
            )
        if what == "digits" and not {"prompt", "digits", "label"} <= set(entry.field_names()):
            entry.add_fault(
                f'{entry.label} needs "prompt", "digits" (how many) and "label" (what the agent is told they are)'
            )
        return cls(
            name=name,
            location=entry.location,
            subject=what,
            prompt=entry.get_ref("prompt", "prompt", "ask.reason"),
            digits=entry.get_number(get_field(cls.fields, "digits")),
            label=entry.get_text("label", ""),
            next=entry.get_ref("step", "next"),
            seconds=entry.get_number(get_field(cls.fields, "seconds")),
        )

    def on_enter(self, context: StepContext) -> StepResult:
        if self.subject == "reason" and REASON_GIVEN_KEY in context.memo:
            return self._go_on()
        if self.subject == "digits":
            listen = Listen(max_digits=self.digits, finish_key="#", seconds=self.seconds, speech=False)
        else:
            listen = Listen(max_digits=1, seconds=self.seconds)
        return context.ask_caller(context.prompt(self.prompt.name), listen=listen)

    def on_input(self, context: StepContext, flow_input: FlowInput) -> StepResult:
        del context
        if flow_input.kind in (FlowInputKind.SILENCE, FlowInputKind.RESULT):
            return self._go_on()
        if self.subject == "digits":
            if flow_input.kind is not FlowInputKind.KEYS or len(flow_input.value) != self.digits:
                return InvalidInput()
            return record_reason(f"{self.label} {flow_input.value}", stage="kept", memo={})
        if flow_input.kind is FlowInputKind.WORDS:
            return record_reason(flow_input.value, stage="kept", memo={})
        return self._go_on()  # any key means: no, thank you

    def _go_on(self) -> StepResult:
        return GoTo(to=self.next.name) if self.next else EndCall()

    def expects_free_speech(self, context: StepContext) -> bool:
        del context
        return self.subject == "reason"

    def automatic_refs(self) -> tuple[Ref, ...]:
        return (self.next,) if self.next else ()

    def refs(self) -> tuple[Ref, ...]:
        return (self.prompt, *((self.next,) if self.next else ()))

    def list_exits(self) -> tuple[Exit, ...]:
        return (Exit(to=self.next, when="an answer or none"),) if self.next else ()

    def summarize(self, flow: Flow) -> str:
        del flow
        return f"{self.digits} digits: {self.label}" if self.subject == "digits" else "the reason"

    def example_inputs(self, context: StepContext) -> tuple[FlowInput, ...]:
        del context
        if self.subject == "digits":
            return (FlowInput(kind=FlowInputKind.KEYS, value="1" * self.digits),)
        return (FlowInput(kind=FlowInputKind.WORDS, value="something"),)
