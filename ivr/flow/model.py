"""A flow, its library, and what a step kind must be able to do."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, ClassVar, Self

from ivr.domain.schedule import time_zones
from ivr.domain.schedule.opening_hours import Hours, is_open, next_opening
from ivr.domain.speech import spoken_text
from ivr.flow.phrases.phrasebook import Book, Voice
from ivr.flow.policies import Policy
from ivr.flow.queues import Queue
from ivr.flow.step_results import Ask, Go, Mistake, Move, Silent
from ivr.flow.turn import Audio, Heard, HeardKind, Listen, Position, Says, Situation, Words
from ivr.flow.yaml_source.entry import NOWHERE, Entry, Place, Ref
from ivr.flow.yaml_source.fields import Field

ANY_LINE = "*"


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
    about: ClassVar[str] = ""  # what it does, in a sentence without its stop
    fields: ClassVar[tuple[Field, ...]] = ()  # what may stand in it, its keyword first
    rules: ClassVar[Mapping[str, Any]] = {}  # what else the schema asks
    example: ClassVar[str] = ""  # steps; they may lead to "support" and have prompts of any name

    name: str
    place: Place = NOWHERE

    @classmethod
    @abstractmethod
    def parse(cls, name: str, entry: Entry) -> Self:
        """Read the step; faults go to the entry."""

    @abstractmethod
    def enter(self, scene: Scene) -> Move:
        """The step begins."""

    def hear(self, scene: Scene, heard: Heard) -> Move:
        """Something came back. The universal keys have been dealt with."""
        del scene
        return Silent() if heard.kind is HeardKind.SILENCE else Mistake()

    def again(self, scene: Scene) -> Move:
        """Ask again at the stage the caller is at."""
        return self.enter(scene)

    def retry(self, scene: Scene) -> Move:
        """Ask again after a silence or a mistake; may be shorter than the first time."""
        return self.again(scene)

    def person(self, scene: Scene) -> Move:
        """The caller wants a person, or failed twice here."""
        del scene
        return Go(to="@person")

    def back(self, scene: Scene) -> Move | None:
        """One stage back within the step; None at its first one."""
        del scene
        return None

    def free_speech(self, scene: Scene) -> bool:
        """A whole sentence is expected, in which "agent" need not be a wish."""
        del scene
        return False

    def refs(self) -> tuple[Ref, ...]:
        """All names written in the step; those of kind "step" are its edges."""
        return ()

    def onward(self) -> tuple[Ref, ...]:
        """The edges that may be taken without the caller doing anything."""
        return ()

    def exits(self) -> tuple[Exit, ...]:
        """Its edges, as the picture shows them."""
        return tuple(Exit(to=ref) for ref in self.refs() if ref.kind == "step")

    def gist(self, flow: Flow) -> str:
        """In a few words, what happens here besides what is said."""
        del flow
        return ""

    def inputs(self, scene: Scene) -> tuple[Heard, ...]:
        """What the checker tries at this stage, besides silence, a mistake and the universal keys."""
        del scene
        return ()


@dataclass(frozen=True, kw_only=True)
class Flow:
    name: str
    place: Place = NOWHERE
    lines: tuple[str, ...]  # E.164 numbers it answers; "*" = every number no other flow claims
    languages: tuple[str, ...] = (
        "en",
    )  # the first is spoken unless the caller chose or is known to prefer another
    person: str  # queue that 0, silence and "agent" lead to
    max_keys: int = 3
    max_seconds: int = 40
    start: str
    steps: Mapping[str, Step]
    below: Place = NOWHERE  # where the header goes on after the steps, if it does
    built_in: Mapping[str, Step] = field(
        default_factory=dict
    )  # "@person", "@promise" ...: every flow has them

    def step(self, name: str) -> Step:
        """The step of that name; one that is gone (the flow was published anew) is a person."""
        return self.steps.get(name) or self.built_in.get(name) or self.built_in["@person"]


@dataclass(frozen=True, kw_only=True)
class Library:
    flows: Mapping[str, Flow]
    queues: Mapping[str, Queue]
    hours: Mapping[str, Hours]
    books: Mapping[str, Book]  # by language: the line's own words with the prompts over them
    version: str  # hash of the files' contents
    folder: str = "flows"
    policies: tuple[Policy, ...] = ()

    def for_line(self, number: str) -> Flow:
        """The flow that answers a number; the first one of the folder when none claims it, so that every call is answered."""
        for claimed in (number, ANY_LINE):
            for flow in self.flows.values():
                if claimed in flow.lines:
                    return flow
        return next(iter(self.flows.values()))

    def queue(self, name: str) -> Queue:
        return self.queues.get(name) or Queue(name=name)

    def opening(self, name: str) -> Hours | None:
        """Hours by their own name or by that of a queue; None = always open."""
        hours = self.hours.get(name)
        return hours or self.hours.get(self.queue(name).hours)

    def is_open(self, name: str, at: datetime) -> bool:
        hours = self.opening(name)
        return hours is None or is_open(hours, at)

    def next_opening(self, name: str, at: datetime) -> datetime | None:
        """When it opens next; None when it is open all the time, or never again."""
        hours = self.opening(name)
        return next_opening(hours, at) if hours else None

    def book(self, language: str) -> Book:
        return self.books.get(language) or next(iter(self.books.values()))

    def voice(self, language: str) -> Voice:
        return self.book(language).voice

    @property
    def languages(self) -> tuple[str, ...]:
        """Those that callers are spoken to in, the first flow's first one first."""
        return tuple(dict.fromkeys(language for flow in self.flows.values() for language in flow.languages))


