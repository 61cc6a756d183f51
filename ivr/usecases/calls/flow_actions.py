"""What a flow asks for, carried out: one function an effect, found by its type."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from ivr.domain.records.contact import Contact, ContactState, Outcome
from ivr.domain.records.promise import Promise, PromiseKind, PromiseState
from ivr.flow import turn as t
from ivr.services import Services
from ivr.store.change import Change
from ivr.usecases.callbacks import merge_inbound, number_code, reschedule
from ivr.usecases.calls import anything_else, lookup_action
from ivr.usecases.contacts import outcome
from ivr.usecases.customers import caller_context
from ivr.usecases.dialing import permissions
from ivr.usecases.promises import lifecycle as promise_lifecycle
from ivr.usecases.promises import limits as promise_limits
from ivr.usecases.promises import time_windows
from ivr.usecases.queueing import duplicate_calls, membership
from ivr.usecases.texting import send as texting_send


def carry_out(s: Services, contact: Contact, effect: t.Effect, change: Change) -> tuple[Contact, str]:
    """The contact as it will be, and the RESULT that the flow hears. Writes go into `change`."""
    done: tuple[Contact, str] = _HOW[type(effect)](s, contact, effect, change)
    return done


def no_room(contact: Contact, effect: t.Enqueue, change: Change) -> bool:
    """As many wait as may. Whoever has a place keeps it, and nobody is turned away twice."""
    return effect.queue in change.crowded and not (contact.arrived or contact.offer)


def turned_away(contact: Contact, effect: t.Enqueue, change: Change) -> Contact:
    """Not into the line, but they have asked for a person: that is their place, and whoever hangs up now is owed a call."""
    change.journal("queue full", contact=contact.id, queue=effect.queue)
    return replace(contact, queue=effect.queue, arrived=change.now)


def join_line(s: Services, contact: Contact, effect: t.Enqueue, change: Change) -> Contact:
    """In line from the moment they first asked for a person."""
    if contact.state is ContactState.WAITING:
        membership.leave(contact, change)  # it may have been another one
    skills = tuple(k for k in effect.skills if k != effect.queue)
    joined = replace(
        contact,
        state=ContactState.WAITING,
        queue=effect.queue,
        skills=skills,
        arrived=contact.arrived or change.now,
        through="",
        threshold=s.library.queue(effect.queue).threshold,
        position="",
    )
    joined = duplicate_calls.take_place(s, joined, change)
    if not joined.offer:  # else somebody is being asked for them already
        membership.join(s, joined, change)
    change.journal("waiting", contact=contact.id, queue=effect.queue, path=joined.path)
    return joined


def ring_outside(s: Services, contact: Contact, effect: t.Dial, change: Change) -> tuple[Contact, str]:
    """They have asked for a person from now on: who hangs up while it rings is owed a call. RESULT "nobody" where no number
    may be rung; "" = it rings.
    """
    if why := permissions.why_not(s, effect.number, line=contact.line, customers=False):
        change.journal("external transfer refused", contact=contact.id, why=why.value)
        return contact, "nobody"
    change.journal("external transfer", contact=contact.id)
    return replace(contact, through="rings", arrived=contact.arrived or change.now), ""


def _find_windows(
    s: Services, contact: Contact, effect: t.FindWindows, change: Change
) -> tuple[Contact, str]:
    found = time_windows.windows_for(s, effect.queue, effect.number or contact.number, change.now)
    return contact, json.dumps([[w.since.isoformat(), w.until.isoformat()] for w in found])


def _make_promise(
    s: Services, contact: Contact, effect: t.MakePromise, change: Change
) -> tuple[Contact, str]:
    number = effect.number or contact.number
    if why := permissions.why_not(s, number, line=contact.line):
        return contact, f"not_callable {why.told}"
    held = s.store.get(Promise, contact.promise)
    if held is not None and held.state is PromiseState.MERGED:
        return _renew(s, contact, held, effect, change)
    if change.full:
        return contact, "refused"
    if bound := promise_limits.refuses(s, promise_limits.by(s, contact, number, change), change):
        return contact, f"bounded {bound}"
    wanted = _wanted(effect.since, effect.until, number)
    skills = tuple(k for k in effect.skills if k != effect.queue)
    wanted = replace(wanted, kind=PromiseKind(effect.kind), queue=effect.queue, skills=skills)
    contact, promise = promise_lifecycle.make(s, contact, wanted, change)
    return contact, f"made {_iso(promise.until)}"


def _wanted(since: datetime | None, until: datetime | None, number: str) -> promise_lifecycle.Wanted:
    return promise_lifecycle.Wanted(
        number=number,
        since=since.timestamp() if since else 0.0,
        until=until.timestamp() if until else 0.0,
    )


def _renew(
    s: Services, contact: Contact, held: Promise, effect: t.MakePromise, change: Change
) -> tuple[Contact, str]:
    """A call is owed to them already: one matter, one promise, with the time they chose now.

    Whoever may only be them does not move it (I7): it is owed as before.
    """
    contact = promise_lifecycle.place_given_up(contact, change)
    if not caller_context.may_hear(s, contact.degree):
        promise_lifecycle.put_back(s, held, outcome.owed_again(held, change.now), change)
        return contact, f"merged {_iso(held.until)}"
    asked = reschedule.Asked(via=reschedule.Via.KEY, call=contact, words="text.promised")
    came = reschedule.within(s, held, _wish(effect), asked, change)
    if isinstance(came, reschedule.Refused):  # that time has gone meanwhile: what was promised stands
        promise_lifecycle.put_back(s, held, outcome.owed_again(held, change.now), change)
        return contact, f"merged {_iso(held.until)}"
    return contact, f"merged {_iso(came.promise.until)}"


def _wish(effect: t.MakePromise | t.ChangePromise) -> reschedule.Wish:
    since = effect.since.timestamp() if effect.since else 0.0
    if effect.until is None:
        return reschedule.Soonest(since=since, number=effect.number)
    return reschedule.Move(since=since, until=effect.until.timestamp(), number=effect.number)


def _change_promise(
    s: Services, contact: Contact, effect: t.ChangePromise, change: Change
) -> tuple[Contact, str]:
    """Only what this contact carries, and only for whoever may hear of it (I7)."""
    owed = s.store.get(Promise, effect.promise)
    if owed is None or contact.promise != owed.id or not caller_context.may_hear(s, contact.degree):
        return contact, "refused"
    asked = reschedule.Asked(via=reschedule.Via.KEY, call=contact, number=contact.number)
    wish = reschedule.Decline() if effect.decline else _wish(effect)
    if isinstance(reschedule.within(s, owed, wish, asked, change), reschedule.Refused):
        return contact, "refused"
    if effect.decline:
        return replace(contact, promise="", outcome=Outcome.DECLINED), "done"  # unless a talk comes of it yet
    return promise_lifecycle.place_given_up(contact, change), "done"


def _text_code(s: Services, contact: Contact, effect: t.TextCode, change: Change) -> tuple[Contact, str]:
    asking = number_code.Asking(
        name=contact.id, number=effect.number, line=contact.line, language=contact.language
    )
    return contact, number_code.text(s, asking, change) or "sent"


def _check_code(s: Services, contact: Contact, effect: t.CheckCode, change: Change) -> tuple[Contact, str]:
    entered, _ = number_code.enter(s, contact.id, effect.digits, change)
    return contact, entered.value


def _reason(s: Services, contact: Contact, effect: t.Reason, change: Change) -> tuple[Contact, str]:
    words = effect.words.strip()[:500]
    owed = s.store.get(Promise, contact.promise)
    if owed is not None:
        promise_lifecycle.give_reason(owed, words, change)
    return replace(contact, reason=words), "kept"


def _join_case(s: Services, contact: Contact, effect: t.JoinCase, change: Change) -> tuple[Contact, str]:
    owed = s.store.get(Promise, contact.promise)
    carried = owed is not None and owed.state is PromiseState.MERGED
    if effect.same:
        case = owed.case if owed is not None and carried else effect.case
        return replace(contact, case=case or contact.case), "joined"
    if owed is not None and carried:
        promise_lifecycle.put_back(s, owed, outcome.owed_again(owed, change.now), change)
    return replace(contact, case="", promise=""), "joined"


def _turn_to(s: Services, contact: Contact, effect: t.TurnTo, change: Change) -> tuple[Contact, str]:
    """Only what they were told of."""
    told = json.loads(contact.situation or "{}")
    known_ = {p[0] for p in (told.get("owed"), *told.get("also", ())) if p}
    other = s.store.get(Promise, effect.promise) if effect.promise in known_ else None
    turned = merge_inbound.turn_to(s, contact, other, change) if other is not None else None
    return (turned, "done") if turned is not None else (contact, "refused")


def _send_text(s: Services, contact: Contact, effect: t.SendText, change: Change) -> tuple[Contact, str]:
    if not permissions.may_ring(s, contact.number, line=contact.line):  # texts abroad cost as calls do
        return contact, "refused"
    texting_send.send(
        s, to=contact.number, line=contact.line, body=effect.body, about=contact.member, change=change
    )
    return contact, "sent"


def _rate(s: Services, contact: Contact, effect: t.Rate, change: Change) -> tuple[Contact, str]:
    rated = anything_else.rated(s, contact, effect.score, change)
    return rated, "poor" if effect.score <= anything_else.POOR and contact.number else "kept"


def _comment(s: Services, contact: Contact, effect: t.Comment, change: Change) -> tuple[Contact, str]:
    return anything_else.told_why(s, contact, effect.words.strip()[:500], change), "kept"


def _iso(epoch: float) -> str:
    return datetime.fromtimestamp(epoch, UTC).isoformat()


_HOW: dict[type, Callable[[Services, Contact, Any, Change], tuple[Contact, str]]] = {
    t.FindWindows: _find_windows,
    t.MakePromise: _make_promise,
    t.ChangePromise: _change_promise,
    t.TextCode: _text_code,
    t.CheckCode: _check_code,
    t.Reason: _reason,
    t.JoinCase: _join_case,
    t.TurnTo: _turn_to,
    t.SendText: _send_text,
    t.Rate: _rate,
    t.Comment: _comment,
    t.Lookup: lookup_action.look_up,
}
