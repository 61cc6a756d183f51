"""After a restore: callers are served, and nobody is rung or texted for what may have been done already.

The record says that it was restored (`ivr restore` writes it), or a reconciler sees that it went back in time (usecases/scheduler/monitors.py).
First the line asks Twilio what happened meanwhile (usecases/restore/twilio_history.py); then a person lifts it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, replace

from ivr.domain.errors import CallGone, CalorError
from ivr.domain.records.agent_leg import Offer, OfferKind, OfferState
from ivr.domain.records.contact import Contact, ContactState
from ivr.domain.records.customer import Text
from ivr.domain.records.promise import Dialled, Promise
from ivr.domain.records.quarantine import LINE, Found, Quarantine, QuarantineState
from ivr.services import Services
from ivr.store import keys
from ivr.store.change import Change
from ivr.store.store import Store

HOLD = 60.0  # seconds until what is held is looked at again
ALARM = "alarm:"  # texts to staff about the line itself are not held


class NotLookedThrough(CalorError):
    """Twilio has not been asked about everything yet. Run the line until `ivr quarantine show` says so."""


def current(store: Store) -> Quarantine | None:
    found = store.get(Quarantine, LINE)
    return found if found is not None and found.state is not QuarantineState.LIFTED else None


def before(store: Store, at: float) -> bool:
    """Whether a call of that moment is one that a restored record may not know of."""
    held = current(store)
    return held is not None and not _since(held, at)


def begin(
    store: Store, *, since: float, why: str, now: float, began: float = 0.0, small: bool = False
) -> None:
    """From now on. `since`: the moment that the record is of; `began` 0: when the line first runs on it."""
    while True:
        old = store.get(Quarantine, LINE)
        change = Change(now=now)
        new = Quarantine(id=LINE, why=why, since=since, began=began, small=small)
        change.wake(change.put(old, new), now)
        change.op("DEL", keys.FOUND)
        change.journal("quarantine begun")
        if store.commit(change):
            return


def lift(s: Services, *, by: str, anyway: bool = False) -> Quarantine | None:
    """What is owed is kept again. None when there was none. Raises NotLookedThrough."""
    while (held := current(s.store)) is not None:
        if held.state is not QuarantineState.LOOKED and not anyway:
            raise NotLookedThrough
        change = Change(now=s.clock.now())
        lifted = change.put(held, replace(held, state=QuarantineState.LIFTED, by=by))
        change.rest(lifted)
        change.journal("quarantine lifted", by=by)
        if s.store.commit(change):
            return lifted
    return None


def note(found: Found, change: Change) -> None:
    """For the report."""
    told = {name: value for name, value in asdict(found).items() if value}
    change.op("RPUSH", keys.FOUND, json.dumps(told))
    change.journal("adopted", **{k: v for k, v in told.items() if k != "unclear"})


def report(store: Store) -> list[Found]:
    (told,) = store.read([("LRANGE", keys.FOUND, 0, -1)])
    return [Found(**json.loads(one)) for one in told]


# ---- what is held


def holds(s: Services, member: str) -> bool:
    """Whether nobody may look at this member now; then its wake is moved on."""
    held = current(s.store)
    noun, _, name = member.partition(":")
    if held is None or not _HELD.get(noun, _never)(s, held, name):
        return False
    change = Change(now=s.clock.now())
    change.op("ZADD", keys.WAKE, "XX", change.now + HOLD, member)
    s.store.commit(change)
    return True


def routes(s: Services, waiting: list[dict[str, object]]) -> list[dict[str, object]]:
    """Who of those in line may be offered to somebody: callers always, callbacks only when they were asked for since."""
    if not any(str(w["id"]).startswith("promise:") for w in waiting):
        return waiting
    held = current(s.store)
    if held is None:
        return waiting
    return [w for w in waiting if not str(w["id"]).startswith("promise:") or _since(held, w["arrived"])]


def _since(held: Quarantine, at: object) -> bool:
    return bool(held.began) and isinstance(at, float | int) and at >= held.began


def _fresh(s: Services, held: Quarantine, contact: str) -> bool:
    """They rang since the line runs on the restored record."""
    found = s.store.get(Contact, contact)
    return found is not None and _since(held, found.opened)


def _promise(s: Services, held: Quarantine, name: str) -> bool:
    promise = s.store.get(Promise, name)
    return promise is not None and not _fresh(s, held, promise.contact)


def _dialled(s: Services, held: Quarantine, number: str) -> bool:
    found = s.store.get(Dialled, number)
    return found is not None and _promise(s, held, found.promise)


def _text(s: Services, held: Quarantine, name: str) -> bool:
    text = s.store.get(Text, name)
    if text is None or text.about.startswith(ALARM):
        return False
    noun, _, about = text.about.partition(":")
    if noun == "promise":
        return _promise(s, held, about)
    return not (noun == "contact" and _fresh(s, held, about))


def _contact(s: Services, held: Quarantine, name: str) -> bool:
    contact = s.store.get(Contact, name)
    if contact is None or contact.state is ContactState.ENDED or _since(held, contact.opened):
        return False
    if contact.state is ContactState.WORD:
        return True  # the agent would be rung for their word
    return held.state is QuarantineState.BEGUN and not _on_the_line(s, contact.call)


def _offer(s: Services, held: Quarantine, name: str) -> bool:
    offer = s.store.get(Offer, name)
    if offer is None or offer.state is OfferState.OVER or _fresh(s, held, offer.contact):
        return False
    if offer.state is OfferState.MADE:
        return offer.kind in (OfferKind.PROMISE, OfferKind.WORD)
    return held.state is QuarantineState.BEGUN and not _on_the_line(s, offer.call)


def _on_the_line(s: Services, call: str) -> bool:
    """A caller who lives through it is served. Raises TelephonyError: then nothing is done now."""
    if not call:
        return False
    try:
        return s.telephony.fetch_call(call).live
    except CallGone:
        return False


def _asking(s: Services, held: Quarantine, name: str) -> bool:
    """What happened while nobody looked is found by the same look; twice would be once too often."""
    del s, name
    return held.state is QuarantineState.BEGUN


def _always(s: Services, held: Quarantine, name: str) -> bool:
    del s, held, name
    return True


def _never(s: Services, held: Quarantine, name: str) -> bool:
    del s, held, name
    return False


_HELD: dict[str, Callable[[Services, Quarantine, str], bool]] = {
    "promise": _promise,
    "number_lock": _dialled,
    "text": _text,
    "supervisor_alert": _always,
    "contact": _contact,
    "agent_leg": _offer,
    "outage": _asking,
    "recordings": _asking,
}
