"""`queue`: into the queue, to a person. Outside its hours, or when too many wait, a promise instead."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

from ivr.flow.model import Flow, Step, StepContext
from ivr.flow.step_results import GoTo, RunEffect, StepResult
from ivr.flow.turn import CallerContext, Effect, FlowInput, FlowInputKind, Prompt, SimulatedLine
from ivr.flow.yaml_source.entry import Ref, SourceLocation, YamlEntry
from ivr.flow.yaml_source.fields import Field


@dataclass(frozen=True, kw_only=True)
class Enqueue(Effect):
    """Join a queue. The flow is over unless RESULT "full" (nobody may wait) comes back."""

    results: ClassVar[tuple[str, ...]] = ("full",)

    queue: str
    skills: tuple[str, ...] = ()

    def pretend(self, caller: CallerContext, line: SimulatedLine) -> str:
        del caller
        return "full" if line.is_full else ""

    def destination(self, person_queue: str) -> str:
        del person_queue
        return f"person {self.queue}"

    def reaches_goal(self, result: str, *, stage: str, before: bool) -> bool:
        del result, stage, before
        return False


@dataclass(frozen=True, kw_only=True)
class QueueStep(Step):
    keyword: ClassVar[str] = "queue"
    shape: ClassVar[str] = "person"
    description: ClassVar[str] = (
        "Joins the line to a person; outside its hours, or when too many wait, a promise instead"
    )
    fields: ClassVar[tuple[Field, ...]] = (
        Field(name="queue", kind="queue", description="The line that the caller joins", required=True),
        Field(
            name="skills",
            kind="words",
            description="What the agent must be able to do, besides what the queue asks",
        ),
        Field(name="say", kind="prompt", description="What is spoken first"),
    )
    example: ClassVar[str] = """bookings: {queue: bookings, skills: [groups], say: one_moment}"""

    queue: Ref
    skills: tuple[str, ...] = ()
    prompt: Ref | None = None

    @classmethod
    def parse(cls, name: str, entry: YamlEntry) -> Self:
        return cls(
            name=name,
            location=entry.location,
            queue=entry.get_ref("queue", "queue"),
            skills=entry.get_texts("skills"),
            prompt=entry.get_ref("prompt", "say") if "say" in entry else None,
        )

    def on_enter(self, context: StepContext) -> StepResult:
        params = self._params(context)
        if not context.is_open(params["queue"]):
            return GoTo(to="@closed", memo=params)
        says: tuple[Prompt, ...] = (context.prompt(self.prompt.name),) if self.prompt else ()
        skills = tuple(skill for skill in params["skills"].split(",") if skill)
        return RunEffect(
            effect=Enqueue(queue=params["queue"], skills=skills), prompts=says, stage="joining", memo=params
        )

    def on_input(self, context: StepContext, flow_input: FlowInput) -> StepResult:
        if flow_input.kind is FlowInputKind.RESULT and flow_input.value == "full":
            return GoTo(to="@full", memo=self._params(context))
        return self.on_enter(context)

    def on_person_requested(self, context: StepContext) -> StepResult:
        return self.on_enter(context)

    def _params(self, context: StepContext) -> dict[str, str]:
        memo = context.memo
        return {
            "queue": memo.get("queue", self.queue.name),
            "skills": memo.get("skills", ",".join(self.skills)),
        }

    def summarize(self, flow: Flow) -> str:
        del flow
        skills = f" who knows {', '.join(self.skills)}" if self.skills else ""
        return f"a person of {self.queue.name}{skills}"

    def refs(self) -> tuple[Ref, ...]:
        return (self.queue, *((self.prompt,) if self.prompt else ()))


def make_person_step(queue: str, location: SourceLocation) -> QueueStep:
    """The built-in "@person"."""
    return QueueStep(name="@person", queue=Ref(kind="queue", name=queue, location=location))
