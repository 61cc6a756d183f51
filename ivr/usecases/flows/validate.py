"""A draft of the flows, looked at: what can be read of it, what is wrong, and what the proof says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from ivr import offload
from ivr.flow.checker.check import FlowReport, check_flows
from ivr.flow.loader.library import parse_with_faults
from ivr.flow.loader.lookup_hosts import find_unlisted_hosts
from ivr.flow.model import Library
from ivr.flow.yaml_source.entry import FlowFault, InvalidFlows
from ivr.services import Services

THREAD_POOL = "flows", 1  # a second check at once would only take the first one's core
CACHE_SIZE = 8  # drafts that were looked at last


@dataclass(frozen=True, kw_only=True)
class ValidationResult:
    """`library`: as far as it can be read. `reports`: none with faults that keep it from being walked through."""

    library: Library
    faults: tuple[FlowFault, ...]
    reports: tuple[FlowReport, ...]

    @property
    def ok(self) -> bool:
        return not self.faults

    def report_for(self, flow: str) -> FlowReport | None:
        return next((report for report in self.reports if report.flow.name == flow), None)


def validate_files(services: Services, files: Mapping[str, str]) -> ValidationResult:
    """Takes about a second of a core, aside, for flows that were not looked at lately."""
    found: ValidationResult = offload.run_in_threads(THREAD_POOL, _validate, tuple(sorted(files.items())))
    asked = services.settings.lookup_hosts, services.settings.lookup_private
    foreign = () if found.faults else tuple(find_unlisted_hosts(found.library, *asked))
    return ValidationResult(library=found.library, faults=found.faults + foreign, reports=found.reports)


def parse_files(services: Services, files: Mapping[str, str]) -> tuple[Library, tuple[FlowFault, ...]]:
    """As far as it can be read, in the company's name, without the proof: some 30 ms, and nothing for what was read lately."""
    library, faults = offload.run_in_threads(THREAD_POOL, _parse, tuple(sorted(files.items())))
    return services.flow_versions.with_settings(library), faults


def require_valid(services: Services, files: Mapping[str, str]) -> Library:
    """Raises InvalidFlows when these flows could strand anyone, or ask whom they may not."""
    found = validate_files(services, files)
    if not found.ok:
        raise InvalidFlows(found.faults)
    return found.library


@lru_cache(maxsize=CACHE_SIZE)
def _validate(files: tuple[tuple[str, str], ...]) -> ValidationResult:
    library, faults = _parse(files)
    if faults:
        return ValidationResult(library=library, faults=faults, reports=())
    reports = check_flows(library)
    return ValidationResult(
        library=library,
        faults=tuple(sorted({fault for report in reports for fault in report.faults})),
        reports=reports,
    )


@lru_cache(maxsize=CACHE_SIZE)
def _parse(files: tuple[tuple[str, str], ...]) -> tuple[Library, tuple[FlowFault, ...]]:
    return parse_with_faults(dict(files))
