"""How a contact ends: helped, promised or declined, never without an outcome (I1)."""

from __future__ import annotations

from dataclasses import replace

from ivr.domain.records.agent_leg import Offer, OfferState
from ivr.domain.records.contact import Contact, ContactState, Outcome, Where
from ivr.domain.records.customer import Case, Customer
from ivr.domain.records.promise import ENDED, Promise, PromiseKind, PromiseState, become
from ivr.services import Services
from ivr.store.change import Change
from ivr.usecases.customers import last_talk
from ivr.usecases.dialing import permissions
from ivr.usecases.promises import lifecycle as promise_lifecycle
from ivr.usecases.promises import limits as promise_limits
from ivr.usecases.queueing import duplicate_calls, membership
from ivr.usecases.texting import send as texting_send

TAKEN = "taken"  # `through` of a caller whom somebody outside the line has taken by a key
FALLBACK = "@fallback"  # in the path of a caller who heard the fallback: a person was being called for them
WORD_AFTER = 15.0  # seconds after a talk until an agent who has hung up is asked how it went


def end(s: Services, contact: Contact, outcome: Outcome, change: Change) -> Contact:
    """The last thing written of a contact. What it carried goes on as a promise; its customer is off the line."""
    membership.leave(contact, change)  # wherever it stood: nobody waits behind a contact that is over
    contact = _in_its_case(s, contact, outcome, change) if contact.talked else contact
    ended = replace(
        contact,
        state=ContactState.ENDED,
        outcome=outcome,
        caller=Where.GONE,
        position="",
        offer="",
        second="",
        ended=contact.ended or change.now,
        talks=contact.talks + int(contact.talked),
    )
    ended = change.put(contact, ended)
    _came_again(s, ended, change)
    change.rest(ended)
    change.journal(
        "ended",
        contact=contact.id,
        outcome=outcome.value.replace(" ", "_"),
        path=contact.path,
        case=contact.case,
    )
    off_line(s, ended, change)
    return ended


def _in_its_case(s: Services, contact: Contact, outcome: Outcome, change: Change) -> Contact:
    """Whoever reached a person has a case, which tells of the talk and has an owner: at first, whoever took the call."""
    offer = s.store.get(Offer, contact.offer)
    agent = offer.agent if offer else ""
    case_id = promise_lifecycle.cased(s, contact, change, owner=agent).case
    contact = replace(contact, case=case_id, served_by=agent or contact.served_by)
    case = change.made(Case, contact.case) or s.store.get(Case, contact.case)
    if case is not None and agent and not case.owner:
        change.put(case, replace(case, owner=agent))
    last_talk.note(
        contact.case,
        "talk",
        change,
        agent=agent,
        contact=contact.id,
        word=contact.word,
        outcome=outcome.value,
        about=contact.reason,
    )
    return contact


def _came_again(s: Services, contact: Contact, change: Change) -> None:
    """Their contact before this one did not settle it."""
    before = change.latest(s.store.get(Contact, contact.before))
    if before is not None and not before.came_again and not contact.elsewhere:
        change.put(before, replace(before, came_again=True))


def attempt_over(s: Services, contact: Contact, change: Change, *, declined: bool = False) -> Contact:
    """A callback that did not come to a talk. The contact rests again; the agent who waits in its room is sent for and told."""
    outcome = contact.outcome if contact.outcome is Outcome.HELPED else Outcome.PROMISED
    offer = change.latest(s.store.get(Offer, contact.offer))
    ended = end(s, contact, Outcome.DECLINED if declined else outcome, change)
    if offer is not None and offer.state is not OfferState.OVER:
        told = change.put(offer, replace(offer, fetch=True))
        change.wake(told, change.now)
    return ended


def off_line(s: Services, contact: Contact, change: Change) -> None:
    """The customer is not on the line with this contact any more."""
    customer = change.latest(s.store.get(Customer, contact.number))
    if customer is not None and customer.live == contact.id:
        change.put(customer, replace(customer, live=duplicate_calls.before(s, contact)))


def left(s: Services, contact: Contact, change: Change) -> Contact:
    """The caller hung up before any talk: what that means depends on where they were."""
    owed = change.latest(s.store.get(Promise, contact.promise))
    if contact.through == TAKEN:
        contact = change.put(contact, replace(contact, word="transfer", talked=True))
        if owed is None or owed.state in ENDED:
            return end(s, contact, Outcome.HELPED, change)
    if owed is not None and owed.state not in ENDED:
        return _still_owed(s, contact, owed, change)
    in_line = contact.state in (ContactState.WAITING, ContactState.TALKING, ContactState.HELD)
    turned_away = contact.arrived > 0 and owed is None and contact.outcome is not Outcome.DECLINED
    wanted_a_person = in_line or turned_away
    said_why = bool(contact.reason) and owed is None and contact.outcome is not Outcome.DECLINED
    if (wanted_a_person or said_why) and (other := duplicate_calls.pass_on(s, contact, None, change)):
        return end(s, replace(contact, elsewhere=other), Outcome.PROMISED, change)
    if wanted_a_person or FALLBACK in contact.path:
        return abandoned(s, contact, change)
    if said_why:
        return abandoned(s, contact, change, text="text.promised")  # they had told us why they call
    declined = (
        contact.outcome is Outcome.DECLINED
        or owed is not None
        or "@promise" in contact.path
        or "@closed" in contact.path
    )
    return end(s, contact, Outcome.DECLINED if declined else Outcome.LEFT_EARLY, change)


