"""Contacts, promises and texts of a restored database, brought up to date by what Twilio tells of the time since (see run.py).

A call that was used has an owner (`leg:`), so that it counts once however often this is done.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import structlog

from ivr.domain.errors import CallGone
from ivr.domain.records.contact import LIVE, Contact, ContactState, Outcome
from ivr.domain.records.customer import Text, TextState
from ivr.domain.records.disposition import Disposition
from ivr.domain.records.promise import ENDED, QUEUED, UNDER_WAY, Promise, PromiseState
from ivr.domain.records.quarantine import CatchUpFinding, Quarantine
from ivr.domain.rules.call_evidence import (
    MIN_TALK_SECONDS,
    CallbackVerdict,
    ObservedCall,
    count_failed_calls,
    find_talk_after,
    judge_callback,
)
from ivr.services import Services, derive_id
from ivr.store.change import Change
from ivr.store.queries import legs
from ivr.usecases.contacts import hangups, outcome
from ivr.usecases.dialing import number_lock
from ivr.usecases.promises import lifecycle as promise_lifecycle
from ivr.usecases.quarantine import state as quarantine_state
from ivr.usecases.queueing import membership
from ivr.usecases.restore.twilio_history import TwilioHistory

log = structlog.get_logger()


def find_leg_owner(services: Services, call_sid: str) -> str:
    """Whose leg this is by the database, or "" when it is nobody's."""
    member = services.store.read(legs.get_record_key(call_sid))
    known = services.store.get(Contact, derive_id(call_sid))
    return member or (known.key if known else "")


# ---- what is open by the database


def adopt_contact(
    services: Services, history: TwilioHistory, quarantine: Quarantine, contact_id: str
) -> None:
    """A caller who was on the line then, and is not now."""
    contact = services.store.get(Contact, contact_id)
    if contact is None or contact.state not in LIVE or contact.started_at >= quarantine.started_at:
        return
    if contact.state is ContactState.CALLING or not contact.call:
        return  # its promise knows
    leg = history.calls.get(contact.call) or _fetch_call(services, contact.call, quarantine)
    if leg.is_live:
        return
    talked = (
        contact.talked
        or history.seconds_together(contact_id, leg.started_at, leg.ended_at) >= MIN_TALK_SECONDS
    )
    if talked or find_talk_after(history.calls_with(contact.caller.number), leg.ended_at):
        for change in services.store.transact():
            _end_as_helped(services, contact_id, contact.call, change)
    else:
        hangups.on_caller_hangup(services, contact_id, contact.call)


def _fetch_call(services: Services, call_sid: str, quarantine: Quarantine) -> ObservedCall:
    """A call that began long before the moment of the database."""
    try:
        facts = services.telephony.fetch_call(call_sid)
    except CallGone:
        return ObservedCall(
            call_sid=call_sid, started_at=quarantine.record_from, ended_at=quarantine.record_from
        )
    ended = facts.ended.timestamp() if facts.ended else 0.0
    return ObservedCall(
        call_sid=call_sid, started_at=facts.created.timestamp(), ended_at=ended, is_live=facts.status.is_live
    )


def _end_as_helped(services: Services, contact_id: str, call_sid: str, change: Change) -> None:
    contact = services.store.get(Contact, contact_id)
    if contact is None or contact.state is ContactState.ENDED:
        return
    if not contact.talked:
        change.log_event("talk started", contact=contact_id)  # as Twilio tells it; our own word of it is lost
    owed = services.store.get(Promise, contact.promise)
    if owed is not None and owed.state is PromiseState.MERGED:
        promise_lifecycle.end_promise(owed, PromiseState.KEPT, change)
    outcome.end_contact(
        services,
        replace(contact, talked=True, disposition=contact.disposition or Disposition.RESTORED),
        Outcome.HELPED,
        change,
    )
    quarantine_state.record_finding(CatchUpFinding(kind="talked", contact=contact_id, call=call_sid), change)


def adopt_promise(
    services: Services, history: TwilioHistory, quarantine: Quarantine, promise_id: str
) -> None:
    promise = services.store.get(Promise, promise_id)
    contact = services.store.get(Contact, promise.contact) if promise else None
    if promise is None or promise.state in ENDED or promise.state is PromiseState.MERGED:
        return
    if contact is not None and contact.started_at >= quarantine.started_at:
        return
    seen = [
        _limit_to_conference(history, promise, one)
        for one in history.calls_with(promise.number)
        if _is_unaccounted(services, promise, one)
    ]
    verdict = judge_callback(seen)
    if verdict is CallbackVerdict.LIVE:
        return
    if promise.state is PromiseState.TALKING and contact is not None and contact.talked:
        verdict = CallbackVerdict.KEPT
    for change in services.store.transact():
        _VERDICT_HANDLERS[verdict](services, promise_id, seen, change)


def _limit_to_conference(history: TwilioHistory, promise: Promise, call: ObservedCall) -> ObservedCall:
    """Who picked up a callback talked only while its conference was there: they may have waited for the next agent."""
    if call.inbound or call.is_live:
        return call
    return replace(
        call,
        together_seconds=min(
            call.together_seconds, history.seconds_together(promise.contact, call.started_at, call.ended_at)
        ),
    )


def _is_unaccounted(services: Services, promise: Promise, call: ObservedCall) -> bool:
    """Not a call that this database knows how it ended."""
    if promise.call == call.call_sid and promise.state in UNDER_WAY:
        return True
    return not find_leg_owner(services, call.call_sid)


