"""What publishing asks of a flow: everything that would strand, bore or insult a caller is a fault."""

from __future__ import annotations

import gc
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from ivr.flow.checker.call_space import CallSpace
from ivr.flow.checker.explore import MAX_NODES, explore_flow
from ivr.flow.checker.longest_path import CallPath
from ivr.flow.checker.proof import Proof, prove_flow
from ivr.flow.checker.speaking_time import DEFAULT_AUDIO_SECONDS
from ivr.flow.checker.traps import Trap
from ivr.flow.engine import MAX_CHAINED_STEPS
from ivr.flow.model import Flow, Library
from ivr.flow.phrases.phrasebook import Phrasebook
from ivr.flow.steps.menu import MAX_OPTIONS, MenuStep
from ivr.flow.yaml_source.entry import FlowFault, InvalidFlows, SourceLocation

# The year whose hours are walked through; any year has every weekday, and a fixed one gives the same answer every day.
YEAR_START = datetime(2026, 1, 1, tzinfo=UTC)
_CHECKS = {"press": "a key that a menu does not have", "call_again": "telling people to call again"}


@dataclass(frozen=True, kw_only=True)
class FlowReport:
    flow: Flow
    faults: tuple[FlowFault, ...]
    longest_path: CallPath | None = None
    most_keys: CallPath | None = None
    call_kinds: int = 0  # kinds of call that were walked through
    traps: tuple[Trap, ...] = ()

    @property
    def is_sound(self) -> bool:
        return not self.faults


def refuse_traps(library: Library) -> None:
    """Raises InvalidFlows when any flow could strand anyone: such a line does not start (I8)."""
    faults = [fault for report in check_flows(library) for fault in report.faults]
    if faults:
        raise InvalidFlows(faults)


def check_flows(
    library: Library, since: datetime = YEAR_START, *, max_nodes: int = MAX_NODES
) -> tuple[FlowReport, ...]:
    """A report per flow, in order of name."""
    words = tuple(_call_again_faults(library))
    reports = []
    for index, flow in enumerate(library.flows.values()):
        own = (
            _unreachable_faults(flow),
            _loop_faults(flow),
            _menu_faults(flow),
            _spoken_key_faults(flow, library),
        )
        faults = [*(words if index == 0 else ()), *(fault for found in own for fault in found)]
        reports.append(
            _prove_flow(flow, library, faults, CallSpace.from_flow(flow, library, since), max_nodes)
        )
    return tuple(reports)


def _prove_flow(
    flow: Flow, library: Library, faults: list[FlowFault], call_space: CallSpace, max_nodes: int
) -> FlowReport:
    calls = call_space.count * len(flow.languages)
    with _garbage_collection_paused():
        explored = explore_flow(flow, library, call_space, max_nodes)
        if not explored.is_complete:
            faults = [*faults, _too_large_fault(flow, max_nodes)]
            return FlowReport(flow=flow, faults=tuple(sorted(set(faults))), call_kinds=calls)
        proof = prove_flow(explored)
    if explored.overlong_steps and not any(_loop_faults(flow)):
        faults = [*faults, _long_chain_fault(flow, explored.overlong_steps[0])]
    return FlowReport(
        flow=flow,
        faults=tuple(sorted({*faults, *_trap_faults(flow, proof), *_limit_faults(flow, proof)})),
        longest_path=proof.longest_path,
        most_keys=proof.most_keys,
        call_kinds=calls,
        traps=proof.traps,
    )


