"""The customer's phone, rung exactly once for each fence.

Creating a call is not idempotent at Twilio. So the fence is raised and the intent on disk before the POST, both stand in the
call's URLs, an unclear answer is looked into before anything is repeated, and a stale leg is ended, or hears a hang-up when
it is answered. One number is rung for one promise at a time: `NumberLock` says for which.
"""

from __future__ import annotations

import time
from dataclasses import replace

import structlog

from ivr.domain.errors import CallGone, NumberUnusable, TelephonyError, TryLater, Unclear
from ivr.domain.records.contact import Contact, ContactState
from ivr.domain.records.contact_parts import PartyLocation
from ivr.domain.records.disposition import Disposition
from ivr.domain.records.promise import MANUAL_REASONS, Promise, PromiseState, WaitReason
from ivr.domain.telephony_events import AnsweredBy, CallStatus
from ivr.services import Services
from ivr.store.change import Change
from ivr.store.queries import legs
from ivr.usecases.conferences import leg_commands
from ivr.usecases.contacts import hangups, outcome
from ivr.usecases.customers import open_promises
from ivr.usecases.dialing import call_rate, number_lock
from ivr.usecases.promises import attempts as promise_attempts
from ivr.usecases.promises import deadlines, escalation
from ivr.usecases.promises import lifecycle as promise_lifecycle
from ivr.usecases.promises import limits as promise_limits

log = structlog.get_logger()

# seconds between the intent on disk and the POST; a process that was stopped longer must look again
MAX_STALL_SECONDS = 5.0
RING_SECONDS = 30
CHECK_SOON_SECONDS = 5.0


def process_due(services: Services, promise: Promise) -> None:
    """DIALING, and it is due: begin, or see what became of it. What is unclear is never simply repeated."""
    now = services.clock.now()
    if not promise.intent_at:
        _begin_attempt(services, promise, now)
    elif promise.call:
        _check_call(services, promise, now)
    elif number_lock.is_held_for(services, promise):
        _reschedule(
            services, promise, now + services.settings.recheck_seconds
        )  # the look at the number finds out
    else:
        retry_at(services, promise, now)


def _begin_attempt(services: Services, promise: Promise, now: float) -> None:
    contact = services.store.get(Contact, promise.contact)
    awake = deadlines.callable_from(services, promise, now)
    if (
        contact is None
        or contact.state is not ContactState.CALLING
        or contact.conference.agent_location is not PartyLocation.IN_CONFERENCE
    ):
        record_failure(services, promise, "the agent left")
    elif deadlines.is_do_not_call(services, promise):
        record_failure(services, promise, WaitReason.DO_NOT_CALL)
    elif awake > now:
        _defer_to_calling_hours(services, promise, contact, awake)
    elif open_promises.is_customer_on_line(services, promise):
        _reschedule(
            services, promise, now + CHECK_SOON_SECONDS
        )  # on the line with us already: never two voices (I4)
    elif (wait := call_rate.reserve_start(services, for_caller=False, now=now)) > 0:
        _reschedule(services, promise, now + wait)
    else:
        _dial_customer(services, promise, now)


def _defer_to_calling_hours(services: Services, promise: Promise, contact: Contact, at: float) -> None:
    change = services.store.begin()
    deadlines.defer(services, promise, at, change)
    outcome.end_attempt(services, contact, change)
    services.store.commit_best_effort(change)


def _dial_customer(services: Services, promise: Promise, now: float) -> None:
    deadline = time.monotonic() + MAX_STALL_SECONDS
    if number_lock.find_lock(services, promise.number):
        _reschedule(
            services, promise, now + CHECK_SOON_SECONDS
        )  # another call to this number, or an earlier one, is not over yet
        return
    change = services.store.begin(now=now, needs_replicas=True)
    intent = change.put(promise, replace(promise, intent_at=now))
    number_lock.acquire(services, promise, change)
    change.schedule(intent, now + services.settings.recheck_seconds)
    if not services.store.commit(change):
        return
    if time.monotonic() > deadline:
        log.warning("stalled_before_dialling", promise=promise.id)
        return  # looked for after the settle time, dialed then
    try:
        sid = _create_call(services, promise)
    except TryLater:
        retry_at(services, intent, now + 1)
    except Unclear as e:
        log.warning("dial_result_unknown", promise=promise.id, code=e.code)
    except NumberUnusable:
        record_failure(services, intent, WaitReason.UNUSABLE_NUMBER)
    except TelephonyError as e:
        log.error("dial_refused", promise=promise.id, code=e.code)  # noqa: TRY400 - Twilio's answer says it all
        record_failure(services, intent, f"code {e.code}")
    else:
        record_call(services, promise.id, promise.fence, sid, promise.number)


def _create_call(services: Services, promise: Promise) -> str:
    return services.telephony.create_call(
        to=promise.number,
        from_=services.settings.caller_id or promise.our_number,
        url=services.urls.callback(promise.id, promise.fence),
        fallback_url=services.urls.callback(promise.id, promise.fence),
        status_callback=services.urls.callback_status(promise.id, promise.fence),
        ring_seconds=RING_SECONDS,
        machine_detection=True,
        amd_callback=services.urls.callback_machine(promise.id, promise.fence),
    )


def record_call(services: Services, promise_id: str, fence: int, sid: str, number: str) -> Promise | None:
    """The leg belongs to the promise: known from the response, from a webhook, or found by looking."""
    for change in services.store.transact():
        promise = services.store.get(Promise, promise_id)
        ringing = number_lock.find_lock(services, number)
        if promise is not None and promise.fence == fence and not promise.call:
            promise = change.put(promise, replace(promise, call=sid))
            change.index_leg(sid, promise)
            change.schedule(promise, change.now + services.settings.recheck_seconds)
        if (
            ringing is not None
            and (ringing.promise, ringing.fence) == (promise_id, fence)
            and not ringing.call
        ):
            ringing = change.put(ringing, replace(ringing, call=sid))
            promise_limits.count_call(number, change)
            change.schedule(ringing, change.now + services.settings.recheck_seconds)
            if not number_lock.is_still_wanted(promise, ringing):
                change.index_leg(sid, ringing)
    return promise


