"""`lookup`: ask the company's own system about the caller. What it knows is for whoever takes the call, and may choose the way there.

Asking takes a webhook of its own, which Twilio is told to wait for: so the step first says what it has to say, listens
to nothing, and asks when Twilio is back. A caller in whose flow several systems are asked waits for one of them at a time.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Self

from ivr.domain.rules.lookup import parse_url
from ivr.flow.model import Step, StepContext
from ivr.flow.step_results import STEP_HISTORY_KEY, GoTo, RunEffect, StepResult
from ivr.flow.turn import CallerContext, Effect, FlowInput, FlowInputKind, Listen, SimulatedLine
from ivr.flow.yaml_source.entry import NO_LOCATION, Ref, SourceLocation, YamlEntry
from ivr.flow.yaml_source.fields import Field, get_field

DEFAULT_SECONDS, MAX_SECONDS = 2, 3  # the caller waits in silence
MAX_ANSWERS = 20
FAILED_KEY = "else"
_ANSWER_PATTERN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,39}")  # such a word is in the event log


@dataclass(frozen=True, kw_only=True)
class Lookup(Effect):
    """Ask the company's own system about the caller. RESULT: "found <answer>" (one of `answers`), "found" (any other, or none), or
    "failed": it did not answer in time, or not so that it can be used.
    """

    step: str  # that asks
    url: str
    seconds: int  # for all of it
    answers: tuple[str, ...] = ()

    def list_results(self, caller: CallerContext) -> tuple[str, ...]:
        del caller
        return *(f"found {answer}" for answer in self.answers), "found", "failed"

    def likely_result(self, caller: CallerContext) -> str:
        """Of the company's own system nothing is known afterwards."""
        del caller
        return "failed"

    def pretend(self, caller: CallerContext, line: SimulatedLine) -> str:
        del caller
        if line.lookup_answer == FAILED_KEY:
            return "failed"
        return f"found {line.lookup_answer}" if line.lookup_answer in self.answers else "found"

    @property
    def waiting_seconds(self) -> float:
        return float(self.seconds)


@dataclass(frozen=True, kw_only=True)
class LookupStep(Step):
    keyword: ClassVar[str] = "lookup"
    format: ClassVar[int] = 2
    description: ClassVar[str] = "Asks the company's own system about the caller; who takes the call is told"
    fields: ClassVar[tuple[Field, ...]] = (
        Field(
            name="lookup",
            kind="text",
            description="The address that is asked; its host must be in IVR_LOOKUP_HOSTS",
            required=True,
            pattern="^https?://[a-zA-Z0-9][a-zA-Z0-9.-]*(:[1-9][0-9]{0,3})?(/[a-zA-Z0-9/_.-]*)?$",
        ),
        Field(name="say", kind="prompt", description="What is spoken first, which costs a second"),
        Field(
            name="seconds",
            kind="number",
            description="Of silence that it may cost the caller",
            default=DEFAULT_SECONDS,
            minimum=1,
            maximum=MAX_SECONDS,
        ),
        Field(
            name="answers",
            kind="named",
            description="Where its answer leads",
            name_pattern="^(?!else$)[A-Za-z0-9][A-Za-z0-9_.-]{0,39}$",
            schema_rules={"maxProperties": MAX_ANSWERS},
        ),
        Field(name="next", kind="step", description="Where any other answer leads, or none", required=True),
        Field(
            name=FAILED_KEY,
            kind="step",
            description="Where it leads when it does not answer in time, or not as it should; without it, `next`",
        ),
    )
    example: ClassVar[str] = """account:
  lookup: https://crm.example.com/calor
  answers: {gold: bookings}
  next: support
bookings: {queue: bookings}"""

    url: str
    url_location: SourceLocation = NO_LOCATION
    seconds: int = DEFAULT_SECONDS
    answers: Mapping[str, Ref] = field(default_factory=dict)
    next: Ref
    on_failure: Ref  # it did not answer, or not so that it can be used
    prompt: Ref | None = None

    @classmethod
    def parse(cls, name: str, entry: YamlEntry) -> Self:
        url = entry.get_text("lookup")
        if url and parse_url(url) is None:
            entry.add_fault(
                f'"{url}" should be an address like https://crm.example.com/calor',
                entry.value_location("lookup"),
            )
        then = entry.get_ref("step", "next")
        return cls(
            name=name,
            location=entry.location,
            url=url,
            url_location=entry.value_location("lookup"),
            seconds=entry.get_number(get_field(cls.fields, "seconds")),
            answers=_parse_answers(entry),
            next=then,
            on_failure=entry.get_ref("step", FAILED_KEY) if FAILED_KEY in entry else then,
            prompt=entry.get_ref("prompt", "say") if "say" in entry else None,
        )

    def on_enter(self, context: StepContext) -> StepResult:
        says = (context.prompt(self.prompt.name),) if self.prompt else ()
        return context.ask_caller(
            *says, listen=Listen(max_digits=1, seconds=0, speech=False, processing_seconds=self.seconds)
        )

    def on_input(self, context: StepContext, flow_input: FlowInput) -> StepResult:
        if flow_input.kind is not FlowInputKind.RESULT:
            effect = Lookup(step=self.name, url=self.url, seconds=self.seconds, answers=tuple(self.answers))
            return RunEffect(effect=effect, stage="asking")
        found, _, answer = flow_input.value.partition(" ")
        to = self.answers.get(answer, self.next) if found == "found" else self.on_failure
        # whoever goes back means the question before: nothing was asked of them here
        been = " ".join(step for step in context.memo.get(STEP_HISTORY_KEY, "").split() if step != self.name)
        return GoTo(to=to.name, memo={STEP_HISTORY_KEY: been})

    def automatic_refs(self) -> tuple[Ref, ...]:
        return (*self.answers.values(), self.next, self.on_failure)

    def refs(self) -> tuple[Ref, ...]:
        return (*self.automatic_refs(), *((self.prompt,) if self.prompt else ()))


def _parse_answers(entry: YamlEntry) -> dict[str, Ref]:
    if "answers" not in entry:
        return {}
    given = entry.get_entry("answers")
    for answer in given.field_names():
        if answer == FAILED_KEY or not _ANSWER_PATTERN.fullmatch(answer):
            entry.add_fault(
                f'the answer "{answer}" should be one word of letters, digits, "_", "." and "-", and not "{FAILED_KEY}"',
                given.key_location(answer),
            )
    if len(given.field_names()) > MAX_ANSWERS:
        entry.add_fault(f"{entry.label} has more than {MAX_ANSWERS} answers", given.location)
    return {answer: given.get_ref("step", answer) for answer in given.field_names()}
