"""`transfer`: to somebody's telephone outside the line, who presses 1 to take the call; else the caller goes on."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar, Self

from ivr.flow.model import Scene, Step
from ivr.flow.step_results import Ask, Do, Go, Leave, Mistake, Move
from ivr.flow.turn import Dial, Heard, HeardKind, Listen, Says
from ivr.flow.yaml_source.entry import Entry, Ref
from ivr.flow.yaml_source.fields import PHONE, Field, named

NUMBER = re.compile(PHONE)
TALKED, NOBODY = "talked", "nobody"  # what the effect comes to


@dataclass(frozen=True, kw_only=True)
class Transfer(Step):
    keyword: ClassVar[str] = "transfer"
    about: ClassVar[str] = "Rings a telephone outside; whoever presses 1 there has the caller"
    fields: ClassVar[tuple[Field, ...]] = (
        Field(
            name="transfer",
            kind="text",
            about='The telephone that rings, as a number like "+12025550190"',
            needed=True,
            like=PHONE,
        ),
        Field(
            name="say", kind="prompt", about='What is spoken first; without it, the line says "one moment"'
        ),
        Field(name="seconds", kind="number", about="How long it rings", default=20, least=10, most=60),
        Field(
            name="next",
            kind="step",
            about="Where the call goes on when nobody takes it, and for who needs more afterwards",
            needed=True,
        ),
    )
    example: ClassVar[str] = """nurse: {transfer: "+12025550190", seconds: 30, next: support}"""

    number: str  # E.164
    next: Ref  # when nobody takes it, and for who needs more afterwards
    prompt: Ref | None = None
    seconds: int = 20  # of ringing

    @classmethod
    def parse(cls, name: str, entry: Entry) -> Self:
        number = entry.text("transfer")
        if number and not NUMBER.fullmatch(number):
            entry.fault(
                f'"{number}" should be a number like "+12025550100"; to our own people lead "queue" and "goto"',
                entry.value_place("transfer"),
            )
        return cls(
            name=name,
            place=entry.place,
            number=number,
            next=entry.ref("step", "next"),
            prompt=entry.ref("prompt", "say") if "say" in entry else None,
            seconds=entry.number(named(cls.fields, "seconds")),
        )

    def enter(self, scene: Scene) -> Move:
        says: tuple[Says, ...] = (
            (scene.prompt(self.prompt.name),) if self.prompt else (scene.word("one_moment"),)
        )
        return Do(effect=Dial(number=self.number, seconds=self.seconds), says=says, stage="ringing")

    def hear(self, scene: Scene, heard: Heard) -> Move:
        if scene.stage == "ringing":
            return self._after(scene) if heard.value == TALKED else self._nobody(scene)
        if heard.kind is HeardKind.KEYS and heard.value == "1":
            return Go(to=self.next.name)
        # who talked with somebody and says nothing more needs nothing more
        return Mistake() if heard.kind is HeardKind.KEYS else Leave(says=(scene.word("transfer.goodbye"),))

    def again(self, scene: Scene) -> Move:
        return self._after(scene) if scene.stage == "after" else self.enter(scene)

    def _after(self, scene: Scene) -> Ask:
        return scene.ask(scene.word("transfer.after"), listen=Listen(seconds=5), stage="after")

    def _nobody(self, scene: Scene) -> Move:
        return Go(to=self.next.name, says=(scene.word("transfer.nobody"),))

    def onward(self) -> tuple[Ref, ...]:
        return (self.next,)

    def refs(self) -> tuple[Ref, ...]:
        return (self.next, *((self.prompt,) if self.prompt else ()))

    def inputs(self, scene: Scene) -> tuple[Heard, ...]:
        return (Heard(kind=HeardKind.KEYS, value="1"),) if scene.stage == "after" else ()