def on_status(
    services: Services, promise_id: str, fence: int, sid: str, status: CallStatus, number: str
) -> None:
    """The customer's leg: what Twilio tells of it, late, twice or out of order."""
    promise = record_call(services, promise_id, fence, sid, number)
    mine = promise is not None and promise.fence == fence and promise.call == sid
    if status.is_over:
        number_lock.release_for_call(services, number, sid)
        if mine and promise is not None and promise.state is PromiseState.DIALING:
            record_failure(services, promise, status)
        elif mine and promise is not None and promise.state is PromiseState.TALKING:
            hangups.on_caller_hangup(services, promise.contact, sid)
    elif not mine and status is CallStatus.RINGING:
        end_stale_call(services, sid)


def _check_call(services: Services, promise: Promise, now: float) -> None:
    """The call is known: is it over, and is the agent still there for it?"""
    contact = services.store.get(Contact, promise.contact)
    facts = services.telephony.fetch_call(promise.call)
    if facts.status.is_over:
        on_status(services, promise.id, promise.fence, promise.call, facts.status, promise.number)
        return
    waiting = contact is not None and contact.conference.agent_location is not PartyLocation.HUNG_UP
    if not waiting:
        _hang_up(services, promise.call)
    _reschedule(
        services, promise, now + (services.settings.recheck_seconds if waiting else CHECK_SOON_SECONDS)
    )


def on_machine_detected(
    services: Services, promise_id: str, fence: int, sid: str, answered_by: AnsweredBy
) -> None:
    """A machine is not a customer: leave a message that says what happens next, count the attempt, go on."""
    if answered_by is not AnsweredBy.MACHINE:
        return
    promise = services.store.get(Promise, promise_id)
    contact = services.store.get(Contact, promise.contact) if promise else None
    if promise is None or contact is None or promise.fence != fence or contact.call != sid:
        return
    if promise.state is not PromiseState.TALKING:
        return
    if contact.person_confirmed:
        log.info("machine_detection_wrong", promise=promise.id)
        return
    change = services.store.begin()
    change.put(
        contact,
        replace(
            contact,
            disposition=Disposition.MACHINE,
            talked=False,
            conference=replace(contact.conference, caller_location=PartyLocation.HUNG_UP),
        ),
    )
    leg_commands.waive_disposition(contact.leg, change)  # an agent who hung up on it is not asked how it went
    promise_attempts.record_failed_attempt(services, promise, Disposition.MACHINE, change)
    outcome.end_attempt(services, change.latest(contact), change)
    if not services.store.commit(change):
        return
    try:
        services.telephony.redirect(sid, services.urls.resume(contact.id))
    except CallGone:
        log.info("machine_hung_up", promise=promise.id)


def record_failure(services: Services, promise: Promise, why: str) -> None:
    """Busy, no answer, refused: the agent is told and free, the promise goes on."""
    for change in services.store.transact():
        if change.is_retry:
            latest = services.store.reload(promise)
            if latest.fence != promise.fence:
                return
            promise = latest
        if promise.state is not PromiseState.DIALING:
            return
        contact = services.store.get(Contact, promise.contact)
        if why in MANUAL_REASONS:
            escalation.escalate(services, promise, why, change)
        elif contact is None or contact.conference.agent_location is not PartyLocation.IN_CONFERENCE:
            promise_lifecycle.return_to_queue(
                services, promise, change
            )  # not the customer's doing: the next agent, at once
        else:
            promise_attempts.record_failed_attempt(services, promise, why, change)
        number_lock.release(services, promise.number, promise.id, promise.fence, change)
        if contact is not None and contact.state is ContactState.CALLING:
            outcome.end_attempt(services, contact, change)


def cancel_attempt(services: Services, promise: Promise, change: Change, *, declined: bool = True) -> None:
    """Not now, the customer says, while their phone rings or is about to: the agent is told and free, the leg is ended."""
    if promise.state is PromiseState.RINGING:
        leg_commands.dismiss(promise.leg, change)
    contact = services.store.get(Contact, promise.contact)
    if promise.state is PromiseState.DIALING and contact and contact.state is ContactState.CALLING:
        outcome.end_attempt(services, contact, change, declined=declined)
    number_lock.schedule_check(services, promise, change)


def end_stale_call(services: Services, sid: str) -> None:
    """It rings for what is not owed any more, or is being done otherwise. A call that was answered is somebody's talk."""
    if not services.store.read(legs.get_record_key(sid)).startswith("contact:"):
        _hang_up(services, sid)


def retry_at(services: Services, promise: Promise, at: float) -> None:
    """Nothing was dialed: try again under the same fence."""
    change = services.store.begin()
    again = change.put(promise, replace(promise, intent_at=0.0))
    number_lock.release(services, promise.number, promise.id, promise.fence, change)
    change.schedule(again, at)
    services.store.commit_best_effort(change)


def _reschedule(services: Services, promise: Promise, at: float) -> None:
    change = services.store.begin()
    change.expect(promise)
    change.schedule(promise, at)
    services.store.commit_best_effort(change)


def _hang_up(services: Services, sid: str) -> None:
    try:
        services.telephony.hang_up(sid)
    except CallGone:
        log.info("call_already_ended", call=sid)
    except TelephonyError as e:
        log.warning("hangup_result_unknown", code=e.code)  # looked at again while the number is held
