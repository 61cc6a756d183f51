"""Another number for a promise, asked for on its page: typed in, confirmed by a code that is texted to it, rung from then on."""

from __future__ import annotations

import phonenumbers

from ivr.domain.actor import RequestChannel
from ivr.domain.records.one_time_code import EntryResult
from ivr.domain.records.promise import ENDED, Promise
from ivr.services import Services
from ivr.usecases.callbacks import number_code, reschedule
from ivr.usecases.callbacks.reschedule_request import (
    ChangeNumber,
    RequestOrigin,
    RescheduleRefused,
    RescheduleResult,
)

MAX_TYPED_LENGTH = 40  # characters that somebody types for a number


def text_code(services: Services, promise: Promise, typed: str) -> str:
    """Nothing when a code is on its way; else why not: "ended", "invalid", "no_text", "country", "costly", "ours"."""
    number = _parse_number(typed, promise.number)
    if promise.state in ENDED:
        return "ended"
    if not number:
        return "invalid"
    asking = number_code.CodeRequest(
        name=promise.id, number=number, line=promise.our_number, language=promise.language
    )
    for change in services.store.transact():
        if refused := number_code.send_code(services, asking, change):
            return refused.rpartition(" ")[2]
    return ""


def enter_code(services: Services, promise_id: str, digits: str) -> RescheduleResult | EntryResult:
    """Each try counts, also one that comes twice. Raises Unavailable."""
    for change in services.store.transact():
        promise = services.store.get(Promise, promise_id)
        if promise is None:
            return EntryResult.UNUSABLE
        entered, number = number_code.check_code(services, promise.id, digits, change)
        came = (
            reschedule.apply_in_change(
                services,
                promise,
                ChangeNumber(number=number),
                RequestOrigin(channel=RequestChannel.PAGE),
                change,
            )
            if number
            else entered
        )
        if isinstance(came, RescheduleRefused):
            return came
    return came


def _parse_number(typed: str, same_region_as: str) -> str:
    """As it is dialed where the promise's own number is, or with its country; "" when nobody can have it."""
    try:
        region = (
            phonenumbers.region_code_for_number(phonenumbers.parse(same_region_as, None))
            if same_region_as
            else None
        )
        parsed = phonenumbers.parse(typed[:MAX_TYPED_LENGTH], region or "US")
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(parsed) or parsed.extension:
        return ""
    return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))
