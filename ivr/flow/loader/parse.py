"""A flow file, read into a Flow. Names that must exist elsewhere are checked when all files have been read (`library`)."""

from __future__ import annotations

import re

from ivr.flow.model import ANY_NUMBER, Flow, Step
from ivr.flow.steps import step_kinds
from ivr.flow.steps.ask import AskStep
from ivr.flow.steps.case import CaseStep
from ivr.flow.steps.promise import make_built_in_promises
from ivr.flow.steps.queue import make_person_step
from ivr.flow.yaml_source.entry import NO_LOCATION, Ref, YamlEntry, comma_separated, did_you_mean
from ivr.flow.yaml_source.fields import NAME_PATTERN, PHONE_PATTERN, Field, field_names, get_field

HEADER_FIELDS = (
    Field(name="flow", kind="text", description="Its name", required=True),
    Field(
        name="lines",
        kind="words",
        description='The numbers that it answers, like ["+12025550100"]; ["*"]: all that no other flow claims',
        required=True,
        pattern=rf"{PHONE_PATTERN}|^\*$",
    ),
    Field(
        name="languages",
        kind="words",
        description="What it speaks, the first unless the caller is known to prefer another",
        default="en",
    ),
    Field(
        name="person",
        kind="queue",
        description='The queue that 0, silence and "an agent, please" lead to',
        required=True,
    ),
    Field(
        name="max_keys",
        kind="number",
        description="The most keys that it may take to reach a person or a promise",
        default=3,
        minimum=1,
        maximum=9,
    ),
    Field(
        name="max_seconds",
        kind="number",
        description="The most seconds of speech and silence until then",
        default=40,
        minimum=5,
        maximum=300,
    ),
    Field(name="start", kind="step", description="Where a call begins; the first step without it"),
    Field(
        name="steps",
        kind="named",
        description="What happens, step by step",
        required=True,
        name_pattern=NAME_PATTERN,
        schema_rules={"minProperties": 1},
    ),
)
_NUMBER = re.compile(PHONE_PATTERN)
_STEP_NAME = re.compile(NAME_PATTERN)


def parse_flow(file: YamlEntry) -> tuple[Flow, tuple[Ref, ...]]:
    """The flow, and every name in its header that must exist elsewhere."""
    file.allow_only(field_names(HEADER_FIELDS))
    steps_entry = file.get_entry("steps", "steps")
    steps = {
        name: step
        for name in steps_entry.field_names()
        if (step := parse_step(steps_entry, name)) is not None
    }
    if not steps_entry.field_names():
        file.add_fault('the flow needs "steps", each with a name')
    person = file.get_ref("queue", "person")
    languages = file.get_refs("language", "languages") or (
        Ref(kind="language", name="en", location=file.location),
    )
    start = file.get_ref("step", "start", next(iter(steps), ""))
    flow = Flow(
        name=file.get_text("flow"),
        location=file.location,
        called_numbers=_parse_called_numbers(file),
        languages=tuple(ref.name for ref in languages),
        person_queue=person.name,
        max_keys=file.get_number(get_field(HEADER_FIELDS, "max_keys")),
        max_seconds=file.get_number(get_field(HEADER_FIELDS, "max_seconds")),
        start=start.name,
        steps=steps,
        location_after_steps=min(
            (place for place in map(file.key_location, file.field_names()) if place > steps_entry.location),
            default=NO_LOCATION,
        ),
        built_in_steps=make_built_in_steps(person),
    )
    return flow, (person, start, *languages)


def make_built_in_steps(person_queue: Ref) -> dict[str, Step]:
    """The steps every flow has without writing them."""
    reason = AskStep(
        name="@reason",
        subject="reason",
        prompt=Ref(kind="prompt", name="ask.reason"),
        next=Ref(kind="step", name="@person"),
    )
    steps = (
        make_person_step(person_queue.name, person_queue.location),
        *make_built_in_promises(person_queue.name, person_queue.location),
        reason,
        CaseStep(name="@case"),
    )
    return {step.name: step for step in steps}


def parse_step(steps: YamlEntry, name: str) -> Step | None:
    """None when it cannot be told what kind of step it is."""
    if not _STEP_NAME.fullmatch(name):
        steps.add_fault(
            f'"{name}" should be a name of small letters, digits and "_", beginning with a letter',
            steps.key_location(name),
        )
    entry = steps.get_entry(name, f'step "{name}"')
    found = [keyword for keyword in step_kinds() if keyword in entry and keyword in entry.field_names()]
    written = _choose_kind(entry, found)
    if written is None:
        return None
    kind = step_kinds()[written]
    entry.allow_only(field_names(kind.fields))
    return kind.parse(name, entry)


def _choose_kind(entry: YamlEntry, keywords: list[str]) -> str | None:
    if not keywords:
        near = next((hint for key in entry.field_names() if (hint := did_you_mean(key, step_kinds()))), "")
        entry.add_fault(
            f"{entry.label} does not say what it does; expected one of: {comma_separated(step_kinds())}.{near}"
        )
        return None
    if len(keywords) == 1:
        return keywords[0]
    # A word may be a kind and also belong to another kind: "queue" in a promise. The kind is the one that allows the others.
    fitting = [one for one in keywords if set(keywords) - {one} <= set(field_names(step_kinds()[one].fields))]
    if len(fitting) == 1:
        return fitting[0]
    entry.add_fault(f"{entry.label} should do one thing, not {len(keywords)}: {comma_separated(keywords)}")
    return None


def _parse_called_numbers(file: YamlEntry) -> tuple[str, ...]:
    lines = file.get_texts("lines")
    if not lines:
        file.add_fault(
            f'the flow needs "lines": the numbers it answers, like ["+12025550100"], or ["{ANY_NUMBER}"] for all others'
        )
    for line in lines:
        if line != ANY_NUMBER and not _NUMBER.fullmatch(line):
            file.add_fault(
                f'"{line}" should be a number like "+12025550100", or "{ANY_NUMBER}"',
                file.value_location("lines"),
            )
    return lines
