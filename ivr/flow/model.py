"""A flow, its library, and what a step kind must be able to do."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, ClassVar, Self

from ivr.domain.schedule import time_zones
from ivr.domain.schedule.opening_hours import Hours, get_next_opening, is_open
from ivr.domain.speech import spoken_text
from ivr.flow.phrases.phrasebook import Phrasebook, Voice
from ivr.flow.policies import Policy
from ivr.flow.queues import QueueSettings
from ivr.flow.step_results import AskCaller, GoTo, InvalidInput, NoInput, StepResult
from ivr.flow.turn import (
    AudioPrompt,
    CallerContext,
    FlowInput,
    FlowInputKind,
    Listen,
    Position,
    Prompt,
    SpokenPrompt,
)
from ivr.flow.yaml_source.entry import NO_LOCATION, Ref, SourceLocation, YamlEntry
from ivr.flow.yaml_source.fields import Field

ANY_NUMBER = "*"


@dataclass(frozen=True, kw_only=True)
class Exit:
    """A way out of a step, and what a caller does, or what is so, when it is taken; '' when it always is."""

    to: Ref
    when: str = ""


@dataclass(frozen=True, kw_only=True)
class Step(ABC):
    """A node of a flow. A kind is one file in `ivr/flow/steps/`, found by its `keyword`."""

    keyword: ClassVar[str] = ""
    shape: ClassVar[str] = "step"  # in the picture; what a call may come to has its own
    description: ClassVar[str] = ""  # what it does, in a sentence without its stop
    fields: ClassVar[tuple[Field, ...]] = ()  # what may stand in it, its keyword first
    schema_rules: ClassVar[Mapping[str, Any]] = {}  # what else the schema asks
    format: ClassVar[int] = (
        1  # of published flows, from which on it is known: one more than `newest_format()` was
    )
    example: ClassVar[str] = ""  # steps; they may lead to "support" and have prompts of any name

    name: str
    location: SourceLocation = NO_LOCATION

    @classmethod
    @abstractmethod
    def parse(cls, name: str, entry: YamlEntry) -> Self:
        """Read the step; faults go to the entry."""

    @abstractmethod
    def on_enter(self, context: StepContext) -> StepResult:
        """The step begins."""

    def on_input(self, context: StepContext, flow_input: FlowInput) -> StepResult:
        """Something came back. The universal keys have been dealt with."""
        del context
        return NoInput() if flow_input.kind is FlowInputKind.SILENCE else InvalidInput()

    def repeat(self, context: StepContext) -> StepResult:
        """Ask again at the stage the caller is at."""
        return self.on_enter(context)

    def reprompt(self, context: StepContext) -> StepResult:
        """Ask again after a silence or a mistake; may be shorter than the first time."""
        return self.repeat(context)

    def on_person_requested(self, context: StepContext) -> StepResult:
        """The caller wants a person, or failed twice here."""
        del context
        return GoTo(to="@person")

    def go_back(self, context: StepContext) -> StepResult | None:
        """One stage back within the step; None at its first one."""
        del context
        return None

    def expects_free_speech(self, context: StepContext) -> bool:
        """A whole sentence is expected, in which "agent" need not be a wish."""
        del context
        return False

    def refs(self) -> tuple[Ref, ...]:
        """All names written in the step; those of kind "step" are its edges."""
        return ()

    def automatic_refs(self) -> tuple[Ref, ...]:
        """The edges that may be taken without the caller doing anything."""
        return ()

    def list_exits(self) -> tuple[Exit, ...]:
        """Its edges, as the picture shows them."""
        return tuple(Exit(to=ref) for ref in self.refs() if ref.kind == "step")

    def summarize(self, flow: Flow) -> str:
        """In a few words, what happens here besides what is said."""
        del flow
        return ""

    def example_inputs(self, context: StepContext) -> tuple[FlowInput, ...]:
        """What the checker tries at this stage, besides silence, a mistake and the universal keys."""
        del context
        return ()


@dataclass(frozen=True, kw_only=True)
class Flow:
    name: str
    location: SourceLocation = NO_LOCATION
    called_numbers: tuple[str, ...]  # E.164 numbers it answers; "*" = every number no other flow claims
    languages: tuple[str, ...] = (
        "en",
    )  # the first is spoken unless the caller chose or is known to prefer another
    person_queue: str  # queue that 0, silence and "agent" lead to
    max_keys: int = 3
    max_seconds: int = 40
    start: str
    steps: Mapping[str, Step]
    location_after_steps: SourceLocation = NO_LOCATION  # where the header goes on after the steps, if it does
    built_in_steps: Mapping[str, Step] = field(
        default_factory=dict
    )  # "@person", "@promise" ...: every flow has them

    def get_step(self, name: str) -> Step:
        """The step of that name; one that is gone (the flow was published anew) is a person."""
        return self.steps.get(name) or self.built_in_steps.get(name) or self.built_in_steps["@person"]


@dataclass(frozen=True, kw_only=True)
class Library:
    flows: Mapping[str, Flow]
    queues: Mapping[str, QueueSettings]
    hours: Mapping[str, Hours]
    phrasebooks: Mapping[str, Phrasebook]  # by language: the line's own words with the prompts over them
    version: str  # hash of the files' contents
    folder: str = "flows"
    policies: tuple[Policy, ...] = ()

    def get_flow_for_number(self, number: str) -> Flow:
        """The flow that answers a number; the first one of the folder when none claims it, so that every call is answered."""
        for claimed in (number, ANY_NUMBER):
            for flow in self.flows.values():
                if claimed in flow.called_numbers:
                    return flow
        return next(iter(self.flows.values()))

    def get_queue(self, name: str) -> QueueSettings:
        return self.queues.get(name) or QueueSettings(name=name)

    def get_hours(self, name: str) -> Hours | None:
        """Hours by their own name or by that of a queue; None = always open."""
        hours = self.hours.get(name)
        return hours or self.hours.get(self.get_queue(name).hours)

    def is_open(self, name: str, at: datetime) -> bool:
        hours = self.get_hours(name)
        return hours is None or is_open(hours, at)

    def next_opening(self, name: str, at: datetime) -> datetime | None:
        """When it opens next; None when it is open all the time, or never again."""
        hours = self.get_hours(name)
        return get_next_opening(hours, at) if hours else None

    def get_phrasebook(self, language: str) -> Phrasebook:
        return self.phrasebooks.get(language) or next(iter(self.phrasebooks.values()))

    def get_voice(self, language: str) -> Voice:
        return self.get_phrasebook(language).voice

    @property
    def languages(self) -> tuple[str, ...]:
        """Those that callers are spoken to in, the first flow's first one first."""
        return tuple(dict.fromkeys(language for flow in self.flows.values() for language in flow.languages))


