"""What happened to callers while parts of the line were away, made good (I9).

The fallback leaves facts on disk (spool.py): who heard it, who talked with a person, who left a message. And when nothing
of ours ran, Twilio knows: its recordings and calls of that time are listed. Everything here is idempotent: a recording is
used once by its sid, a call is one contact by its own.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import structlog

from ivr.domain import phone_numbers
from ivr.domain.errors import CallGone, TelephonyError
from ivr.domain.records.contact import Contact, ContactState, Outcome, Where
from ivr.domain.records.customer import Customer
from ivr.domain.records.promise import ENDED, Promise
from ivr.services import Services, id_of
from ivr.store import keys
from ivr.store.change import Change
from ivr.store.queries import contacts
from ivr.telephony.facts import CallFacts
from ivr.usecases.contacts import outcome
from ivr.usecases.customers import last_talk
from ivr.usecases.dialing import permissions
from ivr.usecases.promises import escalation
from ivr.usecases.promises import lifecycle as promise_lifecycle
from ivr.usecases.promises import limits as promise_limits
from ivr.usecases.quarantine import state as quarantine_state
from ivr.usecases.queueing import membership

log = structlog.get_logger()

FALLBACK = outcome.FALLBACK
LISTENED = 10  # seconds; who hung up earlier did not ask for anybody
SOON = 5.0
AGAIN = 60.0  # seconds until what was not ready is looked at again
# https://www.twilio.com/docs/voice/api/recording: these become something else yet
UNREADY = frozenset({"in-progress", "paused", "stopped", "processing"})
PATIENCE = timedelta(hours=12)  # then it is taken as it is: whoever spoke into it waits
KEPT = 90 * 86400  # seconds for which a recording is known to have been used; nothing older is ever listed


@dataclass(frozen=True, kw_only=True)
class Leg:
    """The customer's leg: their number ("" when hidden) and the line of ours."""

    call: str
    number: str
    line: str


def leg_of(s: Services, told: dict[str, str]) -> Leg:
    """A recording's own callback tells neither number: then Twilio is asked. Raises TelephonyError."""
    call = told.get("CallSid", "")
    if "From" not in told:
        try:
            return _leg(s.telephony.fetch_call(call))
        except CallGone:
            log.warning("call_unknown", call=call)
    return Leg(call=call, number=phone_numbers.caller_number(told.get("From")) or "", line=told.get("To", ""))


def _leg(facts: CallFacts) -> Leg:
    outbound = facts.direction.startswith("outbound")
    theirs, ours = (facts.to, facts.from_) if outbound else (facts.from_, facts.to)
    return Leg(call=facts.sid, number=phone_numbers.caller_number(theirs) or "", line=ours)


def tries(s: Services, call: str) -> int:
    """How often this call has been sent back to the line from the fallback, this time included. Raises Unavailable."""
    count, _ = s.store.read([("INCR", keys.fell(call)), ("EXPIRE", keys.fell(call), 86400)])
    return int(count)


# ---- facts


def fell_back(s: Services, told: dict[str, str]) -> None:
    """They hear the fallback. From now on they are owed a call, unless it turns out that they talked with somebody."""
    leg = leg_of(s, told)
    while True:
        change = Change(now=s.clock.now())
        contact = _find(s, leg.call)
        if contact is None:
            _open(s, leg, change)
        elif contact.state in (ContactState.FLOW, ContactState.WAITING):
            if FALLBACK in contact.path:
                return
            _out_of_line(contact, change)
        elif contact.state is ContactState.ENDED and contact.outcome is Outcome.LEFT_EARLY:
            outcome.abandoned(s, replace(contact, path=f"{contact.path} {FALLBACK}"), change)
        else:
            return
        if s.store.commit(change):
            return


