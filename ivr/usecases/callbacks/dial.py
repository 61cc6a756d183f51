"""The customer's phone, rung exactly once for each fence.

Creating a call is not idempotent at Twilio. So the fence is raised and the intent on disk before the POST, both stand in the
call's URLs, an unclear answer is looked into before anything is repeated, and a stale leg is ended, or hears a hang-up when
it is answered. One number is rung for one promise at a time: `Dialled` says for which.
"""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime

import structlog

from ivr.domain.errors import CallGone, NumberUnusable, TelephonyError, TryLater, Unclear
from ivr.domain.records.contact import Contact, ContactState, Where
from ivr.domain.records.promise import Dialled, Promise, PromiseState
from ivr.services import Services
from ivr.store import keys
from ivr.store.change import Change
from ivr.store.queries import contacts
from ivr.telephony.facts import CallFacts
from ivr.usecases.callbacks.connect import OVER
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
STALL = 5.0
RING_SECONDS = 30
SOON = 5.0
SKEW = 60.0  # seconds by which Twilio's clock may be behind ours
RINGING = frozenset({"queued", "initiated", "ringing"})


def look(s: Services, promise: Promise) -> None:
    """DIALLING, and its wake has come: begin, or see what became of it. What is unclear is never simply repeated."""
    now = s.clock.now()
    if not promise.intent_at:
        _begin(s, promise, now)
    elif promise.call:
        _follow(s, promise, now)
    elif number_lock.rings_for(s, promise):
        _look_at(s, promise, now + s.settings.settle_seconds)  # the look at the number finds out
    else:
        _take_back(s, promise, now)


def _begin(s: Services, promise: Promise, now: float) -> None:
    contact = s.store.get(Contact, promise.contact)
    awake = deadlines.asleep_until(s, promise, now)
    if contact is None or contact.state is not ContactState.CALLING or contact.agent is not Where.ROOM:
        failed(s, promise, "the agent left")
    elif deadlines.no_calls(s, promise):
        failed(s, promise, escalation.NO_CALLS)
    elif awake > now:
        _put_off(s, promise, contact, awake)
    elif open_promises.with_us(s, promise):
        _look_at(s, promise, now + SOON)  # on the line with us already: never two voices (I4)
    elif (wait := call_rate.take(s, live=False, now=now)) > 0:
        _look_at(s, promise, now + wait)
    else:
        _dial(s, promise, now)


def _put_off(s: Services, promise: Promise, contact: Contact, at: float) -> None:
    change = Change(now=s.clock.now())
    deadlines.defer(s, promise, at, change)
    outcome.attempt_over(s, contact, change)
    s.store.commit(change)


def _dial(s: Services, promise: Promise, now: float) -> None:
    deadline = time.monotonic() + STALL
    if number_lock.held(s, promise.number):
        _look_at(s, promise, now + SOON)  # another call to this number, or an earlier one, is not over yet
        return
    change = Change(now=now, sure=True)
    intent = change.put(promise, replace(promise, intent_at=now))
    number_lock.hold(s, promise, change)
    change.wake(intent, now + s.settings.settle_seconds)
    if not s.store.commit(change):
        return
    if time.monotonic() > deadline:
        log.warning("stalled_before_dialling", promise=promise.id)
        return  # looked for after the settle time, dialled then
    try:
        sid = _post(s, promise)
    except TryLater:
        _take_back(s, intent, now + 1)
    except Unclear as e:
        log.warning("dial_result_unknown", promise=promise.id, code=e.code)
    except NumberUnusable:
        failed(s, intent, escalation.UNUSABLE)
    except TelephonyError as e:
        log.error("dial_refused", promise=promise.id, code=e.code)  # noqa: TRY400 - Twilio's answer says it all
        failed(s, intent, f"code {e.code}")
    else:
        adopt(s, promise.id, promise.fence, sid, promise.number)


def _post(s: Services, promise: Promise) -> str:
    return s.telephony.create_call(
        to=promise.number,
        from_=s.settings.caller_id or promise.line,
        url=s.urls.callback(promise.id, promise.fence),
        fallback_url=s.urls.callback(promise.id, promise.fence),
        status_callback=s.urls.callback_status(promise.id, promise.fence),
        timeout=RING_SECONDS,
        machine_detection=True,
        amd_callback=s.urls.callback_machine(promise.id, promise.fence),
    )


