"""What happened while a restored database did not know of it is written down: kept, tried, said, asked for (see usecases/quarantine/state.py).

Everything is idempotent: a call that was used has an owner (`leg:`) or is a contact, a text was heard, a recording is used.
What Twilio's lists cannot tell is noted as unclear, for a person; nothing is done about it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import structlog

from ivr.domain.records.contact import Contact, Outcome
from ivr.domain.records.customer import Customer
from ivr.domain.records.disposition import Disposition
from ivr.domain.records.quarantine import CatchUpFinding, Quarantine, QuarantineState
from ivr.domain.rules.call_evidence import find_talk_after
from ivr.domain.telephony_events import RecordingStatus
from ivr.services import Services, derive_id
from ivr.store.queries import due_index, legs, outages, texts
from ivr.usecases.contacts import outcome
from ivr.usecases.incoming_texts import actions as incoming_texts
from ivr.usecases.outages import catch_up as outage_catch_up
from ivr.usecases.outages import missed_calls
from ivr.usecases.quarantine import state as quarantine_state
from ivr.usecases.restore import adopt, twilio_history
from ivr.usecases.restore.adopt import find_leg_owner
from ivr.usecases.restore.twilio_history import TwilioHistory

log = structlog.get_logger()

LEASE_SECONDS = 120.0  # seconds until another look takes over from one that did not come to its end
LIVE_CALL_CHECK_SECONDS = 30.0  # while a call lives of which the database knows nothing
HOUR_SECONDS = 3600.0
ADOPTERS = {
    "contact": adopt.adopt_contact,
    "promise": adopt.adopt_promise,
    "text": adopt.adopt_text,
}  # in this order


def process_due(services: Services) -> bool:
    """The automatic part. False when there is no quarantine (any more)."""
    held = _claim_quarantine(services)
    if held is None:
        return False
    if held.state is not QuarantineState.BEGUN:
        return True
    found = twilio_history.fetch_history(services, held.record_from)
    _receive_missed_texts(services, held)
    for record_type, one in ADOPTERS.items():
        for member in sorted(services.store.read(due_index.list_scheduled())):
            if member.startswith(f"{record_type}:"):
                one(services, found, held, member.partition(":")[2])
    _adopt_recordings(services, found)
    for call in found.calls:
        _adopt_unknown_call(services, found, held, call)
    _finish(services, found)
    return True


def _claim_quarantine(services: Services) -> Quarantine | None:
    """That somebody is at it, and from when on the line runs on this database."""
    for change in services.store.transact():
        held = quarantine_state.get_current(services.store)
        if held is None:
            return None
        new = change.put(held, replace(held, started_at=held.started_at or change.now))
        change.schedule(
            new, change.now + (LEASE_SECONDS if held.state is QuarantineState.BEGUN else HOUR_SECONDS)
        )
    return new


def _finish(services: Services, history: TwilioHistory) -> None:
    """Unless calls live that nobody knows: what becomes of them is seen when they are over."""
    unknown = [
        one for one in history.calls.values() if one.is_live and not find_leg_owner(services, one.call_sid)
    ]
    told = quarantine_state.list_findings(services.store)
    for change in services.store.transact():
        held = quarantine_state.get_current(services.store)
        if held is None:
            return
        if unknown:
            change.expect(held)
            change.schedule(held, change.now + LIVE_CALL_CHECK_SECONDS)
        else:
            looked = change.put(
                held, replace(held, state=QuarantineState.REVIEWED, catch_up_done_at=change.now)
            )
            change.schedule(looked, change.now + HOUR_SECONDS)
            change.log_event("quarantine checked", found=len(told))
    log.warning("quarantine_checked", found=len(told), live=len(unknown))
    if held is not None and held.small_loss and not unknown and not any(one.needs_review for one in told):
        quarantine_state.lift(services, by="the line: seconds were missing, and nothing is unclear")


# ---- what the database knows nothing of


def _receive_missed_texts(services: Services, quarantine: Quarantine) -> None:
    """A NO, a word about the case, a rating: as if they came now, in their order. What is known already changes nothing."""
    since = datetime.fromtimestamp(quarantine.record_from, UTC)
    came = [
        f
        for own in services.telephony.list_numbers()
        for f in services.telephony.find_texts(to=own.number, created_after=since)
    ]
    for fact in sorted(came, key=lambda f: f.created):
        known = services.store.read(texts.get_reply(fact.sid)) is not None
        if known or fact.created.timestamp() >= quarantine.started_at:
            continue
        media = services.telephony.list_media_urls(fact.sid) if fact.media_count else ()
        incoming_texts.receive_text(
            services, from_=fact.from_, to=fact.to, body=fact.body, sid=fact.sid, media=media
        )
        change = services.store.begin()
        quarantine_state.record_finding(CatchUpFinding(kind="text came", text=fact.sid), change)
        services.store.commit_best_effort(change)


def _adopt_recordings(services: Services, history: TwilioHistory) -> None:
    """Messages that were left, unless they have talked since."""
    for one in services.telephony.list_recordings(created_after=datetime.fromtimestamp(history.since, UTC)):
        if (
            not one.is_message
            or one.status is not RecordingStatus.READY
            or outage_catch_up.is_recording_used(services, one.sid)
        ):
            continue
        name = derive_id(one.call_sid)
        talk = find_talk_after(
            history.calls_with(history.customer_number(one.call_sid)), one.created.timestamp()
        )
        change = services.store.begin()
        if talk is not None:
            outages.set_contact_of_recording(
                one.sid, name, change, ttl_seconds=outage_catch_up.RECORDING_USED_SECONDS
            )
            quarantine_state.record_finding(
                CatchUpFinding(kind="message, talked since", contact=name, call=talk.call_sid), change
            )
        else:
            outage_catch_up.apply_message(
                services,
                outage_catch_up.OutageFact(call=one.call_sid, recording_sid=one.sid, recording_url=one.url),
            )
            quarantine_state.record_finding(
                CatchUpFinding(kind="message", contact=name, call=one.call_sid), change
            )
        services.store.commit_best_effort(change)


def _adopt_unknown_call(
    services: Services, history: TwilioHistory, quarantine: Quarantine, call_sid: str
) -> None:
    """Oldest first: who rang twice is owed one call."""
    seen, number = history.calls[call_sid], history.customer_number(call_sid)
    if seen.is_live or seen.started_at >= quarantine.started_at or find_leg_owner(services, call_sid):
        return
    change = services.store.begin()
    if seen.talked or find_talk_after(history.calls_with(number), seen.ended_at or seen.started_at):
        contact = missed_calls.open_past_contact(services, history.facts[call_sid], change)
        helped = replace(contact, talked=True, disposition=Disposition.RESTORED)
        outcome.end_contact(services, helped, Outcome.HELPED, change)
        quarantine_state.record_finding(
            CatchUpFinding(kind="talked", contact=contact.id, call=call_sid), change
        )
    elif seen.inbound or services.store.get(Customer, number) is not None:
        missed_calls.promise_for_missed_call(services, history.facts[call_sid], any_length=not seen.inbound)
        contact = services.store.get(Contact, derive_id(call_sid)) or Contact(id=derive_id(call_sid))
        what = f"rang: {contact.outcome}" if seen.inbound else "was called"
        unclear = not seen.inbound and seen.answered and not seen.machine
        told = CatchUpFinding(
            kind=what, contact=contact.id, promise=contact.promise, call=call_sid, needs_review=unclear
        )
        quarantine_state.record_finding(told, change)
    else:
        legs.set_record_key(call_sid, quarantine.key, change)
        quarantine_state.record_finding(
            CatchUpFinding(kind="was called, and nothing is known of them", call=call_sid, needs_review=True),
            change,
        )
    services.store.commit_best_effort(change)