def _end_as_kept(services: Services, promise_id: str, calls: list[ObservedCall], change: Change) -> None:
    promise = services.store.get(Promise, promise_id)
    contact = services.store.get(Contact, promise.contact) if promise else None
    if promise is None or promise.state in ENDED:
        return
    talk = next((one.call_sid for one in calls if one.talked), promise.call)
    if promise.state in QUEUED:
        membership.leave_promise(promise, change)
    fence = promise.fence + 1
    talking = change.put(promise, replace(promise, state=PromiseState.TALKING, call=talk, fence=fence))
    change.index_leg(talk, talking)
    _log_missing_entries(promise, fence, change)
    number_lock.release(services, promise.number, promise_id, promise.fence, change)
    promise_lifecycle.end_promise(talking, PromiseState.KEPT, change)
    if contact is not None:
        outcome.end_contact(
            services, replace(contact, talked=True, disposition=Disposition.RESTORED), Outcome.HELPED, change
        )
    quarantine_state.record_finding(
        CatchUpFinding(kind="kept", promise=promise_id, contact=promise.contact, call=talk), change
    )


def _log_missing_entries(promise: Promise, fence: int, change: Change) -> None:
    """What the lost event log told of it, so that this one tells a whole story."""
    if promise.state not in (PromiseState.DIALING, PromiseState.TALKING):
        change.log_event("dialling", promise=promise.id, contact=promise.contact, fence=fence)
    if promise.state is not PromiseState.TALKING:
        change.log_event("picked up", promise=promise.id, contact=promise.contact)


def _record_attempts(services: Services, promise_id: str, calls: list[ObservedCall], change: Change) -> None:
    """As many attempts as there were calls; the next one when the quarantine is lifted."""
    _reopen(services, promise_id, change, attempts=count_failed_calls(calls))
    for one in calls:
        legs.set_record_key(one.call_sid, f"promise:{promise_id}", change)
        if not one.inbound:
            change.log_event("attempt failed", promise=promise_id, why="before the record was restored")
            quarantine_state.record_finding(
                CatchUpFinding(kind="tried", promise=promise_id, call=one.call_sid), change
            )


def _record_unclear(services: Services, promise_id: str, calls: list[ObservedCall], change: Change) -> None:
    _reopen(services, promise_id, change, attempts=count_failed_calls(calls))
    for one in calls:
        legs.set_record_key(one.call_sid, f"promise:{promise_id}", change)
        unclear = one.answered and not one.inbound and not one.machine
        quarantine_state.record_finding(
            CatchUpFinding(kind="answered", promise=promise_id, call=one.call_sid, needs_review=unclear),
            change,
        )


def _reset_promise(services: Services, promise_id: str, calls: list[ObservedCall], change: Change) -> None:
    del calls
    _reopen(services, promise_id, change, attempts=0)


def _reopen(services: Services, promise_id: str, change: Change, *, attempts: int) -> None:
    """Out of the queue and of everybody's hands, with its place: what was under way then is over."""
    promise = services.store.get(Promise, promise_id)
    if promise is None or promise.state in ENDED:
        return
    waits = promise.state is PromiseState.MADE
    if waits and not attempts:
        return
    contact = services.store.get(Contact, promise.contact)
    if promise.state in QUEUED:
        membership.leave_promise(promise, change)
    number_lock.release(services, promise.number, promise_id, promise.fence, change)
    again = replace(
        promise,
        state=PromiseState.MADE,
        attempts=promise.attempts + attempts,
        not_before=max(promise.not_before, change.now),
        leg="",
        call="",
        intent_at=0.0,
        fence=promise.fence + 1,
    )
    promise_lifecycle.store_open(services, replace(promise, state=PromiseState.MADE), again, change)
    if contact is not None and contact.state in (ContactState.CALLING, ContactState.TALKING):
        outcome.end_attempt(services, contact, change)


_VERDICT_HANDLERS: dict[CallbackVerdict, Callable[[Services, str, list[ObservedCall], Change], None]] = {
    CallbackVerdict.KEPT: _end_as_kept,
    CallbackVerdict.ATTEMPTED: _record_attempts,
    CallbackVerdict.UNCLEAR: _record_unclear,
    CallbackVerdict.NOTHING: _reset_promise,
}


def adopt_text(services: Services, history: TwilioHistory, quarantine: Quarantine, text_id: str) -> None:
    """Sent already, or about what is over: then it is not said any more."""
    text = services.store.get(Text, text_id)
    if text is None or text.created_at >= quarantine.started_at:
        return
    record_type, _, about = text.about.partition(":")
    promise = services.store.get(Promise, about) if record_type == "promise" else None
    since = datetime.fromtimestamp(min(text.created_at, history.since), UTC)
    sent = next(
        (
            f.sid
            for f in services.telephony.find_texts(to=text.to, created_after=since)
            if f.body == text.body
        ),
        "",
    )
    if not sent and (promise is None or promise.state not in ENDED):
        return
    change = services.store.begin()
    state = TextState.SENT if sent else TextState.REFUSED
    change.unschedule(change.put(text, replace(text, state=state, sid=sent)))
    quarantine_state.record_finding(
        CatchUpFinding(kind="text sent" if sent else "text not said any more", text=text_id), change
    )
    services.store.commit_best_effort(change)
