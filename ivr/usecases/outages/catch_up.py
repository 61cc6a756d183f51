"""What happened to callers while parts of the line were away, made good (I9).

The fallback leaves facts on disk (spool.py): who heard it, who talked with a person, who left a message. And when nothing
of ours ran, Twilio knows: its recordings and calls of that time are listed. Everything here is idempotent: a recording is
used once by its sid, a call is one contact by its own.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import structlog

from ivr.domain import phone_numbers
from ivr.domain.errors import CallGone
from ivr.domain.records.contact import Contact, ContactState, Outcome
from ivr.domain.records.contact_parts import Caller, ConferencePlaces, FlowProgress, PartyLocation, QueuePlace
from ivr.domain.records.customer import Customer
from ivr.domain.records.disposition import Disposition
from ivr.domain.records.promise import ENDED, Promise, WaitReason
from ivr.domain.telephony_events import CallDirection
from ivr.services import Services, derive_id
from ivr.store.change import Change
from ivr.store.queries import legs, outages
from ivr.telephony.facts import CallFacts
from ivr.usecases.contacts import outcome
from ivr.usecases.customers import case_thread
from ivr.usecases.dialing import permissions, shared_numbers
from ivr.usecases.promises import escalation
from ivr.usecases.promises import lifecycle as promise_lifecycle
from ivr.usecases.promises import limits as promise_limits
from ivr.usecases.queueing import membership

log = structlog.get_logger()

FALLBACK_STEP = outcome.FALLBACK_STEP
CHECK_SOON_SECONDS = 5.0
RECORDING_USED_SECONDS = (
    90 * 86400
)  # seconds for which a recording is known to have been used; nothing older is ever listed


@dataclass(frozen=True, kw_only=True)
class OutageFact:
    """A call that Redis may not know of, and perhaps a message left in it; "" is what nobody has told yet.

    `customer_number`: as the network shows it, so perhaps no number.
    """

    call: str = ""
    customer_number: str = ""
    our_number: str = ""
    recording_sid: str = ""
    recording_url: str = ""


@dataclass(frozen=True, kw_only=True)
class CustomerLeg:
    """The customer's leg: their number ("" when hidden) and the line of ours."""

    call: str
    number: str
    called_number: str


def read_customer_leg(services: Services, fact: OutageFact) -> CustomerLeg:
    """A recording's own callback tells neither number: then Twilio is asked. Raises TelephonyError."""
    if not fact.customer_number:
        try:
            return leg_from_facts(services.telephony.fetch_call(fact.call))
        except CallGone:
            log.warning("call_unknown", call=fact.call)
    return CustomerLeg(
        call=fact.call,
        number=phone_numbers.parse_caller_number(fact.customer_number) or "",
        called_number=fact.our_number,
    )


def leg_from_facts(facts: CallFacts) -> CustomerLeg:
    outbound = facts.direction is CallDirection.OUTBOUND
    theirs, ours = (facts.to, facts.from_) if outbound else (facts.from_, facts.to)
    return CustomerLeg(
        call=facts.sid, number=phone_numbers.parse_caller_number(theirs) or "", called_number=ours
    )


def count_fallback_return(services: Services, call: str) -> int:
    """How often this call has been sent back to the line from the fallback, this time included. Raises Unavailable."""
    return services.store.read(outages.count_fallback_return(call))


# ---- facts


def apply_fallback(services: Services, fact: OutageFact) -> None:
    """They hear the fallback. From now on they are owed a call, unless it turns out that they talked with somebody."""
    leg = read_customer_leg(services, fact)
    for change in services.store.transact():
        contact = find_contact(services, leg.call)
        if contact is None:
            open_contact(services, leg, change)
        elif contact.state in (ContactState.FLOW, ContactState.WAITING):
            if FALLBACK_STEP in contact.flow_progress.path:
                return
            _remove_from_queue(contact, change)
        elif contact.state is ContactState.ENDED and contact.outcome is Outcome.LEFT_EARLY:
            outcome.end_as_abandoned(
                services,
                replace(
                    contact,
                    flow_progress=replace(
                        contact.flow_progress, path=f"{contact.flow_progress.path} {FALLBACK_STEP}"
                    ),
                ),
                change,
            )
        else:
            return


def apply_talked(services: Services, fact: OutageFact) -> None:
    """The fallback brought them to a person who pressed 1, and they were joined."""
    leg = read_customer_leg(services, fact)
    for change in services.store.transact():
        contact = find_contact(services, leg.call) or open_contact(services, leg, change)
        gone = contact.state is ContactState.ENDED and contact.outcome is Outcome.LEFT_EARLY
        if not gone and contact.state not in (ContactState.FLOW, ContactState.WAITING):
            return
        if contact.state is ContactState.WAITING:
            membership.leave(contact, change)
        change.log_event("talk found at Twilio", contact=contact.id)
        owed = services.store.get(Promise, contact.promise)
        if owed is not None and owed.state not in ENDED:
            outcome.end_before_talk(
                services, contact, change
            )  # what was owed is for those who know the matter to keep
        else:
            outcome.end_contact(
                services,
                replace(contact, disposition=Disposition.FALLBACK, talked=True),
                Outcome.HELPED,
                change,
            )


