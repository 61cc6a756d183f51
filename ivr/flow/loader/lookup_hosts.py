"""Which of the company's own systems a flow may ask: those that the settings name, and no other that a flow file may come to name."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from ivr.domain.rules.lookup import address
from ivr.flow.model import Library
from ivr.flow.steps.lookup import LookupStep
from ivr.flow.yaml_source.entry import Fault, FlowFaults


def lookups(library: Library) -> tuple[LookupStep, ...]:
    """The steps of all flows that ask one."""
    steps = (step for flow in library.flows.values() for step in flow.steps.values())
    return tuple(step for step in steps if isinstance(step, LookupStep))


def refuse_strangers(library: Library, hosts: Collection[str], private: Collection[str]) -> None:
    """Raises FlowFaults. `hosts`: IVR_LOOKUP_HOSTS; `private`: IVR_LOOKUP_PRIVATE."""
    faults = tuple(strangers(library, hosts, private))
    if faults:
        raise FlowFaults(faults)


def strangers(library: Library, hosts: Collection[str], private: Collection[str]) -> Iterator[Fault]:
    for step in lookups(library):
        at = address(step.url)
        if at is None:
            continue  # a fault of the file, said when it was read
        if not at.among(hosts):
            message = (
                f'"{at.netloc}" is not a host that may be asked. Add it to IVR_LOOKUP_HOSTS, or ask who may.'
            )
            yield Fault(place=step.url_place, message=message)
        elif at.scheme != "https" and not at.among(private):
            message = (
                f'"{step.url}" should begin with https: only hosts of IVR_LOOKUP_PRIVATE may do without.'
            )
            yield Fault(place=step.url_place, message=message)
