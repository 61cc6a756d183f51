"""What publishing asks of a flow: everything that would strand, bore or insult a caller is a fault."""

from __future__ import annotations

import gc
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from ivr.flow.checker.call_space import Kinds
from ivr.flow.checker.explore import MOST_NODES, explore
from ivr.flow.checker.proof import Proof, Trap, Way, prove
from ivr.flow.checker.speaking_time import AUDIO_SECONDS
from ivr.flow.engine import MAX_CHAIN
from ivr.flow.model import Flow, Library
from ivr.flow.phrases.phrasebook import Book
from ivr.flow.steps.menu import MOST_OPTIONS, Menu
from ivr.flow.yaml_source.entry import Fault, FlowFaults, Place

# The year whose hours are walked through; any year has every weekday, and a fixed one gives the same answer every day.
SINCE = datetime(2026, 1, 1, tzinfo=UTC)
_CHECKS = {"press": "a key that a menu does not have", "call_again": "telling people to call again"}


@dataclass(frozen=True, kw_only=True)
class Report:
    flow: Flow
    faults: tuple[Fault, ...]
    longest: Way | None = None
    most_keys: Way | None = None
    calls: int = 0  # kinds of call that were walked through
    traps: tuple[Trap, ...] = ()

    @property
    def ok(self) -> bool:
        return not self.faults


def refuse_traps(library: Library) -> None:
    """Raises FlowFaults when any flow could strand anyone: such a line does not start (I8)."""
    faults = [fault for report in check(library) for fault in report.faults]
    if faults:
        raise FlowFaults(faults)


def check(library: Library, since: datetime = SINCE, *, most: int = MOST_NODES) -> tuple[Report, ...]:
    """A report per flow, in order of name."""
    words = tuple(_calls_again(library))
    reports = []
    for index, flow in enumerate(library.flows.values()):
        own = (_unreachable(flow), _silent_loops(flow), _menus(flow), _keys_spoken(flow, library))
        faults = [*(words if index == 0 else ()), *(fault for found in own for fault in found)]
        reports.append(_proved(flow, library, faults, Kinds.of(flow, library, since), most))
    return tuple(reports)


def _proved(flow: Flow, library: Library, faults: list[Fault], kinds: Kinds, most: int) -> Report:
    calls = kinds.count * len(flow.languages)
    with _nothing_to_collect():
        explored = explore(flow, library, kinds, most)
        if not explored.whole:
            faults = [*faults, _too_large(flow, most)]
            return Report(flow=flow, faults=tuple(sorted(set(faults))), calls=calls)
        proof = prove(explored)
    if explored.lost and not any(_silent_loops(flow)):
        faults = [*faults, _lost(flow, explored.lost[0])]
    return Report(
        flow=flow,
        faults=tuple(sorted({*faults, *_traps(flow, proof), *_too_long(flow, proof)})),
        longest=proof.longest,
        most_keys=proof.most_keys,
        calls=calls,
        traps=proof.traps,
    )


