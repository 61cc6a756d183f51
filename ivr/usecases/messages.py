"""Texts that come in: NO declines a callback, a number from 1 to 5 is a rating, anything else goes onto the case."""

from __future__ import annotations

from dataclasses import replace

from ivr.domain import numbers
from ivr.domain.contact import Contact
from ivr.domain.customer import Customer
from ivr.domain.promise import ENDED, Promise, PromiseState
from ivr.services import Services
from ivr.store.change import Change
from ivr.usecases import after, promises, remember, texts

# not STOP or CANCEL: Twilio takes those for itself and opts the number out (21610)
DECLINES = frozenset({"no", "no.", "no!", "no thanks", "no gracias"})
STOPS = frozenset({"stop", "unsubscribe", "end", "quit", "stopall", "revoke", "optout", "cancel"})


def receive(s: Services, *, from_: str, to: str, body: str, sid: str) -> str:
    """What to answer by text, "" = nothing. `sid`: MessageSid; the same text twice counts once."""
    number = numbers.caller_number(from_) or ""
    customer = s.store.get(Customer, number)
    words = body.strip()
    (first,) = s.store.read([("SET", f"heard:{sid}", "1", "NX", "EX", 86400)])
    if not number or not first:
        return ""
    change = Change(now=s.clock.now())
    if customer is None:
        customer = Customer(id=number)
        change.put(None, customer)
    promise = s.store.get(Promise, customer.promise)
    reply = ""
    if words.lower() in STOPS:
        change.put(customer, replace(customer, no_texts=True))
    elif words.lower() in DECLINES:
        reply = _decline(s, customer, promise, change)
    elif words[:1] in ("1", "2", "3", "4", "5") and not words[1:2].isdigit():
        _rating(s, customer, words, change)
    elif words:
        remember.note(customer.case, "text", change, sid=sid, words=words[:1600], line=to)
        change.journal("texted", case=customer.case)
    s.store.commit(change)
    return reply


def _decline(s: Services, customer: Customer, promise: Promise | None, change: Change) -> str:
    """The newest open promise is not wanted any more."""
    if promise is None or promise.state in ENDED or promise.state is PromiseState.TALKING:
        return ""
    promises.decline(s, promise, change, by="text")
    change.put(customer, replace(change.latest(customer) or customer, promise=""))
    return s.library.book(promise.language).text("text.cancelled")


def _rating(s: Services, customer: Customer, words: str, change: Change) -> None:
    contact = s.store.get(Contact, customer.last_contact)
    if contact is None or contact.rating:
        return
    rated = after.rated(s, contact, int(words[0]), change)
    if words[1:].strip(" .,:-"):
        rated = replace(rated, comment=words[1:].strip(" .,:-"))
        remember.note(contact.case, "comment", change, contact=contact.id, words=rated.comment)
    change.put(contact, rated)


def delivered(s: Services, text: str, status: str, error: str) -> None:
    """Twilio's status of a text; a number that takes none is not texted again."""
    texts.delivered(s, text, status, error)
