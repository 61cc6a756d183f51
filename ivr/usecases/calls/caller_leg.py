"""The caller's leg: every webhook is answered from the contact's state, not from the path that led to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ivr.domain.errors import WritesRefused
from ivr.domain.records.contact import Contact, ContactState
from ivr.domain.records.contact_parts import PartyLocation
from ivr.domain.records.disposition import Disposition
from ivr.domain.records.promise import Promise, PromiseState
from ivr.domain.rules.who_is_in_the_call import TalkVerdict, judge_talk
from ivr.domain.telephony_events import CallStatus
from ivr.flow.turn import FlowInput, FlowInputKind
from ivr.services import Services, derive_id
from ivr.store.change import Change
from ivr.store.queries import contacts, legs
from ivr.store.queries.contacts import ContactInput, ContactWithInputs
from ivr.telephony.reply import HangUp, LeaveQueue, Redirect, Reply
from ivr.usecases.callbacks import connect as callback_connect
from ivr.usecases.calls import anything_else, flow_runner, hold, verify_caller
from ivr.usecases.calls.actions.queue import build_waiting_room_verb
from ivr.usecases.conferences import conference
from ivr.usecases.contacts import caller_moves, hangups
from ivr.usecases.outages import missed_calls
from ivr.usecases.phrases import phrase
from ivr.usecases.promises import lifecycle as promise_lifecycle
from ivr.usecases.queueing import membership


def on_input(
    services: Services, contact_id: str, new_input: ContactInput, *, in_waiting_room: bool
) -> Reply | None:
    """The caller pressed or said something, or nothing. None: no such contact."""
    got = contacts.store_input(services.store, contact_id, new_input, services.library.queues)
    if got is None:
        return None
    contact = got.contact
    if contact.state is ContactState.AFTER_CALL:
        anything_else.on_input(services, contact, new_input)
        return load_and_prompt(services, contact_id)
    if contact.state is ContactState.ON_HOLD and not contact.flow_progress.position:
        return hold.on_input(services, contact, new_input) or load_and_prompt(services, contact_id)
    if contact.state is ContactState.CALLING:
        return callback_connect.on_input(services, contact, new_input)
    if verify_caller.is_under_way(contact):
        return verify_caller.on_input(services, contact, new_input) or load_and_prompt(services, contact_id)
    if not flow_runner.is_in_dialog(contact):
        return prompt(services, contact, in_waiting_room=in_waiting_room)
    return continue_flow(services, got, in_waiting_room=in_waiting_room)


def continue_flow(services: Services, received: ContactWithInputs, *, in_waiting_room: bool) -> Reply:
    """Through the flow. What it decides is on disk before it is said (I3)."""
    contact = received.contact
    crowded = membership.list_full_queues(services, received.waiting_callers)
    change = services.store.begin(full_queues=crowded)
    said = flow_runner.apply_inputs(services, contact, received.pending_inputs, change)
    try:
        if not _commit_result(services, contact, said, change):
            return _prompt_latest(services, contact, in_waiting_room=in_waiting_room)
    except WritesRefused:
        change = services.store.begin(promise_refused=True, full_queues=crowded)
        said = flow_runner.apply_inputs(services, contact, received.pending_inputs, change)
        if not _commit_result(services, contact, said, change):
            return _prompt_latest(services, contact, in_waiting_room=in_waiting_room)
    n = max((i.number for i in received.pending_inputs), default=contact.flow_progress.inputs_seen)
    return flow_runner.to_reply(services, said, n, in_waiting_room=in_waiting_room)


def _commit_result(
    services: Services, contact: Contact, result: flow_runner.FlowResult, change: Change
) -> bool:
    if not result.changed:
        _wait_for_promise(services, contact)
        return True
    change.put(contact, result.contact)
    return services.store.commit(change)


def _prompt_latest(services: Services, contact: Contact, *, in_waiting_room: bool) -> Reply:
    """Somebody was quicker: an agent accepted, or the same webhook twice."""
    latest = services.store.get(Contact, contact.id)
    return prompt(services, latest or contact, in_waiting_room=in_waiting_room)


def prompt(services: Services, contact: Contact, *, in_waiting_room: bool = False) -> Reply:
    """Where this caller should be now. There is always a next request, until their leg is over: what is told of it then is
    late, or a webhook that somebody has kept and sends again.
    """
    if contact.call and contact.ended_call == contact.call:
        return Reply(verb=HangUp())
    if in_waiting_room and contact.state is not ContactState.WAITING:
        return Reply(verb=LeaveQueue())
    if (
        contact.disposition == Disposition.MACHINE and contact.state is ContactState.AFTER_CALL
    ):  # by the agent's ear
        return Reply(prompts=(callback_connect.build_machine_message(services, contact),), verb=HangUp())
    contact = _mark_out_of_conference(services, contact)
    if in_waiting_room:
        waiting = contact.state is ContactState.WAITING
        return Reply(
            verb=Redirect(url=services.urls.wait(contact.id, contact.flow_progress.inputs_seen + 1))
            if waiting
            else LeaveQueue()
        )
    return _PROMPTS.get(contact.state, _prompt_ended)(services, contact)


def _prompt_waiting(services: Services, contact: Contact) -> Reply:
    words = phrase(
        services, contact.caller.language, "after.lost_agent" if contact.connection_lost else "one_moment"
    )
    return Reply(
        prompts=(words,),
        verb=build_waiting_room_verb(services, contact, contact.flow_progress.inputs_seen),
    )


def _mark_out_of_conference(services: Services, contact: Contact) -> Contact:
    """Their leg is with us, not in a conference and not on the way to one."""
    outside = contact.state in (ContactState.ON_HOLD, ContactState.AFTER_CALL, ContactState.WAITING)
    if not outside or contact.conference.caller_location is PartyLocation.LEFT_CONFERENCE:
        return contact
    change = services.store.begin()
    out = change.put(
        contact,
        contact.place_caller(PartyLocation.LEFT_CONFERENCE),
    )
    change.schedule(
        out,
        change.now + (0.0 if contact.state is ContactState.WAITING else promise_lifecycle.CALL_CHECK_SECONDS),
    )
    return out if services.store.commit(change) else (services.store.get(Contact, contact.id) or contact)


def _prompt_flow(services: Services, contact: Contact) -> Reply:
    if verify_caller.is_under_way(contact):
        return verify_caller.prompt(services, contact)
    got = contacts.store_input(services.store, contact.id, None, services.library.queues)
    if got is None or not contact.flow_progress.position:
        change = services.store.begin()
        said = flow_runner.begin_at(services, contact, change, "@person")
        change.put(contact, said.contact)
        services.store.commit_best_effort(change)
        return flow_runner.to_reply(services, said, contact.flow_progress.inputs_seen, in_waiting_room=False)
    change = services.store.begin(full_queues=membership.list_full_queues(services, got.waiting_callers))
    said = flow_runner.apply_inputs(services, got.contact, got.pending_inputs, change)
    if said.changed:
        change.put(got.contact, said.contact)
        services.store.commit_best_effort(change)
    _wait_for_promise(services, got.contact)
    n = max((i.number for i in got.pending_inputs), default=got.contact.flow_progress.inputs_seen)
    return flow_runner.to_reply(services, said, n, in_waiting_room=False)


def _prompt_conference(services: Services, contact: Contact) -> Reply:
    if (
        contact.conference.caller_location is PartyLocation.LEFT_CONFERENCE
        and judge_talk(contact, services.clock.now()) is TalkVerdict.WAIT_FOR_REASON
    ):
        words = phrase(services, contact.caller.language, "one_moment")
        return Reply(prompts=(words,), verb=Redirect(url=services.urls.resume(contact.id), pause_seconds=1))
    if contact.conference.caller_location is PartyLocation.LEFT_CONFERENCE:
        settled = hangups.reevaluate(services, contact.id)
        if settled is not None and settled.state is not ContactState.TALKING:
            return prompt(services, settled)
    if contact.conference.caller_location is PartyLocation.JOINING:
        change = services.store.begin()
        there = change.put(
            contact,
            replace(
                contact,
                conference=replace(
                    contact.conference, caller_location=PartyLocation.IN_CONFERENCE, joined_at=change.now
                ),
            ),
        )
        change.schedule(
            there,
            change.now
            + (hangups.CHECK_SOON_SECONDS if there.conference.stays_open else conference.CHECK_SECONDS),
        )
        if not services.store.commit(change):
            return _prompt_latest(services, contact, in_waiting_room=False)
        contact = there
    return Reply(verb=conference.build_join_verb(services, contact))


def _prompt_ended(services: Services, contact: Contact) -> Reply:
    """Ended in our books. A machine hears its message; anybody else who is on the line is not hung up on."""
    if contact.disposition == Disposition.MACHINE:
        return Reply(prompts=(callback_connect.build_machine_message(services, contact),), verb=HangUp())
    change = services.store.begin()
    again = contact.reopen()
    change.log_event("reopened", contact=contact.id)
    front = caller_moves.move_to_front(services, change.put(contact, again), change)
    if not services.store.commit(change):
        return Reply(verb=Redirect(url=services.urls.resume(contact.id), pause_seconds=1))
    return prompt(services, front)


def on_conference_left(
    services: Services,
    contact_id: str,
    conference_number: int,
    *,
    call_live: bool,
    call: str,
    waiting_room_failed: bool,
) -> Reply | None:
    """The action of the caller's Enqueue or Dial. `call_live`: their leg is in progress; `waiting_room_failed`: it is full or broken."""
    if not call_live:
        hangups.on_caller_hangup(services, contact_id, call)
        return Reply(verb=HangUp())
    contact = hangups.on_caller_left_conference(services, contact_id, conference_number)
    if contact is None:
        return None
    if waiting_room_failed and contact.state is ContactState.WAITING:
        return _on_waiting_room_full(services, contact)
    return prompt(services, contact)


