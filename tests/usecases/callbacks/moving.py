"""Promises that are moved."""

from __future__ import annotations

from dataclasses import replace

from ivr.domain.actor import RequestChannel
from ivr.domain.records.promise import Promise, PromiseState
from ivr.services import Services
from ivr.usecases.callbacks import reschedule
from ivr.usecases.callbacks.reschedule_request import (
    RequestOrigin,
)

S = PromiseState


PAGE = RequestOrigin(channel=RequestChannel.PAGE)


HOUR = 3600.0


def put(services: Services, promise: Promise, **fields: object) -> Promise:
    change = services.store.begin()
    new = change.put(promise, replace(promise, **fields))  # type: ignore[arg-type]  # fields of Promise
    change.schedule(new, change.now + HOUR)
    assert services.store.commit(change)
    return new


def a_window(services: Services, promise: Promise, n: int = 3) -> tuple[float, float]:
    return reschedule.list_windows(services, promise, services.clock.now())[n]