def adopt(s: Services, promise_id: str, fence: int, sid: str, number: str) -> Promise | None:
    """The leg belongs to the promise: known from the response, from a webhook, or found by looking."""
    while True:
        promise = s.store.get(Promise, promise_id)
        ringing = number_lock.held(s, number)
        change = Change(now=s.clock.now())
        if promise is not None and promise.fence == fence and not promise.call:
            promise = change.put(promise, replace(promise, call=sid))
            change.leg(sid, promise)
            change.wake(promise, change.now + s.settings.settle_seconds)
        if (
            ringing is not None
            and (ringing.promise, ringing.fence) == (promise_id, fence)
            and not ringing.call
        ):
            ringing = change.put(ringing, replace(ringing, call=sid))
            promise_limits.rung(number, change)
            change.wake(ringing, change.now + s.settings.settle_seconds)
            if not number_lock.carries(promise, ringing):
                change.leg(sid, ringing)
        if change.empty or s.store.commit(change):
            return promise


def status(s: Services, promise_id: str, fence: int, sid: str, state: str, number: str) -> None:
    """The customer's leg: what Twilio tells of it, late, twice or out of order."""
    promise = adopt(s, promise_id, fence, sid, number)
    mine = promise is not None and promise.fence == fence and promise.call == sid
    if state in OVER:
        number_lock.free_leg(s, number, sid)
        if mine and promise is not None and promise.state is PromiseState.DIALLING:
            failed(s, promise, state)
        elif mine and promise is not None and promise.state is PromiseState.TALKING:
            hangups.caller_gone(s, promise.contact, sid)
    elif not mine and state in RINGING:
        _end_stale(s, sid)


def _follow(s: Services, promise: Promise, now: float) -> None:
    """The call is known: is it over, and is the agent still there for it?"""
    contact = s.store.get(Contact, promise.contact)
    facts = s.telephony.fetch_call(promise.call)
    if facts.status in OVER:
        status(s, promise.id, promise.fence, promise.call, facts.status, promise.number)
        return
    waiting = contact is not None and contact.agent is not Where.GONE
    if not waiting:
        _hang_up(s, promise.call)
    _look_at(s, promise, now + (s.settings.settle_seconds if waiting else SOON))


def look_at_number(s: Services, number: str) -> bool:
    """May this number still be ringing? A leg that nobody wants any more is ended. False: no."""
    held = number_lock.held(s, number)
    if held is None:
        return False
    promise = s.store.get(Promise, held.promise)
    wanted = number_lock.carries(promise, held)
    settled = held.since + s.settings.settle_seconds
    now = s.clock.now()
    at = max(settled, now + SOON)
    if held.call:
        facts = s.telephony.fetch_call(held.call)
        status(s, held.promise, held.fence, held.call, facts.status, number)
        at = now + (s.settings.settle_seconds if wanted else SOON)
    elif now >= settled and (found := _find(s, number, promise.line if promise else "", held.since)):
        status(s, held.promise, held.fence, found.sid, found.status, number)
        at = now + SOON
    elif now >= settled:
        _never_rang(s, held, promise if wanted else None)
    if (still := number_lock.held(s, number)) is None:
        return False
    change = Change(now=now)
    change.expect(still)
    change.wake(still, at)
    s.store.commit(change)
    return True


def _never_rang(s: Services, held: Dialled, promise: Promise | None) -> None:
    """Twilio knows of no such call: only now may it be made again, if it is still wanted."""
    if promise is None or promise.state is not PromiseState.DIALLING:
        number_lock.free_leg(s, held.id, "")
    else:
        _take_back(s, promise, s.clock.now())


def _end_stale(s: Services, sid: str) -> None:
    """It rings for what is not owed any more, or is being done otherwise. A call that was answered is somebody's talk."""
    if not contacts.member_of_leg(s.store, sid).startswith("contact:"):
        _hang_up(s, sid)