def _on_waiting_room_full(services: Services, contact: Contact) -> Reply:
    """Twilio's waiting room is full or broken: a choice, never a hang-up. The place in our queue is kept meanwhile."""
    change = services.store.begin()
    said = flow_runner.begin_at(services, contact.return_to_flow(), change, "@full")
    membership.leave(contact, change)
    change.put(contact, said.contact)
    if not services.store.commit(change):
        return _prompt_latest(services, contact, in_waiting_room=False)
    return flow_runner.to_reply(services, said, contact.flow_progress.inputs_seen, in_waiting_room=False)


def parse_gather(*, digits: str, speech: str) -> FlowInput:
    """What a Gather sent."""
    if digits:
        return FlowInput(kind=FlowInputKind.KEYS, value=digits[:40])
    if speech.strip():
        return FlowInput(kind=FlowInputKind.WORDS, value=speech.strip()[:1000])
    return FlowInput(kind=FlowInputKind.SILENCE)


def load_and_prompt(services: Services, contact_id: str) -> Reply | None:
    """The caller's leg was sent for, or asks again."""
    contact = services.store.get(Contact, contact_id)
    return prompt(services, contact) if contact is not None else None


def on_call_ended(services: Services, *, call: str, status: CallStatus) -> None:
    """A leg of one of our numbers has ended, as the number's status callback tells."""
    if not status.is_over:
        return
    record_type, _, name = services.store.read(legs.get_record_key(call)).partition(":")
    contact = name if record_type == "contact" else derive_id(call)
    if hangups.on_caller_hangup(services, contact, call) is None:
        missed_calls.on_unknown_call_ended(services, call)


_PROMPTS: dict[ContactState, Callable[[Services, Contact], Reply]] = {
    ContactState.FLOW: _prompt_flow,
    ContactState.WAITING: _prompt_waiting,
    ContactState.CALLING: callback_connect.connect_customer,
    ContactState.TALKING: _prompt_conference,
    ContactState.ON_HOLD: hold.prompt,
    ContactState.AFTER_CALL: anything_else.prompt,
}


def _wait_for_promise(services: Services, contact: Contact) -> None:
    """Before repeating a promise that an earlier request wrote, wait until enough replicas have it (`IVR_REPLICAS`).

    The request that wrote it failed when they were silent, and the promise stands all the same. Raises NotReplicated.
    """
    if (
        not services.store.replicas.required_count
        or not contact.promise
        or contact.state is not ContactState.FLOW
    ):
        return
    owed = services.store.get(Promise, contact.promise)
    if owed is not None and owed.contact == contact.id and owed.state is not PromiseState.MERGED:
        services.store.confirm_on_replicas()
