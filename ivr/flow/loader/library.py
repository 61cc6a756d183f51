"""All flows of a folder with their hours, queues and words: read, checked against each other, and given a version."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ivr.domain.schedule.opening_hours import Hours
from ivr.flow.hours import parse_hours
from ivr.flow.loader.parse import parse_flow
from ivr.flow.model import ANY_LINE, Flow, Library
from ivr.flow.phrases.built_in import missing, parse_book, shipped_languages
from ivr.flow.phrases.phrasebook import Book
from ivr.flow.policies import parse as parse_policy
from ivr.flow.queues import Queue, parse_queues
from ivr.flow.yaml_source.entry import Entry, Fault, FlowFaults, Place, Ref, nearest, one_of, read

__all__ = ["Library", "files_in", "is_file", "load_flows", "read_flows"]

NAMED = 12  # of the words that a language lacks; a fault is to be read
HOURS, QUEUES, PROMPTS, POLICIES = "hours.yaml", "queues.yaml", "prompts", "policies"


@dataclass(kw_only=True)
class _Reading:
    """What is found while the files are read."""

    flows: dict[str, Flow] = field(default_factory=dict)
    queues: dict[str, Queue] = field(default_factory=dict)
    hours: dict[str, Hours] = field(default_factory=dict)
    books: dict[str, Book] = field(default_factory=dict)
    refs: list[tuple[Flow | None, Ref]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def load_flows(folder: Path) -> Library:
    """Raises FlowFaults with everything that is wrong; nothing is loaded then."""
    return read_flows(files_in(folder), folder.as_posix())


def files_in(folder: Path) -> dict[str, str]:
    """The texts that make up the flows, by their path within the folder; nothing else that lies there."""
    paths = sorted(
        [*folder.glob("*.yaml"), *(folder / PROMPTS).glob("*.yaml"), *(folder / POLICIES).glob("*.md")]
    )
    return {path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in paths}


def is_file(name: str) -> bool:
    """Whether a path within the folder is one that `files_in` takes."""
    folder, _, file = name.rpartition("/")
    ending = {"": ".yaml", PROMPTS: ".yaml", POLICIES: ".md"}.get(folder, "\0")
    return file.endswith(ending) and not file.startswith(".")


def read_flows(files: Mapping[str, str], folder: str = "flows") -> Library:
    """The same from texts by their path within the folder: a published version has no files."""
    library, faults = read_as_far(files, folder)
    if faults:
        raise FlowFaults(faults)
    return library


def read_as_far(files: Mapping[str, str], folder: str = "flows") -> tuple[Library, tuple[Fault, ...]]:
    """All that can be read, and everything that is wrong. With faults it is only to be looked at: names in it may lead nowhere."""
    reading = _Reading()
    if not any(_is_flow(name) for name in files):
        reading.faults.append(
            Fault(place=Place(file=folder), message="no flow here; expected a file like main.yaml")
        )
    policies = [
        parse_policy(text, f"{folder}/{name}", reading.faults)
        for name, text in sorted(files.items())
        if name.startswith(f"{POLICIES}/")
    ]
    before = len(reading.faults)
    entries = {
        name: read(text, f"{folder}/{name}", reading.faults)
        for name, text in files.items()
        if not name.startswith(f"{POLICIES}/")
    }
    unreadable = reading.faults[before:]  # with a file missing, whatever else is said would be noise
    for name, entry in entries.items():
        if _is_flow(name):
            _add_flow(reading, entry)
    if HOURS in entries:
        reading.hours = parse_hours(entries[HOURS])
    if QUEUES in entries:
        reading.queues = parse_queues(entries[QUEUES])
        reading.refs += [(None, ref) for queue in reading.queues.values() for ref in queue.refs]
    _add_books(reading, entries, folder)
    _check_names(reading)
    _check_lines(reading)
    library = Library(
        flows=reading.flows,
        queues=reading.queues,
        hours=reading.hours,
        books=reading.books,
        policies=tuple(p for p in policies if p),
        version=version(files),
        folder=folder,
    )
    return library, FlowFaults(unreadable or reading.faults).faults


def version(files: Mapping[str, str]) -> str:
    """Content-addressed: the same files are the same version wherever they lie."""
    digest = hashlib.sha256()
    for name, text in sorted(files.items()):
        digest.update(f"{name}\0{len(text)}\0{text}".encode())
    return digest.hexdigest()[:16]


def _is_flow(name: str) -> bool:
    return "/" not in name and name not in {HOURS, QUEUES}


def _add_flow(reading: _Reading, entry: Entry) -> None:
    flow, refs = parse_flow(entry)
    if flow.name in reading.flows:
        entry.fault(f'there is another flow "{flow.name}" already', entry.value_place("flow"))
    reading.flows[flow.name] = flow
    reading.refs += [(flow, ref) for ref in refs]
    reading.refs += [(flow, ref) for step in flow.steps.values() for ref in step.refs()]


def _add_books(reading: _Reading, entries: Mapping[str, Entry], folder: str) -> None:
    used = dict.fromkeys(language for flow in reading.flows.values() for language in flow.languages)
    files = {
        name.removeprefix(f"{PROMPTS}/").removesuffix(".yaml"): e
        for name, e in entries.items()
        if "/" in name
    }
    needed: dict[str, Place] = {}
    for flow, ref in reading.refs:
        if flow is not None and ref.kind == "prompt" and ref.name:
            needed.setdefault(ref.name, ref.place)
    # those that callers are spoken to in come first: the first book speaks to whoever no book is for
    for language in dict.fromkeys([*used, *sorted(files)]):
        book, _ = parse_book(language, files.get(language))
        if language not in used:
            if not missing(book):  # a language that is only begun is spoken to nobody
                reading.books[language] = book
            continue
        reading.books[language] = book
        file = f"{folder}/{PROMPTS}/{language}.yaml"
        for key, place in needed.items():
            if key not in book:
                message = f'the prompt "{key}" is missing in {file}.{nearest(key, book.templates)}'
                reading.faults.append(Fault(place=place, message=message))
        _check_complete(reading, language, file)


def _check_complete(reading: _Reading, language: str, file: str) -> None:
    """A language the package does not ship must say everything itself."""
    unsaid = missing(reading.books[language])
    if unsaid:
        shown = ", ".join(unsaid[:NAMED]) + (
            f" and {len(unsaid) - NAMED} more" if len(unsaid) > NAMED else ""
        )
        begin = f"`ivr flows new-language {language}` prints them all with the English words"
        message = f'"{language}" does not say everything yet; missing: {shown}. {begin}'
        reading.faults.append(Fault(place=Place(file=file), message=message))


def _check_names(reading: _Reading) -> None:
    for flow, ref in reading.refs:
        if not ref.name or ref.kind == "prompt":
            continue
        known = _known(reading, flow, ref.kind)
        if ref.name not in known:
            expected = "" if ref.kind == "step" else f" Expected one of: {one_of(known)}."
            message = f'"{ref.name}" is not a {_KINDS[ref.kind]}.{nearest(ref.name, known) or expected}'
            reading.faults.append(Fault(place=ref.place, message=message))


_KINDS = {
    "step": "step of this flow",
    "queue": "queue",
    "hours": "name of opening hours",
    "language": "language of this flow",
}


def _known(reading: _Reading, flow: Flow | None, kind: str) -> Iterable[str]:
    match kind:
        case "step":
            return [*flow.steps, *(name for name in flow.built_in)] if flow else []
        case "queue":
            return reading.queues
        case "hours":
            return [*reading.hours, *reading.queues]
        case _:
            return flow.languages if flow else shipped_languages()


def _check_lines(reading: _Reading) -> None:
    claimed: dict[str, str] = {}
    for flow in reading.flows.values():
        for line in flow.lines:
            if line in claimed and claimed[line] != flow.name:
                whose = "every other number" if line == ANY_LINE else line
                message = f'{whose} is answered by the flow "{claimed[line]}" already'
                reading.faults.append(Fault(place=flow.place, message=message))
            claimed[line] = flow.name
