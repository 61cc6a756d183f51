"""Check the flows: that they can be read and trap nobody, which version the line follows, who serves their queues, and their lookups."""

from __future__ import annotations

from collections.abc import Iterator

from ivr.cli.doctor.finding import Finding, FindingLevel
from ivr.cli.serve.redis_ready import open_connection
from ivr.domain.errors import CalorError, LookupFailed, Unavailable
from ivr.flow.checker.check import refuse_traps
from ivr.flow.loader.lookup_hosts import list_lookup_steps
from ivr.flow.model import Library
from ivr.lookup import LookupClient
from ivr.services import load_library, make_flow_versions
from ivr.settings import Settings
from ivr.store.queries.flow_versions import list_published
from ivr.store.store import Store
from ivr.usecases.routing import coverage


def check_flows(settings: Settings) -> Iterator[Finding]:
    try:
        found = load_library(settings)
        refuse_traps(found)
    except CalorError as e:
        for fault in str(e).splitlines():
            yield Finding(
                what="flows",
                level=FindingLevel.ERROR,
                says=fault,
                fix="Correct the file; `ivr flows check` says more.",
            )
        return
    names = ", ".join(found.flows)
    yield Finding(what="flows", level=FindingLevel.OK, says=f"{names} in {settings.flows}")
    yield from _check_published_version(settings, found)
    yield from _check_coverage(settings, found)
    for url in sorted({step.url for step in list_lookup_steps(found)}):
        yield _check_lookup(settings, url)


def _check_published_version(settings: Settings, files: Library) -> Iterator[Finding]:
    """Which version the line follows; a record that is away has been told already."""
    try:
        with open_connection(settings) as redis:
            store = Store(redis)
            wanted = store.get_line_status().flow_version
            follows = make_flow_versions(settings, store).get_current().version
            entry = next((e for e in reversed(store.read(list_published())) if e.version == wanted), None)
    except Unavailable:
        return
    if not wanted:
        return
    told = f'{wanted} is published, by {entry.actor}: "{entry.reason}"' if entry else f"{wanted} is published"
    if follows != wanted:
        yield Finding(
            what="flows",
            level=FindingLevel.ERROR,
            says=f"{told}; this release cannot read it and follows {follows}",
            fix="Update this release, or publish flows that it can read.",
        )
    elif files.version != wanted:
        yield Finding(
            what="flows",
            level=FindingLevel.WARNING,
            says=f"{told}; the files are another draft",
            fix="`ivr flows diff` shows what differs; publish it, or `ivr flows pull`.",
        )
    else:
        yield Finding(what="flows", level=FindingLevel.OK, says=told)


def _check_coverage(settings: Settings, flows: Library) -> Iterator[Finding]:
    try:
        with open_connection(settings) as redis:
            told = coverage.list_unserved_queues(Store(redis), flows)
    except Unavailable:
        return  # the record, said already
    for says in told:
        fix = "Give somebody these skills (`ivr agents add`), or ask for fewer in queues.yaml."
        yield Finding(what="queues", level=FindingLevel.WARNING, says=says, fix=fix)


def _check_lookup(settings: Settings, url: str) -> Finding:
    """Reached, and nothing asked of it: it is to see no caller who is none."""
    what = "lookup"
    try:
        LookupClient(settings).check_reachable(url)
    except LookupFailed as e:
        fix = "Callers go on by the `else` of that step meanwhile, and agents are told less."
        return Finding(what=what, level=FindingLevel.ERROR, says=f"{url}: {e}", fix=fix)
    return Finding(what=what, level=FindingLevel.OK, says=f"{url} can be reached")
