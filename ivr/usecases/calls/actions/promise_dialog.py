"""A callback is promised to the caller, moved or declined."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from ivr.domain.actor import RequestChannel
from ivr.domain.records.contact import Contact, Outcome
from ivr.domain.records.promise import Promise, PromiseState
from ivr.flow.steps.promise_dialog import ChangePromise, MakePromise
from ivr.services import Services
from ivr.store.change import Change
from ivr.usecases.callbacks import reschedule, reschedule_request
from ivr.usecases.calls.actions.action import Action
from ivr.usecases.contacts import outcome
from ivr.usecases.customers import caller_context
from ivr.usecases.dialing import permissions
from ivr.usecases.promises import lifecycle as promise_lifecycle
from ivr.usecases.promises import limits as promise_limits


def make_promise(
    services: Services, contact: Contact, effect: MakePromise, change: Change
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
    services: Services, contact: Contact, merged: Promise, effect: MakePromise, change: Change
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


def _reschedule_request(effect: MakePromise | ChangePromise) -> reschedule_request.RescheduleRequest:
    since = effect.since.timestamp() if effect.since else 0.0
    if effect.until is None:
        return reschedule_request.MoveToSoonest(since=since, number=effect.number)
    return reschedule_request.MoveToWindow(since=since, until=effect.until.timestamp(), number=effect.number)


def change_promise(
    services: Services, contact: Contact, effect: ChangePromise, change: Change
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


def _to_iso(epoch: float) -> str:
    return datetime.fromtimestamp(epoch, UTC).isoformat()


ACTIONS = (
    Action(effect=MakePromise, carry_out=make_promise),
    Action(effect=ChangePromise, carry_out=change_promise),
)
