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
from ivr.store import keys
from ivr.store.change import Change
from ivr.usecases.customers import open_promises
from ivr.usecases.texting import promise_links

RETRY = 30.0  # seconds
MOST = 5
REMEMBERED = 90 * 86400  # seconds for which a NO is taken for an answer to our last text
ANSWERED_BY_NO = frozenset({"text.promised", "text.moved", "text.at_risk", "text.kept_waiting"})


def send(  # noqa: PLR0913 - all by keyword
    s: Services, *, to: str, line: str, body: str, about: str, change: Change, asks: str = "", no: str = ""
) -> None:
    """Owe a text. `about`: the member it belongs to; `asks`: the contact whose rating a reply is; `no`: the promise that NO declines."""
    last_said(to, line, no, change)
    text = Text(id=s.new_id(), to=to, line=line, body=body, about=about, asks=asks, made=change.now)
    change.put(None, text)
    change.wake(text, change.now)
    change.journal("text", text=text.id, about=about)


def last_said(to: str, line: str, promise: str, change: Change) -> None:
    """What a NO from there means from now on: this promise; "" = they were asked for something else."""
    change.op("SET", keys.texted(to, line), promise, "EX", REMEMBERED)


def about_promise(s: Services, promise: Promise, key: str, change: Change, *, to: str = "") -> None:
    """Say by text what was promised, or what became of it: to the number that will ring (or `to`), unless it takes none.

    What it is about is for the customer's own number only: another one may be somebody else's (I7).
    """
    to = to or promise.number
    reader = change.made(Customer, to) or s.store.get(Customer, to)
    if reader is not None and reader.no_texts:
        return
    book = s.library.book(promise.language)
    fields = {"when": by_when(s, promise, change.now)}
    fields["ending"] = phone_numbers.ending(promise.number)
    theirs = to == promise.customer
    fields["link"] = (
        "" if open_promises.is_shared(s, reader or Customer(id=to)) else promise_links.link(s, promise, to)
    )
    fields["about"] = promise.reason.rstrip(" .") if theirs else ""  # the sentence around it ends itself
    fields = {k: v for k, v in fields.items() if k in book.fields.get(key, ())}
    send(
        s,
        to=to,
        line=promise.line,
        body=book.text(key, **fields),
        about=promise.member,
        change=change,
        no=promise.id if key in ANSWERED_BY_NO else "",
    )


def by_when(s: Services, promise: Promise, now: float) -> str:
    """For the eye, by the customer's own clock: "8:20 pm"."""
    return written(s, promise, promise.until, now)


def written(s: Services, promise: Promise, at: float, now: float) -> str:
    """With the zone's name, where their number leaves the clock in doubt."""
    zone = ZoneInfo(promise.zone or s.settings.default_zone)
    when, today = datetime.fromtimestamp(at, zone), datetime.fromtimestamp(now, zone)
    told = spoken_text.for_text(when, promise.language, today)
    doubt = time_zones.doubtful(phone_numbers.zones(promise.number), when, zone)
    return f"{told}, {spoken_text.zone(when, promise.language, today)}" if doubt else told


def look(s: Services, text: Text, now: float) -> None:
    """Send it, unless it turns out to have been sent."""
    if text.state in (TextState.SENT, TextState.REFUSED):
        _settle(s, text, text.state, now)
        return
    if text.state is TextState.SENDING:
        found = s.telephony.find_texts(to=text.to, created_after=datetime.fromtimestamp(text.made - 5, UTC))
        sid = next((f.sid for f in found if f.body == text.body), "")
        if sid:
            _settle(s, replace(text, sid=sid), TextState.SENT, now)
            return
    change = Change(now=now, sure=True)
    sending = change.put(text, replace(text, state=TextState.SENDING, attempts=text.attempts + 1))
    change.wake(sending, now + RETRY)
    if not s.store.commit(change):
        return
    try:
        sid = s.telephony.send_text(
            to=text.to, from_=text.line, body=text.body, status_callback=s.urls.text_status(text.id)
        )
    except (NoTexts, NumberUnusable):
        _settle(s, sending, TextState.REFUSED, now)
    except TryLater:
        _put_back(s, sending, now)
    except TelephonyError:
        if sending.attempts >= MOST:
            _settle(s, sending, TextState.REFUSED, now)
        # else: SENDING, looked for again when its wake comes
    else:
        _settle(s, replace(sending, sid=sid), TextState.SENT, now)


def _put_back(s: Services, text: Text, now: float) -> None:
    change = Change(now=now)
    kept = change.put(text, replace(text, state=TextState.UNSENT))
    change.wake(kept, now + 2)
    s.store.commit(change)


def _settle(s: Services, text: Text, state: TextState, now: float) -> None:
    change = Change(now=now)
    settled = change.put(text, replace(text, state=state))
    change.rest(settled)
    change.journal("text " + state.value, text=text.id, about=text.about)
    if state is TextState.REFUSED:
        customer = s.store.get(Customer, text.to)
        if customer is not None and not customer.no_texts:
            change.put(customer, replace(customer, no_texts=True))
    s.store.commit(change)


def delivered(s: Services, name: str, status: str, error: str) -> None:
    """What became of it at the network. 30003, 30005, 30006, 21610: do not text this number; speak instead."""
    if status not in ("failed", "undelivered") or error not in ("21610", "30003", "30005", "30006"):
        return
    text = s.store.get(Text, name)
    if text is not None:
        _settle(s, text, TextState.REFUSED, s.clock.now())
