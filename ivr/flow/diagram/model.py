"""What the picture of a flow shows, before anything is placed: each step, where it leads and when, and what is marked on it."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from html import unescape
from itertools import pairwise

from ivr.flow.checker.proof import Way
from ivr.flow.model import Flow, Library, Step
from ivr.flow.yaml_source.entry import Fault

_TAG = re.compile(r"<[^>]*>")
MISSING = "missing"  # the shape of a name that no step has


@dataclass(frozen=True, kw_only=True)
class Leads:
    when: str
    to: str  # name of a box


@dataclass(frozen=True, kw_only=True)
class Box:
    name: str
    kind: str  # the word that the step has in its file; '' when there is no such step
    shape: str  # step, person, promise, message, goodbye, missing
    gist: str = ""
    words: str = ""  # of its prompt, in the flow's first language, without markup
    exits: tuple[Leads, ...] = ()
    faults: tuple[str, ...] = ()
    nth: int = 0  # on the longest way, from 1; 0 = not on it


@dataclass(frozen=True, kw_only=True)
class Sketch:
    flow: str
    person: str  # the queue that 0 leads to
    boxes: tuple[Box, ...]  # the first is where it begins
    longest: Way | None

    def on_longest(self, box: Box, exit_: Leads) -> bool:
        """Whether the longest way goes on there."""
        steps = self.longest.steps if self.longest else ()
        return (box.name, exit_.to) in pairwise(steps)


def sketch(flow: Flow, library: Library, faults: Iterable[Fault] = (), longest: Way | None = None) -> Sketch:
    """From the start as far as it leads, then what nothing leads to. Faults are marked on the steps in whose lines they are."""
    by_step: dict[str, list[str]] = {}
    for fault in faults:
        by_step.setdefault(step_at(flow, fault), []).append(fault.message.split("\n", maxsplit=1)[0])
    nth: dict[str, int] = {}
    for name in longest.steps if longest else ():
        nth.setdefault(name, len(nth) + 1)
    boxes = tuple(
        _box(flow, library, name, tuple(by_step.get(name, ())), nth.get(name, 0)) for name in _names(flow)
    )
    return Sketch(flow=flow.name, person=flow.person, boxes=boxes, longest=longest)


def step_at(flow: Flow, fault: Fault) -> str:
    """The step in whose lines a fault is; '' when it is not in one."""
    found = ""
    if fault.file != flow.place.file or (flow.below.line and fault.place >= flow.below):
        return found
    at = (fault.line, fault.column)
    begins = -1, -1
    for name, step in flow.steps.items():
        place = step.place.line, step.place.column
        within = fault.line == step.place.line or fault.column > step.place.column
        if begins < place <= at and within:
            begins, found = place, name
    return found


def _names(flow: Flow) -> list[str]:
    """All names in the flow, those of steps and those that are no step's."""
    names: dict[str, None] = {}
    for start in (flow.start, *flow.steps):
        work = deque([start] if start else [])
        while work:
            name = work.popleft()
            if name in names:
                continue
            names[name] = None
            step = _step(flow, name)
            work.extend(leads.to for leads in _exits(step))
    return list(names)


def _step(flow: Flow, name: str) -> Step | None:
    return flow.steps.get(name) or flow.built_in.get(name)


def _exits(step: Step | None) -> tuple[Leads, ...]:
    exits = step.exits() if step else ()
    return tuple(Leads(when=one.when, to=one.to.name) for one in exits if one.to.name)


def _box(flow: Flow, library: Library, name: str, faults: tuple[str, ...], nth: int) -> Box:
    step = _step(flow, name)
    if step is None:
        return Box(name=name, kind="", shape=MISSING, gist="there is no such step", faults=faults)
    return Box(
        name=name,
        kind=step.keyword,
        shape=step.shape,
        gist=step.gist(flow),
        words=_words(flow, library, step),
        exits=_exits(step),
        faults=faults,
        nth=nth,
    )


def _words(flow: Flow, library: Library, step: Step) -> str:
    prompt = next((ref.name for ref in step.refs() if ref.kind == "prompt" and ref.name), "")
    template = library.book(flow.languages[0]).templates.get(prompt) if prompt and library.books else None
    if template is None:
        return ""
    if template.audio:
        return f"a recording: {template.source.rsplit('/', maxsplit=1)[-1]}"
    return " ".join(unescape(_TAG.sub("", template.source)).split())