def talked(s: Services, told: dict[str, str]) -> None:
    """The fallback brought them to a person who pressed 1, and they were joined."""
    leg = leg_of(s, told)
    while True:
        change = Change(now=s.clock.now())
        contact = _find(s, leg.call) or _open(s, leg, change)
        gone = contact.state is ContactState.ENDED and contact.outcome is Outcome.LEFT_EARLY
        if not gone and contact.state not in (ContactState.FLOW, ContactState.WAITING):
            return
        if contact.state is ContactState.WAITING:
            membership.leave(contact, change)
        change.journal("talk found at Twilio", contact=contact.id)
        owed = s.store.get(Promise, contact.promise)
        if owed is not None and owed.state not in ENDED:
            outcome.left(s, contact, change)  # what was owed is for those who know the matter to keep
        else:
            outcome.end(s, replace(contact, word="fallback", talked=True), Outcome.HELPED, change)
        if s.store.commit(change):
            return


def message(s: Services, told: dict[str, str]) -> None:
    """A message becomes a promise, once."""
    sid, url = told.get("RecordingSid", ""), told.get("RecordingUrl", "")
    while not used(s, sid):
        leg = leg_of(s, told)
        change = Change(now=s.clock.now())
        contact = _find(s, leg.call)
        over = contact is None or contact.state is ContactState.ENDED
        owed = owe(s, contact or _open(s, leg, change), sid, url, change)
        if over:
            outcome.end(s, owed, Outcome.PROMISED, change)
        else:
            change.put(contact, owed)  # still theirs; when the leg ends they are promised
        if s.store.commit(change):
            log.info("voicemail_recovered", contact=owed.id, promise=owed.promise)
            return


def used(s: Services, recording: str) -> bool:
    """Whether a promise has been made of it already."""
    (found,) = s.store.read([("EXISTS", keys.recording(recording))])
    return bool(found)


def owe(s: Services, contact: Contact, recording: str, url: str, change: Change) -> Contact:
    """A call for who left a message; one that is owed to them already will do (I4). The caller puts the contact."""
    owed = _open_promise(s, contact)
    if owed is not None:
        contact = replace(contact, promise=owed.id, case=contact.case or owed.case)
    elif permissions.may_ring(s, contact.number, line=contact.line):
        contact, wanted = promise_limits.unasked(s, contact, "text.promised", change)
        contact, _ = promise_lifecycle.make(s, contact, wanted, change)
    else:  # they have said their number, perhaps: somebody must listen to it
        contact, made = promise_lifecycle.make(s, contact, promise_lifecycle.Wanted(text=""), change)
        escalation.escalate(s, made, escalation.UNUSABLE, change)
    last_talk.note(contact.case, "message", change, contact=contact.id, recording=url)
    if recording:
        change.op("SET", keys.recording(recording), contact.id, "EX", KEPT)
    change.journal("voicemail", contact=contact.id, promise=contact.promise)
    return contact


def _open_promise(s: Services, contact: Contact) -> Promise | None:
    customer = s.store.get(Customer, contact.number)
    shared = contact.number in s.settings.shared_numbers or (customer is not None and customer.shared)
    theirs = customer.promises if customer is not None and not shared else ()
    found = s.store.get_all(Promise, [name for name in (contact.promise, *theirs) if name])
    return next((p for p in found if p.state not in ENDED), None)


# ---- what Twilio knows


def look(s: Services) -> None:
    """After an outage: messages and calls since it began. What is not over or not ready yet is looked at again."""
    (began,) = s.store.read([("GET", keys.OUTAGE)])
    if began is None:
        return
    since = datetime.fromtimestamp(float(began), UTC)
    whole = recordings(s, since)
    for facts in s.telephony.inbound_calls(created_after=since):
        if not facts.live:
            rang(s, facts)
        elif _find(s, facts.sid) is None:
            whole = False
    done = Change(now=s.clock.now())
    if not whole:
        done.op("ZADD", keys.WAKE, done.now + AGAIN, f"{keys.OUTAGE}:")
        s.store.commit(done)
        return
    done.op("DEL", keys.OUTAGE)
    done.journal("outage recovered", since=began)
    s.store.commit(done)


