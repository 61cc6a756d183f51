"""`lookup`: ask the company's own system about the caller. What it knows is for whoever takes the call, and may choose the way there.

Asking takes a webhook of its own, which Twilio is told to wait for: so the step first says what it has to say, listens
to nothing, and asks when Twilio is back. A caller in whose flow several systems are asked waits for one of them at a time.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Self

from ivr.domain.rules.lookup import address
from ivr.flow.model import Scene, Step
from ivr.flow.step_results import BACK, Do, Go, Move
from ivr.flow.turn import Heard, HeardKind, Listen, Lookup
from ivr.flow.yaml_source.entry import NOWHERE, Entry, Place, Ref
from ivr.flow.yaml_source.fields import Field, named

SECONDS, LONGEST = 2, 3  # the caller waits in silence
MOST_ANSWERS = 20
FAILED = "else"
_ANSWER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,39}")  # such a word is in the journal


@dataclass(frozen=True, kw_only=True)
class LookupStep(Step):
    keyword: ClassVar[str] = "lookup"
    about: ClassVar[str] = "Asks the company's own system about the caller; who takes the call is told"
    fields: ClassVar[tuple[Field, ...]] = (
        Field(
            name="lookup",
            kind="text",
            about="The address that is asked; its host must be in IVR_LOOKUP_HOSTS",
            needed=True,
            like="^https?://[a-zA-Z0-9][a-zA-Z0-9.-]*(:[1-9][0-9]{0,3})?(/[a-zA-Z0-9/_.-]*)?$",
        ),
        Field(name="say", kind="prompt", about="What is spoken first, which costs a second"),
        Field(
            name="seconds",
            kind="number",
            about="Of silence that it may cost the caller",
            default=SECONDS,
            least=1,
            most=LONGEST,
        ),
        Field(
            name="answers",
            kind="named",
            about="Where its answer leads",
            names="^(?!else$)[A-Za-z0-9][A-Za-z0-9_.-]{0,39}$",
            rules={"maxProperties": MOST_ANSWERS},
        ),
        Field(name="next", kind="step", about="Where any other answer leads, or none", needed=True),
        Field(
            name=FAILED,
            kind="step",
            about="Where it leads when it does not answer in time, or not as it should; without it, `next`",
        ),
    )
    example: ClassVar[str] = """account:
  lookup: https://crm.example.com/calor
  answers: {gold: bookings}
  next: support
bookings: {queue: bookings}"""

    url: str
    url_place: Place = NOWHERE
    seconds: int = SECONDS
    answers: Mapping[str, Ref] = field(default_factory=dict)
    next: Ref
    otherwise: Ref  # it did not answer, or not so that it can be used
    prompt: Ref | None = None

    @classmethod
    def parse(cls, name: str, entry: Entry) -> Self:
        url = entry.text("lookup")
        if url and address(url) is None:
            entry.fault(
                f'"{url}" should be an address like https://crm.example.com/calor',
                entry.value_place("lookup"),
            )
        then = entry.ref("step", "next")
        return cls(
            name=name,
            place=entry.place,
            url=url,
            url_place=entry.value_place("lookup"),
            seconds=entry.number(named(cls.fields, "seconds")),
            answers=_answers(entry),
            next=then,
            otherwise=entry.ref("step", FAILED) if FAILED in entry else then,
            prompt=entry.ref("prompt", "say") if "say" in entry else None,
        )

    def enter(self, scene: Scene) -> Move:
        says = (scene.prompt(self.prompt.name),) if self.prompt else ()
        return scene.ask(*says, listen=Listen(digits=1, seconds=0, speech=False, takes=self.seconds))

    def hear(self, scene: Scene, heard: Heard) -> Move:
        if heard.kind is not HeardKind.RESULT:
            effect = Lookup(step=self.name, url=self.url, seconds=self.seconds, answers=tuple(self.answers))
            return Do(effect=effect, stage="asking")
        found, _, answer = heard.value.partition(" ")
        to = self.answers.get(answer, self.next) if found == "found" else self.otherwise
        # whoever goes back means the question before: nothing was asked of them here
        been = " ".join(step for step in scene.memo.get(BACK, "").split() if step != self.name)
        return Go(to=to.name, memo={BACK: been})

    def onward(self) -> tuple[Ref, ...]:
        return (*self.answers.values(), self.next, self.otherwise)

    def refs(self) -> tuple[Ref, ...]:
        return (*self.onward(), *((self.prompt,) if self.prompt else ()))


def _answers(entry: Entry) -> dict[str, Ref]:
    if "answers" not in entry:
        return {}
    given = entry.entry("answers")
    for answer in given.names():
        if answer == FAILED or not _ANSWER.fullmatch(answer):
            entry.fault(
                f'the answer "{answer}" should be one word of letters, digits, "_", "." and "-", and not "{FAILED}"',
                given.key_place(answer),
            )
    if len(given.names()) > MOST_ANSWERS:
        entry.fault(f"{entry.what} has more than {MOST_ANSWERS} answers", given.place)
    return {answer: given.ref("step", answer) for answer in given.names()}
