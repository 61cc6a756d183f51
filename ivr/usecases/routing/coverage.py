"""Queues that nobody who is known here could serve: a caller in one of them waits until it helps itself, or is promised a call that nobody can make."""

from __future__ import annotations

from ivr.domain.records.agent import Agent
from ivr.flow.model import Library
from ivr.store.store import Store


def list_unserved_queues(store: Store, library: Library) -> tuple[str, ...]:
    """A sentence for each. Skills that are only wished for, and dropped after a while, do not count."""
    people = store.list_all(Agent)
    if not people:
        return ("nobody is known here who could answer; ivr agents add",)
    used = {flow.person_queue for flow in library.flows.values()} | {
        ref.name
        for flow in library.flows.values()
        for step in flow.steps.values()
        for ref in step.refs()
        if ref.kind == "queue"
    }
    asked = {name: set(library.get_queue(name).skills) for name in sorted(used)}
    return tuple(
        f'no agent can serve the queue "{name}": nobody has all of {", ".join(sorted(skills))}'
        for name, skills in asked.items()
        if skills and not any(skills <= set(agent.skills) for agent in people)
    )