def recordings(s: Services, since: datetime) -> bool:
    """Messages whose webhook was lost. False when one of them is not ready yet."""
    whole = True
    patience = datetime.fromtimestamp(s.clock.now(), UTC) - PATIENCE
    for found in s.telephony.recordings(created_after=since):
        unready = found.status in UNREADY and found.created > patience
        if found.source != "RecordVerb" or used(s, found.sid):
            continue
        if unready:
            whole = False
        elif found.status in UNREADY or found.status == "completed":
            told = {"RecordingSid": found.sid, "RecordingUrl": found.url, "CallSid": found.call_sid}
            message(s, told)
    return whole


def unknown(s: Services, call: str) -> None:
    """A call to one of our numbers has ended, and nothing is known of it: whatever answered it was not the line."""
    try:
        facts = s.telephony.fetch_call(call)
    except TelephonyError as e:
        log.warning("call_unknown", call=call, code=e.code)
        return
    if quarantine_state.before(s.store, facts.created.timestamp()):
        return  # found with everything else that the record does not know of
    if facts.direction == "inbound" and not facts.live:
        rang(s, facts)


def opened(s: Services, facts: CallFacts, change: Change) -> Contact:
    """A contact for a call that is over, opened when that began."""
    return replace(_open(s, _leg(facts), change), opened=facts.created.timestamp())


def rang(s: Services, facts: CallFacts, *, asked: bool = False) -> None:
    """A call to a line of ours that is over, and of which nothing is known: a call back is owed.

    `asked`: however short it was. Who is owed a call already is not owed another (I4).
    """
    if _find(s, facts.sid) is not None:
        return
    change = Change(now=s.clock.now())
    contact = opened(s, facts, change)
    if facts.seconds < LISTENED and not asked:
        outcome.end(s, contact, Outcome.LEFT_EARLY, change)
    elif (owed := _open_promise(s, contact)) is not None:
        carried = replace(contact, promise=owed.id, case=owed.case)
        outcome.end(s, carried, Outcome.PROMISED, change)
    else:
        outcome.abandoned(s, contact, change)
    s.store.commit(change)


# ---- below


def _find(s: Services, call: str) -> Contact | None:
    noun, _, name = contacts.member_of_leg(s.store, call).partition(":")
    return s.store.get(Contact, name if noun == "contact" else id_of(call))


def _open(s: Services, leg: Leg, change: Change) -> Contact:
    """A contact for a call that the line did not answer itself: it may be over, or hear the fallback now."""
    contact = Contact(
        id=id_of(leg.call),
        call=leg.call,
        line=leg.line,
        number=leg.number,
        opened=change.now,
        flow=s.library.for_line(leg.line).name,
        arrived=change.now,
        path=FALLBACK,
        caller=Where.OUT,
    )
    customer = _customer(s, leg.number)
    if customer is not None:
        contact = replace(contact, name=customer.name, language=customer.language or contact.language)
        change.put(customer, replace(customer, live=contact.id))
    change.journal("opened", contact=contact.id, line=leg.line, path=FALLBACK)
    change.wake(contact, change.now + SOON)
    return change.put(None, contact)


def _customer(s: Services, number: str) -> Customer | None:
    """Known from now on, so that a call owed to them is found when they ring in (I4)."""
    if not number:
        return None
    found = s.store.get(Customer, number)
    if found is None:
        new = Change(now=s.clock.now())
        new.put(None, Customer(id=number))
        s.store.commit(new)
        found = s.store.get(Customer, number)
    return found


def _out_of_line(contact: Contact, change: Change) -> None:
    """Nobody is to be rung for a caller who is being joined to somebody else; whoever comes back is where they were."""
    fallen = replace(contact, state=ContactState.FLOW, path=f"{contact.path} {FALLBACK}".strip())
    if contact.state is ContactState.WAITING:
        membership.leave(contact, change)
        fallen = replace(fallen, position="")
    change.put(contact, fallen)
    change.journal("fallback reached", contact=contact.id)
    change.wake(fallen, change.now + SOON)