def _still_owed(s: Services, contact: Contact, owed: Promise, change: Change) -> Contact:
    """They were promised a call, or rang in about one and did not get it."""
    carried = owed.state is PromiseState.MERGED
    elsewhere = carried and owed.merged != contact.id  # another call of theirs carries it
    if not elsewhere and (other := duplicate_calls.pass_on(s, contact, owed, change)):
        return end(s, replace(contact, elsewhere=other), Outcome.PROMISED, change)
    if carried and not elsewhere:
        promise_lifecycle.put_back(
            s, owed, owed_again(owed, change.now), change
        )  # as before, in its old place
    return end(s, contact, Outcome.PROMISED, change)


def abandoned(s: Services, contact: Contact, change: Change, *, text: str = "text.kept_waiting") -> Contact:
    """Hanging up while waiting is not declining: a call is owed, which they can decline by text."""
    if not permissions.may_ring(s, contact.number, line=contact.line):
        return end(s, contact, Outcome.LOST, change)
    gone, wanted = promise_limits.unasked(s, replace(contact, state=ContactState.FLOW), text, change)
    owed, _ = promise_lifecycle.make(s, gone, wanted, change)
    change.journal("abandoned", contact=contact.id)
    return end(s, owed, Outcome.PROMISED, change)


def owed_again(promise: Promise, now: float) -> Promise:
    state = PromiseState.ESCALATED if promise.kind is PromiseKind.ESCALATION else PromiseState.MADE
    return become(promise, state, merged="", since=max(promise.since, now), offer="")


def await_word(s: Services, contact: Contact, change: Change) -> Contact:
    """The talk is over; the agent's word decides what it was. Until it is given, the contact is looked at again."""
    offer = s.store.get(Offer, contact.offer)
    if contact.word and (offer is None or offer.state is OfferState.OVER):
        return by_word(s, contact, change)
    waiting = change.put(contact, replace(contact, state=ContactState.WORD, caller=Where.GONE, position=""))
    change.wake(waiting, change.now + WORD_AFTER)
    off_line(s, waiting, change)
    return waiting


def by_word(s: Services, contact: Contact, change: Change) -> Contact:
    """The agent has said how it went, and the caller has left."""
    owed = change.latest(s.store.get(Promise, contact.promise))
    if contact.word == "helped":
        if owed is not None and owed.state in (PromiseState.MERGED, PromiseState.TALKING):
            promise_lifecycle.end(s, owed, PromiseState.KEPT, change)
        ask_by_text(s, contact, change)
        return end(s, contact, Outcome.HELPED, change)
    if owed is not None and owed.state is PromiseState.MERGED:
        promise_lifecycle.put_back(s, owed, owed_again(owed, change.now), change)
        return end(s, contact, Outcome.PROMISED, change)
    if owed is not None and owed.state not in ENDED:
        return end(s, contact, Outcome.PROMISED, change)
    return abandoned(s, contact, change)


def put_right(s: Services, contact: Contact, change: Change, *, why: str) -> Contact:
    """A supervisor will ring: a poor rating, or nobody who could say how it went. What the talk was to keep stays its own."""
    wanted = promise_lifecycle.Wanted(
        kind=PromiseKind.FOLLOW_UP, supervisor=True, reason=why, text="", owner=""
    )
    held = change.latest(s.store.get(Promise, contact.promise))
    kept, _ = promise_lifecycle.make(s, contact, wanted, change)
    return kept if held is None or held.state in ENDED else replace(kept, promise=held.id)


def ask_by_text(s: Services, contact: Contact, change: Change) -> None:
    """Those who hung up first are asked how it was by text: for one who complains 26 stay silent."""
    customer = change.latest(s.store.get(Customer, contact.number))
    if contact.asked or not contact.number or (customer and customer.no_texts):
        return
    if not permissions.may_ring(s, contact.number, line=contact.line):  # texts abroad cost as calls do
        return
    book = s.library.book(contact.language)
    texting_send.send(
        s,
        to=contact.number,
        line=contact.line,
        body=book.text("text.how_was_it"),
        about=contact.member,
        asks=contact.id,
        change=change,
    )