def _find(s: Services, number: str, line: str, since: float) -> CallFacts | None:
    """A call of ours to this number since the intent that is nobody's yet, queued ones too; one that lives rather than another."""
    calls = s.telephony.find_calls(
        to=number,
        created_after=datetime.fromtimestamp(since - SKEW, UTC),
        from_=s.settings.caller_id or line,
    )
    owners = s.store.read([("GET", keys.leg(c.sid)) for c in calls]) if calls else []
    free = [c for c, owner in zip(calls, owners, strict=True) if not owner]
    return next((c for c in free if c.live), free[0] if free else None)


def machine(s: Services, promise_id: str, fence: int, sid: str, by: str) -> None:
    """A machine is not a customer: leave a message that says what happens next, count the attempt, go on."""
    if not by.startswith(("machine", "fax")):
        return
    promise = s.store.get(Promise, promise_id)
    contact = s.store.get(Contact, promise.contact) if promise else None
    if promise is None or contact is None or promise.fence != fence or contact.call != sid:
        return
    if promise.state is not PromiseState.TALKING:
        return
    if contact.person:
        log.info("machine_detection_wrong", promise=promise.id)
        return
    change = Change(now=s.clock.now())
    change.put(contact, replace(contact, word="machine", caller=Where.GONE, talked=False))
    leg_commands.spare_the_word(
        s, contact.offer, change
    )  # an agent who hung up on it is not asked how it went
    promise_attempts.not_kept(s, promise, "machine", change)
    outcome.attempt_over(s, change.latest(contact) or contact, change)
    if not s.store.commit(change):
        return
    try:
        s.telephony.redirect(sid, s.urls.here(contact.id))
    except CallGone:
        log.info("machine_hung_up", promise=promise.id)


def failed(s: Services, promise: Promise, why: str) -> None:
    """Busy, no answer, refused: the agent is told and free, the promise goes on."""
    while promise.state is PromiseState.DIALLING:
        contact = s.store.get(Contact, promise.contact)
        change = Change(now=s.clock.now())
        if why in escalation.BY_HAND:
            escalation.escalate(s, promise, why, change)
        elif contact is None or contact.agent is not Where.ROOM:
            promise_lifecycle.back_to_line(
                s, promise, change
            )  # not the customer's doing: the next agent, at once
        else:
            promise_attempts.not_kept(s, promise, why, change)
        number_lock.free(s, promise.number, promise.id, promise.fence, change)
        if contact is not None and contact.state is ContactState.CALLING:
            outcome.attempt_over(s, contact, change)
        if s.store.commit(change):
            return
        latest = s.store.get(Promise, promise.id)
        if latest is None or latest.fence != promise.fence:
            return
        promise = latest


def called_off(s: Services, promise: Promise, change: Change, *, declined: bool = True) -> None:
    """Not now, the customer says, while their phone rings or is about to: the agent is told and free, the leg is ended."""
    if promise.state is PromiseState.RINGING:
        leg_commands.dismiss(s, promise.offer, change)
    contact = s.store.get(Contact, promise.contact)
    if promise.state is PromiseState.DIALLING and contact and contact.state is ContactState.CALLING:
        outcome.attempt_over(s, contact, change, declined=declined)
    number_lock.look_now(s, promise, change)


def _take_back(s: Services, promise: Promise, at: float) -> None:
    """Nothing was dialled: try again under the same fence."""
    change = Change(now=s.clock.now())
    again = change.put(promise, replace(promise, intent_at=0.0))
    number_lock.free(s, promise.number, promise.id, promise.fence, change)
    change.wake(again, at)
    s.store.commit(change)


def _look_at(s: Services, promise: Promise, at: float) -> None:
    change = Change(now=s.clock.now())
    change.expect(promise)
    change.wake(promise, at)
    s.store.commit(change)


def _hang_up(s: Services, sid: str) -> None:
    try:
        s.telephony.hang_up(sid)
    except CallGone:
        log.info("call_already_ended", call=sid)
    except TelephonyError as e:
        log.warning("hangup_result_unknown", code=e.code)  # looked at again while the number is held
