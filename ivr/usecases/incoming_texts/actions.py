"""Texts that come in: NO declines a callback, a number from 1 to 5 is a rating, anything else goes onto the case, as pictures do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from ivr.domain import phone_numbers
from ivr.domain.records.contact import Contact
from ivr.domain.records.customer import Customer
from ivr.services import Services
from ivr.store.change import Change
from ivr.store.queries import texts
from ivr.usecases.callbacks import decline_by_text
from ivr.usecases.calls import anything_else
from ivr.usecases.customers import case_thread
from ivr.usecases.photos import receive as photo_receive

STOP_WORDS = frozenset({"stop", "unsubscribe", "end", "quit", "stopall", "revoke", "optout", "cancel"})
START_WORDS = frozenset({"start", "unstop", "yes"})
RATING_DIGITS = frozenset("12345")
DEDUPLICATE_SECONDS = 86400  # seconds; Twilio repeats a webhook within seconds


@dataclass(frozen=True, kw_only=True)
class IncomingText:
    """What somebody texted. `sid`: MessageSid."""

    sid: str
    our_number: str
    body: str
    case: str = ""  # that its pictures went to; "" = the customer's


def receive_text(
    services: Services, *, from_: str, to: str, body: str, sid: str, media: Sequence[str] = ()
) -> str:
    """What to answer by text, "" = nothing. The same text twice counts once, and gets the same answer.

    `media`: addresses of pictures; they are fetched later.
    """
    number = phone_numbers.parse_caller_number(from_) or ""
    text = IncomingText(sid=sid, our_number=to, body=body.strip())
    if not number:
        return ""
    for change in services.store.transact():
        answered = services.store.read(texts.get_reply(sid))
        if answered is not None:
            return answered
        customer = services.store.get(Customer, number)
        if customer is None:
            customer = change.put(None, Customer(id=number))
        reply = ""
        if media:
            case = photo_receive.record_photos(
                services, customer, photo_receive.IncomingPhotos(sid=sid, our_number=to, urls=media), change
            )
            text = replace(text, case=case)
        if text.body or not media:
            reply = _choose_handler(services, text.body)(services, change.latest(customer), text, change)
        texts.claim_reply(sid, reply, change, ttl_seconds=DEDUPLICATE_SECONDS)
    return reply


TextHandler = Callable[[Services, Customer, IncomingText, Change], str]


def normalize(text: str) -> str:
    return text.lower().strip(" .!,")


def _choose_handler(services: Services, text: str) -> TextHandler:
    if decline_by_text.is_decline(services, normalize(text)):
        return _on_decline
    if normalize(text) in STOP_WORDS:
        return _on_stop
    if normalize(text) in START_WORDS:
        return _on_start
    if text[:1] in RATING_DIGITS and not text[1:2].isdigit():
        return _on_rating
    return _add_to_case


def _on_stop(services: Services, customer: Customer, text: IncomingText, change: Change) -> str:
    del services, text
    change.put(customer, replace(customer, no_texts=True))
    return ""


def _on_start(services: Services, customer: Customer, text: IncomingText, change: Change) -> str:
    """Twilio lets our texts through again; as a plain "yes" it may be an answer to somebody as well."""
    welcome = change.put(customer, replace(customer, no_texts=False))
    return _add_to_case(services, welcome, text, change) if welcome.open_case else ""


def _on_decline(services: Services, customer: Customer, text: IncomingText, change: Change) -> str:
    """Without an open promise it is a word to whoever reads the case."""
    answer = decline_by_text.answer_decline(services, customer, text.our_number, normalize(text.body), change)
    return _add_to_case(services, customer, text, change) if answer is None else answer


def _on_rating(services: Services, customer: Customer, text: IncomingText, change: Change) -> str:
    contact = services.store.get(Contact, customer.last_contact)
    if contact is None or contact.after_call.rating:
        return _add_to_case(services, customer, text, change)
    rated = anything_else.record_rating(services, contact, int(text.body[0]), change)
    comment = text.body[1:].strip(" .,:-")
    if comment:
        rated = replace(rated, after_call=replace(rated.after_call, comment=comment))
        case_thread.add_entry(contact.case, "comment", change, contact=contact.id, words=comment)
    change.put(contact, rated)
    return ""


def _add_to_case(services: Services, customer: Customer, text: IncomingText, change: Change) -> str:
    if text.body:
        case = (
            text.case or photo_receive.find_destination(services, customer, change).case
        )  # a word to nobody would be lost
        case_thread.add_entry(
            case, "text", change, sid=text.sid, words=text.body[:1600], line=text.our_number
        )
        change.log_event("text received", case=case)
    return ""
