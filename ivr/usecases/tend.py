"""Somebody looks: what a record owes now, found from its state alone. The bell rings here; so does the reconciler, when nobody did.

Looking twice does nothing twice: each step is a compare-and-set on what was read.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from ivr.domain.contact import Contact, ContactState, Where
from ivr.domain.customer import Text
from ivr.domain.errors import CallGone
from ivr.domain.offer import Offer, OfferKind, OfferState, Result
from ivr.domain.promise import Promise
from ivr.services import Services
from ivr.store import wake
from ivr.store.change import Change
from ivr.usecases import (
    agent_leg,
    dial,
    escalate,
    forget,
    held,
    keep,
    leaving,
    line,
    lookback,
    offers,
    owed,
    photo_fetch,
    promises,
    quarantine,
    recover,
    rooms,
    route,
    supervise,
    sweep,
    tell,
    texts,
    word,
)

OUTSIDE = (ContactState.ASKING, ContactState.HELD, ContactState.WAITING)  # the caller is in no room


def look(s: Services, member: str) -> None:
    """`member`: "promise:p7k2". A record that is gone owes nothing."""
    s.clock.follow()
    noun, _, name = member.partition(":")
    if quarantine.holds(s, member):
        return
    at = wake.at(s.store, member)
    if not _LOOK[noun](s, name):
        wake.done(s.store, member, at)


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
            word.ask(s, contact)
        case ContactState.ENDED:
            return False
    return True


def ring_all(s: Services) -> None:
    """Match whoever can be matched, and ring."""
    for offer in route.route(s):
        offers.ring(s, offer)


def _still_there(s: Services, contact: Contact) -> None:
    """Compare what we believe with the call itself, now and then."""
    now = s.clock.now()
    if contact.state in OUTSIDE and contact.caller in (Where.ROOM, Where.COMING):
        # they are not in that room any more, or alone in it, and their leg has not come to us by itself
        if not rooms.fetch_caller(s, contact):
            leaving.caller_gone(s, contact.id, contact.call)
        return
    if contact.state is ContactState.HELD and contact.warn == held.DUE:
        held.warn(s, contact)
        return
    change = Change(now=now)
    change.expect(contact)
    change.wake(contact, min(now + promises.GRACE / 2, line.widens(s, contact, now)))
    if not s.store.commit(change) or not contact.call:
        return
    if now - contact.opened < promises.GRACE / 2:
        return
    if s.telephony.fetch_call(contact.call).status in keep.OVER:
        leaving.caller_gone(s, contact.id, contact.call)


def _talk(s: Services, contact: Contact) -> None:
    if contact.caller is Where.COMING:
        if not rooms.fetch_caller(s, contact):
            leaving.caller_gone(s, contact.id, contact.call)
        return
    settled = leaving.settle(s, contact.id) or contact
    if settled.state is not ContactState.TALKING or settled.left_at:
        return
    rooms.end_on_exit(s, settled)
    for name in leaving.agents_in(settled):
        offer = s.store.get(Offer, name)
        if offer is not None and offer.call and s.telephony.fetch_call(offer.call).status in keep.OVER:
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
        supervise.tend(s, offer)
        return True
    match offer.state:
        case OfferState.MADE:
            offers.ring(s, offer)
        case OfferState.RINGING | OfferState.BRIEFING if now >= offer.lease:
            _hang_up(s, offer)
            offers.drop(s, offer, Result.UNANSWERED, "the lease ran out")
            ring_all(s)
        case OfferState.OVER:
            return False
        case _:
            _agent_still_there(s, offer)
    return True


def _agent_still_there(s: Services, offer: Offer) -> None:
    change = Change(now=s.clock.now())
    change.expect(offer)
    change.wake(offer, max(offer.lease, change.now + rooms.CHECK))
    if not s.store.commit(change) or not offer.call:
        return
    if s.telephony.fetch_call(offer.call).status in keep.OVER:
        agent_leg.gone(s, offer.id, offer.call)


def _fetch_agent(s: Services, offer: Offer) -> None:
    """Send for the leg: what it hears has changed. One that nobody has picked up stops ringing.

    Once: a second redirect would take it out of where the first has led it. Whatever changes meanwhile it hears when it comes.
    """
    change = Change(now=s.clock.now())
    again = offer.sent + rooms.AGAIN
    if change.now < again:
        change.expect(offer)
        change.wake(offer, again)
        s.store.commit(change)
        return
    offer = change.put(offer, replace(offer, sent=change.now))
    change.wake(offer, change.now + rooms.AGAIN)
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
    open_ = owed.look(s, name)
    ring_all(s)
    promise = s.store.get(Promise, name)
    away = escalate.whom(s, promise) if promise else None
    if promise and away and (offer := route.summon_for(s, promise, away)):
        offers.ring(s, offer)
    return open_


def _notice(s: Services, name: str) -> bool:
    return tell.look(s, name)


def _text(s: Services, name: str) -> bool:
    text = s.store.get(Text, name)
    if text is None:
        return False
    texts.look(s, text, s.clock.now())
    return True


def _outage(s: Services, _: str) -> bool:
    recover.look(s)
    return False


def _quarantine(s: Services, _: str) -> bool:
    return lookback.look(s)


def _recordings(s: Services, since: str) -> bool:
    recover.recordings(s, datetime.fromtimestamp(float(since), UTC))
    return False


def _sweep(s: Services, name: str) -> bool:
    sweep.look(s, name)
    return False


_LOOK: dict[str, Callable[[Services, str], bool]] = {
    "agent": _agent,
    "dialled": dial.look_at_number,
    "contact": _contact,
    "offer": _offer,
    "promise": _promise,
    "text": _text,
    "notice": _notice,
    "photo": photo_fetch.look,
    "forgetting": forget.look,
    "sweep": _sweep,
    "outage": _outage,
    "quarantine": _quarantine,
    "recordings": _recordings,
}
