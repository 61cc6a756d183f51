"""Another number for a promise, asked for on its page: typed in, confirmed by a code that is texted to it, rung from then on."""

from __future__ import annotations

import phonenumbers

from ivr.domain.records.one_time_code import Entered
from ivr.domain.records.promise import ENDED, Promise
from ivr.services import Services
from ivr.store.change import Change
from ivr.usecases.callbacks import number_code, reschedule
from ivr.usecases.callbacks.reschedule import Asked, Refused, Result, Ring, Via

TRIES = 5
LONGEST = 40  # characters that somebody types for a number


def text_code(s: Services, promise: Promise, typed: str) -> str:
    """Nothing when a code is on its way; else why not: "ended", "invalid", "no_text", "country", "costly", "ours"."""
    number = _number(typed, promise.number)
    if promise.state in ENDED:
        return "ended"
    if not number:
        return "invalid"
    asking = number_code.Asking(name=promise.id, number=number, line=promise.line, language=promise.language)
    for _ in range(TRIES):
        change = Change(now=s.clock.now())
        if refused := number_code.text(s, asking, change):
            return refused.rpartition(" ")[2]
        if s.store.commit(change):
            return ""
    return "no_text"


def enter_code(s: Services, promise_id: str, digits: str) -> Result | Entered:
    """Each try counts, also one that comes twice. Raises Unavailable."""
    for _ in range(TRIES):
        promise = s.store.get(Promise, promise_id)
        if promise is None:
            break
        change = Change(now=s.clock.now())
        entered, number = number_code.enter(s, promise.id, digits, change)
        came = (
            reschedule.within(s, promise, Ring(number=number), Asked(via=Via.PAGE), change)
            if number
            else entered
        )
        if isinstance(came, Refused):
            return came
        if s.store.commit(change):
            return came
    return Entered.OVER


def _number(typed: str, like: str) -> str:
    """As it is dialled where the promise's own number is, or with its country; "" when nobody can have it."""
    try:
        region = phonenumbers.region_code_for_number(phonenumbers.parse(like, None)) if like else None
        parsed = phonenumbers.parse(typed[:LONGEST], region or "US")
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(parsed) or parsed.extension:
        return ""
    return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))