def apply_message(services: Services, fact: OutageFact) -> None:
    """A message becomes a promise, once."""
    leg = read_customer_leg(services, fact)
    for change in services.store.transact():
        if is_recording_used(services, fact.recording_sid):
            return
        contact = find_contact(services, leg.call)
        over = contact is None or contact.state is ContactState.ENDED
        known = contact or open_contact(services, leg, change)
        owed = promise_for_message(services, known, fact.recording_sid, fact.recording_url, change)
        if over:
            outcome.end_contact(services, owed, Outcome.PROMISED, change)
        else:
            change.put(contact, owed)  # still theirs; when the leg ends they are promised
    log.info("voicemail_recovered", contact=owed.id, promise=owed.promise)


def is_recording_used(services: Services, recording: str) -> bool:
    """Whether a promise has been made of it already."""
    return services.store.read(outages.is_recording_used(recording))


def promise_for_message(
    services: Services, contact: Contact, recording: str, url: str, change: Change
) -> Contact:
    """A call for who left a message; one that is owed to them already will do (I4). The caller puts the contact."""
    owed = find_open_promise(services, contact)
    if owed is not None:
        contact = replace(contact, promise=owed.id, case=contact.case or owed.case)
    elif permissions.is_dialable(services, contact.caller.number, called_number=contact.caller.called_number):
        contact, wanted = promise_limits.build_unrequested_promise(services, contact, "text.promised", change)
        contact, _ = promise_lifecycle.make_promise(services, contact, wanted, change)
    else:  # they have said their number, perhaps: somebody must listen to it
        contact, made = promise_lifecycle.make_promise(
            services, contact, promise_lifecycle.PromiseRequest(text_key=""), change
        )
        escalation.escalate(services, made, WaitReason.UNUSABLE_NUMBER, change)
    case_thread.add_entry(contact.case, "message", change, contact=contact.id, recording=url)
    if recording:
        outages.set_contact_of_recording(recording, contact.id, change, ttl_seconds=RECORDING_USED_SECONDS)
    change.log_event("voicemail", contact=contact.id, promise=contact.promise)
    return contact


def find_open_promise(services: Services, contact: Contact) -> Promise | None:
    customer = services.store.get(Customer, contact.caller.number)
    is_theirs = customer is not None and not shared_numbers.is_shared(services, customer)
    theirs = customer.open_promises if customer is not None and is_theirs else ()
    found = services.store.get_many(Promise, [name for name in (contact.promise, *theirs) if name])
    return next((p for p in found if p.state not in ENDED), None)


# ---- below


def find_contact(services: Services, call: str) -> Contact | None:
    record_type, _, name = services.store.read(legs.get_record_key(call)).partition(":")
    return services.store.get(Contact, name if record_type == "contact" else derive_id(call))


def open_contact(services: Services, leg: CustomerLeg, change: Change) -> Contact:
    """A contact for a call that the line did not answer itself: it may be over, or hear the fallback now."""
    contact = Contact(
        id=derive_id(leg.call),
        call=leg.call,
        started_at=change.now,
        caller=Caller(called_number=leg.called_number, number=leg.number),
        flow_progress=FlowProgress(
            name=services.library.get_flow_for_number(leg.called_number).name, path=FALLBACK_STEP
        ),
        queue_place=QueuePlace(queued_at=change.now),
        conference=ConferencePlaces(caller_location=PartyLocation.LEFT_CONFERENCE),
    )
    customer = _ensure_customer(services, leg.number)
    if customer is not None:
        contact = replace(
            contact,
            caller=replace(
                contact.caller, name=customer.name, language=customer.language or contact.caller.language
            ),
        )
        change.put(customer, replace(customer, live_contact=contact.id))
    change.log_event("opened", contact=contact.id, line=leg.called_number, path=FALLBACK_STEP)
    change.schedule(contact, change.now + CHECK_SOON_SECONDS)
    return change.put(None, contact)


def _ensure_customer(services: Services, number: str) -> Customer | None:
    """Known from now on, so that a call owed to them is found when they ring in (I4)."""
    if not number:
        return None
    found = services.store.get(Customer, number)
    if found is None:
        new = services.store.begin()
        new.put(None, Customer(id=number))
        services.store.commit_best_effort(new)
        found = services.store.get(Customer, number)
    return found


def _remove_from_queue(contact: Contact, change: Change) -> None:
    """Nobody is to be rung for a caller who is being joined to somebody else; whoever comes back is where they were."""
    fallen = replace(
        contact.return_to_flow(),
        flow_progress=replace(
            contact.flow_progress, path=f"{contact.flow_progress.path} {FALLBACK_STEP}".strip()
        ),
    )
    if contact.state is ContactState.WAITING:
        membership.leave(contact, change)
        fallen = replace(fallen, flow_progress=replace(fallen.flow_progress, position=""))
    change.put(contact, fallen)
    change.log_event("fallback reached", contact=contact.id)
    change.schedule(fallen, change.now + CHECK_SOON_SECONDS)