@dataclass(frozen=True, kw_only=True)
class StepContext:
    """All that a step may look at."""

    flow: Flow
    library: Library
    caller: CallerContext
    position: Position

    @property
    def memo(self) -> Mapping[str, str]:
        return self.position.memo

    @property
    def stage(self) -> str:
        return self.position.stage

    @property
    def language(self) -> str:
        return self.position.language

    @property
    def phrasebook(self) -> Phrasebook:
        return self.library.get_phrasebook(self.position.language)

    @property
    def now(self) -> datetime:
        """By the clock of whoever listens, when their number leaves no doubt about it."""
        now = self.caller.now
        return now.astimezone(time_zones.choose_zone(self.caller.zones, now, now.tzinfo or UTC))

    def is_open(self, name: str) -> bool:
        return self.caller.is_open(name, self.library.is_open)

    def next_opening(self, name: str) -> datetime | None:
        return self.library.next_opening(name, self.caller.now)

    def spoken_zone(self, at: datetime, other_zones: Sequence[str] = ()) -> str:
        """The zone's name, where a listener's clock may be another; '' where it need not be said. `other_zones`: zones of who is called."""
        doubt = time_zones.is_ambiguous((*self.caller.zones, *other_zones), at, self.now.tzinfo or UTC)
        return spoken_text.zone_name(at, self.language, self.now) if doubt else ""

    def phrase(self, key: str, /, **fields: str | int) -> SpokenPrompt:
        """The line's own words."""
        return SpokenPrompt(text=self.phrasebook.phrase(key, **fields), language=self.language)

    def prompt(self, key: str) -> Prompt:
        """A prompt of the flow, with the fields a flow may use."""
        template = self.phrasebook.templates[key]
        # We take it that Twilio goes on when it cannot fetch a recording (11200): then the caller has heard nothing and is
        # asked again: in words, this time
        if template.is_audio and not (template.fallback and self.position.failures):
            return AudioPrompt(url=template.source, language=self.language, seconds=template.seconds)
        return SpokenPrompt(
            text=template.render(
                {**self.phrasebook.common_fields, **self.prompt_field_values(template.fields)}
            ),
            language=self.language,
        )

    def prompt_field_values(self, names: frozenset[str]) -> dict[str, str | int]:
        return {name: PROMPT_FIELDS[name](self) for name in names if name in PROMPT_FIELDS}

    def ask_caller(
        self, *prompts: Prompt, listen: Listen, stage: str = "", memo: Mapping[str, str] | None = None
    ) -> AskCaller:
        return AskCaller(
            prompts=prompts, listen=listen, stage=stage, memo=self.memo if memo is None else memo
        )


def _spoken_opening(context: StepContext) -> str:
    at = context.next_opening(context.flow.person_queue)
    return spoken_text.at_when(at, context.language, context.now) if at and at > context.caller.now else ""


def _spoken_estimate(context: StepContext) -> str:
    seconds = context.caller.estimate.get(context.flow.person_queue)
    return spoken_text.minutes(max(1, round(seconds / 60)), context.language) if seconds else ""


# The fields that prompts of a flow may use, besides {company}.
PROMPT_FIELDS = {
    "caller.name": lambda context: context.caller.name,
    "opening": _spoken_opening,  # "tomorrow at eight"; empty while open
    "estimate": _spoken_estimate,  # "about four minutes"; empty when nobody knows
}
