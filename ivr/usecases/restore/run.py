"""What happened while a restored record did not know of it is written down: kept, tried, said, asked for (see usecases/quarantine/state.py).

Everything is idempotent: a call that was used has an owner (`leg:`) or is a contact, a text was heard, a recording is used.
What Twilio's lists cannot tell is noted as unclear, for a person; nothing is done about it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import structlog

from ivr.domain.records.contact import Contact, Outcome
from ivr.domain.records.customer import Customer
from ivr.domain.records.quarantine import Found, Quarantine, QuarantineState
from ivr.domain.rules.call_evidence import talked_after
from ivr.services import Services, id_of
from ivr.store import keys
from ivr.store.change import Change
from ivr.store.queries import due_index
from ivr.usecases.contacts import outcome
from ivr.usecases.incoming_texts import actions as incoming_texts
from ivr.usecases.outages import catch_up as outage_catch_up
from ivr.usecases.quarantine import state as quarantine_state
from ivr.usecases.restore import adopt, twilio_history
from ivr.usecases.restore.adopt import LEG, RESTORED, owner
from ivr.usecases.restore.twilio_history import Meanwhile

log = structlog.get_logger()

ROUND = 120.0  # seconds until another look takes over from one that did not come to its end
AGAIN = 30.0  # while a call lives of which the record knows nothing
HOUR = 3600.0
ADOPT = {"contact": adopt.a_contact, "promise": adopt.a_promise, "text": adopt.a_text}  # in this order


def look(s: Services) -> bool:
    """The automatic part. False when there is no quarantine (any more)."""
    held = _begin(s)
    if held is None:
        return False
    if held.state is not QuarantineState.BEGUN:
        return True
    found = twilio_history.ask(s, held.since)
    _texts_that_came(s, held)
    for noun, one in ADOPT.items():
        for member in sorted(due_index.owed(s.store)):
            if member.startswith(f"{noun}:"):
                one(s, found, held, member.partition(":")[2])
    _recordings(s, found)
    for call in found.calls:
        _unknown_call(s, found, held, call)
    _done(s, found)
    return True


def _begin(s: Services) -> Quarantine | None:
    """That somebody is at it, and from when on the line runs on this record."""
    while (held := quarantine_state.current(s.store)) is not None:
        change = Change(now=s.clock.now())
        new = change.put(held, replace(held, began=held.began or change.now))
        change.wake(new, change.now + (ROUND if held.state is QuarantineState.BEGUN else HOUR))
        if s.store.commit(change):
            return new
    return None


def _done(s: Services, found: Meanwhile) -> None:
    """Unless calls live that nobody knows: what becomes of them is seen when they are over."""
    unknown = [one for one in found.calls.values() if one.live and not owner(s, one.call)]
    told = quarantine_state.report(s.store)
    while (held := quarantine_state.current(s.store)) is not None:
        change = Change(now=s.clock.now())
        if unknown:
            change.expect(held)
            change.wake(held, change.now + AGAIN)
        else:
            looked = change.put(held, replace(held, state=QuarantineState.LOOKED, looked=change.now))
            change.wake(looked, change.now + HOUR)
            change.journal("quarantine checked", found=len(told))
        if s.store.commit(change):
            log.warning("quarantine_checked", found=len(told), live=len(unknown))
            break
    if held is not None and held.small and not unknown and not any(one.unclear for one in told):
        quarantine_state.lift(s, by="the line: seconds were missing, and nothing is unclear")


# ---- what the record knows nothing of


def _texts_that_came(s: Services, held: Quarantine) -> None:
    """A NO, a word about the case, a rating: as if they came now, in their order. What is known already changes nothing."""
    since = datetime.fromtimestamp(held.since, UTC)
    came = [
        f for own in s.telephony.numbers() for f in s.telephony.find_texts(to=own.number, created_after=since)
    ]
    for fact in sorted(came, key=lambda f: f.created):
        (known,) = s.store.read([("EXISTS", keys.heard(fact.sid))])
        if known or fact.created.timestamp() >= held.began:
            continue
        media = s.telephony.media_of(fact.sid) if fact.media else ()
        incoming_texts.receive(s, from_=fact.from_, to=fact.to, body=fact.body, sid=fact.sid, media=media)
        change = Change(now=s.clock.now())
        quarantine_state.note(Found(what="text came", text=fact.sid), change)
        s.store.commit(change)


def _recordings(s: Services, found: Meanwhile) -> None:
    """Messages that were left, unless they have talked since."""
    for one in s.telephony.recordings(created_after=datetime.fromtimestamp(found.since, UTC)):
        if one.source != "RecordVerb" or one.status != "completed" or outage_catch_up.used(s, one.sid):
            continue
        name = id_of(one.call_sid)
        talk = talked_after(found.of(found.number(one.call_sid)), one.created.timestamp())
        change = Change(now=s.clock.now())
        if talk is not None:
            change.op("SET", keys.recording(one.sid), name, "EX", outage_catch_up.KEPT)
            quarantine_state.note(Found(what="message, talked since", contact=name, call=talk.call), change)
        else:
            told = {"RecordingSid": one.sid, "RecordingUrl": one.url, "CallSid": one.call_sid}
            outage_catch_up.message(s, told)
            quarantine_state.note(Found(what="message", contact=name, call=one.call_sid), change)
        s.store.commit(change)


def _unknown_call(s: Services, found: Meanwhile, held: Quarantine, call: str) -> None:
    """Oldest first: who rang twice is owed one call."""
    seen, number = found.calls[call], found.number(call)
    if seen.live or seen.at >= held.began or owner(s, call):
        return
    change = Change(now=s.clock.now())
    if seen.talked or talked_after(found.of(number), seen.ended or seen.at):
        contact = outage_catch_up.opened(s, found.facts[call], change)
        helped = replace(contact, talked=True, word=RESTORED)
        outcome.end(s, helped, Outcome.HELPED, change)
        quarantine_state.note(Found(what="talked", contact=contact.id, call=call), change)
    elif seen.inbound or s.store.get(Customer, number) is not None:
        outage_catch_up.rang(s, found.facts[call], asked=not seen.inbound)
        contact = s.store.get(Contact, id_of(call)) or Contact(id=id_of(call))
        what = f"rang: {contact.outcome}" if seen.inbound else "was called"
        unclear = not seen.inbound and seen.answered and not seen.machine
        told = Found(what=what, contact=contact.id, promise=contact.promise, call=call, unclear=unclear)
        quarantine_state.note(told, change)
    else:
        change.op("SET", keys.leg(call), held.member, "EX", LEG)
        quarantine_state.note(
            Found(what="was called, and nothing is known of them", call=call, unclear=True), change
        )
    s.store.commit(change)
