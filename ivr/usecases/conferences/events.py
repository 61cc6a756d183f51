"""What a conference tells: its own id (the list is only eventually consistent), and that two people have met."""

from __future__ import annotations

from dataclasses import replace

from ivr.domain.records.agent_leg import AgentLeg
from ivr.domain.records.contact import Contact, ContactState
from ivr.domain.rules.who_is_in_the_call import add_participant
from ivr.domain.telephony_events import ConferenceEvent
from ivr.services import Services


def on_event(
    services: Services,
    contact_id: str,
    conference_number: int,
    *,
    event: ConferenceEvent,
    conference_sid: str,
    call: str,
) -> None:
    """Late, doubled and reordered ones change nothing.

    A caller who comes into a conference while we take them for being with us is looked for there: two answers to their leg may
    have crossed, and nobody else is in that conference.
    """
    if event is ConferenceEvent.OTHER:
        return
    for change in services.store.transact():
        contact = services.store.get(Contact, contact_id)
        if contact is None:
            return
        if event is ConferenceEvent.PARTICIPANT_JOINED and call == contact.call and contact.is_with_us:
            change.schedule(
                change.put(
                    contact,
                    replace(contact, conference=replace(contact.conference, stray_sid=conference_sid)),
                ),
                change.now,
            )
            continue
        if contact.conference.number != conference_number:
            return
        met = event is ConferenceEvent.STARTED and contact.state is ContactState.TALKING
        known = replace(
            contact, talked=contact.talked or met, conference=replace(contact.conference, sid=conference_sid)
        )
        if event is ConferenceEvent.PARTICIPANT_JOINED and call:
            leg = services.store.get(AgentLeg, contact.leg)
            known = add_participant(known, call, leg.call if leg else "")
        if known == contact:
            return
        change.put(contact, known)
        if known.talked and not contact.talked:
            change.log_event("talk started", contact=contact.id, offer=contact.leg, stage=conference_number)
