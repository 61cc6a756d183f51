"""After a restore: callers are served, and nobody is rung or texted for what may have been done already.

The database says that it was restored (`ivr restore` writes it), or a scheduler sees that it went back in time (usecases/scheduler/monitors.py).
First the line asks Twilio what happened meanwhile (usecases/restore/twilio_history.py); then a person lifts it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace

from ivr.domain.errors import CallGone, CalorError
from ivr.domain.records.agent_leg import AgentLeg, LegKind, LegState
from ivr.domain.records.contact import Contact, ContactState
from ivr.domain.records.customer import Text
from ivr.domain.records.promise import NumberLock, Promise
from ivr.domain.records.quarantine import QUARANTINE_ID, CatchUpFinding, Quarantine, QuarantineState
from ivr.services import Services
from ivr.store.change import Change
from ivr.store.queries import due_index
from ivr.store.queries import quarantine as stored
from ivr.store.store import Store

HOLD_SECONDS = 60.0  # seconds until what is held is looked at again
ALARM_PREFIX = "alarm:"  # texts to staff about the line itself are not held


class CatchUpNotFinished(CalorError):
    """Twilio has not been asked about everything yet. Run the line until `ivr quarantine show` says so."""


def get_current(store: Store) -> Quarantine | None:
    found = store.get(Quarantine, QUARANTINE_ID)
    return found if found is not None and found.state is not QuarantineState.LIFTED else None


def may_be_unknown(store: Store, at: float) -> bool:
    """Whether a call of that moment is one that a restored database may not know of."""
    held = get_current(store)
    return held is not None and not _is_since_start(held, at)


def begin(
    store: Store, *, since: float, why: str, now: float, began: float = 0.0, small_loss: bool = False
) -> None:
    """From now on. `since`: the moment that the database is of; `began` 0: when the line first runs on it."""
    for change in store.transact():
        change.now = now  # of a backup: its own moment
        old = store.get(Quarantine, QUARANTINE_ID)
        new = Quarantine(
            id=QUARANTINE_ID, reason=why, record_from=since, started_at=began, small_loss=small_loss
        )
        change.schedule(change.put(old, new), now)
        stored.delete_findings(change)
        change.log_event("quarantine begun")


def lift(services: Services, *, by: str, force: bool = False) -> Quarantine | None:
    """What is owed is kept again. None when there was none. Raises CatchUpNotFinished."""
    for change in services.store.transact():
        held = get_current(services.store)
        if held is None:
            return None
        if held.state is not QuarantineState.REVIEWED and not force:
            raise CatchUpNotFinished
        lifted = change.put(held, replace(held, state=QuarantineState.LIFTED, lifted_by=by))
        change.unschedule(lifted)
        change.log_event("quarantine lifted", by=by)
    return lifted


def record_finding(finding: CatchUpFinding, change: Change) -> None:
    """For the report."""
    told = {name: value for name, value in asdict(finding).items() if value}
    stored.add_finding(told, change)
    change.log_event("adopted", **{k: v for k, v in told.items() if k != "needs_review"})


def list_findings(store: Store) -> list[CatchUpFinding]:
    return [CatchUpFinding(**one) for one in store.read(stored.list_findings())]


# ---- what is held


def hold_if_quarantined(services: Services, key: str) -> bool:
    """Whether nobody may process this record now; then it is scheduled later."""
    held = get_current(services.store)
    record_type, _, name = key.partition(":")
    if held is None or not _HOLD_RULES.get(record_type, _holds_never)(services, held, name):
        return False
    change = services.store.begin()
    due_index.postpone(key, change.now + HOLD_SECONDS, change)
    services.store.commit_best_effort(change)
    return True


def filter_routable(services: Services, waiting: list[dict[str, object]]) -> list[dict[str, object]]:
    """Who of those in the queue may be offered to somebody: callers always, callbacks only when they were asked for since."""
    if not any(str(w["id"]).startswith("promise:") for w in waiting):
        return waiting
    held = get_current(services.store)
    if held is None:
        return waiting
    return [
        w for w in waiting if not str(w["id"]).startswith("promise:") or _is_since_start(held, w["arrived"])
    ]


def _is_since_start(quarantine: Quarantine, at: object) -> bool:
    return bool(quarantine.started_at) and isinstance(at, float | int) and at >= quarantine.started_at


def _is_new_contact(services: Services, quarantine: Quarantine, contact_id: str) -> bool:
    """They rang since the line runs on the restored database."""
    found = services.store.get(Contact, contact_id)
    return found is not None and _is_since_start(quarantine, found.started_at)


def _holds_promise(services: Services, quarantine: Quarantine, promise_id: str) -> bool:
    promise = services.store.get(Promise, promise_id)
    return promise is not None and not _is_new_contact(services, quarantine, promise.contact)


def _holds_number(services: Services, quarantine: Quarantine, number: str) -> bool:
    found = services.store.get(NumberLock, number)
    return found is not None and _holds_promise(services, quarantine, found.promise)


def _holds_text(services: Services, quarantine: Quarantine, text_id: str) -> bool:
    text = services.store.get(Text, text_id)
    if text is None or text.about.startswith(ALARM_PREFIX):
        return False
    record_type, _, about = text.about.partition(":")
    if record_type == "promise":
        return _holds_promise(services, quarantine, about)
    return not (record_type == "contact" and _is_new_contact(services, quarantine, about))


def _holds_contact(services: Services, quarantine: Quarantine, contact_id: str) -> bool:
    contact = services.store.get(Contact, contact_id)
    if (
        contact is None
        or contact.state is ContactState.ENDED
        or _is_since_start(quarantine, contact.started_at)
    ):
        return False
    if contact.state is ContactState.AWAITING_DISPOSITION:
        return True  # the agent would be rung for their disposition
    return quarantine.state is QuarantineState.BEGUN and not _is_live_call(services, contact.call)


def _holds_leg(services: Services, quarantine: Quarantine, leg_id: str) -> bool:
    leg = services.store.get(AgentLeg, leg_id)
    if leg is None or leg.state is LegState.ENDED or _is_new_contact(services, quarantine, leg.contact):
        return False
    if leg.state is LegState.MADE:
        return leg.kind in (LegKind.PROMISE, LegKind.DISPOSITION)
    return quarantine.state is QuarantineState.BEGUN and not _is_live_call(services, leg.call)


def _is_live_call(services: Services, call: str) -> bool:
    """A caller who lives through it is served. Raises TelephonyError: then nothing is done now."""
    if not call:
        return False
    try:
        return services.telephony.fetch_call(call).status.is_live
    except CallGone:
        return False


def _holds_catch_up(services: Services, quarantine: Quarantine, record_id: str) -> bool:
    """What happened while nobody looked is found by the same look; twice would be once too often."""
    del services, record_id
    return quarantine.state is QuarantineState.BEGUN


def _holds_always(services: Services, quarantine: Quarantine, record_id: str) -> bool:
    del services, quarantine, record_id
    return True


def _holds_never(services: Services, quarantine: Quarantine, record_id: str) -> bool:
    del services, quarantine, record_id
    return False


_HOLD_RULES: dict[str, Callable[[Services, Quarantine, str], bool]] = {
    "promise": _holds_promise,
    "number_lock": _holds_number,
    "text": _holds_text,
    "supervisor_alert": _holds_always,
    "contact": _holds_contact,
    "agent_leg": _holds_leg,
    "outage": _holds_catch_up,
    "recordings": _holds_catch_up,
}
