"""Texts to customers: written down with what they are about, sent by a worker, looked for before they are sent again."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from ivr.domain import phone_numbers
from ivr.domain.errors import NoTexts, NumberUnusable, TelephonyError, TryLater
from ivr.domain.records.customer import Customer, Text, TextState
from ivr.domain.records.promise import Promise
from ivr.domain.schedule import time_zones
from ivr.domain.speech import spoken_text
from ivr.services import Services
from ivr.store.change import Change
from ivr.store.queries import texts
from ivr.usecases.dialing import shared_numbers
from ivr.usecases.texting import promise_links

RETRY_SECONDS = 30.0  # seconds
MAX_ATTEMPTS = 5
REPLY_VALID_SECONDS = 90 * 86400  # seconds for which a NO is taken for an answer to our last text
DECLINABLE_TEXTS = frozenset({"text.promised", "text.moved", "text.at_risk", "text.kept_waiting"})


def create_text(  # noqa: PLR0913 - all by keyword
    services: Services,
    *,
    to: str,
    our_number: str,
    body: str,
    about: str,
    change: Change,
    rated_contact: str = "",
    declinable_promise: str = "",
) -> None:
    """Owe a text. `about`: the key of the record it belongs to; `rated_contact`: the contact whose rating a reply is; `declinable_promise`: the promise that NO declines."""
    set_reply_meaning(to, our_number, declinable_promise, change)
    text = Text(
        id=services.new_id(),
        to=to,
        our_number=our_number,
        body=body,
        about=about,
        rates_contact=rated_contact,
        created_at=change.now,
    )
    change.put(None, text)
    change.schedule(text, change.now)
    change.log_event("text", text=text.id, about=about)


def set_reply_meaning(to: str, our_number: str, promise_id: str, change: Change) -> None:
    """What a NO from there means from now on: this promise; "" = they were asked for something else."""
    texts.set_reply_meaning(to, our_number, promise_id, change, ttl_seconds=REPLY_VALID_SECONDS)


def create_promise_text(
    services: Services, promise: Promise, text_key: str, change: Change, *, to: str = ""
) -> None:
    """Say by text what was promised, or what became of it: to the number that will ring (or `to`), unless it takes none.

    What it is about is for the customer's own number only: another one may be somebody else's (I7).
    """
    to = to or promise.number
    reader = change.get(Customer, to)
    if reader is not None and reader.no_texts:
        return
    book = services.library.get_phrasebook(promise.language)
    fields = {"when": format_promised_time(services, promise, change.now)}
    fields["ending"] = phone_numbers.last_digits(promise.number)
    theirs = to == promise.customer
    fields["link"] = (
        ""
        if shared_numbers.is_shared(services, reader or Customer(id=to))
        else promise_links.create_link(services, promise, to)
    )
    fields["about"] = promise.reason.rstrip(" .") if theirs else ""  # the sentence around it ends itself
    fields = {k: v for k, v in fields.items() if k in book.fields.get(text_key, ())}
    create_text(
        services,
        to=to,
        our_number=promise.our_number,
        body=book.text(text_key, **fields),
        about=promise.key,
        change=change,
        declinable_promise=promise.id if text_key in DECLINABLE_TEXTS else "",
    )


def format_promised_time(services: Services, promise: Promise, now: float) -> str:
    """For the eye, by the customer's own clock: "8:20 pm"."""
    return format_time(services, promise, promise.due_by, now)


def format_time(services: Services, promise: Promise, at: float, now: float) -> str:
    """With the zone's name, where their number leaves the clock in doubt."""
    zone = ZoneInfo(promise.zone or services.settings.default_time_zone)
    when, today = datetime.fromtimestamp(at, zone), datetime.fromtimestamp(now, zone)
    told = spoken_text.written_for_text(when, promise.language, today)
    doubt = time_zones.is_ambiguous(phone_numbers.time_zones(promise.number), when, zone)
    return f"{told}, {spoken_text.zone_name(when, promise.language, today)}" if doubt else told


def process_due(services: Services, text: Text, now: float) -> None:
    """Send it, unless it turns out to have been sent."""
    if text.state in (TextState.SENT, TextState.REFUSED):
        _finish(services, text, text.state, now)
        return
    if text.state is TextState.SENDING:
        found = services.telephony.find_texts(
            to=text.to, created_after=datetime.fromtimestamp(text.created_at - 5, UTC)
        )
        sid = next((f.sid for f in found if f.body == text.body), "")
        if sid:
            _finish(services, replace(text, sid=sid), TextState.SENT, now)
            return
    change = services.store.begin(now=now, needs_replicas=True)
    sending = change.put(text, replace(text, state=TextState.SENDING, attempts=text.attempts + 1))
    change.schedule(sending, now + RETRY_SECONDS)
    if not services.store.commit(change):
        return
    try:
        sid = services.telephony.send_text(
            to=text.to,
            from_=text.our_number,
            body=text.body,
            status_callback=services.urls.text_status(text.id),
        )
    except (NoTexts, NumberUnusable):
        _finish(services, sending, TextState.REFUSED, now)
    except TryLater:
        _retry_soon(services, sending, now)
    except TelephonyError:
        if sending.attempts >= MAX_ATTEMPTS:
            _finish(services, sending, TextState.REFUSED, now)
        # else: SENDING, looked for again when it is due
    else:
        _finish(services, replace(sending, sid=sid), TextState.SENT, now)


def _retry_soon(services: Services, text: Text, now: float) -> None:
    change = services.store.begin(now=now)
    kept = change.put(text, replace(text, state=TextState.UNSENT))
    change.schedule(kept, now + 2)
    services.store.commit_best_effort(change)


def _finish(services: Services, text: Text, state: TextState, now: float) -> None:
    change = services.store.begin(now=now)
    settled = change.put(text, replace(text, state=state))
    change.unschedule(settled)
    change.log_event("text " + state.value, text=text.id, about=text.about)
    if state is TextState.REFUSED:
        customer = services.store.get(Customer, text.to)
        if customer is not None and not customer.no_texts:
            change.put(customer, replace(customer, no_texts=True))
    services.store.commit_best_effort(change)


def on_delivery_status(services: Services, text_id: str, *, takes_no_texts: bool) -> None:
    """What became of it at the network. `takes_no_texts`: the number does not, so we speak instead."""
    if not takes_no_texts:
        return
    text = services.store.get(Text, text_id)
    if text is not None:
        _finish(services, text, TextState.REFUSED, services.clock.now())
