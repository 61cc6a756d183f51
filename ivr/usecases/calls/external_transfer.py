"""A flow's transfer to a telephone outside the line.

Whoever picks up hears whose caller it is and presses 1: a voicemail presses nothing, so it swallows nobody. Until then the
caller hears it ring, and goes on through the flow when nobody takes it.
"""

from __future__ import annotations

from dataclasses import replace

from ivr.domain.records.contact import Contact
from ivr.flow.steps.transfer import NOBODY, TALKED
from ivr.flow.turn import Heard, HeardKind, Listen
from ivr.services import Services
from ivr.store.change import Change
from ivr.store.queries import contacts
from ivr.store.queries.contacts import Input
from ivr.telephony.reply import HangUp, Hear, Joined, Reply
from ivr.usecases.calls import caller_leg, flow_runner
from ivr.usecases.contacts import hangups
from ivr.usecases.contacts.outcome import TAKEN
from ivr.usecases.phrases import say

KEY = Listen(digits=1, seconds=4, speech=False)  # the caller may hear nothing meanwhile


def screen(s: Services, contact_id: str, n: int, digits: str, *, asked: bool) -> Reply:
    """What the other hears. A 1 joins them, once that is on disk (I3): the caller has been taken."""
    contact = s.store.get(Contact, contact_id)
    if contact is None or not contact.through:
        return Reply(then=HangUp())
    if not asked:
        words = say(s, s.library.for_line(contact.line).languages[0], "transfer.knock")
        return Reply(says=(words,), then=Hear(listen=KEY, action=s.urls.outside(contact_id, n, asked=True)))
    if digits != "1":
        return Reply(then=HangUp())
    while contact is not None and contact.through != TAKEN:
        change = Change(now=s.clock.now())
        change.put(contact, replace(contact, through=TAKEN))
        change.journal("external transfer accepted", contact=contact.id)
        if s.store.commit(change):
            break
        contact = s.store.get(Contact, contact_id)
    return Reply(then=Joined())


def came_back(s: Services, contact_id: str, n: int, *, live: bool) -> Reply | None:
    """The call to them is over, or came to nothing. `live`: the caller is still there. None: no such contact."""
    contact = s.store.get(Contact, contact_id)
    if contact is None:
        return None
    if not live:
        hangups.caller_gone(s, contact.id, contact.call)
        return Reply(then=HangUp())
    taken = contact.through == TAKEN
    if not taken and not _rings_no_more(s, contact):
        return came_back(s, contact_id, n, live=live)  # it was taken in this very moment
    result = Heard(kind=HeardKind.RESULT, value=TALKED if taken else NOBODY)
    got = contacts.hear(s.store, contact_id, Input(n=n, heard=result, at=s.clock.now()), s.library.queues)
    if got is None or not flow_runner.in_dialogue(got.contact):
        return caller_leg.where(s, contact_id)
    return caller_leg.talk(s, got, in_line=False)


def _rings_no_more(s: Services, contact: Contact) -> bool:
    """Whoever presses the key from now on is late, and is not told that they have the caller."""
    if not contact.through:
        return True
    change = Change(now=s.clock.now())
    change.put(contact, replace(contact, through=""))
    return s.store.commit(change)
