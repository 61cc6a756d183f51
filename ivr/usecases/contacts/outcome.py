"""How a contact ends: helped, promised or declined, never without an outcome (I1)."""

from __future__ import annotations

from dataclasses import replace

from ivr.domain.records.agent_leg import AgentLeg, LegState
from ivr.domain.records.contact import Contact, ContactState, Outcome
from ivr.domain.records.contact_parts import ExternalTransfer
from ivr.domain.records.customer import Case, Customer
from ivr.domain.records.disposition import Disposition
from ivr.domain.records.promise import ENDED, Promise, PromiseKind, PromiseState, become
from ivr.services import Services
from ivr.store.change import Change
from ivr.usecases.customers import case_thread
from ivr.usecases.dialing import permissions
from ivr.usecases.promises import lifecycle as promise_lifecycle
from ivr.usecases.promises import limits as promise_limits
from ivr.usecases.queueing import duplicate_calls, membership
from ivr.usecases.texting import send as texting_send

FALLBACK_STEP = (
    "@fallback"  # in the path of a caller who heard the fallback: a person was being called for them
)
ASK_DISPOSITION_AFTER_SECONDS = (
    15.0  # seconds after a talk until an agent who has hung up is asked how it went
)


def end_contact(services: Services, contact: Contact, outcome: Outcome, change: Change) -> Contact:
    """The last thing written of a contact. What it carried goes on as a promise; its customer is off the line."""
    membership.leave(contact, change)  # wherever it stood: nobody waits behind a contact that is over
    contact = _file_in_case(services, contact, outcome, change) if contact.talked else contact
    ended = contact.end(outcome, change.now)
    ended = change.put(contact, ended)
    _mark_previous_contact(ended, change)
    change.unschedule(ended)
    change.log_event(
        "ended",
        contact=contact.id,
        outcome=outcome.value.replace(" ", "_"),
        path=contact.flow_progress.path,
        case=contact.case,
    )
    clear_live_contact(services, ended, change)
    return ended


def _file_in_case(services: Services, contact: Contact, outcome: Outcome, change: Change) -> Contact:
    """Whoever reached a person has a case, which tells of the talk and has an owner: at first, whoever took the call."""
    leg = services.store.get(AgentLeg, contact.leg)
    agent = leg.agent if leg else ""
    case_id = promise_lifecycle.ensure_case(services, contact, change, owner=agent).case
    contact = replace(contact, case=case_id, served_by=agent or contact.served_by)
    case = change.get(Case, contact.case)
    if case is not None and agent and not case.owner:
        change.put(case, replace(case, owner=agent))
    case_thread.add_entry(
        contact.case,
        "talk",
        change,
        agent=agent,
        contact=contact.id,
        word=contact.disposition,
        outcome=outcome.value,
        about=contact.reason,
    )
    return contact


def _mark_previous_contact(contact: Contact, change: Change) -> None:
    """Their contact before this one did not settle it."""
    before = change.get(Contact, contact.history.previous_contact)
    if before is not None and not before.history.called_again and not contact.same_number.place_taken_by:
        change.put(before, replace(before, history=replace(before.history, called_again=True)))


def end_attempt(services: Services, contact: Contact, change: Change, *, declined: bool = False) -> Contact:
    """A callback that did not come to a talk. The contact rests again; the agent who waits in its conference is sent for and told."""
    outcome = contact.outcome if contact.outcome is Outcome.HELPED else Outcome.PROMISED
    leg = change.get(AgentLeg, contact.leg)
    ended = end_contact(services, contact, Outcome.DECLINED if declined else outcome, change)
    if leg is not None and leg.state is not LegState.ENDED:
        told = change.put(leg, leg.request_redirect())
        change.schedule(told, change.now)
    return ended


def clear_live_contact(services: Services, contact: Contact, change: Change) -> None:
    """The customer is not on the line with this contact any more."""
    customer = change.get(Customer, contact.caller.number)
    if customer is not None and customer.live_contact == contact.id:
        change.put(
            customer, replace(customer, live_contact=duplicate_calls.find_continuing_call(services, contact))
        )


def end_before_talk(services: Services, contact: Contact, change: Change) -> Contact:
    """The caller hung up before any talk: what that means depends on where they were."""
    owed = change.get(Promise, contact.promise)
    if contact.external_transfer is ExternalTransfer.TAKEN:
        contact = change.put(contact, replace(contact, disposition=Disposition.TRANSFER, talked=True))
        if owed is None or owed.state in ENDED:
            return end_contact(services, contact, Outcome.HELPED, change)
    if owed is not None and owed.state not in ENDED:
        return _end_with_open_promise(services, contact, owed, change)
    in_line = contact.state in (ContactState.WAITING, ContactState.TALKING, ContactState.ON_HOLD)
    turned_away = (
        contact.queue_place.queued_at > 0 and owed is None and contact.outcome is not Outcome.DECLINED
    )
    wanted_a_person = in_line or turned_away
    said_why = bool(contact.reason) and owed is None and contact.outcome is not Outcome.DECLINED
    if (wanted_a_person or said_why) and (
        other := duplicate_calls.hand_over(services, contact, None, change)
    ):
        return end_contact(
            services,
            replace(contact, same_number=replace(contact.same_number, place_taken_by=other)),
            Outcome.PROMISED,
            change,
        )
    if wanted_a_person or FALLBACK_STEP in contact.flow_progress.path:
        return end_as_abandoned(services, contact, change)
    if said_why:
        return end_as_abandoned(
            services, contact, change, text_key="text.promised"
        )  # they had told us why they call
    declined = (
        contact.outcome is Outcome.DECLINED
        or owed is not None
        or "@promise" in contact.flow_progress.path
        or "@closed" in contact.flow_progress.path
    )
    return end_contact(services, contact, Outcome.DECLINED if declined else Outcome.LEFT_EARLY, change)


