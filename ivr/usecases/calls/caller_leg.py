"""The caller's leg: every webhook is answered from the contact's state, not from the path that led to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ivr.domain.errors import NothingNew
from ivr.domain.records.contact import Contact, ContactState, Where
from ivr.domain.rules.who_is_in_the_call import Verdict, judge
from ivr.flow.turn import Heard, HeardKind
from ivr.services import Services, id_of
from ivr.store.change import Change
from ivr.store.queries import contacts
from ivr.store.queries.contacts import HeardContact, Input
from ivr.telephony.reply import Again, HangUp, LeaveLine, Reply
from ivr.usecases.callbacks import connect as callback_connect
from ivr.usecases.calls import anything_else, flow_runner, hold, replica_guard, verify_caller
from ivr.usecases.conferences import conference
from ivr.usecases.contacts import hangups
from ivr.usecases.outages import catch_up as outage_catch_up
from ivr.usecases.phrases import say
from ivr.usecases.promises import lifecycle as promise_lifecycle
from ivr.usecases.queueing import membership

TRIES = 5


def step(s: Services, contact_id: str, new: Input, *, in_line: bool) -> Reply | None:
    """The caller pressed or said something, or nothing. None: no such contact."""
    got = contacts.hear(s.store, contact_id, new, s.library.queues)
    if got is None:
        return None
    contact = got.contact
    if contact.state is ContactState.ASKING:
        anything_else.hear(s, contact, new)
        return where(s, contact_id)
    if contact.state is ContactState.HELD and not contact.position:
        return hold.hear(s, contact, new) or where(s, contact_id)
    if contact.state is ContactState.CALLING:
        return callback_connect.spoke(s, contact, new)
    if verify_caller.under_way(contact):
        return verify_caller.hear(s, contact, new) or where(s, contact_id)
    if not flow_runner.in_dialogue(contact):
        return here(s, contact, in_line=in_line)
    return talk(s, got, in_line=in_line)


def talk(s: Services, got: HeardContact, *, in_line: bool) -> Reply:
    """Through the flow. What it decides is on disk before it is said (I3)."""
    contact = got.contact
    crowded = membership.crowded(s, got.callers)
    change = Change(now=s.clock.now(), crowded=crowded)
    said = flow_runner.hear(s, contact, got.inputs, change)
    try:
        if not _kept(s, contact, said, change):
            return _moved_on(s, contact, in_line=in_line)
    except NothingNew:
        change = Change(now=s.clock.now(), full=True, crowded=crowded)
        said = flow_runner.hear(s, contact, got.inputs, change)
        if not _kept(s, contact, said, change):
            return _moved_on(s, contact, in_line=in_line)
    n = max((i.n for i in got.inputs), default=contact.seen)
    return flow_runner.reply(s, said, n, in_line=in_line)


def _kept(s: Services, contact: Contact, said: flow_runner.Said, change: Change) -> bool:
    if not said.changed:
        replica_guard.of_promise(s, contact)
        return True
    change.put(contact, said.contact)
    return s.store.commit(change)


def _moved_on(s: Services, contact: Contact, *, in_line: bool) -> Reply:
    """Somebody was quicker: an agent accepted, or the same webhook twice."""
    latest = s.store.get(Contact, contact.id)
    return here(s, latest or contact, in_line=in_line)


def here(s: Services, contact: Contact, *, in_line: bool = False) -> Reply:
    """Where this caller should be now. There is always a next request, until their leg is over: what is told of it then is
    late, or a webhook that somebody has kept and sends again.
    """
    if contact.call and contact.over == contact.call:
        return Reply(then=HangUp())
    if in_line and contact.state is not ContactState.WAITING:
        return Reply(then=LeaveLine())
    if contact.word == "machine" and contact.state is ContactState.ASKING:  # by the agent's ear
        return Reply(says=(callback_connect.message(s, contact),), then=HangUp())
    contact = _arrived(s, contact)
    if in_line:
        waiting = contact.state is ContactState.WAITING
        return Reply(then=Again(url=s.urls.wait(contact.id, contact.seen + 1)) if waiting else LeaveLine())
    return _HERE.get(contact.state, _ended)(s, contact)


def _waiting(s: Services, contact: Contact) -> Reply:
    words = say(s, contact.language, "after.lost_agent" if contact.broke else "one_moment")
    return Reply(says=(words,), then=flow_runner.waiting_room(s, contact, contact.seen))


def _arrived(s: Services, contact: Contact) -> Contact:
    """Their leg is with us, not in a room and not on the way to one."""
    outside = contact.state in (ContactState.HELD, ContactState.ASKING, ContactState.WAITING)
    if not outside or contact.caller is Where.OUT:
        return contact
    change = Change(now=s.clock.now())
    out = change.put(contact, replace(contact, caller=Where.OUT))
    change.wake(out, change.now + (0.0 if contact.state is ContactState.WAITING else promise_lifecycle.GRACE))
    return out if s.store.commit(change) else (s.store.get(Contact, contact.id) or contact)


def _flow(s: Services, contact: Contact) -> Reply:
    if verify_caller.under_way(contact):
        return verify_caller.here(s, contact)
    got = contacts.hear(s.store, contact.id, None, s.library.queues)
    if got is None or not contact.position:
        change = Change(now=s.clock.now())
        said = flow_runner.enter(s, contact, change, "@person")
        change.put(contact, said.contact)
        s.store.commit(change)
        return flow_runner.reply(s, said, contact.seen, in_line=False)
    change = Change(now=s.clock.now(), crowded=membership.crowded(s, got.callers))
    said = flow_runner.hear(s, got.contact, got.inputs, change)
    if said.changed:
        change.put(got.contact, said.contact)
        s.store.commit(change)
    replica_guard.of_promise(s, got.contact)
    n = max((i.n for i in got.inputs), default=got.contact.seen)
    return flow_runner.reply(s, said, n, in_line=False)


def _room(s: Services, contact: Contact) -> Reply:
    if contact.caller is Where.OUT and judge(contact, s.clock.now()) is Verdict.MOMENT:
        words = say(s, contact.language, "one_moment")
        return Reply(says=(words,), then=Again(url=s.urls.here(contact.id), seconds=1))
    if contact.caller is Where.OUT:
        settled = hangups.settle(s, contact.id)
        if settled is not None and settled.state is not ContactState.TALKING:
            return here(s, settled)
    if contact.caller is Where.COMING:
        change = Change(now=s.clock.now())
        there = change.put(contact, replace(contact, caller=Where.ROOM, joined=change.now))
        change.wake(there, change.now + (hangups.SOON if there.loose else conference.CHECK))
        if not s.store.commit(change):
            return _moved_on(s, contact, in_line=False)
        contact = there
    return Reply(then=conference.room(s, contact))


def _ended(s: Services, contact: Contact) -> Reply:
    """Ended in our books. A machine hears its message; anybody else who is on the line is not hung up on."""
    if contact.word == "machine":
        return Reply(says=(callback_connect.message(s, contact),), then=HangUp())
    change = Change(now=s.clock.now())
    again = replace(contact, state=ContactState.FLOW, caller=Where.OUT, position="")
    change.journal("reopened", contact=contact.id)
    front = hangups.front_of_line(s, change.put(contact, again), change)
    if not s.store.commit(change):
        return Reply(then=Again(url=s.urls.here(contact.id), seconds=1))
    return here(s, front)


def left(s: Services, contact_id: str, stage: int, *, live: bool, call: str, result: str) -> Reply | None:
    """The action of the caller's Enqueue or Dial. `live`: their leg is in progress; `result`: QueueResult."""
    if not live:
        hangups.caller_gone(s, contact_id, call)
        return Reply(then=HangUp())
    contact = hangups.caller_out(s, contact_id, stage)
    if contact is None:
        return None
    if result in ("queue-full", "error", "system-error") and contact.state is ContactState.WAITING:
        return _no_room(s, contact)
    return here(s, contact)


