"""What the picture of a flow shows, before anything is placed: each step, where it leads and when, and what is marked on it."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from html import unescape
from itertools import pairwise

from ivr.flow.checker.longest_path import CallPath
from ivr.flow.model import Flow, Library, Step
from ivr.flow.yaml_source.entry import FlowFault

_TAG = re.compile(r"<[^>]*>")
MISSING_SHAPE = "missing"  # the shape of a name that no step has


@dataclass(frozen=True, kw_only=True)
class BoxExit:
    when: str
    to: str  # name of a box


@dataclass(frozen=True, kw_only=True)
class DiagramBox:
    name: str
    kind: str  # the word that the step has in its file; '' when there is no such step
    shape: str  # step, person, promise, message, goodbye, missing
    summary: str = ""
    prompt_text: str = ""  # of its prompt, in the flow's first language, without markup
    exits: tuple[BoxExit, ...] = ()
    faults: tuple[str, ...] = ()
    path_number: int = 0  # on the longest way, from 1; 0 = not on it


@dataclass(frozen=True, kw_only=True)
class Diagram:
    flow: str
    person_queue: str  # the queue that 0 leads to
    boxes: tuple[DiagramBox, ...]  # the first is where it begins
    longest_path: CallPath | None

    def is_on_longest_path(self, calls: DiagramBox, exit_: BoxExit) -> bool:
        """Whether the longest way goes on there."""
        steps = self.longest_path.steps if self.longest_path else ()
        return (calls.name, exit_.to) in pairwise(steps)


def make_diagram(
    flow: Flow, library: Library, faults: Iterable[FlowFault] = (), longest_path: CallPath | None = None
) -> Diagram:
    """From the start as far as it leads, then what nothing leads to. Faults are marked on the steps in whose lines they are."""
    by_step: dict[str, list[str]] = {}
    for fault in faults:
        by_step.setdefault(find_step_at(flow, fault), []).append(fault.message.split("\n", maxsplit=1)[0])
    nth: dict[str, int] = {}
    for name in longest_path.steps if longest_path else ():
        nth.setdefault(name, len(nth) + 1)
    boxes = tuple(
        _make_box(flow, library, name, tuple(by_step.get(name, ())), nth.get(name, 0))
        for name in _list_names(flow)
    )
    return Diagram(flow=flow.name, person_queue=flow.person_queue, boxes=boxes, longest_path=longest_path)


def find_step_at(flow: Flow, fault: FlowFault) -> str:
    """The step in whose lines a fault is; '' when it is not in one."""
    found = ""
    if fault.file != flow.location.file or (
        flow.location_after_steps.line and fault.location >= flow.location_after_steps
    ):
        return found
    at = (fault.line, fault.column)
    begins = -1, -1
    for name, step in flow.steps.items():
        place = step.location.line, step.location.column
        within = fault.line == step.location.line or fault.column > step.location.column
        if begins < place <= at and within:
            begins, found = place, name
    return found


def _list_names(flow: Flow) -> list[str]:
    """All names in the flow, those of steps and those that are no step's."""
    names: dict[str, None] = {}
    for start in (flow.start, *flow.steps):
        work = deque([start] if start else [])
        while work:
            name = work.popleft()
            if name in names:
                continue
            names[name] = None
            step = _find_step(flow, name)
            work.extend(leads.to for leads in _list_exits(step))
    return list(names)


def _find_step(flow: Flow, name: str) -> Step | None:
    return flow.steps.get(name) or flow.built_in_steps.get(name)


def _list_exits(step: Step | None) -> tuple[BoxExit, ...]:
    exits = step.list_exits() if step else ()
    return tuple(BoxExit(when=one.when, to=one.to.name) for one in exits if one.to.name)


def _make_box(
    flow: Flow, library: Library, name: str, faults: tuple[str, ...], path_number: int
) -> DiagramBox:
    step = _find_step(flow, name)
    if step is None:
        return DiagramBox(
            name=name, kind="", shape=MISSING_SHAPE, summary="there is no such step", faults=faults
        )
    return DiagramBox(
        name=name,
        kind=step.keyword,
        shape=step.shape,
        summary=step.summarize(flow),
        prompt_text=_prompt_text(flow, library, step),
        exits=_list_exits(step),
        faults=faults,
        path_number=path_number,
    )


def _prompt_text(flow: Flow, library: Library, step: Step) -> str:
    prompt = next((ref.name for ref in step.refs() if ref.kind == "prompt" and ref.name), "")
    template = (
        library.get_phrasebook(flow.languages[0]).templates.get(prompt)
        if prompt and library.phrasebooks
        else None
    )
    if template is None:
        return ""
    if template.is_audio:
        return f"a recording: {template.source.rsplit('/', maxsplit=1)[-1]}"
    return " ".join(unescape(_TAG.sub("", template.source)).split())
