"""All flows of a folder with their hours, queues and words: read, checked against each other, and given a version."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ivr.domain.schedule.opening_hours import Hours
from ivr.flow.hours import parse_hours
from ivr.flow.loader.parse import parse_flow
from ivr.flow.model import ANY_NUMBER, Flow, Library
from ivr.flow.phrases.built_in import list_built_in_languages, list_missing_phrases, parse_phrasebook
from ivr.flow.phrases.phrasebook import Phrasebook
from ivr.flow.policies import parse_policy
from ivr.flow.queues import QueueSettings, parse_queues
from ivr.flow.yaml_source.entry import (
    FlowFault,
    InvalidFlows,
    Ref,
    SourceLocation,
    YamlEntry,
    comma_separated,
    did_you_mean,
    read_yaml,
)

__all__ = ["Library", "is_flow_file", "load_flows", "parse_flows", "read_flow_files"]

MAX_NAMED_PHRASES = 12  # of the words that a language lacks; a fault is to be read
HOURS_FILE, QUEUES_FILE, PROMPTS_FOLDER, POLICIES_FOLDER = "hours.yaml", "queues.yaml", "prompts", "policies"


@dataclass(kw_only=True)
class _ParseState:
    """What is found while the files are read."""

    flows: dict[str, Flow] = field(default_factory=dict)
    queues: dict[str, QueueSettings] = field(default_factory=dict)
    hours: dict[str, Hours] = field(default_factory=dict)
    phrasebooks: dict[str, Phrasebook] = field(default_factory=dict)
    refs: list[tuple[Flow | None, Ref]] = field(default_factory=list)
    faults: list[FlowFault] = field(default_factory=list)


def load_flows(folder: Path) -> Library:
    """Raises InvalidFlows with everything that is wrong; nothing is loaded then."""
    return parse_flows(read_flow_files(folder), folder.as_posix())


def read_flow_files(folder: Path) -> dict[str, str]:
    """The texts that make up the flows, by their path within the folder; nothing else that lies there."""
    paths = sorted(
        [
            *folder.glob("*.yaml"),
            *(folder / PROMPTS_FOLDER).glob("*.yaml"),
            *(folder / POLICIES_FOLDER).glob("*.md"),
        ]
    )
    return {path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in paths}


def is_flow_file(name: str) -> bool:
    """Whether a path within the folder is one that `read_flow_files` takes."""
    folder, _, file = name.rpartition("/")
    ending = {"": ".yaml", PROMPTS_FOLDER: ".yaml", POLICIES_FOLDER: ".md"}.get(folder, "\0")
    return file.endswith(ending) and not file.startswith(".")


def parse_flows(files: Mapping[str, str], folder: str = "flows") -> Library:
    """The same from texts by their path within the folder: a published version has no files."""
    library, faults = parse_with_faults(files, folder)
    if faults:
        raise InvalidFlows(faults)
    return library


def parse_with_faults(
    files: Mapping[str, str], folder: str = "flows"
) -> tuple[Library, tuple[FlowFault, ...]]:
    """All that can be read, and everything that is wrong. With faults it is only to be looked at: names in it may lead nowhere."""
    reading = _ParseState()
    if not any(_is_flow_path(name) for name in files):
        reading.faults.append(
            FlowFault(
                location=SourceLocation(file=folder), message="no flow here; expected a file like main.yaml"
            )
        )
    policies = [
        parse_policy(text, f"{folder}/{name}", reading.faults)
        for name, text in sorted(files.items())
        if name.startswith(f"{POLICIES_FOLDER}/")
    ]
    before = len(reading.faults)
    entries = {
        name: read_yaml(text, f"{folder}/{name}", reading.faults)
        for name, text in files.items()
        if not name.startswith(f"{POLICIES_FOLDER}/")
    }
    unreadable = reading.faults[before:]  # with a file missing, whatever else is said would be noise
    for name, entry in entries.items():
        if _is_flow_path(name):
            _add_flow(reading, entry)
    if HOURS_FILE in entries:
        reading.hours = parse_hours(entries[HOURS_FILE])
    if QUEUES_FILE in entries:
        reading.queues = parse_queues(entries[QUEUES_FILE])
        reading.refs += [(None, ref) for queue in reading.queues.values() for ref in queue.refs]
    _add_phrasebooks(reading, entries, folder)
    _check_names(reading)
    _check_called_numbers(reading)
    library = Library(
        flows=reading.flows,
        queues=reading.queues,
        hours=reading.hours,
        phrasebooks=reading.phrasebooks,
        policies=tuple(p for p in policies if p),
        version=compute_version(files),
        folder=folder,
    )
    return library, InvalidFlows(unreadable or reading.faults).faults


def compute_version(files: Mapping[str, str]) -> str:
    """Content-addressed: the same files are the same version wherever they lie."""
    digest = hashlib.sha256()
    for name, text in sorted(files.items()):
        digest.update(f"{name}\0{len(text)}\0{text}".encode())
    return digest.hexdigest()[:16]


def _is_flow_path(name: str) -> bool:
    return "/" not in name and name not in {HOURS_FILE, QUEUES_FILE}


def _add_flow(state: _ParseState, entry: YamlEntry) -> None:
    flow, refs = parse_flow(entry)
    if flow.name in state.flows:
        entry.add_fault(f'there is another flow "{flow.name}" already', entry.value_location("flow"))
    state.flows[flow.name] = flow
    state.refs += [(flow, ref) for ref in refs]
    state.refs += [(flow, ref) for step in flow.steps.values() for ref in step.refs()]


def _add_phrasebooks(state: _ParseState, entries: Mapping[str, YamlEntry], folder: str) -> None:
    used = dict.fromkeys(language for flow in state.flows.values() for language in flow.languages)
    files = {
        name.removeprefix(f"{PROMPTS_FOLDER}/").removesuffix(".yaml"): e
        for name, e in entries.items()
        if "/" in name
    }
    needed: dict[str, SourceLocation] = {}
    for flow, ref in state.refs:
        if flow is not None and ref.kind == "prompt" and ref.name:
            needed.setdefault(ref.name, ref.location)
    # those that callers are spoken to in come first: the first book speaks to whoever no book is for
    for language in dict.fromkeys([*used, *sorted(files)]):
        book, _ = parse_phrasebook(language, files.get(language))
        if language not in used:
            if not list_missing_phrases(book):  # a language that is only begun is spoken to nobody
                state.phrasebooks[language] = book
            continue
        state.phrasebooks[language] = book
        file = f"{folder}/{PROMPTS_FOLDER}/{language}.yaml"
        for key, place in needed.items():
            if key not in book:
                message = f'the prompt "{key}" is missing in {file}.{did_you_mean(key, book.templates)}'
                state.faults.append(FlowFault(location=place, message=message))
        _check_complete(state, language, file)


def _check_complete(state: _ParseState, language: str, file: str) -> None:
    """A language the package does not ship must say everything itself."""
    unsaid = list_missing_phrases(state.phrasebooks[language])
    if unsaid:
        shown = ", ".join(unsaid[:MAX_NAMED_PHRASES]) + (
            f" and {len(unsaid) - MAX_NAMED_PHRASES} more" if len(unsaid) > MAX_NAMED_PHRASES else ""
        )
        begin = f"`ivr flows new-language {language}` prints them all with the English words"
        message = f'"{language}" does not say everything yet; missing: {shown}. {begin}'
        state.faults.append(FlowFault(location=SourceLocation(file=file), message=message))


def _check_names(state: _ParseState) -> None:
    for flow, ref in state.refs:
        if not ref.name or ref.kind == "prompt":
            continue
        known = _known_names(state, flow, ref.kind)
        if ref.name not in known:
            expected = "" if ref.kind == "step" else f" Expected one of: {comma_separated(known)}."
            message = (
                f'"{ref.name}" is not a {_REF_LABELS[ref.kind]}.{did_you_mean(ref.name, known) or expected}'
            )
            state.faults.append(FlowFault(location=ref.location, message=message))


_REF_LABELS = {
    "step": "step of this flow",
    "queue": "queue",
    "hours": "name of opening hours",
    "language": "language of this flow",
}


def _known_names(state: _ParseState, flow: Flow | None, kind: str) -> Iterable[str]:
    match kind:
        case "step":
            return [*flow.steps, *(name for name in flow.built_in_steps)] if flow else []
        case "queue":
            return state.queues
        case "hours":
            return [*state.hours, *state.queues]
        case _:
            return flow.languages if flow else list_built_in_languages()


def _check_called_numbers(state: _ParseState) -> None:
    claimed: dict[str, str] = {}
    for flow in state.flows.values():
        for line in flow.called_numbers:
            if line in claimed and claimed[line] != flow.name:
                whose = "every other number" if line == ANY_NUMBER else line
                message = f'{whose} is answered by the flow "{claimed[line]}" already'
                state.faults.append(FlowFault(location=flow.location, message=message))
            claimed[line] = flow.name
