"""Texts that come in: NO declines a callback, a number from 1 to 5 is a rating, anything else goes onto the case, as pictures do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from ivr.domain import phone_numbers
from ivr.domain.records.contact import Contact
from ivr.domain.records.customer import Customer
from ivr.services import Services
from ivr.store import keys
from ivr.store.change import Change
from ivr.usecases.callbacks import decline_by_text
from ivr.usecases.calls import anything_else
from ivr.usecases.customers import last_talk
from ivr.usecases.photos import receive as photo_receive
from ivr.usecases.texting import send as texting_send

STOPS = frozenset({"stop", "unsubscribe", "end", "quit", "stopall", "revoke", "optout", "cancel"})
STARTS = frozenset({"start", "unstop", "yes"})
RATINGS = frozenset("12345")
KNOWN_FOR = 86400  # seconds; Twilio repeats a webhook within seconds


@dataclass(frozen=True, kw_only=True)
class Incoming:
    """What somebody texted. `sid`: MessageSid."""

    sid: str
    line: str
    words: str
    case: str = ""  # that its pictures went to; "" = the customer's


def receive(s: Services, *, from_: str, to: str, body: str, sid: str, media: Sequence[str] = ()) -> str:
    """What to answer by text, "" = nothing. The same text twice counts once, and gets the same answer.

    `media`: addresses of pictures; they are fetched later.
    """
    number = phone_numbers.caller_number(from_) or ""
    text = Incoming(sid=sid, line=to, words=body.strip())
    while number:
        (answered,) = s.store.read([("GET", keys.heard(sid))])
        if answered is not None:
            return str(answered)
        change = Change(now=s.clock.now())
        customer = s.store.get(Customer, number)
        if customer is None:
            customer = change.put(None, Customer(id=number))
        reply = ""
        if media:
            case = photo_receive.arrive(s, customer, photo_receive.Came(sid=sid, line=to, urls=media), change)
            text = replace(text, case=case)
        if text.words or not media:
            reply = _does(s, text.words)(s, change.latest(customer) or customer, text, change)
        change.once(keys.heard(sid), reply, seconds=KNOWN_FOR)
        if s.store.commit(change):
            return reply
    return ""


Does = Callable[[Services, Customer, Incoming, Change], str]


def plain(words: str) -> str:
    return words.lower().strip(" .!,")


def _does(s: Services, words: str) -> Does:
    if decline_by_text.means_no(s, plain(words)):
        return _decline
    if plain(words) in STOPS:
        return _stop
    if plain(words) in STARTS:
        return _start
    if words[:1] in RATINGS and not words[1:2].isdigit():
        return _rating
    return _add


def _stop(s: Services, customer: Customer, text: Incoming, change: Change) -> str:
    del s, text
    change.put(customer, replace(customer, no_texts=True))
    return ""


def _start(s: Services, customer: Customer, text: Incoming, change: Change) -> str:
    """Twilio lets our texts through again; as a plain "yes" it may be an answer to somebody as well."""
    welcome = change.put(customer, replace(customer, no_texts=False))
    return _add(s, welcome, text, change) if welcome.case else ""


def _decline(s: Services, customer: Customer, text: Incoming, change: Change) -> str:
    """Without an open promise it is a word to whoever reads the case."""
    answer = decline_by_text.by_text(s, customer, text.line, plain(text.words), change)
    return _add(s, customer, text, change) if answer is None else answer


def _rating(s: Services, customer: Customer, text: Incoming, change: Change) -> str:
    contact = s.store.get(Contact, customer.last_contact)
    if contact is None or contact.rating:
        return _add(s, customer, text, change)
    rated = anything_else.rated(s, contact, int(text.words[0]), change)
    comment = text.words[1:].strip(" .,:-")
    if comment:
        rated = replace(rated, comment=comment)
        last_talk.note(contact.case, "comment", change, contact=contact.id, words=comment)
    change.put(contact, rated)
    return ""


def _add(s: Services, customer: Customer, text: Incoming, change: Change) -> str:
    if text.words:
        case = text.case or photo_receive.place(s, customer, change).case  # a word to nobody would be lost
        last_talk.note(case, "text", change, sid=text.sid, words=text.words[:1600], line=text.line)
        change.journal("text received", case=case)
    return ""


def delivered(s: Services, text: str, status: str, error: str) -> None:
    """Twilio's status of a text; a number that takes none is not texted again."""
    texting_send.delivered(s, text, status, error)
