"""NO by text: which of the calls that we owe them is it that they do not need any more?

The one that our last text was about. Where that is not plain they are asked, in words, and nothing is declined meanwhile:
a call that somebody counts on is never lost by a short answer to another question.
"""

from __future__ import annotations

import re

from ivr.domain.actor import RequestChannel
from ivr.domain.records.customer import Customer
from ivr.domain.records.promise import Promise
from ivr.flow.phrases.built_in import list_built_in_languages, load_built_in_phrases
from ivr.flow.phrases.understanding import tokenize
from ivr.services import Services
from ivr.store.change import Change
from ivr.store.queries import texts
from ivr.store.query import combine
from ivr.usecases.callbacks import reschedule
from ivr.usecases.callbacks.reschedule_request import Decline, RefusalReason, RequestOrigin, RescheduleRefused
from ivr.usecases.customers import open_promises
from ivr.usecases.dialing import shared_numbers
from ivr.usecases.texting import send as texting_send

_DECLINE_LIST = "heard.decline"
_LIST_NUMBER = re.compile(r"[ ,.:#]*([1-9])")


def is_decline(services: Services, text: str) -> bool:
    return _normalize(text) in _decline_phrases(services) or bool(_parse_numbered_decline(services, text))


def _decline_phrases(services: Services) -> frozenset[str]:
    """In every language at once: who reads one may answer in another.

    Not STOP or CANCEL: Twilio takes those for itself and opts the number out.
    """
    lists = (
        *(book.get_word_list(_DECLINE_LIST) for book in services.library.phrasebooks.values()),
        *map(_built_in_phrases, list_built_in_languages()),
    )
    return frozenset(_normalize(phrase) for phrases in lists for phrase in phrases)


def _normalize(text: str) -> str:
    """Without accents and punctuation: "no, thanks" is "no thanks"."""
    return " ".join(tokenize(text))


def _built_in_phrases(language: str) -> tuple[str, ...]:
    return load_built_in_phrases(language).word_lists[_DECLINE_LIST]


def _parse_numbered_decline(services: Services, text: str) -> int:
    """The number of "no 2"; 0 when it is none."""
    for phrase in _decline_phrases(services):
        if text.startswith(phrase) and (numbered := _LIST_NUMBER.fullmatch(text.removeprefix(phrase))):
            return int(numbered[1])
    return 0


def answer_decline(
    services: Services, customer: Customer, our_number: str, text: str, change: Change
) -> str | None:
    """What to answer; None: nothing is owed there, so it is a word like any other. `our_number`: the number of ours they answered."""
    found = [p for p in open_promises.list_for_customer(services, customer) if p.our_number == our_number]
    if not found:
        return None
    if shared_numbers.is_shared(services, customer):  # a stranger's NO may not cost somebody their call
        return _phrase(services, found[0], "text.shared")
    last, listed = services.store.read(
        combine(
            texts.get_reply_meaning(customer.id, our_number),
            texts.get_decline_choices(customer.id, our_number),
        )
    )
    if numbered := _parse_numbered_decline(services, text):
        return _decline_numbered(services, customer, found, listed, numbered, change)
    meant = next((p for p in found if p.id == last), None)
    if meant is None and last is None and len(found) == 1:
        meant = found[0]
    return (
        _decline_promise(services, customer, meant, found, change)
        if meant
        else _ask_which(services, customer, found, change)
    )


def _decline_numbered(
    services: Services,
    customer: Customer,
    promises: list[Promise],
    listed_ids: list[str],
    list_number: int,
    change: Change,
) -> str:
    """By the list that they were sent; one that is over meanwhile is not another one."""
    name = listed_ids[list_number - 1] if list_number <= len(listed_ids) else ""
    meant = next((p for p in promises if p.id == name), None)
    return (
        _decline_promise(services, customer, meant, promises, change)
        if meant
        else _ask_which(services, customer, promises, change)
    )


def _decline_promise(
    services: Services, customer: Customer, promise: Promise, promises: list[Promise], change: Change
) -> str:
    came = reschedule.apply_in_change(
        services,
        promise,
        Decline(),
        RequestOrigin(channel=RequestChannel.TEXT, informed_number=customer.id),
        change,
    )
    if isinstance(came, RescheduleRefused):
        return _phrase(services, promise, "text.on_line") if came.why is RefusalReason.ON_LINE else ""
    texting_send.set_reply_meaning(customer.id, promise.our_number, "", change)
    left = [p for p in promises if p.id != promise.id]
    if not left:
        return _phrase(services, promise, "text.cancelled")
    return _phrase(
        services,
        promise,
        "text.cancelled_one",
        when=texting_send.format_promised_time(services, promise, change.now),
        calls=_list_times(services, left, change.now),
    )


def _ask_which(services: Services, customer: Customer, promises: list[Promise], change: Change) -> str:
    line = promises[0].our_number
    if len(promises) == 1:
        texting_send.set_reply_meaning(customer.id, line, promises[0].id, change)
        return _phrase(
            services,
            promises[0],
            "text.which_one",
            when=texting_send.format_promised_time(services, promises[0], change.now),
        )
    texting_send.set_reply_meaning(customer.id, line, "", change)
    texts.set_decline_choices(
        customer.id, line, [p.id for p in promises], change, ttl_seconds=texting_send.REPLY_VALID_SECONDS
    )
    return _phrase(
        services, promises[0], "text.which", calls=_list_times(services, promises, change.now, numbered=True)
    )


def _list_times(services: Services, promises: list[Promise], now: float, *, numbered: bool = False) -> str:
    times = [texting_send.format_promised_time(services, p, now) for p in promises]
    return "; ".join(f"{n}: {when}" if numbered else when for n, when in enumerate(times, start=1))


def _phrase(services: Services, promise: Promise, key: str, **fields: str) -> str:
    return services.library.get_phrasebook(promise.language).text(key, **fields)