@dataclass(frozen=True, kw_only=True)
class Scene:
    """All that a step may look at."""

    flow: Flow
    library: Library
    situation: Situation
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
    def book(self) -> Book:
        return self.library.book(self.position.language)

    @property
    def now(self) -> datetime:
        """By the clock of whoever listens, when their number leaves no doubt about it."""
        now = self.situation.now
        return now.astimezone(time_zones.of(self.situation.zones, now, now.tzinfo or UTC))

    def is_open(self, name: str) -> bool:
        return self.situation.is_open(name, self.library.is_open)

    def opening(self, name: str) -> datetime | None:
        return self.library.next_opening(name, self.situation.now)

    def zone(self, at: datetime, also: Sequence[str] = ()) -> str:
        """The zone's name, where a listener's clock may be another; '' where it need not be said. `also`: zones of who is called."""
        doubt = time_zones.doubtful((*self.situation.zones, *also), at, self.now.tzinfo or UTC)
        return spoken_text.zone(at, self.language, self.now) if doubt else ""

    def word(self, key: str, /, **fields: str | int) -> Words:
        """The line's own words."""
        return Words(text=self.book.say(key, **fields), language=self.language)

    def prompt(self, key: str) -> Says:
        """A prompt of the flow, with the fields a flow may use."""
        template = self.book.templates[key]
        # We take it that Twilio goes on when it cannot fetch a recording (11200): then the caller has heard nothing and is
        # asked again: in words, this time
        if template.audio and not (template.instead and self.position.tries):
            return Audio(url=template.source, language=self.language, seconds=template.seconds)
        return Words(
            text=template.say({**self.book.everywhere, **self.prompt_fields(template.fields)}),
            language=self.language,
        )

    def prompt_fields(self, wanted: frozenset[str]) -> dict[str, str | int]:
        return {name: PROMPT_FIELDS[name](self) for name in wanted if name in PROMPT_FIELDS}

    def ask(self, *says: Says, listen: Listen, stage: str = "", memo: Mapping[str, str] | None = None) -> Ask:
        return Ask(says=says, listen=listen, stage=stage, memo=self.memo if memo is None else memo)


def _opening(scene: Scene) -> str:
    at = scene.opening(scene.flow.person)
    return spoken_text.at_when(at, scene.language, scene.now) if at and at > scene.situation.now else ""


def _estimate(scene: Scene) -> str:
    seconds = scene.situation.estimate.get(scene.flow.person)
    return spoken_text.minutes(max(1, round(seconds / 60)), scene.language) if seconds else ""


# The fields that prompts of a flow may use, besides {company}.
PROMPT_FIELDS = {
    "caller.name": lambda scene: scene.situation.name,
    "opening": _opening,  # "tomorrow at eight"; empty while open
    "estimate": _estimate,  # "about four minutes"; empty when nobody knows
}