def _no_room(s: Services, contact: Contact) -> Reply:
    """Twilio's waiting room is full or broken: a choice, never a hang-up. The place in our line is kept meanwhile."""
    change = Change(now=s.clock.now())
    said = flow_runner.enter(s, replace(contact, state=ContactState.FLOW), change, "@full")
    membership.leave(contact, change)
    change.put(contact, said.contact)
    if not s.store.commit(change):
        return _moved_on(s, contact, in_line=False)
    return flow_runner.reply(s, said, contact.seen, in_line=False)


def heard(*, digits: str, speech: str) -> Heard:
    """What a Gather sent."""
    if digits:
        return Heard(kind=HeardKind.KEYS, value=digits[:40])
    if speech.strip():
        return Heard(kind=HeardKind.WORDS, value=speech.strip()[:1000])
    return Heard(kind=HeardKind.SILENCE)


def where(s: Services, contact_id: str) -> Reply | None:
    """The caller's leg was sent for, or asks again."""
    contact = s.store.get(Contact, contact_id)
    return here(s, contact) if contact is not None else None


def ended(s: Services, *, call: str, status: str) -> None:
    """A leg of one of our numbers has ended, as the number's status callback tells."""
    if status not in callback_connect.OVER:
        return
    noun, _, name = contacts.member_of_leg(s.store, call).partition(":")
    contact = name if noun == "contact" else id_of(call)
    if hangups.caller_gone(s, contact, call) is None:
        outage_catch_up.unknown(s, call)


_HERE: dict[ContactState, Callable[[Services, Contact], Reply]] = {
    ContactState.FLOW: _flow,
    ContactState.WAITING: _waiting,
    ContactState.CALLING: callback_connect.enter,
    ContactState.TALKING: _room,
    ContactState.HELD: hold.here,
    ContactState.ASKING: anything_else.here,
}