@contextmanager
def _garbage_collection_paused() -> Iterator[None]:
    """Everything that is made then is kept until the end: to look for garbage among it is a sixth of the work."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _too_large_fault(flow: Flow, turns: int) -> FlowFault:
    message = (
        f"the flow is too large to be proved: after {turns} turns not all that can happen was walked through"
    )
    fix = "Make two flows of it, or let fewer conditions stand one after the other"
    return FlowFault(location=flow.location, message=f"{message}. {fix}")


def _long_chain_fault(flow: Flow, step: str) -> FlowFault:
    message = f'after "{step}" more than {MAX_CHAINED_STEPS} steps follow at which the caller does nothing'
    return FlowFault(
        location=_step_location(flow, step), message=f"{message}; they would be put through to a person"
    )


def _step_location(flow: Flow, step: str) -> SourceLocation:
    return flow.steps[step].location if step in flow.steps else flow.location


def _trap_faults(flow: Flow, proof: Proof) -> Iterator[FlowFault]:
    for trap in proof.traps:
        message = f'from "{trap.step}", {trap.problem}:\n    {trap.instructions}'
        yield FlowFault(location=_step_location(flow, trap.step), message=message)


def _limit_faults(flow: Flow, proof: Proof) -> Iterator[FlowFault]:
    if proof.longest_path and proof.longest_path.seconds > flow.max_seconds:
        message = f"it takes {proof.longest_path.seconds:.0f} s to reach a person or a promise, more than {flow.max_seconds}"
        yield FlowFault(
            location=flow.location,
            message=f"{message}: {proof.longest_path.path}\n    {proof.longest_path.instructions}",
        )
    if proof.most_keys and proof.most_keys.keys > flow.max_keys:
        message = (
            f"it takes {proof.most_keys.keys} keys to reach a person or a promise, more than {flow.max_keys}"
        )
        yield FlowFault(
            location=flow.location,
            message=f"{message}: {proof.most_keys.path}\n    {proof.most_keys.instructions}",
        )


def _unreachable_faults(flow: Flow) -> Iterator[FlowFault]:
    seen, work = {flow.start}, [flow.start]
    while work:
        step = flow.steps.get(work.pop())
        new = {ref.name for ref in step.refs() if ref.kind == "step"} - seen if step else set()
        seen |= new
        work += new
    for name, step in flow.steps.items():
        if name not in seen:
            yield FlowFault(location=step.location, message=f'nothing leads to the step "{name}"')


def _loop_faults(flow: Flow) -> Iterator[FlowFault]:
    """Steps in a circle that turns without the caller doing anything."""
    for name, step in flow.steps.items():
        way = _path_back(flow, name)
        if way and name == min(way):
            shown = " > ".join([*way, name])
            message = f"goes round without the caller doing anything: {shown}"
            yield FlowFault(location=step.location, message=f'the step "{name}" {message}')


def _path_back(flow: Flow, start: str) -> list[str]:
    work = [[start]]
    seen: set[str] = set()
    for way in work:
        step = flow.steps.get(way[-1])
        for ref in step.automatic_refs() if step else ():
            if ref.name == start:
                return way
            if ref.name not in seen:
                seen.add(ref.name)
                work.append([*way, ref.name])
    return []


def _menu_faults(flow: Flow) -> Iterator[FlowFault]:
    for name, step in flow.steps.items():
        if isinstance(step, MenuStep) and len(step.options) > MAX_OPTIONS:
            message = (
                f'the menu "{name}" has {len(step.options)} options; nobody remembers more than {MAX_OPTIONS}'
            )
            yield FlowFault(location=step.location, message=message)


def _spoken_key_faults(flow: Flow, library: Library) -> Iterator[FlowFault]:
    """A caller who does as they are told must not be told that it was a mistake."""
    for name, step in flow.steps.items():
        if not isinstance(step, MenuStep):
            continue
        keys = {option.key for option in step.options} | {"0"}
        for language in flow.languages:
            book = library.get_phrasebook(language)
            source = book.templates[step.prompt.name].source
            for key in set(_find_matches(book, "press", source)) - keys:
                said = f'the prompt "{step.prompt.name}" ({language}) says to press {key}'
                yield FlowFault(
                    location=step.prompt.location, message=f'{said}, which the menu "{name}" does not have'
                )


def _call_again_faults(library: Library) -> Iterator[FlowFault]:
    for language, book in library.phrasebooks.items():
        for key, template in book.templates.items():
            found = find_call_again_request(template.source, book)
            if found:
                message = (
                    f'the prompt "{key}" tells people to call again ("{found}"); promise to call them instead'
                )
                file = SourceLocation(file=f"{library.folder}/prompts/{language}.yaml")
                yield FlowFault(location=book.locations.get(key, file), message=message)


def find_call_again_request(text: str, phrasebook: Phrasebook) -> str:
    """The words that do it; '' when none do: nobody is told to do our work, a promise is made instead."""
    ours = [re.compile(pattern, re.IGNORECASE) for pattern in phrasebook.get_word_list("checks.ours")]
    for pattern in phrasebook.get_word_list("checks.call_again"):
        for match in re.finditer(pattern, text, re.IGNORECASE):
            # "we will call back" is ours to say; "press 1 and we call you again" too
            if not any(own.search(text[: match.start()]) for own in ours):
                return match[0]
    return ""


def _find_matches(phrasebook: Phrasebook, check: str, text: str) -> list[str]:
    return [
        match[1]
        for pattern in phrasebook.get_word_list(f"checks.{check}")
        for match in re.finditer(pattern, text, re.IGNORECASE)
    ]


def list_notes(library: Library) -> tuple[str, ...]:
    """What is no fault, and yet to be known before it is published."""
    return (*list_unchecked(library), *_recording_notes(library))


def _recording_notes(library: Library) -> Iterator[str]:
    for language in library.languages:
        for key, template in library.get_phrasebook(language).templates.items():
            where = f'{library.folder}/prompts/{language}.yaml, "{key}"'
            if template.is_audio and template.source.startswith("http://"):
                yield f"{where}: this recording is fetched without https, so anybody on the way may change what callers hear"
            if template.is_audio and template.seconds is None:
                yield f'{where}: nobody has said how long this recording is, so {DEFAULT_AUDIO_SECONDS:.0f} s are assumed; write {{audio: "...", seconds: 7}}'
            if template.is_audio and template.fallback is None:
                yield f'{where}: a caller hears nothing when this recording cannot be fetched; give its words too, {{audio: "...", text: "..."}}'


def list_unchecked(library: Library) -> tuple[str, ...]:
    """Sentences about what nobody looked for, because a language does not say how it is said."""
    return tuple(
        f'{library.folder}/prompts/{language}.yaml has no "{name}" under "checks": {_CHECKS[name]} in it is not looked for'
        for language in library.languages
        for name in _CHECKS
        if not library.get_phrasebook(language).get_word_list(f"checks.{name}")
    )