@contextmanager
def _nothing_to_collect() -> Iterator[None]:
    """Everything that is made then is kept until the end: to look for garbage among it is a sixth of the work."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _too_large(flow: Flow, turns: int) -> Fault:
    message = (
        f"the flow is too large to be proved: after {turns} turns not all that can happen was walked through"
    )
    fix = "Make two flows of it, or let fewer conditions stand one after the other"
    return Fault(place=flow.place, message=f"{message}. {fix}")


def _lost(flow: Flow, step: str) -> Fault:
    message = f'after "{step}" more than {MAX_CHAIN} steps follow at which the caller does nothing'
    return Fault(place=_place(flow, step), message=f"{message}; they would be put through to a person")


def _place(flow: Flow, step: str) -> Place:
    return flow.steps[step].place if step in flow.steps else flow.place


def _traps(flow: Flow, proof: Proof) -> Iterator[Fault]:
    for trap in proof.traps:
        message = f'from "{trap.step}", {trap.what}:\n    {trap.call}'
        yield Fault(place=_place(flow, trap.step), message=message)


def _too_long(flow: Flow, proof: Proof) -> Iterator[Fault]:
    if proof.longest and proof.longest.seconds > flow.max_seconds:
        message = f"it takes {proof.longest.seconds:.0f} s to reach a person or a promise, more than {flow.max_seconds}"
        yield Fault(place=flow.place, message=f"{message}: {proof.longest.path}\n    {proof.longest.told}")
    if proof.most_keys and proof.most_keys.keys > flow.max_keys:
        message = (
            f"it takes {proof.most_keys.keys} keys to reach a person or a promise, more than {flow.max_keys}"
        )
        yield Fault(
            place=flow.place, message=f"{message}: {proof.most_keys.path}\n    {proof.most_keys.told}"
        )


def _unreachable(flow: Flow) -> Iterator[Fault]:
    seen, work = {flow.start}, [flow.start]
    while work:
        step = flow.steps.get(work.pop())
        new = {ref.name for ref in step.refs() if ref.kind == "step"} - seen if step else set()
        seen |= new
        work += new
    for name, step in flow.steps.items():
        if name not in seen:
            yield Fault(place=step.place, message=f'nothing leads to the step "{name}"')


def _silent_loops(flow: Flow) -> Iterator[Fault]:
    """Steps in a circle that turns without the caller doing anything."""
    for name, step in flow.steps.items():
        way = _way_back(flow, name)
        if way and name == min(way):
            shown = " > ".join([*way, name])
            message = f"goes round without the caller doing anything: {shown}"
            yield Fault(place=step.place, message=f'the step "{name}" {message}')


def _way_back(flow: Flow, start: str) -> list[str]:
    work = [[start]]
    seen: set[str] = set()
    for way in work:
        step = flow.steps.get(way[-1])
        for ref in step.onward() if step else ():
            if ref.name == start:
                return way
            if ref.name not in seen:
                seen.add(ref.name)
                work.append([*way, ref.name])
    return []


def _menus(flow: Flow) -> Iterator[Fault]:
    for name, step in flow.steps.items():
        if isinstance(step, Menu) and len(step.options) > MOST_OPTIONS:
            message = f'the menu "{name}" has {len(step.options)} options; nobody remembers more than {MOST_OPTIONS}'
            yield Fault(place=step.place, message=message)


def _keys_spoken(flow: Flow, library: Library) -> Iterator[Fault]:
    """A caller who does as they are told must not be told that it was a mistake."""
    for name, step in flow.steps.items():
        if not isinstance(step, Menu):
            continue
        keys = {option.key for option in step.options} | {"0"}
        for language in flow.languages:
            book = library.book(language)
            source = book.templates[step.prompt.name].source
            for key in set(_found(book, "press", source)) - keys:
                said = f'the prompt "{step.prompt.name}" ({language}) says to press {key}'
                yield Fault(place=step.prompt.place, message=f'{said}, which the menu "{name}" does not have')


def _calls_again(library: Library) -> Iterator[Fault]:
    for language, book in library.books.items():
        for key, template in book.templates.items():
            found = tells_to_call_again(template.source, book)
            if found:
                message = (
                    f'the prompt "{key}" tells people to call again ("{found}"); promise to call them instead'
                )
                file = Place(file=f"{library.folder}/prompts/{language}.yaml")
                yield Fault(place=book.places.get(key, file), message=message)


def tells_to_call_again(text: str, book: Book) -> str:
    """The words that do it; '' when none do: nobody is told to do our work, a promise is made instead."""
    ours = [re.compile(pattern, re.IGNORECASE) for pattern in book.listed("checks.ours")]
    for pattern in book.listed("checks.call_again"):
        for match in re.finditer(pattern, text, re.IGNORECASE):
            # "we will call back" is ours to say; "press 1 and we call you again" too
            if not any(own.search(text[: match.start()]) for own in ours):
                return match[0]
    return ""


def _found(book: Book, check: str, text: str) -> list[str]:
    return [
        match[1]
        for pattern in book.listed(f"checks.{check}")
        for match in re.finditer(pattern, text, re.IGNORECASE)
    ]


def notes(library: Library) -> tuple[str, ...]:
    """What is no fault, and yet to be known before it is published."""
    return (*unchecked(library), *_recordings(library))


def _recordings(library: Library) -> Iterator[str]:
    for language in library.languages:
        for key, template in library.book(language).templates.items():
            where = f'{library.folder}/prompts/{language}.yaml, "{key}"'
            if template.audio and template.source.startswith("http://"):
                yield f"{where}: this recording is fetched without https, so anybody on the way may change what callers hear"
            if template.audio and template.seconds is None:
                yield f'{where}: nobody has said how long this recording is, so {AUDIO_SECONDS:.0f} s are assumed; write {{audio: "...", seconds: 7}}'
            if template.audio and template.instead is None:
                yield f'{where}: a caller hears nothing when this recording cannot be fetched; give its words too, {{audio: "...", text: "..."}}'


def unchecked(library: Library) -> tuple[str, ...]:
    """Sentences about what nobody looked for, because a language does not say how it is said."""
    return tuple(
        f'{library.folder}/prompts/{language}.yaml has no "{name}" under "checks": {_CHECKS[name]} in it is not looked for'
        for language in library.languages
        for name in _CHECKS
        if not library.book(language).listed(f"checks.{name}")
    )
