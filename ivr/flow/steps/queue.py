"""`queue`: into the line, to a person. Outside its hours, or when too many wait, a promise instead."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

from ivr.flow.model import Flow, Scene, Step
from ivr.flow.step_results import Do, Go, Move
from ivr.flow.turn import Enqueue, Heard, HeardKind, Says
from ivr.flow.yaml_source.entry import Entry, Place, Ref
from ivr.flow.yaml_source.fields import Field


@dataclass(frozen=True, kw_only=True)
class QueueStep(Step):
    keyword: ClassVar[str] = "queue"
    shape: ClassVar[str] = "person"
    about: ClassVar[str] = (
        "Joins the line to a person; outside its hours, or when too many wait, a promise instead"
    )
    fields: ClassVar[tuple[Field, ...]] = (
        Field(name="queue", kind="queue", about="The line that the caller joins", needed=True),
        Field(
            name="skills",
            kind="words",
            about="What the agent must be able to do, besides what the queue asks",
        ),
        Field(name="say", kind="prompt", about="What is spoken first"),
    )
    example: ClassVar[str] = """bookings: {queue: bookings, skills: [groups], say: one_moment}"""

    queue: Ref
    skills: tuple[str, ...] = ()
    prompt: Ref | None = None

    @classmethod
    def parse(cls, name: str, entry: Entry) -> Self:
        return cls(
            name=name,
            place=entry.place,
            queue=entry.ref("queue", "queue"),
            skills=entry.texts("skills"),
            prompt=entry.ref("prompt", "say") if "say" in entry else None,
        )

    def enter(self, scene: Scene) -> Move:
        params = self._params(scene)
        if not scene.is_open(params["queue"]):
            return Go(to="@closed", memo=params)
        says: tuple[Says, ...] = (scene.prompt(self.prompt.name),) if self.prompt else ()
        skills = tuple(skill for skill in params["skills"].split(",") if skill)
        return Do(
            effect=Enqueue(queue=params["queue"], skills=skills), says=says, stage="joining", memo=params
        )

    def hear(self, scene: Scene, heard: Heard) -> Move:
        if heard.kind is HeardKind.RESULT and heard.value == "full":
            return Go(to="@full", memo=self._params(scene))
        return self.enter(scene)

    def person(self, scene: Scene) -> Move:
        return self.enter(scene)

    def _params(self, scene: Scene) -> dict[str, str]:
        memo = scene.memo
        return {
            "queue": memo.get("queue", self.queue.name),
            "skills": memo.get("skills", ",".join(self.skills)),
        }

    def gist(self, flow: Flow) -> str:
        del flow
        skills = f" who knows {', '.join(self.skills)}" if self.skills else ""
        return f"a person of {self.queue.name}{skills}"

    def refs(self) -> tuple[Ref, ...]:
        return (self.queue, *((self.prompt,) if self.prompt else ()))


def person_step(queue: str, place: Place) -> QueueStep:
    """The built-in "@person"."""
    return QueueStep(name="@person", queue=Ref(kind="queue", name=queue, place=place))
