"""Which of the company's own systems a flow may ask: those that the settings name, and no other that a flow file may come to name."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from ivr.domain.rules.lookup import parse_url
from ivr.flow.model import Library
from ivr.flow.steps.lookup import LookupStep
from ivr.flow.yaml_source.entry import FlowFault, InvalidFlows


def list_lookup_steps(library: Library) -> tuple[LookupStep, ...]:
    """The steps of all flows that ask one."""
    steps = (step for flow in library.flows.values() for step in flow.steps.values())
    return tuple(step for step in steps if isinstance(step, LookupStep))


def refuse_unlisted_hosts(library: Library, hosts: Collection[str], private: Collection[str]) -> None:
    """Raises InvalidFlows. `hosts`: IVR_LOOKUP_HOSTS; `private`: IVR_LOOKUP_PRIVATE."""
    faults = tuple(find_unlisted_hosts(library, hosts, private))
    if faults:
        raise InvalidFlows(faults)


def find_unlisted_hosts(
    library: Library, hosts: Collection[str], private: Collection[str]
) -> Iterator[FlowFault]:
    for step in list_lookup_steps(library):
        at = parse_url(step.url)
        if at is None:
            continue  # a fault of the file, said when it was read
        if not at.is_in(hosts):
            message = (
                f'"{at.netloc}" is not a host that may be asked. Add it to IVR_LOOKUP_HOSTS, or ask who may.'
            )
            yield FlowFault(location=step.url_location, message=message)
        elif at.scheme != "https" and not at.is_in(private):
            message = (
                f'"{step.url}" should begin with https: only hosts of IVR_LOOKUP_PRIVATE may do without.'
            )
            yield FlowFault(location=step.url_location, message=message)
