"""A call comes in: who is it, what do we owe them, and the first words of their flow. Idempotent on the CallSid."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from ivr.domain import phone_numbers
from ivr.domain.metrics import report_figures
from ivr.domain.records.agent import Agent
from ivr.domain.records.contact import Contact
from ivr.domain.records.contact_parts import (
    Caller,
    ConferencePlaces,
    ContactHistory,
    FlowProgress,
    IdentityCheck,
    PartyLocation,
    QueuePlace,
    SameNumberCalls,
)
from ivr.domain.records.customer import Customer
from ivr.domain.rules import priority
from ivr.services import Services, derive_id
from ivr.store.change import Change
from ivr.store.queries import our_numbers, queues, records
from ivr.store.query import combine, each
from ivr.telephony.reply import Reply
from ivr.usecases.callbacks import merge_inbound
from ivr.usecases.calls import announcements, caller_leg, flow_runner, verify_caller
from ivr.usecases.conferences import conference
from ivr.usecases.customers import caller_context, open_promises
from ivr.usecases.dialing import shared_numbers
from ivr.usecases.phrases import phrase
from ivr.usecases.promises import lifecycle as promise_lifecycle
from ivr.usecases.queueing import duplicate_calls, membership


@dataclass(frozen=True, kw_only=True)
class IncomingCall:
    """What Twilio's webhook tells of a new call; all of it is somebody else's word."""

    call: str
    from_: str
    to: str
    attested: bool = False  # the carrier knows the caller and their right to the number


def answer(services: Services, call: IncomingCall) -> Reply:
    """What they hear first; an announcement goes before it."""
    contact, reply = _open_contact(services, call)
    return replace(reply, prompts=(*announcements.build_opening_prompts(services, contact), *reply.prompts))


def _open_contact(services: Services, call: IncomingCall) -> tuple[Contact, Reply]:
    number = phone_numbers.parse_caller_number(call.from_) or ""
    contact_id = derive_id(call.call)
    again, old, waiting_callers = services.store.read(
        combine(
            records.get(Contact, contact_id),
            records.get(Customer, number or "-"),
            each(services.library.queues, queues.count_waiting_callers),
        )
    )
    if again is not None:
        return again, caller_leg.prompt(services, again)
    now = services.clock.now()
    customer = old or Customer(id=number)
    shared = shared_numbers.is_shared(services, customer)
    degree = phone_numbers.trust_level(number or None, attested=call.attested, shared=shared, confirmed=False)
    open_ = open_promises.list_for_customer(services, customer)
    owed = open_promises.pick_current(open_, number)
    agent = services.store.get(Agent, (owed.owner if owed else "") or customer.last_agent)
    twin = "" if shared else customer.live_contact
    before = "" if shared else _find_previous_contact(services, old, now)
    customer = _count_call(services, customer, contact_id, now)
    library = services.library  # the read above says which version stands now
    flow = library.get_flow_for_number(call.to)
    language = customer.language if customer.language in flow.languages else flow.languages[0]
    contact = Contact(
        id=contact_id,
        call=call.call,
        started_at=now,
        caller=Caller(
            called_number=call.to, number=number, trust_level=degree, name=customer.name, language=language
        ),
        flow_progress=FlowProgress(
            name=flow.name,
            version=library.version,
            caller_context=caller_context.pack_context(
                services, customer, [p for p in (owed, *open_) if p], degree, agent
            ),
        ),
        queue_place=QueuePlace(boost_seconds=priority.grant_to_caller(customer)),
        history=ContactHistory(is_repeat=bool(before), previous_contact=before),
        same_number=SameNumberCalls(older_call=twin),
        conference=ConferencePlaces(caller_location=PartyLocation.LEFT_CONFERENCE),
    )
    change = services.store.begin(now=now, full_queues=membership.list_full_queues(services, waiting_callers))
    if number:
        change.put(old, customer)
    if twin:
        duplicate_calls.note_newer_call(services, contact, change)
    joined = False
    if owed is not None and not shared:
        contact, joined = merge_inbound.merge(services, contact, owed, change)
    our_numbers.add_called(call.to, change)
    change.log_event("opened", contact=contact.id, line=call.to, flow=flow.name, degree=degree.name)
    change.schedule(contact, now + promise_lifecycle.CALL_CHECK_SECONDS)
    if joined:
        change.put(None, contact)
        return _commit_and_reply(services, contact, change, None) or _open_contact(services, call)
    if verify_caller.is_offered(services, contact, customer, shared=shared):
        contact = change.put(
            None,
            verify_caller.ask(contact, IdentityCheck.OFFERED),
        )
        services.store.commit_best_effort(change)
        contact = services.store.get(Contact, contact.id) or contact
        return contact, caller_leg.prompt(services, contact)
    said = flow_runner.begin(services, contact, change)
    change.put(None, said.contact)
    return _commit_and_reply(services, said.contact, change, said) or _open_contact(services, call)


def _commit_and_reply(
    services: Services, contact: Contact, change: Change, result: flow_runner.FlowResult | None
) -> tuple[Contact, Reply] | None:
    """None: the customer's record moved on, as when two calls of theirs come at once. It is decided anew."""
    if not services.store.commit(change):
        found = services.store.get(Contact, contact.id)
        return (
            (found, caller_leg.prompt(services, found)) if found is not None else None
        )  # the same webhook came twice at once
    if result is None:
        words = phrase(services, contact.caller.language, "callback.moment")
        return contact, Reply(prompts=(words,), verb=conference.build_join_verb(services, contact))
    return contact, flow_runner.to_reply(services, result, 0, in_waiting_room=False)


def _count_call(services: Services, customer: Customer, contact_id: str, now: float) -> Customer:
    day = datetime.fromtimestamp(now, ZoneInfo(services.settings.default_time_zone)).date().isoformat()
    new = (
        0 if customer.live_contact and customer.contacts_today else 1
    )  # a burst of calls is one attempt to reach us
    today = customer.contacts_today + new if customer.contacts_day == day else 1
    return replace(
        customer,
        live_contact=contact_id,
        contacts_day=day,
        contacts_today=today,
        last_contact_started=contact_id,
    )


def _find_previous_contact(services: Services, customer: Customer | None, now: float) -> str:
    """Their last contact, when it was within the days in which another call is a repeat; not one that is still on the line."""
    if customer is None or customer.live_contact or not customer.contacts_day:
        return ""
    today = datetime.fromtimestamp(now, ZoneInfo(services.settings.default_time_zone)).date()
    lately = (today - date.fromisoformat(customer.contacts_day)).days <= report_figures.REPEAT_DAYS
    return customer.last_contact_started if lately else ""
