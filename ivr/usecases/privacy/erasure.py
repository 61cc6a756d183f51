"""A person is erased: listed first, then erased step by step by whoever looks, whatever dies meanwhile.

It begins with one change: the customer and every key named after the number are gone, and a record of the erasing is in
the due index until nothing is left. Each step is a change on that record, so two who work on it at once do nothing twice.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from ivr.domain import phone_numbers
from ivr.domain.actor import Actor, Channel, RequestChannel
from ivr.domain.errors import CalorError, PhotoStorageUnavailable, TelephonyError
from ivr.domain.records.contact import Contact, ContactState
from ivr.domain.records.customer import Customer
from ivr.domain.records.erasure import Erasure, ErasureStep, add_count, hash_number
from ivr.domain.records.photo import retry_delay_seconds
from ivr.domain.records.promise import ENDED, NumberLock, Promise
from ivr.services import Services
from ivr.store import keys
from ivr.store.change import Change
from ivr.store.queries import due_index
from ivr.usecases.callbacks import reschedule
from ivr.usecases.customers import open_promises
from ivr.usecases.dialing import number_lock
from ivr.usecases.outages import spool
from ivr.usecases.photos import erase as photo_erase
from ivr.usecases.privacy import erase_record, erase_twilio, erased_list

LEASE_SECONDS = 60.0  # seconds in which whoever is at it is left to it
MAX_RUN_SECONDS = 20.0  # seconds of real time: a job lasts a minute at most


class CannotEraseYet(CalorError):
    """Something has to be done before this person can be forgotten."""


@dataclass(frozen=True, kw_only=True)
class ErasurePreview:
    """What would be erased, how many of each. `other_numbers`: other telephones of theirs; `kept_preferences`: what they asked for."""

    number: str
    counts: Mapping[str, int] = field(default_factory=dict)
    other_numbers: Sequence[str] = ()
    kept_preferences: Sequence[str] = ()
    shared: bool = False
    twilio_error: str = ""  # why Twilio's part is not known


def preview_erasure(services: Services, number: str) -> ErasurePreview:
    """Changes nothing. Raises CalorError for what is no number."""
    e164 = _parse_number(number)
    customer = services.store.get(Customer, e164)
    page = erase_record.read_page(services, _new_erasure(services, e164))
    also: set[str] = set()
    what: dict[str, int] = add_count({}, "customers", int(customer is not None))
    while True:
        for record in page.records:
            what = add_count(what, f"{record.record_type}s", 1)
            if isinstance(record, Promise) and record.customer == e164:
                also |= {record.number} - {e164, ""}
        if page.is_last:
            break
        page = erase_record.read_page(services, page.erasure)
    (photos,) = services.store.read([("ZCARD", keys.customer_photos(e164))])
    what = add_count(add_count(what, "photos", photos), "keys", len(_list_keys_named_after(services, e164)))
    unknown = ""
    try:
        what |= {name: n for name, n in erase_twilio.count_items(services, e164).items() if n}
    except TelephonyError as e:
        unknown = str(e)
    return ErasurePreview(
        number=e164,
        counts=what,
        other_numbers=sorted(also),
        kept_preferences=_list_kept_preferences(customer),
        shared=open_promises.is_shared_number(services, customer),
        twilio_error=unknown,
    )


def begin_erasure(
    services: Services, number: str, *, actor: Actor, decline_promises: bool = False
) -> Erasure:
    """`decline_promises`: they want no call that is owed to them any more. Raises CannotEraseYet, with what to do first."""
    e164 = _parse_number(number)
    if (going := _find_running(services, e164)) is not None:
        return going
    for change in services.store.transact():
        _require_erasable(services, e164, actor=actor, decline_promises=decline_promises)
        erased = add_count({}, "customers", int(services.store.get(Customer, e164) is not None))
        begun = change.put(None, replace(_new_erasure(services, e164), started_at=change.now, erased=erased))
        _delete_customer(services, begun, change)
        change.add_command("HSET", keys.ERASED_NUMBERS, begun.number_hash, f"{change.now:.3f}")
        change.log_action("person erased", actor, erasure=begun.id)
    services.jobs.delete_failed(f"{NumberLock.record_type}:{e164}")
    return begun


def process_due(services: Services, erasure_id: str) -> bool:
    """A worker goes on with it. False when nothing is to be done any more."""
    f = run_steps(services, erasure_id, max_seconds=MAX_RUN_SECONDS)
    return f is not None and f.step is not ErasureStep.DONE


def run_steps(services: Services, erasure_id: str, *, max_seconds: float = float("inf")) -> Erasure | None:
    """Every step that can be done now, for so long; what has to wait is looked at when it is time. None: there is none."""
    until = time.monotonic() + max_seconds
    f = services.store.get(Erasure, erasure_id)
    while f is not None and f.step is not ErasureStep.DONE:
        _STEPS[f.step](services, f)
        before, f = f, services.store.get(Erasure, erasure_id)
        if f is None or f.version == before.version or f.not_erased:
            return f
        if time.monotonic() > until:
            change = Change(now=services.clock.now())
            change.expect(f)
            change.schedule(f, change.now)
            services.store.commit_best_effort(change)
            return f
    return f


# ---- before


def _require_erasable(services: Services, number: str, *, actor: Actor, decline_promises: bool) -> None:
    """Raises CannotEraseYet while something of theirs is open."""
    if spool.list_facts_about(services.settings.spool, number):
        raise CannotEraseYet("A message or call of theirs is not in the record yet. Try again in a minute.")
    for promise in _list_open_promises(services, number):
        theirs = promise.customer == number
        if not (decline_promises and theirs):
            first = (
                f'`ivr callbacks cancel {promise.id} --why "..."`' if theirs else "move it to another number"
            )
            also = "; or, if they want no call any more, add --decline-callbacks" if theirs else ""
            raise CannotEraseYet(
                f"A call is owed there: promise {promise.id}. Keep it first, or {first}{also}."
            )
        asked = reschedule.RequestOrigin(channel=RequestChannel.TERMINAL, by=actor.id, informed_number=number)
        came = reschedule.apply(services, promise.id, reschedule.Decline(), asked)
        if isinstance(came, reschedule.RescheduleRefused) and came.why is not reschedule.RefusalReason.ENDED:
            raise CannotEraseYet(
                f"Promise {promise.id} cannot be called off now: {came.why.value}. Try again later."
            )
    for contact in _list_open_contacts(services, number):
        if contact.state is ContactState.AWAITING_DISPOSITION:
            raise CannotEraseYet(
                "Their colleague has not said yet how the call went. Try again when they have."
            )
        raise CannotEraseYet("They are on the line with us. Try again when the call is over.")
    if number_lock.find_lock(services, number) is not None:
        raise CannotEraseYet("Their telephone may be ringing. Try again in a minute.")


def _list_open_promises(services: Services, number: str) -> list[Promise]:
    found = services.store.get_many(Promise, _list_open_ids(services, Promise.record_type))
    return [p for p in found if p.state not in ENDED and number in (p.customer, p.number)]


def _list_open_contacts(services: Services, number: str) -> list[Contact]:
    found = services.store.get_many(Contact, _list_open_ids(services, Contact.record_type))
    return [c for c in found if c.state is not ContactState.ENDED and c.number == number]


def _list_open_ids(services: Services, record_type: str) -> list[str]:
    """Every open record is in the due index."""
    return sorted(
        m.partition(":")[2]
        for m in due_index.list_scheduled(services.store)
        if m.startswith(f"{record_type}:")
    )


def _find_running(services: Services, number: str) -> Erasure | None:
    """Asked twice: the first goes on."""
    found = services.store.get_many(Erasure, _list_open_ids(services, Erasure.record_type))
    return next((f for f in found if f.number == number), None)


def _new_erasure(services: Services, number: str) -> Erasure:
    return Erasure(
        id=services.new_id(),
        number=number,
        number_hash=hash_number(number, services.settings.signing_key),
        started_at=services.clock.now(),
    )


def _parse_number(text: str) -> str:
    number = phone_numbers.parse_caller_number(text)
    if not number:
        raise CalorError(f"{text} is not a number in E.164 form, such as +12025550155.")
    return number


# ---- the steps


def _delete_customer(services: Services, erasure: Erasure, change: Change) -> None:
    """The customer, and what is named after their number, in one change. That they must not be called or texted stays."""
    change.schedule(erasure, change.now + LEASE_SECONDS)
    customer = services.store.get(Customer, erasure.number)
    if customer is not None and _list_kept_preferences(customer):
        bare = Customer(id=erasure.number, no_calls=customer.no_calls, no_texts=customer.no_texts)
        change.put(customer, bare)
    elif customer is not None:
        change.expect(customer)
        change.add_command("DEL", customer.key)
        change.add_command("ZREM", keys.created_index(Customer.record_type), erasure.number)
    change.add_command("ZREM", keys.created_index(NumberLock.record_type), erasure.number)
    change.add_command("ZREM", keys.DUE, f"{NumberLock.record_type}:{erasure.number}")
    for key in _list_keys_named_after(services, erasure.number):
        change.add_command("DEL", key)


def _list_keys_named_after(services: Services, number: str) -> list[str]:
    """Those named after this number; but the customer, and their photos, which have a way of their own."""
    found: set[str] = set()
    cursor: str | int = 0
    while True:
        ((cursor, some),) = services.store.read([("SCAN", cursor, "MATCH", f"*{number}*", "COUNT", 1000)])
        found |= {key for key in some if keys.contains_number(key, number)}
        if not int(cursor):
            return sorted(found - {f"{Customer.record_type}:{number}", keys.customer_photos(number)})


def _list_kept_preferences(customer: Customer | None) -> tuple[str, ...]:
    if customer is None:
        return ()
    asked = {"do not call": customer.no_calls, "no texts": customer.no_texts}
    return tuple(what for what, wanted in asked.items() if wanted)


def _find_number(services: Services, erasure: Erasure) -> None:
    """A restored database has them again: whose hash is it?"""
    number = erased_list.find_number(services, erasure.number_hash)
    if not number:
        _finish(services, erasure)
        return
    live = any(c.started_at > erasure.started_at for c in _list_open_contacts(services, number))
    change = Change(now=services.clock.now())
    if live or number_lock.find_lock(services, number) is not None:  # they have come back; when that is over
        change.expect(erasure)
        change.schedule(erasure, change.now + LEASE_SECONDS)
    else:
        _delete_customer(
            services, change.put(erasure, replace(erasure, step=ErasureStep.RECORDS, number=number)), change
        )
    services.store.commit_best_effort(change)


def _erase_records(services: Services, erasure: Erasure) -> None:
    page = erase_record.read_page(services, erasure)
    change = Change(now=services.clock.now())
    after = erase_record.erase_page(services, page, change)
    if after is None:
        waits = change.put(
            erasure,
            replace(erasure, not_erased={"records": "still open; they are erased when they have ended"}),
        )
        change.schedule(waits, change.now + LEASE_SECONDS / 2)
    else:
        step = ErasureStep.PHOTOS if page.is_last else ErasureStep.RECORDS
        change.schedule(
            change.put(erasure, replace(after, step=step, not_erased={})), change.now + LEASE_SECONDS
        )
    services.store.commit_best_effort(change)


def _erase_photos(services: Services, erasure: Erasure) -> None:
    """Those that were there when it began: what came since is of somebody who came back."""
    came = photo_erase.erase_customer_photos(
        services, erasure.number, actor=Actor(id=erasure.id, channel=Channel.CALL), until=erasure.started_at
    )
    erased = add_count(erasure.erased, "photos", came.count)
    if came.remaining:
        _retry_later(
            services,
            replace(
                erasure, erased=erased, not_erased={"photos": "the album or Twilio is away; tried again"}
            ),
        )
        return
    change = Change(now=services.clock.now())
    at_twilio = replace(erasure, erased=erased, step=ErasureStep.TWILIO, not_erased={}, attempts=0)
    change.schedule(change.put(erasure, at_twilio), change.now + LEASE_SECONDS)
    services.store.commit_best_effort(change)


def _erase_at_twilio(services: Services, erasure: Erasure) -> None:
    change = Change(now=services.clock.now())
    change.schedule(change.put(erasure, erasure), change.now + LEASE_SECONDS)
    if not services.store.commit(change):
        return
    erasure = replace(erasure, version=erasure.version + 1)
    try:
        after, over = erase_twilio.erase_items(services, erasure)
    except (TelephonyError, PhotoStorageUnavailable) as e:
        _retry_later(services, replace(erasure, not_erased={"at Twilio": f"{e} Tried again by itself."}))
        return
    if over:
        _finish(services, after)
    elif after.not_erased:
        _retry_later(services, after)
    else:
        change = Change(now=services.clock.now())
        change.schedule(change.put(erasure, replace(after, attempts=0)), change.now + LEASE_SECONDS)
        services.store.commit_best_effort(change)


def _retry_later(services: Services, erasure: Erasure) -> None:
    change = Change(now=services.clock.now())
    tried = change.put(erasure, replace(erasure, attempts=erasure.attempts + 1))
    change.schedule(tried, change.now + retry_delay_seconds(tried.attempts))
    services.store.commit_best_effort(change)


def _finish(services: Services, erasure: Erasure) -> None:
    """The number goes last of all: nothing here tells any more who it was."""
    if erasure.number:
        spool.erase_unreadable(services.settings.spool, erasure.number)
    change = Change(now=services.clock.now())
    done = replace(
        erasure,
        step=ErasureStep.DONE,
        number="",
        ended_at=change.now,
        not_erased={},
        promises=(),
        contacts=(),
        cases=(),
    )
    change.unschedule(change.put(erasure, done))
    change.log_event("person erasure finished", erasure=erasure.id, erased=sum(erasure.erased.values()))
    services.store.commit_best_effort(change)


_STEPS = {
    ErasureStep.SEARCH: _find_number,
    ErasureStep.RECORDS: _erase_records,
    ErasureStep.PHOTOS: _erase_photos,
    ErasureStep.TWILIO: _erase_at_twilio,
}
