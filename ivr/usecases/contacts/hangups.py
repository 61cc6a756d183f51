"""Somebody leaves. Each function takes one fact about one leg, writes it down and does what follows from all that is known.

The caller's part answers webhooks from the state it finds; nothing here depends on which fact came first (I5).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ivr.domain.records.agent_leg import BEFORE_ACCEPT, IN_TALK, Offer, OfferState
from ivr.domain.records.contact import LIVE, Contact, ContactState, Outcome, Where
from ivr.domain.records.promise import Promise, PromiseState
from ivr.domain.rules.who_is_in_the_call import Verdict, judge, learn, succeed
from ivr.services import Services
from ivr.store.change import Change
from ivr.usecases.conferences import leg_commands
from ivr.usecases.contacts import outcome
from ivr.usecases.promises import attempts as promise_attempts
from ivr.usecases.queueing import membership

FRONT = 86400.0  # seconds ahead: a caller we lost stands before everybody who came today
SOON = 1.0


def caller_out(s: Services, contact_id: str, stage: int) -> Contact | None:
    """The caller's leg came out of its room alive."""
    return _fact(s, contact_id, stage, lambda contact: replace(contact, caller=Where.OUT))


def caller_gone(s: Services, contact_id: str, call: str) -> Contact | None:
    """The caller's leg has ended. `call`: only if it is still theirs."""
    while True:
        contact = s.store.get(Contact, contact_id)
        if contact is None or contact.call != call or contact.state not in LIVE:
            return contact
        change = Change(now=s.clock.now())
        after = _without_caller(s, contact, change)
        if s.store.commit(change):
            return after


def agent_out(s: Services, offer: Offer, stage: int) -> Contact | None:
    """The agent's leg came out of the room alive."""
    return _agent_fact(s, offer, stage, Where.OUT)


def agent_gone(s: Services, offer: Offer) -> Contact | None:
    """The agent's leg has ended, after they had accepted."""
    return _agent_fact(s, offer, None, Where.GONE)


def settle(s: Services, contact_id: str) -> Contact | None:
    """Look again: the reason did not come, or an earlier step was cut short."""
    return _fact(s, contact_id, None, lambda contact: contact)


def _agent_fact(s: Services, offer: Offer, stage: int | None, where: Where) -> Contact | None:
    """Whose place the leg has in the talk is seen in the very revision that is changed: another may have taken it over."""

    def told(contact: Contact) -> Contact:
        if contact.offer == offer.id:
            return replace(contact, agent=where)
        if contact.second == offer.id:
            return replace(contact, second_where=where)
        return contact

    return _fact(s, offer.contact, stage, told)


def _fact(
    s: Services, contact_id: str, stage: int | None, told: Callable[[Contact], Contact]
) -> Contact | None:
    """`stage`: of the room that was left; a leg that was moved on meanwhile tells nothing new."""
    while True:
        contact = s.store.get(Contact, contact_id)
        if contact is None or contact.state not in LIVE or (stage is not None and stage != contact.stage):
            return contact
        now = s.clock.now()
        known = learn(contact, told(contact), now)
        if known == contact and judge(known, now) in (Verdict.GO_ON, Verdict.MOMENT):
            return contact
        change = Change(now=now)
        after = _follow(s, contact, succeed(known), change)
        if s.store.commit(change):
            return after


def _follow(s: Services, contact: Contact, known: Contact, change: Change) -> Contact:
    """What follows from all that is known. `contact` is as it was read."""
    if known.state is ContactState.HELD:
        return _held(s, contact, known, change)
    if known.state is ContactState.CALLING:
        return _calling(s, contact, known, change)
    verdict = judge(known, change.now)
    change.put(contact, known)
    if verdict is Verdict.STEPPED_OUT:
        return step_out(known, change)
    if verdict is Verdict.LOST_AGENT:
        return front_of_line(s, replace(known, broke=True), change)
    if verdict is Verdict.AFTER:
        return ask(known, change)
    if verdict is Verdict.MOMENT:
        change.wake(known, change.now + SOON)
    elif contact.second and not known.second:
        change.wake(known, change.now)  # two remain: their leaving must end the room again
    return known


def _held(s: Services, contact: Contact, known: Contact, change: Change) -> Contact:
    """The caller is on hold; the agents are in a menu or with each other."""
    change.put(contact, known)
    if known.agent is Where.GONE and known.second and known.second_where is Where.ROOM:
        heir = replace(known, offer=known.second, agent=Where.ROOM, second="", second_where=Where.NOWHERE)
        return bring(replace(heir, transfers=heir.transfers + 1), change)  # a colleague had accepted
    if known.agent is Where.GONE:
        return front_of_line(s, replace(known, broke=True), change)
    if contact.second and not known.second:
        _alone_again(s, known, change)
    return known


def _alone_again(s: Services, contact: Contact, change: Change) -> None:
    """The colleague left the room of the two before the introduction: the first agent chooses anew."""
    first = s.store.get(Offer, contact.offer)
    if first is not None and first.state is OfferState.CONSULTING:
        leg_commands.send_for(s, first.id, change, state=OfferState.MENU, step="menu", turn=first.turn + 1)


