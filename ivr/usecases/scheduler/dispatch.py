"""Somebody looks: what a record owes now, found from its state alone. The bell rings here; so does the reconciler, when nobody did.

Looking twice does nothing twice: each step is a compare-and-set on what was read.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from ivr.domain.errors import CallGone
from ivr.domain.records.agent_leg import Offer, OfferKind, OfferState, Result
from ivr.domain.records.contact import Contact, ContactState, Where
from ivr.domain.records.customer import Text
from ivr.domain.records.promise import Promise
from ivr.services import Services
from ivr.store.change import Change
from ivr.store.queries import due_index
from ivr.usecases.agents import ask_disposition, monitoring, ringing
from ivr.usecases.agents import leg as agent_leg
from ivr.usecases.callbacks import connect as callback_connect
from ivr.usecases.callbacks import dial as callback_dial
from ivr.usecases.calls import hold
from ivr.usecases.conferences import conference
from ivr.usecases.contacts import hangups
from ivr.usecases.outages import catch_up as outage_catch_up
from ivr.usecases.photos import fetch as photo_fetch
from ivr.usecases.privacy import erasure, retention
from ivr.usecases.promises import escalation, supervisor_alerts
from ivr.usecases.promises import lifecycle as promise_lifecycle
from ivr.usecases.quarantine import state as quarantine_state
from ivr.usecases.queueing import membership
from ivr.usecases.restore import run as restore_run
from ivr.usecases.routing import router
from ivr.usecases.scheduler import promise_due
from ivr.usecases.texting import send as texting_send

OUTSIDE = (ContactState.ASKING, ContactState.HELD, ContactState.WAITING)  # the caller is in no room


def look(s: Services, member: str) -> None:
    """`member`: "promise:p7k2". A record that is gone owes nothing."""
    s.clock.follow()
    noun, _, name = member.partition(":")
    if quarantine_state.holds(s, member):
        return
    at = due_index.at(s.store, member)
    if not _LOOK[noun](s, name):
        due_index.done(s.store, member, at)


def _contact(s: Services, name: str) -> bool:
    contact = s.store.get(Contact, name)
    if contact is None:
        return False
    match contact.state:
        case ContactState.WAITING:
            ring_all(s)
            _still_there(s, contact)
        case ContactState.FLOW | ContactState.HELD | ContactState.CALLING | ContactState.ASKING:
            _still_there(s, contact)
        case ContactState.TALKING:
            _talk(s, contact)
        case ContactState.WORD:
            ask_disposition.ask(s, contact)
        case ContactState.ENDED:
            return False
    return True


def ring_all(s: Services) -> None:
    """Match whoever can be matched, and ring."""
    for offer in router.route(s):
        ringing.ring(s, offer)


def _still_there(s: Services, contact: Contact) -> None:
    """Compare what we believe with the call itself, now and then."""
    now = s.clock.now()
    if contact.state in OUTSIDE and contact.caller in (Where.ROOM, Where.COMING):
        # they are not in that room any more, or alone in it, and their leg has not come to us by itself
        if not conference.fetch_caller(s, contact):
            hangups.caller_gone(s, contact.id, contact.call)
        return
    if contact.state is ContactState.HELD and contact.warn == hold.DUE:
        hold.warn(s, contact)
        return
    change = Change(now=now)
    change.expect(contact)
    change.wake(contact, min(now + promise_lifecycle.GRACE / 2, membership.widens(s, contact, now)))
    if not s.store.commit(change) or not contact.call:
        return
    if now - contact.opened < promise_lifecycle.GRACE / 2:
        return
    if s.telephony.fetch_call(contact.call).status in callback_connect.OVER:
        hangups.caller_gone(s, contact.id, contact.call)


def _talk(s: Services, contact: Contact) -> None:
    if contact.caller is Where.COMING:
        if not conference.fetch_caller(s, contact):
            hangups.caller_gone(s, contact.id, contact.call)
        return
    settled = hangups.settle(s, contact.id) or contact
    if settled.state is not ContactState.TALKING or settled.left_at:
        return
    conference.end_on_exit(s, settled)
    for name in hangups.agents_in(settled):
        offer = s.store.get(Offer, name)
        if (
            offer is not None
            and offer.call
            and s.telephony.fetch_call(offer.call).status in callback_connect.OVER
        ):
            agent_leg.gone(s, offer.id, offer.call)
    _still_there(s, s.store.get(Contact, settled.id) or settled)


def _agent(s: Services, name: str) -> bool:
    """Somebody became free; that is all there is to look at."""
    del name
    ring_all(s)
    return False


def _offer(s: Services, name: str) -> bool:
    offer = s.store.get(Offer, name)
    if offer is None:
        return False
    if offer.fetch and offer.call:
        _fetch_agent(s, offer)
        return True
    now = s.clock.now()
    if offer.kind is OfferKind.LISTEN and offer.state is OfferState.ACCEPTED:
        monitoring.tend(s, offer)
        return True
    match offer.state:
        case OfferState.MADE:
            ringing.ring(s, offer)
        case OfferState.RINGING | OfferState.BRIEFING if now >= offer.lease:
            _hang_up(s, offer)
            ringing.drop(s, offer, Result.UNANSWERED, "the lease ran out")
            ring_all(s)
        case OfferState.OVER:
            return False
        case _:
            _agent_still_there(s, offer)
    return True


def _agent_still_there(s: Services, offer: Offer) -> None:
    change = Change(now=s.clock.now())
    change.expect(offer)
    change.wake(offer, max(offer.lease, change.now + conference.CHECK))
    if not s.store.commit(change) or not offer.call:
        return
    if s.telephony.fetch_call(offer.call).status in callback_connect.OVER:
        agent_leg.gone(s, offer.id, offer.call)


def _fetch_agent(s: Services, offer: Offer) -> None:
    """Send for the leg: what it hears has changed. One that nobody has picked up stops ringing.

    Once: a second redirect would take it out of where the first has led it. Whatever changes meanwhile it hears when it comes.
    """
    change = Change(now=s.clock.now())
    again = offer.sent + conference.AGAIN
    if change.now < again:
        change.expect(offer)
        change.wake(offer, again)
        s.store.commit(change)
        return
    offer = change.put(offer, replace(offer, sent=change.now))
    change.wake(offer, change.now + conference.AGAIN)
    if not s.store.commit(change):
        return
    picked_up = offer.turn > 0
    try:
        if picked_up or offer.state is not OfferState.OVER:
            s.telephony.redirect(offer.call, s.urls.agent(offer.id, offer.turn))
        else:
            s.telephony.hang_up(offer.call)
    except CallGone:
        _never_mind(s, offer)


def _never_mind(s: Services, offer: Offer) -> None:
    change = Change(now=s.clock.now())
    left = change.put(offer, replace(offer, fetch=False, sent=0.0))
    if offer.state is OfferState.OVER:
        change.rest(left)
    if s.store.commit(change):
        agent_leg.gone(s, offer.id, offer.call)


def _hang_up(s: Services, offer: Offer) -> None:
    if not offer.call or offer.stays:  # a leg that stays hears what has become of it when it comes
        return
    try:
        s.telephony.hang_up(offer.call)
    except CallGone:
        return


def _promise(s: Services, name: str) -> bool:
    open_ = promise_due.look(s, name)
    ring_all(s)
    promise = s.store.get(Promise, name)
    away = escalation.whom(s, promise) if promise else None
    if promise and away and (offer := router.summon_for(s, promise, away)):
        ringing.ring(s, offer)
    return open_


def _notice(s: Services, name: str) -> bool:
    return supervisor_alerts.look(s, name)


def _text(s: Services, name: str) -> bool:
    text = s.store.get(Text, name)
    if text is None:
        return False
    texting_send.look(s, text, s.clock.now())
    return True


def _outage(s: Services, _: str) -> bool:
    outage_catch_up.look(s)
    return False


def _quarantine(s: Services, _: str) -> bool:
    return restore_run.look(s)


def _recordings(s: Services, since: str) -> bool:
    outage_catch_up.recordings(s, datetime.fromtimestamp(float(since), UTC))
    return False


def _sweep(s: Services, name: str) -> bool:
    retention.look(s, name)
    return False


_LOOK: dict[str, Callable[[Services, str], bool]] = {
    "agent": _agent,
    "number_lock": callback_dial.look_at_number,
    "contact": _contact,
    "agent_leg": _offer,
    "promise": _promise,
    "text": _text,
    "supervisor_alert": _notice,
    "photo": photo_fetch.look,
    "erasure": erasure.look,
    "retention": _sweep,
    "outage": _outage,
    "quarantine": _quarantine,
    "recordings": _recordings,
}
