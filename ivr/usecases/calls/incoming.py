"""A call comes in: who is it, what do we owe them, and the first words of their flow. Idempotent on the CallSid."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from ivr.domain import phone_numbers
from ivr.domain.metrics import report_figures
from ivr.domain.records.agent import Agent
from ivr.domain.records.contact import Contact, Where
from ivr.domain.records.customer import Customer
from ivr.services import Services, id_of
from ivr.store import codec, keys
from ivr.store.change import Change
from ivr.telephony.reply import Reply
from ivr.usecases.callbacks import merge_inbound
from ivr.usecases.calls import announcements, caller_leg, flow_runner, verify_caller
from ivr.usecases.conferences import conference
from ivr.usecases.customers import caller_context, open_promises
from ivr.usecases.phrases import say
from ivr.usecases.promises import lifecycle as promise_lifecycle
from ivr.usecases.queueing import duplicate_calls, membership

MOST_AHEAD = 5  # minutes


@dataclass(frozen=True, kw_only=True)
class Incoming:
    """What Twilio's webhook tells of a new call; all of it is somebody else's word."""

    call: str
    from_: str
    to: str
    stir: str = ""


def answer(s: Services, incoming: Incoming) -> Reply:
    """What they hear first; an emergency notice goes before it."""
    contact, reply = _answer(s, incoming)
    return replace(reply, says=(*announcements.first_words(s, contact), *reply.says))


def _answer(s: Services, incoming: Incoming) -> tuple[Contact, Reply]:
    number = phone_numbers.caller_number(incoming.from_) or ""
    contact_id = id_of(incoming.call)
    queues = tuple(s.library.queues)
    raw_contact, raw_customer, *counts = s.store.read(
        [
            ("HGETALL", f"contact:{contact_id}"),
            ("HGETALL", f"customer:{number or '-'}"),
            *(("SCARD", keys.callers(queue)) for queue in queues),
        ]
    )
    if raw_contact:
        again = codec.load(Contact, raw_contact)
        return again, caller_leg.here(s, again)
    now = s.clock.now()
    old = codec.load(Customer, raw_customer) if raw_customer else None
    customer = old or Customer(id=number)
    shared = open_promises.is_shared(s, customer)
    degree = phone_numbers.degree(incoming.stir, number or None, shared=shared, confirmed=False)
    open_ = open_promises.open_promises(s, customer)
    owed = open_promises.first(open_, number)
    agent = s.store.get(Agent, (owed.owner if owed else "") or customer.last_agent)
    twin = "" if shared else customer.live
    before = "" if shared else _before(s, old, now)
    customer = _counted(s, customer, contact_id, now)
    library = s.library  # the read above says which version stands now
    flow = library.for_line(incoming.to)
    language = customer.language if customer.language in flow.languages else flow.languages[0]
    contact = Contact(
        id=contact_id,
        call=incoming.call,
        line=incoming.to,
        number=number,
        degree=degree,
        name=customer.name,
        language=language,
        opened=now,
        flow=flow.name,
        version=library.version,
        boost=ahead(customer),
        repeat=bool(before),
        before=before,
        twin=twin,
        situation=caller_context.told(s, customer, [p for p in (owed, *open_) if p], degree, agent),
        caller=Where.OUT,
    )
    change = Change(now=now, crowded=membership.crowded(s, dict(zip(queues, counts, strict=True))))
    if number:
        change.put(old, customer)
    if twin:
        duplicate_calls.know(s, contact, change)
    joined = False
    if owed is not None and not shared:
        contact, joined = merge_inbound.merge(s, contact, owed, change)
    change.op("SADD", keys.OURS, incoming.to)
    change.journal("opened", contact=contact.id, line=incoming.to, flow=flow.name, degree=degree.name)
    change.wake(contact, now + promise_lifecycle.GRACE)
    if joined:
        change.put(None, contact)
        return _reply(s, contact, change, None) or _answer(s, incoming)
    if verify_caller.wanted(s, contact, customer, shared=shared):
        contact = change.put(None, replace(contact, position=verify_caller.ASK))
        s.store.commit(change)
        contact = s.store.get(Contact, contact.id) or contact
        return contact, caller_leg.here(s, contact)
    said = flow_runner.begin(s, contact, change)
    change.put(None, said.contact)
    return _reply(s, said.contact, change, said) or _answer(s, incoming)


def _reply(
    s: Services, contact: Contact, change: Change, said: flow_runner.Said | None
) -> tuple[Contact, Reply] | None:
    """None: the customer's record moved on, as when two calls of theirs come at once. It is decided anew."""
    if not s.store.commit(change):
        found = s.store.get(Contact, contact.id)
        return (
            (found, caller_leg.here(s, found)) if found is not None else None
        )  # the same webhook came twice at once
    if said is None:
        words = say(s, contact.language, "callback.moment")
        return contact, Reply(says=(words,), then=conference.room(s, contact))
    return contact, flow_runner.reply(s, said, 0, in_line=False)


def ahead(customer: Customer) -> float:
    """Seconds by which somebody who calls again and again today goes before others: a little, however often it is."""
    return 60.0 * min(MOST_AHEAD, max(0, customer.today - 1))


def _counted(s: Services, customer: Customer, contact: str, now: float) -> Customer:
    day = datetime.fromtimestamp(now, ZoneInfo(s.settings.default_zone)).date().isoformat()
    new = 0 if customer.live and customer.today else 1  # a burst of calls is one attempt to reach us
    today = customer.today + new if customer.day == day else 1
    return replace(customer, live=contact, day=day, today=today, last_call=contact)


def _before(s: Services, customer: Customer | None, now: float) -> str:
    """Their last contact, when it was within the days in which another call is a repeat; not one that is still on the line."""
    if customer is None or customer.live or not customer.day:
        return ""
    today = datetime.fromtimestamp(now, ZoneInfo(s.settings.default_zone)).date()
    lately = (today - date.fromisoformat(customer.day)).days <= report_figures.REPEAT_DAYS
    return customer.last_call if lately else ""
