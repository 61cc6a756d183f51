"""A recorded message becomes a promise."""

from __future__ import annotations

from ivr.domain.records.contact import Contact
from ivr.flow.turn import Heard, HeardKind
from ivr.services import Services
from ivr.store.change import Change
from ivr.store.queries import contacts
from ivr.store.queries.contacts import Input
from ivr.telephony.reply import HangUp, Reply
from ivr.usecases.calls import caller_leg, flow_runner
from ivr.usecases.contacts import hangups
from ivr.usecases.outages import catch_up as outage_catch_up


def recorded(s: Services, contact_id: str, n: int, url: str, *, live: bool) -> Reply | None:
    """The caller has spoken after the tone, or not. `live`: they are still there."""
    contact = s.store.get(Contact, contact_id)
    if contact is None:
        return None
    if url:
        _owe(s, contact, url)
    if not live:
        hangups.caller_gone(s, contact.id, contact.call)
        return Reply(then=HangUp())
    result = "taken" if url else "empty"
    new = Input(n=n, heard=Heard(kind=HeardKind.RESULT, value=result), at=s.clock.now())
    got = contacts.hear(s.store, contact_id, new, s.library.queues)
    if got is None or not flow_runner.in_dialogue(got.contact):
        return caller_leg.where(s, contact_id)
    return caller_leg.talk(s, got, in_line=False)


def _owe(s: Services, contact: Contact, url: str) -> None:
    """Once for each recording: this webhook may come twice, and the reconciler lists recordings too."""
    sid = url.rpartition("/")[2]
    while not outage_catch_up.used(s, sid):
        change = Change(now=s.clock.now())
        change.put(contact, outage_catch_up.owe(s, contact, sid, url, change))
        if s.store.commit(change):
            return
        contact = s.store.get(Contact, contact.id) or contact
