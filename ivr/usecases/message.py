"""A recorded message becomes a promise."""

from __future__ import annotations

from ivr.domain.contact import Contact
from ivr.flow.turn import Heard, HeardKind
from ivr.services import Services
from ivr.store import contacts
from ivr.store.change import Change
from ivr.store.contacts import Input
from ivr.telephony.reply import HangUp, Reply
from ivr.usecases import caller, dialogue, leaving, recover


def recorded(s: Services, contact_id: str, n: int, url: str, *, live: bool) -> Reply | None:
    """The caller has spoken after the tone, or not. `live`: they are still there."""
    contact = s.store.get(Contact, contact_id)
    if contact is None:
        return None
    if url:
        _owe(s, contact, url)
    if not live:
        leaving.caller_gone(s, contact.id, contact.call)
        return Reply(then=HangUp())
    result = "taken" if url else "empty"
    new = Input(n=n, heard=Heard(kind=HeardKind.RESULT, value=result), at=s.clock.now())
    got = contacts.hear(s.store, contact_id, new, s.library.queues)
    if got is None or not dialogue.in_dialogue(got.contact):
        return caller.where(s, contact_id)
    return caller.talk(s, got, in_line=False)


def _owe(s: Services, contact: Contact, url: str) -> None:
    """Once for each recording: this webhook may come twice, and the reconciler lists recordings too."""
    sid = url.rpartition("/")[2]
    while not recover.used(s, sid):
        change = Change(now=s.clock.now())
        change.put(contact, recover.owe(s, contact, sid, url, change))
        if s.store.commit(change):
            return
        contact = s.store.get(Contact, contact.id) or contact
