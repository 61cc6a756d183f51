"""A recorded message becomes a promise."""

from __future__ import annotations

from ivr.domain.records.contact import Contact
from ivr.flow.turn import FlowInput, FlowInputKind
from ivr.services import Services
from ivr.store.queries import contacts
from ivr.store.queries.contacts import ContactInput
from ivr.telephony.reply import HangUp, Reply
from ivr.usecases.calls import caller_leg, flow_runner
from ivr.usecases.contacts import hangups
from ivr.usecases.outages import catch_up as outage_catch_up


def on_recorded(
    services: Services, contact_id: str, input_number: int, url: str, *, call_live: bool
) -> Reply | None:
    """The caller has spoken after the tone, or not. `call_live`: they are still there."""
    contact = services.store.get(Contact, contact_id)
    if contact is None:
        return None
    if url:
        _promise_callback(services, contact, url)
    if not call_live:
        hangups.on_caller_hangup(services, contact.id, contact.call)
        return Reply(verb=HangUp())
    result = "taken" if url else "empty"
    new = ContactInput(
        number=input_number,
        flow_input=FlowInput(kind=FlowInputKind.RESULT, value=result),
        at=services.clock.now(),
    )
    got = contacts.store_input(services.store, contact_id, new, services.library.queues)
    if got is None or not flow_runner.is_in_dialog(got.contact):
        return caller_leg.load_and_prompt(services, contact_id)
    return caller_leg.continue_flow(services, got, in_waiting_room=False)


def _promise_callback(services: Services, contact: Contact, url: str) -> None:
    """Once for each recording: this webhook may come twice, and the scheduler lists recordings too."""
    sid = url.rpartition("/")[2]
    for change in services.store.transact():
        if outage_catch_up.is_recording_used(services, sid):
            return
        if change.is_retry:
            contact = services.store.reload(contact)
        change.put(contact, outage_catch_up.promise_for_message(services, contact, sid, url, change))