def _end_with_open_promise(services: Services, contact: Contact, promise: Promise, change: Change) -> Contact:
    """They were promised a call, or rang in about one and did not get it."""
    carried = promise.state is PromiseState.MERGED
    elsewhere = carried and promise.merged_into != contact.id  # another call of theirs carries it
    if not elsewhere and (other := duplicate_calls.hand_over(services, contact, promise, change)):
        return end_contact(
            services,
            replace(contact, same_number=replace(contact.same_number, place_taken_by=other)),
            Outcome.PROMISED,
            change,
        )
    if carried and not elsewhere:
        promise_lifecycle.store_open(
            services, promise, reopen_promise(promise, change.now), change
        )  # as before, in its old place
    return end_contact(services, contact, Outcome.PROMISED, change)


def end_as_abandoned(
    services: Services, contact: Contact, change: Change, *, text_key: str = "text.kept_waiting"
) -> Contact:
    """Hanging up while waiting is not declining: a call is owed, which they can decline by text."""
    if not permissions.is_dialable(
        services, contact.caller.number, called_number=contact.caller.called_number
    ):
        return end_contact(services, contact, Outcome.LOST, change)
    gone, wanted = promise_limits.build_unrequested_promise(
        services, contact.return_to_flow(), text_key, change
    )
    owed, _ = promise_lifecycle.make_promise(services, gone, wanted, change)
    change.log_event("abandoned", contact=contact.id)
    return end_contact(services, owed, Outcome.PROMISED, change)


def reopen_promise(promise: Promise, now: float) -> Promise:
    state = PromiseState.ESCALATED if promise.escalated else PromiseState.MADE
    return become(promise, state, merged_into="", not_before=max(promise.not_before, now), leg="")


def await_disposition(services: Services, contact: Contact, change: Change) -> Contact:
    """The talk is over; the agent's disposition decides what it was. Until it is given, the contact is looked at again."""
    leg = services.store.get(AgentLeg, contact.leg)
    if contact.disposition and (leg is None or leg.state is LegState.ENDED):
        return end_by_disposition(services, contact, change)
    waiting = change.put(
        contact,
        contact.await_disposition(),
    )
    change.schedule(waiting, change.now + ASK_DISPOSITION_AFTER_SECONDS)
    clear_live_contact(services, waiting, change)
    return waiting


def end_by_disposition(services: Services, contact: Contact, change: Change) -> Contact:
    """The agent has said how it went, and the caller has left."""
    owed = change.get(Promise, contact.promise)
    if contact.disposition == Disposition.HELPED:
        if owed is not None and owed.state in (PromiseState.MERGED, PromiseState.TALKING):
            promise_lifecycle.end_promise(owed, PromiseState.KEPT, change)
        text_rating_request(services, contact, change)
        return end_contact(services, contact, Outcome.HELPED, change)
    if owed is not None and owed.state is PromiseState.MERGED:
        promise_lifecycle.store_open(services, owed, reopen_promise(owed, change.now), change)
        return end_contact(services, contact, Outcome.PROMISED, change)
    if owed is not None and owed.state not in ENDED:
        return end_contact(services, contact, Outcome.PROMISED, change)
    return end_as_abandoned(services, contact, change)


def promise_supervisor_call(services: Services, contact: Contact, change: Change, *, why: str) -> Contact:
    """A supervisor will ring: a poor rating, or nobody who could say how it went. What the talk was to keep stays its own."""
    wanted = promise_lifecycle.PromiseRequest(
        kind=PromiseKind.FOLLOW_UP, supervisor=True, reason=why, text_key="", owner=""
    )
    held = change.get(Promise, contact.promise)
    kept, _ = promise_lifecycle.make_promise(services, contact, wanted, change)
    return kept if held is None or held.state in ENDED else replace(kept, promise=held.id)


def text_rating_request(services: Services, contact: Contact, change: Change) -> None:
    """Those who hung up first are asked how it was by text: for one who complains 26 stay silent."""
    customer = change.get(Customer, contact.caller.number)
    if contact.after_call.rating_asked or not contact.caller.number or (customer and customer.no_texts):
        return
    if not permissions.is_dialable(
        services, contact.caller.number, called_number=contact.caller.called_number
    ):  # texts abroad cost as calls do
        return
    book = services.library.get_phrasebook(contact.caller.language)
    texting_send.create_text(
        services,
        to=contact.caller.number,
        our_number=contact.caller.called_number,
        body=book.text("text.how_was_it"),
        about=contact.key,
        rated_contact=contact.id,
        change=change,
    )
