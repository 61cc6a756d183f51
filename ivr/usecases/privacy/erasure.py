"""A person is forgotten: listed first, then erased step by step by whoever looks, whatever dies meanwhile.

It begins with one change: the customer and every key named after the number are gone, and a record of the erasing is in
`wake` until nothing is left. Each step is a change on that record, so two who work on it at once do nothing twice.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from ivr.domain import phone_numbers
from ivr.domain.actor import By, Where
from ivr.domain.errors import AlbumAway, CalorError, TelephonyError
from ivr.domain.records.contact import Contact, ContactState
from ivr.domain.records.customer import Customer
from ivr.domain.records.erasure import Forgetting, Step, counted, hash_of
from ivr.domain.records.photo import pause
from ivr.domain.records.promise import ENDED, Dialled, Promise
from ivr.services import Services
from ivr.store import keys
from ivr.store.change import Change
from ivr.store.queries import due_index
from ivr.usecases.callbacks import reschedule
from ivr.usecases.customers import open_promises
from ivr.usecases.dialing import number_lock
from ivr.usecases.outages import spool
from ivr.usecases.photos import erase as photo_erase
from ivr.usecases.privacy import erase_record, erase_twilio, erased_list

LEASE = 60.0  # seconds in which whoever is at it is left to it
AT_A_LOOK = 20.0  # seconds of real time: a job lasts a minute at most


class NotYet(CalorError):
    """Something has to be done before this person can be forgotten."""


@dataclass(frozen=True, kw_only=True)
class Survey:
    """What would be erased, how many of each. `also`: other telephones of theirs; `stays`: what they asked for."""

    number: str
    what: Mapping[str, int] = field(default_factory=dict)
    also: Sequence[str] = ()
    stays: Sequence[str] = ()
    shared: bool = False
    unknown: str = ""  # why Twilio's part is not known


def survey(s: Services, number: str) -> Survey:
    """Changes nothing. Raises CalorError for what is no number."""
    e164 = _number(number)
    customer = s.store.get(Customer, e164)
    page = erase_record.read(s, _new(s, e164))
    also: set[str] = set()
    what: dict[str, int] = counted({}, "customers", int(customer is not None))
    while True:
        for record in page.found:
            what = counted(what, f"{record.noun}s", 1)
            if isinstance(record, Promise) and record.customer == e164:
                also |= {record.number} - {e164, ""}
        if page.over:
            break
        page = erase_record.read(s, page.after)
    (photos,) = s.store.read([("ZCARD", keys.photos_of(e164))])
    what = counted(counted(what, "photos", photos), "keys", len(_keys(s, e164)))
    unknown = ""
    try:
        what |= {name: n for name, n in erase_twilio.count(s, e164).items() if n}
    except TelephonyError as e:
        unknown = str(e)
    return Survey(
        number=e164,
        what=what,
        also=sorted(also),
        stays=_stays(customer),
        shared=open_promises.is_shared(s, customer),
        unknown=unknown,
    )


def begin(s: Services, number: str, *, by: By, decline: bool = False) -> Forgetting:
    """`decline`: they want no call that is owed to them any more. Raises NotYet, with what to do first."""
    e164 = _number(number)
    if (going := _going(s, e164)) is not None:
        return going
    while True:
        _refuse(s, e164, by=by, decline=decline)
        change = Change(now=s.clock.now())
        erased = counted({}, "customers", int(s.store.get(Customer, e164) is not None))
        begun = change.put(None, replace(_new(s, e164), begun=change.now, erased=erased))
        _seize(s, begun, change)
        change.op("HSET", keys.FORGOTTEN, begun.who, f"{change.now:.3f}")
        change.act("person erased", by, erasure=begun.id)
        if s.store.commit(change):
            s.bell.drop(f"{Dialled.noun}:{e164}")
            return begun


def look(s: Services, name: str) -> bool:
    """A worker goes on with it. False when nothing is to be done any more."""
    f = run(s, name, seconds=AT_A_LOOK)
    return f is not None and f.step is not Step.DONE


def run(s: Services, name: str, *, seconds: float = float("inf")) -> Forgetting | None:
    """Every step that can be done now, for so long; what has to wait is looked at when it is time. None: there is none."""
    until = time.monotonic() + seconds
    f = s.store.get(Forgetting, name)
    while f is not None and f.step is not Step.DONE:
        _STEPS[f.step](s, f)
        before, f = f, s.store.get(Forgetting, name)
        if f is None or f.rev == before.rev or f.left:
            return f
        if time.monotonic() > until:
            change = Change(now=s.clock.now())
            change.expect(f)
            change.wake(f, change.now)
            s.store.commit(change)
            return f
    return f


# ---- before


def _refuse(s: Services, number: str, *, by: By, decline: bool) -> None:
    """Raises NotYet while something of theirs is open."""
    if spool.about(s.settings.spool, number):
        raise NotYet("A message or call of theirs is not in the record yet. Try again in a minute.")
    for promise in _open_promises(s, number):
        theirs = promise.customer == number
        if not (decline and theirs):
            first = (
                f'`ivr callbacks cancel {promise.id} --why "..."`' if theirs else "move it to another number"
            )
            also = "; or, if they want no call any more, add --decline-callbacks" if theirs else ""
            raise NotYet(f"A call is owed there: promise {promise.id}. Keep it first, or {first}{also}.")
        asked = reschedule.Asked(via=reschedule.Via.STAFF, by=by.who, number=number)
        came = reschedule.rearrange(s, promise.id, reschedule.Decline(), asked)
        if isinstance(came, reschedule.Refused) and came.why is not reschedule.WhyNot.ENDED:
            raise NotYet(f"Promise {promise.id} cannot be called off now: {came.why.value}. Try again later.")
    for contact in _open_contacts(s, number):
        if contact.state is ContactState.WORD:
            raise NotYet("Their colleague has not said yet how the call went. Try again when they have.")
        raise NotYet("They are on the line with us. Try again when the call is over.")
    if number_lock.held(s, number) is not None:
        raise NotYet("Their telephone may be ringing. Try again in a minute.")


def _open_promises(s: Services, number: str) -> list[Promise]:
    found = s.store.get_all(Promise, _owed(s, Promise.noun))
    return [p for p in found if p.state not in ENDED and number in (p.customer, p.number)]


def _open_contacts(s: Services, number: str) -> list[Contact]:
    found = s.store.get_all(Contact, _owed(s, Contact.noun))
    return [c for c in found if c.state is not ContactState.ENDED and c.number == number]


def _owed(s: Services, noun: str) -> list[str]:
    """Every open record is in `wake`."""
    return sorted(m.partition(":")[2] for m in due_index.owed(s.store) if m.startswith(f"{noun}:"))


def _going(s: Services, number: str) -> Forgetting | None:
    """Asked twice: the first goes on."""
    found = s.store.get_all(Forgetting, _owed(s, Forgetting.noun))
    return next((f for f in found if f.number == number), None)


def _new(s: Services, number: str) -> Forgetting:
    return Forgetting(
        id=s.new_id(), number=number, who=hash_of(number, s.settings.signing_key), begun=s.clock.now()
    )


def _number(text: str) -> str:
    number = phone_numbers.caller_number(text)
    if not number:
        raise CalorError(f"{text} is not a number in E.164 form, such as +12025550155.")
    return number


# ---- the steps


def _seize(s: Services, f: Forgetting, change: Change) -> None:
    """The customer, and what is named after their number, in one change. That they must not be called or texted stays."""
    change.wake(f, change.now + LEASE)
    customer = s.store.get(Customer, f.number)
    if customer is not None and _stays(customer):
        bare = Customer(id=f.number, no_calls=customer.no_calls, no_texts=customer.no_texts)
        change.put(customer, bare)
    elif customer is not None:
        change.expect(customer)
        change.op("DEL", customer.member)
        change.op("ZREM", keys.everyone(Customer.noun), f.number)
    change.op("ZREM", keys.everyone(Dialled.noun), f.number)
    change.op("ZREM", keys.WAKE, f"{Dialled.noun}:{f.number}")
    for key in _keys(s, f.number):
        change.op("DEL", key)


def _keys(s: Services, number: str) -> list[str]:
    """Those named after this number; but the customer, and their photos, which have a way of their own."""
    found: set[str] = set()
    cursor: str | int = 0
    while True:
        ((cursor, some),) = s.store.read([("SCAN", cursor, "MATCH", f"*{number}*", "COUNT", 1000)])
        found |= {key for key in some if keys.names(key, number)}
        if not int(cursor):
            return sorted(found - {f"{Customer.noun}:{number}", keys.photos_of(number)})


def _stays(customer: Customer | None) -> tuple[str, ...]:
    if customer is None:
        return ()
    asked = {"do not call": customer.no_calls, "no texts": customer.no_texts}
    return tuple(what for what, wanted in asked.items() if wanted)


def _search(s: Services, f: Forgetting) -> None:
    """A restored record has them again: whose hash is it?"""
    number = erased_list.number_of(s, f.who)
    if not number:
        _end(s, f)
        return
    live = any(c.opened > f.begun for c in _open_contacts(s, number))
    change = Change(now=s.clock.now())
    if live or number_lock.held(s, number) is not None:  # they have come back; when that is over
        change.expect(f)
        change.wake(f, change.now + LEASE)
    else:
        _seize(s, change.put(f, replace(f, step=Step.HERE, number=number)), change)
    s.store.commit(change)


def _here(s: Services, f: Forgetting) -> None:
    page = erase_record.read(s, f)
    change = Change(now=s.clock.now())
    after = erase_record.erase(s, page, change)
    if after is None:
        waits = change.put(
            f, replace(f, left={"records": "still open; they are erased when they have ended"})
        )
        change.wake(waits, change.now + LEASE / 2)
    else:
        step = Step.PHOTOS if page.over else Step.HERE
        change.wake(change.put(f, replace(after, step=step, left={})), change.now + LEASE)
    s.store.commit(change)


def _photos(s: Services, f: Forgetting) -> None:
    """Those that were there when it began: what came since is of somebody who came back."""
    came = photo_erase.erase(s, f.number, by=By(who=f.id, where=Where.LINE), until=f.begun)
    erased = counted(f.erased, "photos", came.count)
    if came.left:
        _later(s, replace(f, erased=erased, left={"photos": "the album or Twilio is away; tried again"}))
        return
    change = Change(now=s.clock.now())
    at_twilio = replace(f, erased=erased, step=Step.TWILIO, left={}, attempts=0)
    change.wake(change.put(f, at_twilio), change.now + LEASE)
    s.store.commit(change)


def _twilio(s: Services, f: Forgetting) -> None:
    change = Change(now=s.clock.now())
    change.wake(change.put(f, f), change.now + LEASE)
    if not s.store.commit(change):
        return
    f = replace(f, rev=f.rev + 1)
    try:
        after, over = erase_twilio.erase(s, f)
    except (TelephonyError, AlbumAway) as e:
        _later(s, replace(f, left={"at Twilio": f"{e} Tried again by itself."}))
        return
    if over:
        _end(s, after)
    elif after.left:
        _later(s, after)
    else:
        change = Change(now=s.clock.now())
        change.wake(change.put(f, replace(after, attempts=0)), change.now + LEASE)
        s.store.commit(change)


def _later(s: Services, f: Forgetting) -> None:
    change = Change(now=s.clock.now())
    tried = change.put(f, replace(f, attempts=f.attempts + 1))
    change.wake(tried, change.now + pause(tried.attempts))
    s.store.commit(change)


def _end(s: Services, f: Forgetting) -> None:
    """The number goes last of all: nothing here tells any more who it was."""
    if f.number:
        spool.forget(s.settings.spool, f.number)
    change = Change(now=s.clock.now())
    done = replace(
        f, step=Step.DONE, number="", ended=change.now, left={}, promises=(), contacts=(), cases=()
    )
    change.rest(change.put(f, done))
    change.journal("person erasure finished", erasure=f.id, erased=sum(f.erased.values()))
    s.store.commit(change)


_STEPS = {Step.SEARCH: _search, Step.HERE: _here, Step.PHOTOS: _photos, Step.TWILIO: _twilio}
