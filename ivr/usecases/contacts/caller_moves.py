"""Where a caller goes next: to the talk, on hold, into the questions after it, to the front of the queue."""

from __future__ import annotations

from dataclasses import replace

from ivr.domain.records.contact import Contact
from ivr.domain.records.contact_parts import PartyLocation
from ivr.domain.rules import priority
from ivr.services import Services
from ivr.store.change import Change
from ivr.usecases.conferences import leg_commands
from ivr.usecases.queueing import membership


def bring_caller(contact: Contact, change: Change, *, same_conference: bool = True) -> Contact:
    """The caller is to come (back) into the conference; a worker sends for them."""
    coming = change.put(
        contact,
        contact.bring_to_conference(same_conference=same_conference),
    )
    change.schedule(coming, change.now)
    change.log_event("joining", contact=contact.id, stage=coming.conference.number, offer=coming.leg)
    return coming


def put_on_hold(contact: Contact, change: Change) -> Contact:
    """The agent pressed *: the caller is held, with a word, and never for longer than a minute without a choice."""
    held = change.put(
        contact,
        contact.put_on_hold(change.now),
    )
    # a caller whose leg does not come to us by itself is sent for
    change.schedule(
        held, change.now + (60.0 if held.conference.caller_location is PartyLocation.LEFT_CONFERENCE else 0.0)
    )
    change.log_event("on hold", contact=contact.id, offer=contact.leg)
    return held


def begin_after_call(contact: Contact, change: Change) -> Contact:
    """The agent has gone and the caller is still there: anything else?"""
    asking = change.put(
        contact,
        contact.begin_after_call(),
    )
    # a caller whose leg does not come to us by itself is sent for
    change.schedule(
        asking,
        change.now + (2.0 if contact.conference.caller_location is PartyLocation.IN_CONFERENCE else 60.0),
    )
    change.log_event("after-call questions", contact=contact.id)
    return asking


def move_to_front(
    services: Services, contact: Contact, change: Change, *, avoid: tuple[str, ...] = ()
) -> Contact:
    """Whoever we lost goes before all others, to the next person; a colleague who was being asked is not needed."""
    leg_commands.dismiss(contact.conference.consult_leg, change)
    leg_commands.waive_disposition(contact.leg, change)
    place = replace(
        priority.move_caller_to_front(contact.queue_place, change.now),
        name=contact.queue_place.name
        or services.library.get_flow_for_number(contact.caller.called_number).person_queue,
        declined_by=avoid,
    )
    front = change.put(
        contact,
        contact.requeue_at_front(place),
    )
    membership.join(services, front, change)
    change.log_event("front of queue", contact=contact.id)
    return front
