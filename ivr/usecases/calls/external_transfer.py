"""A flow's transfer to a telephone outside the line.

Whoever picks up hears whose caller it is and presses 1: a voicemail presses nothing, so it swallows nobody. Until then the
caller hears it ring, and goes on through the flow when nobody takes it.
"""

from __future__ import annotations

from dataclasses import replace

from ivr.domain.records.contact import Contact
from ivr.domain.records.contact_parts import ExternalTransfer
from ivr.flow.steps.transfer import NOBODY_RESULT, TALKED_RESULT
from ivr.flow.turn import FlowInput, FlowInputKind, Listen
from ivr.services import Services
from ivr.store.queries import contacts
from ivr.store.queries.contacts import ContactInput
from ivr.telephony.reply import ConnectDialedParty, GatherInput, HangUp, Reply
from ivr.usecases.calls import caller_leg, flow_runner
from ivr.usecases.contacts import hangups
from ivr.usecases.phrases import phrase

KEY = Listen(max_digits=1, seconds=4, speech=False)  # the caller may hear nothing meanwhile


def on_screening(
    services: Services, contact_id: str, input_number: int, digits: str, *, prompted: bool
) -> Reply:
    """What the other hears. A 1 joins them, once that is on disk (I3): the caller has been taken."""
    contact = services.store.get(Contact, contact_id)
    if contact is None or not contact.external_transfer:
        return Reply(verb=HangUp())
    if not prompted:
        words = phrase(
            services,
            services.library.get_flow_for_number(contact.caller.called_number).languages[0],
            "transfer.knock",
        )
        return Reply(
            prompts=(words,),
            verb=GatherInput(
                listen=KEY,
                action_url=services.urls.external_transfer(contact_id, input_number, key_asked=True),
            ),
        )
    if digits != "1":
        return Reply(verb=HangUp())
    for change in services.store.transact():
        if change.is_retry:
            contact = services.store.get(Contact, contact_id)
        if contact is None or contact.external_transfer is ExternalTransfer.TAKEN:
            break
        change.put(contact, replace(contact, external_transfer=ExternalTransfer.TAKEN))
        change.log_event("external transfer accepted", contact=contact.id)
    return Reply(verb=ConnectDialedParty())


def on_dial_ended(services: Services, contact_id: str, input_number: int, *, call_live: bool) -> Reply | None:
    """The call to them is over, or came to nothing. `call_live`: the caller is still there. None: no such contact."""
    contact = services.store.get(Contact, contact_id)
    if contact is None:
        return None
    if not call_live:
        hangups.on_caller_hangup(services, contact.id, contact.call)
        return Reply(verb=HangUp())
    taken = contact.external_transfer is ExternalTransfer.TAKEN
    if not taken and not _mark_not_ringing(services, contact):
        return on_dial_ended(
            services, contact_id, input_number, call_live=call_live
        )  # it was taken in this very moment
    result = FlowInput(kind=FlowInputKind.RESULT, value=TALKED_RESULT if taken else NOBODY_RESULT)
    got = contacts.store_input(
        services.store,
        contact_id,
        ContactInput(number=input_number, flow_input=result, at=services.clock.now()),
        services.library.queues,
    )
    if got is None or not flow_runner.is_in_dialog(got.contact):
        return caller_leg.load_and_prompt(services, contact_id)
    return caller_leg.continue_flow(services, got, in_waiting_room=False)


def _mark_not_ringing(services: Services, contact: Contact) -> bool:
    """Whoever presses the key from now on is late, and is not told that they have the caller."""
    if not contact.external_transfer:
        return True
    change = services.store.begin()
    change.put(contact, replace(contact, external_transfer=ExternalTransfer.NONE))
    return services.store.commit(change)
