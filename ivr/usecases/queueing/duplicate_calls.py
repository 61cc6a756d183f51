"""One caller in several calls at once: one place in line, and one promise when all of them have hung up.

Who rings five times in a minute is in a hurry, or lost the connection before the network noticed. The newest call has the
place, as the one before it may be dead; whoever is still on an older one is told so, and may say that they are somebody else:
one number can be a family's, or a company's. A call that is known less surely takes nothing from one that is attested (I7).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ivr.domain.records.agent_leg import BEFORE_ACCEPT, Offer
from ivr.domain.records.contact import LIVE, Contact, ContactState
from ivr.domain.records.customer import Customer
from ivr.domain.records.promise import IN_LINE, Promise, PromiseState, become
from ivr.services import Services
from ivr.store.change import Change
from ivr.usecases.queueing import membership

MOST = 12  # calls of one number that are looked at; more at once are no one person's
LOOK_AGAIN = 60.0


def know(s: Services, contact: Contact, change: Change) -> None:
    """A call comes while another of theirs is on the line: that one learns of it, as it may yet be about to stand in line."""
    older = s.store.get(Contact, contact.twin)
    if older is not None and older.state in (ContactState.FLOW, ContactState.WAITING):
        change.put(older, replace(older, newer=contact.id))


def take_place(s: Services, contact: Contact, change: Change) -> Contact:
    """This call is about to stand in line: at the place of theirs that there is, which the other call gives up."""
    if contact.apart or not (contact.twin or contact.newer):
        return contact
    waits = (o for o in _others(s, contact) if o.state is ContactState.WAITING and not o.elsewhere)
    before = next((o for o in waits if o.degree <= contact.degree), None)
    if before is None:
        return contact
    before = change.latest(before) or before
    membership.leave(before, change)
    change.put(before, replace(before, elsewhere=contact.id, offer="", chosen=0.0))
    change.wake(before, change.now + LOOK_AGAIN)
    change.journal("duplicate call took place", contact=contact.id, other=before.id)
    first = min(before.arrived, contact.arrived)
    taken = replace(contact, arrived=first, boost=max(before.boost, contact.boost))
    asked = s.store.get(Offer, before.offer)
    if asked is not None and asked.state in BEFORE_ACCEPT and not contact.offer:
        change.put(asked, replace(asked, contact=contact.id))  # whoever is being briefed takes this call
        return replace(taken, offer=asked.id)
    return taken


def pass_on(s: Services, contact: Contact, owed: Promise | None, change: Change) -> str:
    """This call is over, another one of theirs is not: what it had is that one's, whose id it is. "" = there is none."""
    heir = _heir(s, contact)
    if heir is None or (owed is not None and not _may_carry(heir, owed)):
        return ""
    new = replace(heir, arrived=min(a for a in (heir.arrived, contact.arrived, change.now) if a))
    if owed is not None:
        if owed.state in IN_LINE:
            membership.leave_promise(owed, change)
        fence = owed.fence + 1  # an agent who is about to be asked for it would be too late
        merged = change.put(owed, become(owed, PromiseState.MERGED, merged=heir.id, fence=fence))
        change.wake(merged, change.now + LOOK_AGAIN)
        new = replace(new, promise=owed.id, case=owed.case)
    if heir.state is ContactState.WAITING and not heir.offer:
        membership.leave(heir, change)
        membership.join(s, change.put(heir, replace(new, elsewhere="", chosen=0.0)), change)
    else:
        change.put(heir, new)
    change.journal("place passed to duplicate call", contact=contact.id, other=heir.id)
    return heir.id


def _may_carry(heir: Contact, owed: Promise) -> bool:
    """A call that has not come to a talk yet, and a promise that nobody is at: as when they ring in about it."""
    if owed.state is PromiseState.MERGED:
        return not heir.promise
    waits = heir.state in (ContactState.FLOW, ContactState.WAITING)
    return waits and not heir.promise and owed.state in IN_LINE | {PromiseState.MADE}


def still_elsewhere(s: Services, contact: Contact) -> bool:
    """Whether another call of theirs has the place. One round trip or more, for such calls only."""
    return any(not other.elsewhere for other in _others(s, contact))


def wait_here(s: Services, contact: Contact, change: Change, *, apart: bool) -> Contact:
    """The place is this call's again: the other one is over, or somebody else's (`apart`)."""
    here = replace(contact, elsewhere="", apart=apart or contact.apart, chosen=0.0)
    membership.join(s, change.put(contact, here), change)
    return here


def before(s: Services, contact: Contact) -> str:
    """The call of theirs that goes on when this one is over; "" = none."""
    found = _heir(s, contact) if contact.twin or contact.newer else None
    return found.id if found else ""


def _heir(s: Services, contact: Contact) -> Contact | None:
    if contact.apart:
        return None
    sure = (o for o in _others(s, contact) if o.degree >= contact.degree)
    return next(sure, None)


def _others(s: Services, contact: Contact) -> Iterator[Contact]:
    """Other live calls of this caller, those that have their place first."""
    customer = s.store.get(Customer, contact.number)
    if customer is None or customer.shared or customer.id in s.settings.shared_numbers:
        return
    seen, names, later = {contact.id, ""}, [contact.elsewhere, customer.live, contact.twin, contact.newer], []
    while names and len(seen) < MOST:
        name = names.pop(0)
        if name in seen:
            continue
        seen.add(name)
        other = s.store.get(Contact, name)
        if other is None or other.number != contact.number:
            continue
        names += [other.elsewhere, other.twin, other.newer]
        if other.state in LIVE and not other.apart:
            if other.elsewhere:
                later.append(other)
            else:
                yield other
    yield from later
