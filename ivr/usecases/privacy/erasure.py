"""A person is erased: listed first, then erased step by step by whoever looks, whatever dies meanwhile.

It begins with one change: the customer and every key named after the number are gone, and a record of the erasing is in
the due index until nothing is left. Each step is a change on that record, so two who work on it at once do nothing twice.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from ivr.domain import phone_numbers
from ivr.domain.actor import Actor, RequestChannel
from ivr.domain.errors import CalorError, TelephonyError
from ivr.domain.records.contact import ContactState
from ivr.domain.records.customer import Customer
from ivr.domain.records.erasure import Erasure, ErasureStep, add_count, hash_number
from ivr.domain.records.promise import NumberLock, Promise
from ivr.services import Services
from ivr.store.queries import erasures, photos
from ivr.usecases.callbacks import reschedule, reschedule_request
from ivr.usecases.dialing import number_lock, shared_numbers
from ivr.usecases.outages import spool
from ivr.usecases.privacy import erase_record, erase_twilio
from ivr.usecases.privacy.erasure_steps import (
    STEPS,
    delete_customer,
    list_kept_preferences,
)
from ivr.usecases.privacy.open_records import list_open_contacts, list_open_ids, list_open_promises

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
    photo_count = services.store.read(photos.count_of_customer(e164))
    what = add_count(
        add_count(what, "photos", photo_count),
        "keys",
        len(erasures.list_keys_named_after(services.store, e164)),
    )
    unknown = ""
    try:
        what |= {name: n for name, n in erase_twilio.count_items(services, e164).items() if n}
    except TelephonyError as e:
        unknown = str(e)
    return ErasurePreview(
        number=e164,
        counts=what,
        other_numbers=sorted(also),
        kept_preferences=list_kept_preferences(customer),
        shared=shared_numbers.is_shared(services, customer),
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
        delete_customer(services, begun, change)
        erasures.add_erased_number(begun.number_hash, change.now, change)
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
        STEPS[f.step](services, f)
        before, f = f, services.store.get(Erasure, erasure_id)
        if f is None or f.version == before.version or f.not_erased:
            return f
        if time.monotonic() > until:
            change = services.store.begin()
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
    for promise in list_open_promises(services, number):
        theirs = promise.customer == number
        if not (decline_promises and theirs):
            first = (
                f'`ivr callbacks cancel {promise.id} --why "..."`' if theirs else "move it to another number"
            )
            also = "; or, if they want no call any more, add --decline-callbacks" if theirs else ""
            raise CannotEraseYet(
                f"A call is owed there: promise {promise.id}. Keep it first, or {first}{also}."
            )
        asked = reschedule_request.RequestOrigin(
            channel=RequestChannel.TERMINAL, by=actor.id, informed_number=number
        )
        came = reschedule.apply(services, promise.id, reschedule_request.Decline(), asked)
        if (
            isinstance(came, reschedule_request.RescheduleRefused)
            and came.why is not reschedule_request.RefusalReason.ENDED
        ):
            raise CannotEraseYet(
                f"Promise {promise.id} cannot be called off now: {came.why.value}. Try again later."
            )
    for contact in list_open_contacts(services, number):
        if contact.state is ContactState.AWAITING_DISPOSITION:
            raise CannotEraseYet(
                "Their colleague has not said yet how the call went. Try again when they have."
            )
        raise CannotEraseYet("They are on the line with us. Try again when the call is over.")
    if number_lock.find_lock(services, number) is not None:
        raise CannotEraseYet("Their telephone may be ringing. Try again in a minute.")


def _find_running(services: Services, number: str) -> Erasure | None:
    """Asked twice: the first goes on."""
    found = services.store.get_many(Erasure, list_open_ids(services, Erasure.record_type))
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
