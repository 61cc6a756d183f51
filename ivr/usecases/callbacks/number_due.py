"""A number that is locked for a call falls due: whether the call was made, lives, or is wanted by nobody."""

from __future__ import annotations

from datetime import UTC, datetime

from ivr.domain.records.promise import NumberLock, Promise, PromiseState
from ivr.services import Services
from ivr.store.queries import legs
from ivr.store.query import each
from ivr.telephony.facts import CallFacts
from ivr.usecases.callbacks import dial
from ivr.usecases.dialing import number_lock

CLOCK_SKEW_SECONDS = 60.0  # seconds by which Twilio's clock may be behind ours


def process_due_number(services: Services, number: str) -> bool:
    """May this number still be ringing? A leg that nobody wants any more is ended. False: no."""
    held = number_lock.find_lock(services, number)
    if held is None:
        return False
    promise = services.store.get(Promise, held.promise)
    wanted = number_lock.is_still_wanted(promise, held)
    settled = held.intent_at + services.settings.recheck_seconds
    now = services.clock.now()
    at = max(settled, now + dial.CHECK_SOON_SECONDS)
    if held.call:
        facts = services.telephony.fetch_call(held.call)
        dial.on_status(services, held.promise, held.fence, held.call, facts.status, number)
        at = now + (services.settings.recheck_seconds if wanted else dial.CHECK_SOON_SECONDS)
    elif now >= settled and (
        found := _find_call(services, number, promise.our_number if promise else "", held.intent_at)
    ):
        dial.on_status(services, held.promise, held.fence, found.sid, found.status, number)
        at = now + dial.CHECK_SOON_SECONDS
    elif now >= settled:
        _on_call_never_created(services, held, promise if wanted else None)
    if (still := number_lock.find_lock(services, number)) is None:
        return False
    change = services.store.begin(now=now)
    change.expect(still)
    change.schedule(still, at)
    services.store.commit_best_effort(change)
    return True


def _on_call_never_created(services: Services, lock: NumberLock, promise: Promise | None) -> None:
    """Twilio knows of no such call: only now may it be made again, if it is still wanted."""
    if promise is None or promise.state is not PromiseState.DIALING:
        number_lock.release_for_call(services, lock.id, "")
    else:
        dial.retry_at(services, promise, services.clock.now())


def _find_call(services: Services, number: str, our_number: str, since: float) -> CallFacts | None:
    """A call of ours to this number since the intent that is nobody's yet, queued ones too; one that lives rather than another."""
    calls = services.telephony.find_calls(
        to=number,
        created_after=datetime.fromtimestamp(since - CLOCK_SKEW_SECONDS, UTC),
        from_=services.settings.caller_id or our_number,
    )
    owners = services.store.read(each((c.sid for c in calls), legs.get_record_key))
    free = [c for c in calls if not owners[c.sid]]
    return next((c for c in free if c.status.is_live), free[0] if free else None)
