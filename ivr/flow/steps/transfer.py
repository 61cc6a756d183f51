"""`transfer`: to somebody's telephone outside the line, who presses 1 to take the call; else the caller goes on."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar, Self

from ivr.flow.model import Step, StepContext
from ivr.flow.step_results import AskCaller, EndCall, GoTo, InvalidInput, RunEffect, StepResult
from ivr.flow.turn import CallerContext, Effect, FlowInput, FlowInputKind, Listen, Prompt, SimulatedLine
from ivr.flow.yaml_source.entry import Ref, YamlEntry
from ivr.flow.yaml_source.fields import PHONE_PATTERN, Field, get_field

NUMBER_PATTERN = re.compile(PHONE_PATTERN)
TALKED_RESULT, NOBODY_RESULT = "talked", "nobody"  # what the effect comes to


@dataclass(frozen=True, kw_only=True)
class DialExternal(Effect):
    """Ring a telephone outside the line, and join whoever presses 1 there. RESULT: "talked" (they did, and it is over; the
    caller is still there) or "nobody".
    """

    results: ClassVar[tuple[str, ...]] = (TALKED_RESULT, NOBODY_RESULT)

    number: str
    seconds: int = 20  # of ringing

    def pretend(self, caller: CallerContext, line: SimulatedLine) -> str:
        del caller, line
        return NOBODY_RESULT

    def destination(self, person_queue: str) -> str:
        del person_queue
        return "transfer"

    def reaches_goal(self, result: str, *, stage: str, before: bool) -> bool:
        del stage, before
        return result == TALKED_RESULT


@dataclass(frozen=True, kw_only=True)
class TransferStep(Step):
    keyword: ClassVar[str] = "transfer"
    format: ClassVar[int] = 2
    description: ClassVar[str] = "Rings a telephone outside; whoever presses 1 there has the caller"
    fields: ClassVar[tuple[Field, ...]] = (
        Field(
            name="transfer",
            kind="text",
            description='The telephone that rings, as a number like "+12025550190"',
            required=True,
            pattern=PHONE_PATTERN,
        ),
        Field(
            name="say",
            kind="prompt",
            description='What is spoken first; without it, the line says "one moment"',
        ),
        Field(
            name="seconds", kind="number", description="How long it rings", default=20, minimum=10, maximum=60
        ),
        Field(
            name="next",
            kind="step",
            description="Where the call goes on when nobody takes it, and for who needs more afterwards",
            required=True,
        ),
    )
    example: ClassVar[str] = """nurse: {transfer: "+12025550190", seconds: 30, next: support}"""

    number: str  # E.164
    next: Ref  # when nobody takes it, and for who needs more afterwards
    prompt: Ref | None = None
    seconds: int = 20  # of ringing

    @classmethod
    def parse(cls, name: str, entry: YamlEntry) -> Self:
        number = entry.get_text("transfer")
        if number and not NUMBER_PATTERN.fullmatch(number):
            entry.add_fault(
                f'"{number}" should be a number like "+12025550100"; to our own people lead "queue" and "goto"',
                entry.value_location("transfer"),
            )
        return cls(
            name=name,
            location=entry.location,
            number=number,
            next=entry.get_ref("step", "next"),
            prompt=entry.get_ref("prompt", "say") if "say" in entry else None,
            seconds=entry.get_number(get_field(cls.fields, "seconds")),
        )

    def on_enter(self, context: StepContext) -> StepResult:
        says: tuple[Prompt, ...] = (
            (context.prompt(self.prompt.name),) if self.prompt else (context.phrase("one_moment"),)
        )
        return RunEffect(
            effect=DialExternal(number=self.number, seconds=self.seconds), prompts=says, stage="ringing"
        )

    def on_input(self, context: StepContext, flow_input: FlowInput) -> StepResult:
        if context.stage == "ringing":
            return (
                self._ask_anything_else(context)
                if flow_input.value == TALKED_RESULT
                else self._on_nobody(context)
            )
        if flow_input.kind is FlowInputKind.KEYS and flow_input.value == "1":
            return GoTo(to=self.next.name)
        # who talked with somebody and says nothing more needs nothing more
        return (
            InvalidInput()
            if flow_input.kind is FlowInputKind.KEYS
            else EndCall(prompts=(context.phrase("transfer.goodbye"),))
        )

    def repeat(self, context: StepContext) -> StepResult:
        return self._ask_anything_else(context) if context.stage == "after" else self.on_enter(context)

    def _ask_anything_else(self, context: StepContext) -> AskCaller:
        return context.ask_caller(context.phrase("transfer.after"), listen=Listen(seconds=5), stage="after")

    def _on_nobody(self, context: StepContext) -> StepResult:
        return GoTo(to=self.next.name, prompts=(context.phrase("transfer.nobody"),))

    def automatic_refs(self) -> tuple[Ref, ...]:
        return (self.next,)

    def refs(self) -> tuple[Ref, ...]:
        return (self.next, *((self.prompt,) if self.prompt else ()))

    def example_inputs(self, context: StepContext) -> tuple[FlowInput, ...]:
        return (FlowInput(kind=FlowInputKind.KEYS, value="1"),) if context.stage == "after" else ()
