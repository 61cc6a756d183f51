"""`survey`: how it was, from 1 (poor) to 5 (good), and why in their own words. A poor answer makes a promise to put it right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

from ivr.flow.model import Scene, Step
from ivr.flow.phrases.understanding import spoken_key
from ivr.flow.step_results import Do, Go, Mistake, Move
from ivr.flow.turn import Comment, Heard, HeardKind, Listen, Rate
from ivr.flow.yaml_source.entry import Entry, Ref
from ivr.flow.yaml_source.fields import Field, named

SCORES = "12345"
POOR = "poor"  # what the effect comes to when somebody will ring and put it right
SENTENCE = Listen(digits=1, seconds=6)


@dataclass(frozen=True, kw_only=True)
class Survey(Step):
    keyword: ClassVar[str] = "survey"
    about: ClassVar[str] = (
        "Asks how it was, from 1 (poor) to 5 (good), and why; a poor answer makes a promise to put it right"
    )
    fields: ClassVar[tuple[Field, ...]] = (
        Field(name="survey", kind="prompt", about="What asks for 1 (poor) to 5 (good)", needed=True),
        Field(
            name="why",
            kind="prompt",
            about="What asks for their own words; without it, only a poor answer is asked for them",
        ),
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
    example: ClassVar[str] = """how: {survey: how_was_it, next: support}"""

    prompt: Ref
    next: Ref
    why: Ref | None = (
        None  # a prompt that asks for their own words; without it only a poor answer is asked for them
    )
    seconds: int = 5

    @classmethod
    def parse(cls, name: str, entry: Entry) -> Self:
        return cls(
            name=name,
            place=entry.place,
            prompt=entry.ref("prompt", "survey"),
            next=entry.ref("step", "next"),
            why=entry.ref("prompt", "why") if "why" in entry else None,
            seconds=entry.number(named(cls.fields, "seconds")),
        )

    def enter(self, scene: Scene) -> Move:
        return scene.ask(scene.prompt(self.prompt.name), listen=Listen(seconds=self.seconds), stage="rate")

    def again(self, scene: Scene) -> Move:
        return self._ask_why(scene, poor=POOR in scene.memo) if scene.stage == "why" else self.enter(scene)

    def hear(self, scene: Scene, heard: Heard) -> Move:
        match scene.stage:
            case "rate":
                return self._score(scene, heard)
            case "rated":
                return self._rated(scene, heard.value)
            case "why":
                if heard.kind is HeardKind.WORDS:
                    return Do(effect=Comment(words=heard.value), stage="told", memo=scene.memo)
                return self._on(scene)
            case _:
                return self._on(scene)

    def _score(self, scene: Scene, heard: Heard) -> Move:
        if heard.kind is HeardKind.SILENCE:
            return Go(to=self.next.name)
        score = spoken_key(heard.value, scene.book) if heard.kind is HeardKind.WORDS else heard.value
        if len(score) != 1 or score not in SCORES:
            return Mistake()
        return Do(effect=Rate(score=int(score)), stage="rated", memo=scene.memo)

    def _rated(self, scene: Scene, result: str) -> Move:
        if result == POOR or self.why:
            return self._ask_why(scene, poor=result == POOR)
        return Go(to=self.next.name, says=(scene.word("after.thanks"),))

    def _ask_why(self, scene: Scene, *, poor: bool) -> Move:
        asked = scene.prompt(self.why.name) if self.why else scene.word("after.comment")
        memo = {**scene.memo, POOR: "1"} if poor else scene.memo
        return scene.ask(asked, listen=SENTENCE, stage="why", memo=memo)

    def _on(self, scene: Scene) -> Move:
        word = "after.sorry" if POOR in scene.memo else "after.thanks"
        return Go(to=self.next.name, says=(scene.word(word),))

    def free_speech(self, scene: Scene) -> bool:
        return scene.stage == "why"

    def onward(self) -> tuple[Ref, ...]:
        return (self.next,)

    def refs(self) -> tuple[Ref, ...]:
        return (self.prompt, self.next, *((self.why,) if self.why else ()))

    def inputs(self, scene: Scene) -> tuple[Heard, ...]:
        if scene.stage == "why":
            return (Heard(kind=HeardKind.WORDS, value="something"),)
        return tuple(Heard(kind=HeardKind.KEYS, value=score) for score in "15")
