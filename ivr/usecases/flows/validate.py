"""A draft of the flows, looked at: what can be read of it, what is wrong, and what the proof says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from ivr import offload
from ivr.flow.checker.check import Report, check
from ivr.flow.loader.library import read_as_far
from ivr.flow.loader.lookup_hosts import strangers
from ivr.flow.model import Library
from ivr.flow.yaml_source.entry import Fault, FlowFaults
from ivr.services import Services

THREADS = "flows", 1  # a second check at once would only take the first one's core
KEPT = 8  # drafts that were looked at last


@dataclass(frozen=True, kw_only=True)
class Examined:
    """`library`: as far as it can be read. `reports`: none with faults that keep it from being walked through."""

    library: Library
    faults: tuple[Fault, ...]
    reports: tuple[Report, ...]

    @property
    def ok(self) -> bool:
        return not self.faults

    def report(self, flow: str) -> Report | None:
        return next((report for report in self.reports if report.flow.name == flow), None)


def examine(s: Services, files: Mapping[str, str]) -> Examined:
    """Takes about a second of a core, aside, for flows that were not looked at lately."""
    found: Examined = offload.run(THREADS, _examine, tuple(sorted(files.items())))
    asked = s.settings.lookup_hosts, s.settings.lookup_private
    foreign = () if found.faults else tuple(strangers(found.library, *asked))
    return Examined(library=found.library, faults=found.faults + foreign, reports=found.reports)


def read(s: Services, files: Mapping[str, str]) -> tuple[Library, tuple[Fault, ...]]:
    """As far as it can be read, in the company's name, without the proof: some 30 ms, and nothing for what was read lately."""
    library, faults = offload.run(THREADS, _read, tuple(sorted(files.items())))
    return s.shelf.dressed(library), faults


def sound(s: Services, files: Mapping[str, str]) -> Library:
    """Raises FlowFaults when these flows could strand anyone, or ask whom they may not."""
    found = examine(s, files)
    if not found.ok:
        raise FlowFaults(found.faults)
    return found.library


@lru_cache(maxsize=KEPT)
def _examine(files: tuple[tuple[str, str], ...]) -> Examined:
    library, faults = _read(files)
    if faults:
        return Examined(library=library, faults=faults, reports=())
    reports = check(library)
    return Examined(
        library=library,
        faults=tuple(sorted({fault for report in reports for fault in report.faults})),
        reports=reports,
    )


@lru_cache(maxsize=KEPT)
def _read(files: tuple[tuple[str, str], ...]) -> tuple[Library, tuple[Fault, ...]]:
    return read_as_far(dict(files))
