"""Where a caller goes next: to the talk, on hold, into the questions after it, to the front of the queue."""

from __future__ import annotations

from dataclasses import replace

from ivr.domain.records.contact import Contact, ContactState, PartyLocation
from ivr.services import Services
from ivr.store.change import Change
from ivr.usecases.conferences import leg_commands
from ivr.usecases.queueing import membership

FRONT_PRIORITY_SECONDS = 86400.0  # seconds ahead: a caller we lost stands before everybody who came today


def bring_caller(contact: Contact, change: Change, *, same_conference: bool = True) -> Contact:
    """The caller is to come (back) into the conference; a worker sends for them."""
    coming = change.put(
        contact,
        replace(
            contact,
            state=ContactState.TALKING,
            conference_number=contact.conference_number + (0 if same_conference else 1),
            caller_location=PartyLocation.JOINING,
            open_conference=same_conference,
            left_at=0.0,
            held_at=0.0,
            position="",
        ),
    )
    change.schedule(coming, change.now)
    change.log_event("joining", contact=contact.id, stage=coming.conference_number, offer=coming.leg)
    return coming


def put_on_hold(contact: Contact, change: Change) -> Contact:
    """The agent pressed *: the caller is held, with a word, and never for longer than a minute without a choice."""
    held = change.put(
        contact,
        replace(
            contact,
            state=ContactState.ON_HOLD,
            conference_number=contact.conference_number + 1,
            agent_location=PartyLocation.LEFT_CONFERENCE,
            open_conference=False,
            held_at=change.now,
            choice_given_at=change.now,
            hold_warning="",
            left_at=0.0,
            conference_sid="",
        ),
    )
    # a caller whose leg does not come to us by itself is sent for
    change.schedule(
        held, change.now + (60.0 if held.caller_location is PartyLocation.LEFT_CONFERENCE else 0.0)
    )
    change.log_event("on hold", contact=contact.id, offer=contact.leg)
    return held


def begin_after_call(contact: Contact, change: Change) -> Contact:
    """The agent has gone and the caller is still there: anything else?"""
    asking = change.put(
        contact,
        replace(
            contact,
            state=ContactState.AFTER_CALL,
            conference_number=contact.conference_number + 1,
            position="",
            left_at=0.0,
        ),
    )
    # a caller whose leg does not come to us by itself is sent for
    change.schedule(
        asking, change.now + (2.0 if contact.caller_location is PartyLocation.IN_CONFERENCE else 60.0)
    )
    change.log_event("after-call questions", contact=contact.id)
    return asking


def move_to_front(
    services: Services, contact: Contact, change: Change, *, avoid: tuple[str, ...] = ()
) -> Contact:
    """Whoever we lost goes before all others, to the next person; a colleague who was being asked is not needed."""
    leg_commands.dismiss(services, contact.consult_leg, change)
    leg_commands.waive_disposition(services, contact.leg, change)
    front = change.put(
        contact,
        replace(
            contact,
            state=ContactState.WAITING,
            queue=contact.queue or services.library.get_flow_for_number(contact.called_number).person_queue,
            queued_at=contact.queued_at or change.now,
            boost_seconds=FRONT_PRIORITY_SECONDS,
            conference_number=contact.conference_number + 1,
            declined_by=avoid,
            leg="",
            consult_leg="",
            consult_leg_location=PartyLocation.NOWHERE,
            agent_location=PartyLocation.NOWHERE,
            talked=False,
            disposition="",
            position="",
            choice_given_at=0.0,
            left_at=0.0,
            held_at=0.0,
        ),
    )
    membership.join(services, front, change)
    change.log_event("front of queue", contact=contact.id)
    return front


def detach_from_agents(contact: Contact) -> Contact:
    """A held caller who will be called instead: on the line still, but nobody's."""
    return replace(
        contact,
        state=ContactState.FLOW,
        leg="",
        consult_leg="",
        consult_leg_location=PartyLocation.NOWHERE,
        agent_location=PartyLocation.NOWHERE,
        conference_number=contact.conference_number + 1,
        held_at=0.0,
    )
