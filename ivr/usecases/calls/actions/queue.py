"""A caller joins a queue, or is turned away where as many wait as may."""

from __future__ import annotations

from dataclasses import replace

from ivr.domain.records.contact import Contact, ContactState
from ivr.domain.rules import priority
from ivr.flow.steps.queue import Enqueue
from ivr.services import Services
from ivr.store.change import Change
from ivr.telephony.reply import Redirect, WaitInQueue
from ivr.usecases.calls.actions.action import Action
from ivr.usecases.queueing import duplicate_calls, membership


def join_or_turn_away(
    services: Services, contact: Contact, effect: Enqueue, change: Change
) -> tuple[Contact, str]:
    if _is_full(contact, effect, change):
        return _turn_away(contact, effect, change), "full"
    return join_queue(services, contact, effect, change), ""


def _is_full(contact: Contact, effect: Enqueue, change: Change) -> bool:
    """As many wait as may. Whoever has a place keeps it, and nobody is turned away twice."""
    return effect.queue in change.full_queues and not (contact.queue_place.queued_at or contact.leg)


def _turn_away(contact: Contact, effect: Enqueue, change: Change) -> Contact:
    """Not into the queue, but they have asked for a person: that is their place, and whoever hangs up now is owed a call."""
    change.log_event("queue full", contact=contact.id, queue=effect.queue)
    place = priority.ask_for_person(contact.queue_place, change.now)
    return replace(contact, queue_place=replace(place, name=effect.queue))


def join_queue(services: Services, contact: Contact, effect: Enqueue, change: Change) -> Contact:
    """In the queue from the moment they first asked for a person."""
    if contact.state is ContactState.WAITING:
        membership.leave(contact, change)  # it may have been another one
    skills = tuple(k for k in effect.skills if k != effect.queue)
    joined = contact.join_queue(
        replace(
            priority.ask_for_person(contact.queue_place, change.now),
            name=effect.queue,
            skills=skills,
            answer_target_seconds=services.library.get_queue(effect.queue).threshold,
        )
    )
    joined = duplicate_calls.take_over_place(services, joined, change)
    if not joined.leg:  # else somebody is being asked for them already
        membership.join(services, joined, change)
    change.log_event("waiting", contact=contact.id, queue=effect.queue, path=joined.flow_progress.path)
    return joined


def build_verb(
    services: Services, contact: Contact, effect: Enqueue, input_number: int, in_waiting_room: bool
) -> WaitInQueue | Redirect:
    del effect
    if in_waiting_room:
        return Redirect(url=services.urls.wait(contact.id, input_number + 1))
    return build_waiting_room_verb(services, contact, input_number)


def build_waiting_room_verb(services: Services, contact: Contact, input_number: int) -> WaitInQueue:
    """Twilio's queues hold 1,000 by default: sixteen of them, by the contact's own id."""
    return WaitInQueue(
        queue_name=f"{contact.queue_place.name}-{contact.id[0]}",
        wait_url=services.urls.wait(contact.id, input_number + 1),
        action_url=services.urls.caller_left(contact.id, contact.conference.number),
    )


ACTIONS = (Action(effect=Enqueue, carry_out=join_or_turn_away, build_verb=build_verb),)
