"""Who can serve a queue, and how long a caller in it waits."""

from __future__ import annotations

from ivr.services import RedisServices
from ivr.store.queries import queues


def required_skills(s: RedisServices, queue: str) -> frozenset[str]:
    """The skills an agent must have to serve a queue: those its file names, or else the one called like it."""
    return frozenset(s.library.get_queue(queue).skills or (queue,))


def estimate_wait_seconds(s: RedisServices, pulse: queues.QueueStatus, queue: str, ahead: int) -> int | None:
    """Seconds until somebody at this place in the queue is taken; None when nobody is working."""
    if pulse.free_agents.get(queue, 0) > ahead:
        return 0
    people = pulse.signed_in_agents.get(queue, 0)
    if not people:
        return None
    turns = ahead + 1 - pulse.free_agents.get(queue, 0)
    # the next of n busy people is free after 1/n of a call on average
    return int(turns * s.library.get_queue(queue).handle_minutes * 60 / people)