def _calling(s: Services, contact: Contact, known: Contact, change: Change) -> Contact:
    """A callback whose agent left before the customer picked up: the customer must not meet an empty room."""
    change.put(contact, known)
    if known.agent is not Where.GONE:
        return known
    promise = s.store.get(Promise, known.promise)
    if promise is not None and promise.state is PromiseState.DIALLING:
        change.wake(promise, change.now)
    return known


def bring(contact: Contact, change: Change, *, same_room: bool = True) -> Contact:
    """The caller is to come (back) into the room; a worker sends for them."""
    coming = change.put(
        contact,
        replace(
            contact,
            state=ContactState.TALKING,
            stage=contact.stage + (0 if same_room else 1),
            caller=Where.COMING,
            loose=same_room,
            left_at=0.0,
            held_at=0.0,
            position="",
        ),
    )
    change.wake(coming, change.now)
    change.journal("joining", contact=contact.id, stage=coming.stage, offer=coming.offer)
    return coming


def step_out(contact: Contact, change: Change) -> Contact:
    """The agent pressed *: the caller is held, with a word, and never for longer than a minute without a choice."""
    held = change.put(
        contact,
        replace(
            contact,
            state=ContactState.HELD,
            stage=contact.stage + 1,
            agent=Where.OUT,
            loose=False,
            held_at=change.now,
            chosen=change.now,
            warn="",
            left_at=0.0,
            conference="",
        ),
    )
    # a caller whose leg does not come to us by itself is sent for
    change.wake(held, change.now + (60.0 if held.caller is Where.OUT else 0.0))
    change.journal("on hold", contact=contact.id, offer=contact.offer)
    return held


def ask(contact: Contact, change: Change) -> Contact:
    """The agent has gone and the caller is still there: anything else?"""
    asking = change.put(
        contact,
        replace(
            contact,
            state=ContactState.ASKING,
            stage=contact.stage + 1,
            position="",
            left_at=0.0,
        ),
    )
    # a caller whose leg does not come to us by itself is sent for
    change.wake(asking, change.now + (2.0 if contact.caller is Where.ROOM else 60.0))
    change.journal("after-call questions", contact=contact.id)
    return asking


def front_of_line(s: Services, contact: Contact, change: Change, *, avoid: tuple[str, ...] = ()) -> Contact:
    """Whoever we lost goes before all others, to the next person; a colleague who was being asked is not needed."""
    leg_commands.dismiss(s, contact.second, change)
    leg_commands.spare_the_word(s, contact.offer, change)
    front = change.put(
        contact,
        replace(
            contact,
            state=ContactState.WAITING,
            queue=contact.queue or s.library.for_line(contact.line).person,
            arrived=contact.arrived or change.now,
            boost=FRONT,
            stage=contact.stage + 1,
            avoid=avoid,
            offer="",
            second="",
            second_where=Where.NOWHERE,
            agent=Where.NOWHERE,
            talked=False,
            word="",
            position="",
            chosen=0.0,
            left_at=0.0,
            held_at=0.0,
        ),
    )
    membership.join(s, front, change)
    change.journal("front of queue", contact=contact.id)
    return front


def _without_caller(s: Services, contact: Contact, change: Change) -> Contact:
    gone = learn(contact, replace(contact, caller=Where.GONE, over=contact.call), change.now)
    change.put(contact, gone)
    _tell_agents(s, contact, change)
    if contact.state in (ContactState.FLOW, ContactState.WAITING):
        return outcome.left(s, gone, change)
    talked = gone.talked or contact.state in (ContactState.HELD, ContactState.ASKING)
    if contact.state is ContactState.CALLING or not talked:
        return _before_talk(s, gone, change)
    return outcome.await_word(s, gone, change)


def _tell_agents(s: Services, contact: Contact, change: Change) -> None:
    """The caller has left: nobody goes on being asked, and no agent stays in a room that does not end by itself."""
    for name in agents_in(contact):
        offer = s.store.get(Offer, name)
        if offer is not None and offer.state in BEFORE_ACCEPT:
            leg_commands.dismiss(s, name, change)
        elif offer is not None and offer.state in IN_TALK:
            leg_commands.send_for(s, name, change, after=leg_commands.BY_ITSELF)


def _before_talk(s: Services, contact: Contact, change: Change) -> Contact:
    """Claimed, but they never met. A callback counts as tried; a caller is owed the call."""
    owed = s.store.get(Promise, contact.promise)
    if owed is not None and owed.state in (PromiseState.DIALLING, PromiseState.TALKING):
        promise_attempts.not_kept(s, owed, "left before the talk", change)
        return outcome.end(s, contact, Outcome.PROMISED, change)
    return outcome.left(s, contact, change)


def let_go(contact: Contact) -> Contact:
    """A held caller who will be called instead: on the line still, but nobody's."""
    return replace(
        contact,
        state=ContactState.FLOW,
        offer="",
        second="",
        second_where=Where.NOWHERE,
        agent=Where.NOWHERE,
        stage=contact.stage + 1,
        held_at=0.0,
    )


def agents_in(contact: Contact) -> list[str]:
    """Offers of the agents whose legs belong to this contact's talk."""
    return [o for o in (contact.offer, contact.second) if o]
