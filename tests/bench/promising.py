"""Clients of the promise bar: one process with gevent, as a web worker is. Started by bars/promise.py.

    python -m tests.bench.promising CLIENTS PROMISES FIRST

Everything is decided beforehand; what is timed is the write that makes a promise durable, from the call to the answer.
"""

from __future__ import annotations

import json
import sys
import time

from ivr.domain.records import contact_parts
from ivr.domain.records.contact import Contact
from ivr.domain.records.contact_parts import FlowProgress, QueuePlace
from ivr.services import Services, build_services, derive_id
from ivr.settings import load_settings
from ivr.store.change import Change
from ivr.usecases.promises import lifecycle as promise_lifecycle
from tests.bench.twilio_calls import LINE, Caller, callers


def main(clients: int, count: int, first: int) -> None:
    import gevent

    services = build_services(load_settings())
    changes = [decide(services, caller) for caller in callers(count, f"{first}", first=first)]
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    latencies: list[float] = []

    def client() -> None:
        while changes:
            change = changes.pop()
            asked = time.perf_counter()
            if not services.store.commit(change):
                raise AssertionError("A promise was not made")
            latencies.append(time.perf_counter() - asked)

    gevent.joinall([gevent.spawn(client) for _ in range(clients)], raise_error=True)
    sys.stdout.write(json.dumps(latencies) + "\n")


def decide(services: Services, caller: Caller) -> Change:
    """All that is written with a promise: the contact, the customer, the case, the promise itself, its text and its wake."""
    change = services.store.begin()
    contact = Contact(
        id=derive_id(caller.call),
        call=caller.call,
        started_at=change.now,
        caller=contact_parts.Caller(number=caller.number, called_number=LINE),
        flow_progress=FlowProgress(name="main"),
        queue_place=QueuePlace(name="support"),
    )
    change.put(None, contact)
    contact, _ = promise_lifecycle.make_promise(services, contact, promise_lifecycle.PromiseRequest(), change)
    change.put(None, contact)
    return change


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:]))
