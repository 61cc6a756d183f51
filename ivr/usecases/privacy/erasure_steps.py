"""The steps of an erasure, one after the other; each may be done again."""

from __future__ import annotations

from dataclasses import replace

from ivr.domain.actor import Actor, Channel
from ivr.domain.errors import PhotoStorageUnavailable, TelephonyError
from ivr.domain.records.customer import Customer
from ivr.domain.records.erasure import Erasure, ErasureStep, add_count
from ivr.domain.records.photo import retry_delay_seconds
from ivr.domain.records.promise import NumberLock
from ivr.services import Services
from ivr.store.change import Change
from ivr.store.queries import created_index, due_index, erasures, records
from ivr.usecases.dialing import number_lock
from ivr.usecases.outages import spool
from ivr.usecases.photos import erase as photo_erase
from ivr.usecases.privacy import erase_record, erase_twilio, erased_list
from ivr.usecases.privacy.open_records import list_open_contacts

LEASE_SECONDS = 60.0  # seconds in which whoever is at it is left to it


def delete_customer(services: Services, erasure: Erasure, change: Change) -> None:
    """The customer, and what is named after their number, in one change. That they must not be called or texted stays."""
    change.schedule(erasure, change.now + LEASE_SECONDS)
    customer = services.store.get(Customer, erasure.number)
    if customer is not None and list_kept_preferences(customer):
        bare = Customer(id=erasure.number, no_calls=customer.no_calls, no_texts=customer.no_texts)
        change.put(customer, bare)
    elif customer is not None:
        change.expect(customer)
        records.delete(customer, change)
    created_index.remove(NumberLock.record_type, erasure.number, change)
    due_index.remove(f"{NumberLock.record_type}:{erasure.number}", change)
    erasures.delete_keys(erasures.list_keys_named_after(services.store, erasure.number), change)


def list_kept_preferences(customer: Customer | None) -> tuple[str, ...]:
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
    live = any(c.started_at > erasure.started_at for c in list_open_contacts(services, number))
    change = services.store.begin()
    if live or number_lock.find_lock(services, number) is not None:  # they have come back; when that is over
        change.expect(erasure)
        change.schedule(erasure, change.now + LEASE_SECONDS)
    else:
        delete_customer(
            services, change.put(erasure, replace(erasure, step=ErasureStep.RECORDS, number=number)), change
        )
    services.store.commit_best_effort(change)


def _erase_records(services: Services, erasure: Erasure) -> None:
    page = erase_record.read_page(services, erasure)
    change = services.store.begin()
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
    change = services.store.begin()
    at_twilio = replace(erasure, erased=erased, step=ErasureStep.TWILIO, not_erased={}, attempts=0)
    change.schedule(change.put(erasure, at_twilio), change.now + LEASE_SECONDS)
    services.store.commit_best_effort(change)


def _erase_at_twilio(services: Services, erasure: Erasure) -> None:
    change = services.store.begin()
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
        change = services.store.begin()
        change.schedule(change.put(erasure, replace(after, attempts=0)), change.now + LEASE_SECONDS)
        services.store.commit_best_effort(change)


def _retry_later(services: Services, erasure: Erasure) -> None:
    change = services.store.begin()
    tried = change.put(erasure, replace(erasure, attempts=erasure.attempts + 1))
    change.schedule(tried, change.now + retry_delay_seconds(tried.attempts))
    services.store.commit_best_effort(change)


def _finish(services: Services, erasure: Erasure) -> None:
    """The number goes last of all: nothing here tells any more who it was."""
    if erasure.number:
        spool.erase_unreadable(services.settings.spool, erasure.number)
    change = services.store.begin()
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


STEPS = {
    ErasureStep.SEARCH: _find_number,
    ErasureStep.RECORDS: _erase_records,
    ErasureStep.PHOTOS: _erase_photos,
    ErasureStep.TWILIO: _erase_at_twilio,
}
