"""Somebody who is to be erased, and where they might be found."""

from __future__ import annotations

import json
from typing import Any

from ivr.cli.demo.stage import OUR_NUMBER
from ivr.domain.actor import Actor, Channel
from ivr.domain.records.contact import Contact, ContactState, Outcome
from ivr.domain.records.contact_parts import Caller
from ivr.domain.records.customer import Case, Customer, Text, TextState
from ivr.domain.records.erasure import Erasure, ErasureStep
from ivr.domain.records.promise import Promise, PromiseState
from ivr.services import Services
from ivr.store import keys
from ivr.store.change import Change
from ivr.usecases.privacy import erasure
from tests.stories.people import LORI

ADA = Actor(id="ada", channel=Channel.TERMINAL)


# long enough that no random id has one of them by chance
PRIVATE = ("2025550155", "555-0155", "Lori", "Miller", "suitcase", "Albany", "not fax", "secret garden")


def everything(redis: Any) -> list[str]:
    """Every key, and all that is under it."""
    read = {
        "string": redis.get,
        "hash": redis.hgetall,
        "list": lambda k: redis.lrange(k, 0, -1),
        "set": redis.smembers,
        "zset": lambda k: redis.zrange(k, 0, -1, withscores=True),
        "stream": redis.xrange,
    }
    names = [name for name in redis.scan_iter(count=1000) if not name.startswith("rq:")]
    return [f"{name} {read[redis.type(name)](name)}" for name in names]


def found_in(lines: list[str]) -> list[str]:
    return [line for line in lines if any(word.lower() in line.lower() for word in PRIVATE)]


def ran(services: Services, begun: Erasure) -> Erasure:
    done = erasure.run_steps(services, begun.id)
    assert done is not None
    return done


def put(services: Services, *records: Any) -> None:
    change = services.store.begin()
    for record in records:
        change.put(None, record)
    assert services.store.commit(change)


def lori(services: Services, **told: Any) -> None:
    """She rang an hour ago, was called back, and was texted about it."""
    at = services.clock.now() - 3600
    ended: dict[str, Any] = {"state": ContactState.ENDED, "outcome": Outcome.PROMISED, "started_at": at}
    put(
        services,
        Customer(
            id=LORI, name="Lori Miller", stored_needs=("cannot fax (Diane)",), last_contact="c1", **told
        ),
        Contact(
            id="c1",
            reason="my suitcase",
            promise="p1",
            case="k1",
            **ended,
            caller=Caller(number=LORI, name="Lori"),
        ),
        Promise(
            id="p1",
            customer=LORI,
            number=LORI,
            contact="c1",
            case="k1",
            created_at=at,
            state=PromiseState.KEPT,
            reason="my suitcase",
        ),
        Case(id="k1", customer=LORI, subject="my suitcase", opened_at=at),
        Text(
            id="t1",
            to=LORI,
            body="about your suitcase",
            about="promise:p1",
            created_at=at,
            state=TextState.SENT,
        ),
    )
    change = Change(now=at)
    change.append_command(
        "RPUSH", keys.case_thread("k1"), json.dumps({"at": at, "kind": "note", "words": "In Albany"})
    )
    change.append_command("SET", keys.last_text(LORI, OUR_NUMBER), "p1")
    assert services.store.commit(change)


def away(services: Services, done: Erasure) -> None:
    """Here, everything is gone; Twilio cannot be reached at all in these tests."""
    assert (done.step, bool(done.not_erased)) == (ErasureStep.TWILIO, True)
    number = services.store.redis.hget(done.key, "number")
    services.store.redis.hset(done.key, "number", "")
    assert found_in(everything(services.store.redis)) == []
    services.store.redis.hset(done.key, "number", number)
