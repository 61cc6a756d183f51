"""A flow file, read into a Flow. Names that must exist elsewhere are checked when all files have been read (`library`)."""

from __future__ import annotations

import re

from ivr.flow.model import ANY_LINE, Flow, Step
from ivr.flow.steps import kinds
from ivr.flow.steps.ask import Question
from ivr.flow.steps.promise import built_in_promises
from ivr.flow.steps.queue import person_step
from ivr.flow.steps.recall import Matter
from ivr.flow.yaml_source.entry import NOWHERE, Entry, Ref, nearest, one_of
from ivr.flow.yaml_source.fields import NAME, PHONE, Field, named, names

HEADER = (
    Field(name="flow", kind="text", about="Its name", needed=True),
    Field(
        name="lines",
        kind="words",
        about='The numbers that it answers, like ["+12025550100"]; ["*"]: all that no other flow claims',
        needed=True,
        like=rf"{PHONE}|^\*$",
    ),
    Field(
        name="languages",
        kind="words",
        about="What it speaks, the first unless the caller is known to prefer another",
        default="en",
    ),
    Field(
        name="person",
        kind="queue",
        about='The queue that 0, silence and "an agent, please" lead to',
        needed=True,
    ),
    Field(
        name="max_keys",
        kind="number",
        about="The most keys that it may take to reach a person or a promise",
        default=3,
        least=1,
        most=9,
    ),
    Field(
        name="max_seconds",
        kind="number",
        about="The most seconds of speech and silence until then",
        default=40,
        least=5,
        most=300,
    ),
    Field(name="start", kind="step", about="Where a call begins; the first step without it"),
    Field(
        name="steps",
        kind="named",
        about="What happens, step by step",
        needed=True,
        names=NAME,
        rules={"minProperties": 1},
    ),
)
_NUMBER = re.compile(PHONE)
_STEP_NAME = re.compile(NAME)


def parse_flow(file: Entry) -> tuple[Flow, tuple[Ref, ...]]:
    """The flow, and every name in its header that must exist elsewhere."""
    file.only(names(HEADER))
    steps_entry = file.entry("steps", "steps")
    steps = {
        name: step for name in steps_entry.names() if (step := parse_step(steps_entry, name)) is not None
    }
    if not steps_entry.names():
        file.fault('the flow needs "steps", each with a name')
    person = file.ref("queue", "person")
    languages = file.refs("language", "languages") or (Ref(kind="language", name="en", place=file.place),)
    start = file.ref("step", "start", next(iter(steps), ""))
    flow = Flow(
        name=file.text("flow"),
        place=file.place,
        lines=_lines(file),
        languages=tuple(ref.name for ref in languages),
        person=person.name,
        max_keys=file.number(named(HEADER, "max_keys")),
        max_seconds=file.number(named(HEADER, "max_seconds")),
        start=start.name,
        steps=steps,
        below=min(
            (place for place in map(file.key_place, file.names()) if place > steps_entry.place),
            default=NOWHERE,
        ),
        built_in=built_in(person),
    )
    return flow, (person, start, *languages)


def built_in(person: Ref) -> dict[str, Step]:
    """The steps every flow has without writing them."""
    reason = Question(
        name="@reason",
        what="reason",
        prompt=Ref(kind="prompt", name="ask.reason"),
        next=Ref(kind="step", name="@person"),
    )
    steps = (
        person_step(person.name, person.place),
        *built_in_promises(person.name, person.place),
        reason,
        Matter(name="@case"),
    )
    return {step.name: step for step in steps}


def parse_step(steps: Entry, name: str) -> Step | None:
    """None when it cannot be told what kind of step it is."""
    if not _STEP_NAME.fullmatch(name):
        steps.fault(
            f'"{name}" should be a name of small letters, digits and "_", beginning with a letter',
            steps.key_place(name),
        )
    entry = steps.entry(name, f'step "{name}"')
    found = [keyword for keyword in kinds() if keyword in entry and keyword in entry.names()]
    written = _kind(entry, found)
    if written is None:
        return None
    kind = kinds()[written]
    entry.only(names(kind.fields))
    return kind.parse(name, entry)


def _kind(entry: Entry, found: list[str]) -> str | None:
    if not found:
        near = next((hint for key in entry.names() if (hint := nearest(key, kinds()))), "")
        entry.fault(f"{entry.what} does not say what it does; expected one of: {one_of(kinds())}.{near}")
        return None
    if len(found) == 1:
        return found[0]
    # A word may be a kind and also belong to another kind: "queue" in a promise. The kind is the one that allows the others.
    fitting = [one for one in found if set(found) - {one} <= set(names(kinds()[one].fields))]
    if len(fitting) == 1:
        return fitting[0]
    entry.fault(f"{entry.what} should do one thing, not {len(found)}: {one_of(found)}")
    return None


def _lines(file: Entry) -> tuple[str, ...]:
    lines = file.texts("lines")
    if not lines:
        file.fault(
            f'the flow needs "lines": the numbers it answers, like ["+12025550100"], or ["{ANY_LINE}"] for all others'
        )
    for line in lines:
        if line != ANY_LINE and not _NUMBER.fullmatch(line):
            file.fault(
                f'"{line}" should be a number like "+12025550100", or "{ANY_LINE}"', file.value_place("lines")
            )
    return lines
