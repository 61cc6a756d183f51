"""What a flow asks for, carried out: one function an effect, found by its type."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from ivr.domain.actor import RequestChannel
from ivr.domain.records.contact import Contact, ContactState, Outcome
from ivr.domain.records.contact_parts import ExternalTransfer
from ivr.domain.records.promise import Promise, PromiseState
from ivr.domain.rules import priority
from ivr.flow import turn as t
from ivr.services import Services
from ivr.store.change import Change
from ivr.usecases.callbacks import merge_inbound, number_code, reschedule, reschedule_request
from ivr.usecases.calls import anything_else, lookup_action
from ivr.usecases.contacts import outcome
from ivr.usecases.customers import caller_context
from ivr.usecases.dialing import permissions
from ivr.usecases.promises import lifecycle as promise_lifecycle
from ivr.usecases.promises import limits as promise_limits
from ivr.usecases.promises import time_windows
from ivr.usecases.queueing import duplicate_calls, membership
from ivr.usecases.texting import send as texting_send


def carry_out(services: Services, contact: Contact, effect: t.Effect, change: Change) -> tuple[Contact, str]:
    """The contact as it will be, and the RESULT that the flow hears. Writes go into `change`."""
    done: tuple[Contact, str] = _ACTIONS[type(effect)](services, contact, effect, change)
    return done


def is_queue_full(contact: Contact, effect: t.Enqueue, change: Change) -> bool:
    """As many wait as may. Whoever has a place keeps it, and nobody is turned away twice."""
    return effect.queue in change.full_queues and not (contact.queue_place.queued_at or contact.leg)


def turn_away(contact: Contact, effect: t.Enqueue, change: Change) -> Contact:
    """Not into the queue, but they have asked for a person: that is their place, and whoever hangs up now is owed a call."""
    change.log_event("queue full", contact=contact.id, queue=effect.queue)
    place = priority.ask_for_person(contact.queue_place, change.now)
    return replace(contact, queue_place=replace(place, name=effect.queue))


def join_queue(services: Services, contact: Contact, effect: t.Enqueue, change: Change) -> Contact:
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


def start_external_transfer(
    services: Services, contact: Contact, effect: t.DialExternal, change: Change
) -> tuple[Contact, str]:
    """They have asked for a person from now on: who hangs up while it rings is owed a call. RESULT "nobody" where no number
    may be rung; "" = it rings.
    """
    if why := permissions.why_not_dialable(
        services, effect.number, called_number=contact.caller.called_number, for_customer=False
    ):
        change.log_event("external transfer refused", contact=contact.id, why=why.value)
        return contact, "nobody"
    change.log_event("external transfer", contact=contact.id)
    return replace(
        contact,
        external_transfer=ExternalTransfer.RINGING,
        queue_place=priority.ask_for_person(contact.queue_place, change.now),
    ), ""


def _find_windows(
    services: Services, contact: Contact, effect: t.FindWindows, change: Change
) -> tuple[Contact, str]:
    found = time_windows.find_windows(
        services, effect.queue, effect.number or contact.caller.number, change.now
    )
    return contact, json.dumps([[w.since.isoformat(), w.until.isoformat()] for w in found])


def _make_promise(
    services: Services, contact: Contact, effect: t.MakePromise, change: Change
) -> tuple[Contact, str]:
    number = effect.number or contact.caller.number
    if why := permissions.why_not_dialable(services, number, called_number=contact.caller.called_number):
        return contact, f"not_callable {why.spoken_reason}"
    held = services.store.get(Promise, contact.promise)
    if held is not None and held.state is PromiseState.MERGED:
        return _update_merged_promise(services, contact, held, effect, change)
    if change.promise_refused:
        return contact, "refused"
    if bound := promise_limits.check_and_count(
        services, promise_limits.build_request(contact, number, change), change
    ):
        return contact, f"bounded {bound}"
    wanted = _promise_request(effect.since, effect.until, number)
    skills = tuple(k for k in effect.skills if k != effect.queue)
    wanted = replace(wanted, kind=effect.kind, queue=effect.queue, skills=skills)
    contact, promise = promise_lifecycle.make_promise(services, contact, wanted, change)
    return contact, f"made {_to_iso(promise.due_by)}"


def _promise_request(
    since: datetime | None, until: datetime | None, number: str
) -> promise_lifecycle.PromiseRequest:
    return promise_lifecycle.PromiseRequest(
        number=number,
        since=since.timestamp() if since else 0.0,
        until=until.timestamp() if until else 0.0,
    )


def _update_merged_promise(
    services: Services, contact: Contact, merged: Promise, effect: t.MakePromise, change: Change
) -> tuple[Contact, str]:
    """A call is owed to them already: one matter, one promise, with the time they chose now.

    Whoever may only be them does not move it (I7): it is owed as before.
    """
    contact = promise_lifecycle.give_up_place(contact, change)
    if not caller_context.may_read_back(services, contact.caller.trust_level):
        promise_lifecycle.store_open(services, merged, outcome.reopen_promise(merged, change.now), change)
        return contact, f"merged {_to_iso(merged.due_by)}"
    asked = reschedule_request.RequestOrigin(
        channel=RequestChannel.KEY, contact=contact, phrase_key="text.promised"
    )
    came = reschedule.apply_in_change(services, merged, _reschedule_request(effect), asked, change)
    if isinstance(
        came, reschedule_request.RescheduleRefused
    ):  # that time has gone meanwhile: what was promised stands
        promise_lifecycle.store_open(services, merged, outcome.reopen_promise(merged, change.now), change)
        return contact, f"merged {_to_iso(merged.due_by)}"
    return contact, f"merged {_to_iso(came.promise.due_by)}"


def _reschedule_request(effect: t.MakePromise | t.ChangePromise) -> reschedule_request.RescheduleRequest:
    since = effect.since.timestamp() if effect.since else 0.0
    if effect.until is None:
        return reschedule_request.MoveToSoonest(since=since, number=effect.number)
    return reschedule_request.MoveToWindow(since=since, until=effect.until.timestamp(), number=effect.number)


def _change_promise(
    services: Services, contact: Contact, effect: t.ChangePromise, change: Change
) -> tuple[Contact, str]:
    """Only what this contact carries, and only for whoever may hear of it (I7)."""
    owed = services.store.get(Promise, effect.promise)
    if (
        owed is None
        or contact.promise != owed.id
        or not caller_context.may_read_back(services, contact.caller.trust_level)
    ):
        return contact, "refused"
    asked = reschedule_request.RequestOrigin(
        channel=RequestChannel.KEY, contact=contact, informed_number=contact.caller.number
    )
    wish = reschedule_request.Decline() if effect.decline else _reschedule_request(effect)
    if isinstance(
        reschedule.apply_in_change(services, owed, wish, asked, change), reschedule_request.RescheduleRefused
    ):
        return contact, "refused"
    if effect.decline:
        return replace(contact, promise="", outcome=Outcome.DECLINED), "done"  # unless a talk comes of it yet
    return promise_lifecycle.give_up_place(contact, change), "done"


def _text_code(
    services: Services, contact: Contact, effect: t.SendNumberCode, change: Change
) -> tuple[Contact, str]:
    asking = number_code.CodeRequest(
        name=contact.id,
        number=effect.number,
        line=contact.caller.called_number,
        language=contact.caller.language,
    )
    return contact, number_code.send_code(services, asking, change) or "sent"


def _check_code(
    services: Services, contact: Contact, effect: t.CheckNumberCode, change: Change
) -> tuple[Contact, str]:
    entered, _ = number_code.check_code(services, contact.id, effect.digits, change)
    return contact, entered.value


def _save_reason(
    services: Services, contact: Contact, effect: t.RecordReason, change: Change
) -> tuple[Contact, str]:
    words = effect.text.strip()[:500]
    owed = services.store.get(Promise, contact.promise)
    if owed is not None:
        promise_lifecycle.set_reason(owed, words, change)
    return replace(contact, reason=words), "kept"


def _join_case(
    services: Services, contact: Contact, effect: t.JoinCase, change: Change
) -> tuple[Contact, str]:
    owed = services.store.get(Promise, contact.promise)
    carried = owed is not None and owed.state is PromiseState.MERGED
    if effect.same:
        case = owed.case if owed is not None and carried else effect.case
        return replace(contact, case=case or contact.case), "joined"
    if owed is not None and carried:
        promise_lifecycle.store_open(services, owed, outcome.reopen_promise(owed, change.now), change)
    return replace(contact, case="", promise=""), "joined"


def _switch_promise(
    services: Services, contact: Contact, effect: t.SelectPromise, change: Change
) -> tuple[Contact, str]:
    """Only what they were told of."""
    told = json.loads(contact.flow_progress.caller_context or "{}")
    known_ = {p[0] for p in (told.get("owed"), *told.get("also", ())) if p}
    other = services.store.get(Promise, effect.promise) if effect.promise in known_ else None
    turned = merge_inbound.switch_promise(services, contact, other, change) if other is not None else None
    return (turned, "done") if turned is not None else (contact, "refused")


def _send_text(
    services: Services, contact: Contact, effect: t.SendText, change: Change
) -> tuple[Contact, str]:
    if not permissions.is_dialable(
        services, contact.caller.number, called_number=contact.caller.called_number
    ):  # texts abroad cost as calls do
        return contact, "refused"
    texting_send.create_text(
        services,
        to=contact.caller.number,
        our_number=contact.caller.called_number,
        body=effect.body,
        about=contact.key,
        change=change,
    )
    return contact, "sent"


def _record_rating(
    services: Services, contact: Contact, effect: t.RecordRating, change: Change
) -> tuple[Contact, str]:
    rated = anything_else.record_rating(services, contact, effect.score, change)
    return (
        rated,
        "poor" if effect.score <= anything_else.MAX_POOR_RATING and contact.caller.number else "kept",
    )


def _record_comment(
    services: Services, contact: Contact, effect: t.RecordComment, change: Change
) -> tuple[Contact, str]:
    return anything_else.record_comment(services, contact, effect.text.strip()[:500], change), "kept"


def _to_iso(epoch: float) -> str:
    return datetime.fromtimestamp(epoch, UTC).isoformat()


_ACTIONS: dict[type, Callable[[Services, Contact, Any, Change], tuple[Contact, str]]] = {
    t.FindWindows: _find_windows,
    t.MakePromise: _make_promise,
    t.ChangePromise: _change_promise,
    t.SendNumberCode: _text_code,
    t.CheckNumberCode: _check_code,
    t.RecordReason: _save_reason,
    t.JoinCase: _join_case,
    t.SelectPromise: _switch_promise,
    t.SendText: _send_text,
    t.RecordRating: _record_rating,
    t.RecordComment: _record_comment,
    t.Lookup: lookup_action.look_up,
}
