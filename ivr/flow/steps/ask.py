"""`ask`: the reason in one sentence, or some digits. Both stand on top of the brief; neither holds anybody up: silence goes on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from ivr.flow.model import Exit, Flow, Scene, Step
from ivr.flow.step_results import REASON, Do, Go, Leave, Mistake, Move
from ivr.flow.turn import Heard, HeardKind, Listen, Reason
from ivr.flow.yaml_source.entry import Entry, Ref, nearest
from ivr.flow.yaml_source.fields import Field, named

WHAT = ("reason", "digits")


@dataclass(frozen=True, kw_only=True)
class Question(Step):
    keyword: ClassVar[str] = "ask"
    about: ClassVar[str] = (
        "Asks for the reason in one sentence, or for some digits; both stand on top of what the agent is told, and silence goes on"
    )
    fields: ClassVar[tuple[Field, ...]] = (
        Field(name="ask", kind="text", about="One sentence, or some digits", needed=True, choices=WHAT),
        Field(name="prompt", kind="prompt", about="What asks; of a reason the line has words of its own"),
        Field(
            name="digits", kind="number", about="How many digits; 0 of a reason", default=0, least=2, most=20
        ),
        Field(name="label", kind="text", about="What the agent is told the digits are"),
        Field(
            name="seconds",
            kind="number",
            about="Seconds of silence that are waited for",
            default=5,
            least=2,
            most=20,
        ),
        Field(name="next", kind="step", about="Where the call goes on", needed=True),
    )
    rules: ClassVar[Mapping[str, Any]] = {
        "if": {"properties": {"ask": {"const": "digits"}}},
        "then": {"required": ["prompt", "digits", "label"]},
    }
    example: ClassVar[str] = """why: {ask: reason, next: number}
number: {ask: digits, prompt: your_number, digits: 6, label: booking number, next: support}"""

    what: str  # reason, digits
    prompt: Ref
    next: Ref | None  # None: the call ends there (only in the built-in step)
    digits: int = 0  # how many; only for digits
    label: str = ""  # how the agent's brief names them: "booking number"
    seconds: int = 5

    @classmethod
    def parse(cls, name: str, entry: Entry) -> Self:
        what = entry.text("ask")
        if what and what not in WHAT:
            entry.fault(
                f'"ask" should be reason or digits, not "{what}".{nearest(what, WHAT)}',
                entry.value_place("ask"),
            )
        if what == "digits" and not {"prompt", "digits", "label"} <= set(entry.names()):
            entry.fault(
                f'{entry.what} needs "prompt", "digits" (how many) and "label" (what the agent is told they are)'
            )
        return cls(
            name=name,
            place=entry.place,
            what=what,
            prompt=entry.ref("prompt", "prompt", "ask.reason"),
            digits=entry.number(named(cls.fields, "digits")),
            label=entry.text("label", ""),
            next=entry.ref("step", "next"),
            seconds=entry.number(named(cls.fields, "seconds")),
        )

    def enter(self, scene: Scene) -> Move:
        if self.what == "reason" and REASON in scene.memo:
            return self._on()
        if self.what == "digits":
            listen = Listen(digits=self.digits, finish="#", seconds=self.seconds, speech=False)
        else:
            listen = Listen(digits=1, seconds=self.seconds)
        return scene.ask(scene.prompt(self.prompt.name), listen=listen)

    def hear(self, scene: Scene, heard: Heard) -> Move:
        del scene
        if heard.kind in (HeardKind.SILENCE, HeardKind.RESULT):
            return self._on()
        if self.what == "digits":
            if heard.kind is not HeardKind.KEYS or len(heard.value) != self.digits:
                return Mistake()
            return Do(effect=Reason(words=f"{self.label} {heard.value}"), stage="kept")
        if heard.kind is HeardKind.WORDS:
            return Do(effect=Reason(words=heard.value), stage="kept")
        return self._on()  # any key means: no, thank you

    def _on(self) -> Move:
        return Go(to=self.next.name) if self.next else Leave()

    def free_speech(self, scene: Scene) -> bool:
        del scene
        return self.what == "reason"

    def onward(self) -> tuple[Ref, ...]:
        return (self.next,) if self.next else ()

    def refs(self) -> tuple[Ref, ...]:
        return (self.prompt, *((self.next,) if self.next else ()))

    def exits(self) -> tuple[Exit, ...]:
        return (Exit(to=self.next, when="an answer or none"),) if self.next else ()

    def gist(self, flow: Flow) -> str:
        del flow
        return f"{self.digits} digits: {self.label}" if self.what == "digits" else "the reason"

    def inputs(self, scene: Scene) -> tuple[Heard, ...]:
        del scene
        if self.what == "digits":
            return (Heard(kind=HeardKind.KEYS, value="1" * self.digits),)
        return (Heard(kind=HeardKind.WORDS, value="something"),)
