"""After an outage: calls and messages that Twilio had while the record was away."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import structlog

from ivr.domain.errors import TelephonyError
from ivr.domain.records.contact import Contact, Outcome
from ivr.domain.telephony_events import CallDirection, RecordingStatus
from ivr.services import Services
from ivr.store.change import Change
from ivr.store.queries import outages
from ivr.telephony.facts import CallFacts
from ivr.usecases.contacts import outcome
from ivr.usecases.outages.catch_up import (
    OutageFact,
    apply_message,
    find_contact,
    find_open_promise,
    is_recording_used,
    leg_from_facts,
    open_contact,
)
from ivr.usecases.quarantine import state as quarantine_state

log = structlog.get_logger()

MIN_LISTENED_SECONDS = 10  # seconds; who hung up earlier did not ask for anybody
CHECK_AGAIN_SECONDS = 60.0  # seconds until what was not ready is looked at again
MAX_UNFINISHED_AGE = timedelta(hours=12)  # then it is taken as it is: whoever spoke into it waits


def process_due(services: Services) -> None:
    """After an outage: messages and calls since it began. What is not over or not ready yet is looked at again."""
    began = services.store.read(outages.get_start())
    if began is None:
        return
    since = datetime.fromtimestamp(began, UTC)
    whole = process_recordings(services, since)
    for facts in services.telephony.list_inbound_calls(created_after=since):
        if not facts.status.is_live:
            promise_for_missed_call(services, facts)
        elif find_contact(services, facts.sid) is None:
            whole = False
    done = services.store.begin()
    if not whole:
        outages.schedule(done.now + CHECK_AGAIN_SECONDS, done)
        services.store.commit_best_effort(done)
        return
    outages.end(done)
    done.log_event("outage recovered", since=f"{began:.3f}")
    services.store.commit_best_effort(done)


def process_recordings(services: Services, since: datetime) -> bool:
    """Messages whose webhook was lost. False when one of them is not ready yet."""
    whole = True
    patience = datetime.fromtimestamp(services.clock.now(), UTC) - MAX_UNFINISHED_AGE
    for found in services.telephony.list_recordings(created_after=since):
        if not found.is_message or is_recording_used(services, found.sid):
            continue
        unfinished = found.status is RecordingStatus.UNFINISHED
        if unfinished and found.created > patience:
            whole = False
        elif unfinished or found.status is RecordingStatus.READY:
            apply_message(
                services,
                OutageFact(call=found.call_sid, recording_sid=found.sid, recording_url=found.url),
            )
    return whole


def on_unknown_call_ended(services: Services, call: str) -> None:
    """A call to one of our numbers has ended, and nothing is known of it: whatever answered it was not the line."""
    try:
        facts = services.telephony.fetch_call(call)
    except TelephonyError as e:
        log.warning("call_unknown", call=call, code=e.code)
        return
    if quarantine_state.may_be_unknown(services.store, facts.created.timestamp()):
        return  # found with everything else that the database does not know of
    if facts.direction is CallDirection.INBOUND and not facts.status.is_live:
        promise_for_missed_call(services, facts)


def open_past_contact(services: Services, facts: CallFacts, change: Change) -> Contact:
    """A contact for a call that is over, opened when that began."""
    return replace(
        open_contact(services, leg_from_facts(facts), change), started_at=facts.created.timestamp()
    )


def promise_for_missed_call(services: Services, facts: CallFacts, *, any_length: bool = False) -> None:
    """A call to a line of ours that is over, and of which nothing is known: a call back is owed.

    `any_length`: however short it was. Who is owed a call already is not owed another (I4).
    """
    if find_contact(services, facts.sid) is not None:
        return
    change = services.store.begin()
    contact = open_past_contact(services, facts, change)
    if facts.seconds < MIN_LISTENED_SECONDS and not any_length:
        outcome.end_contact(services, contact, Outcome.LEFT_EARLY, change)
    elif (owed := find_open_promise(services, contact)) is not None:
        carried = replace(contact, promise=owed.id, case=owed.case)
        outcome.end_contact(services, carried, Outcome.PROMISED, change)
    else:
        outcome.end_as_abandoned(services, contact, change)
    services.store.commit_best_effort(change)
