"""Somebody leaves. Each function takes one fact about one leg, writes it down and does what follows from all that is known.

The caller's part answers webhooks from the state it finds; nothing here depends on which fact came first (I5).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ivr.domain.records.agent_leg import BEFORE_ACCEPT, IN_TALK, AgentLeg, LegState
from ivr.domain.records.contact import LIVE, Contact, ContactState, Outcome
from ivr.domain.records.contact_parts import PartyLocation
from ivr.domain.records.promise import Promise, PromiseState
from ivr.domain.rules.who_is_in_the_call import (
    TalkVerdict,
    judge_talk,
    replace_agent_who_left,
    update_locations,
)
from ivr.services import Services
from ivr.store.change import Change
from ivr.usecases.conferences import leg_commands
from ivr.usecases.contacts import outcome
from ivr.usecases.contacts.caller_moves import begin_after_call, bring_caller, move_to_front, put_on_hold
from ivr.usecases.promises import attempts as promise_attempts

CHECK_SOON_SECONDS = 1.0


def on_caller_left_conference(services: Services, contact_id: str, conference_number: int) -> Contact | None:
    """The caller's leg came out of its conference alive."""
    return _apply_fact(
        services,
        contact_id,
        conference_number,
        lambda contact: contact.place_caller(PartyLocation.LEFT_CONFERENCE),
    )


def on_caller_hangup(services: Services, contact_id: str, call: str) -> Contact | None:
    """The caller's leg has ended. `call`: only if it is still theirs."""
    for change in services.store.transact():
        contact = services.store.get(Contact, contact_id)
        if contact is None or contact.call != call or contact.state not in LIVE:
            return contact
        after = _follow_caller_hangup(services, contact, change)
    return after


def on_agent_left_conference(services: Services, leg: AgentLeg, conference_number: int) -> Contact | None:
    """The agent's leg came out of the conference alive."""
    return _agent_fact(services, leg, conference_number, PartyLocation.LEFT_CONFERENCE)


def on_agent_hangup(services: Services, leg: AgentLeg) -> Contact | None:
    """The agent's leg has ended, after they had accepted."""
    return _agent_fact(services, leg, None, PartyLocation.HUNG_UP)


def reevaluate(services: Services, contact_id: str) -> Contact | None:
    """Look again: the reason did not come, or an earlier step was cut short."""
    return _apply_fact(services, contact_id, None, lambda contact: contact)


def _agent_fact(
    services: Services, leg: AgentLeg, conference_number: int | None, where: PartyLocation
) -> Contact | None:
    """Whose place the leg has in the talk is seen in the very revision that is changed: another may have taken it over."""

    def place_agent(contact: Contact) -> Contact:
        if contact.leg == leg.id:
            return contact.place_agent(where)
        if contact.conference.consult_leg == leg.id:
            return contact.place_colleague(where)
        return contact

    return _apply_fact(services, leg.contact, conference_number, place_agent)


def _apply_fact(
    services: Services, contact_id: str, conference_number: int | None, apply: Callable[[Contact], Contact]
) -> Contact | None:
    """`conference_number`: of the conference that was left; a leg that was moved on meanwhile tells nothing new."""
    for change in services.store.transact():
        contact = services.store.get(Contact, contact_id)
        if (
            contact is None
            or contact.state not in LIVE
            or (conference_number is not None and conference_number != contact.conference.number)
        ):
            return contact
        known = update_locations(contact, apply(contact), change.now)
        verdict = judge_talk(known, change.now)
        if known == contact and verdict in (TalkVerdict.GO_ON, TalkVerdict.WAIT_FOR_REASON):
            return contact
        after = _follow_verdict(services, contact, replace_agent_who_left(known), change)
    return after


def _follow_verdict(services: Services, contact: Contact, known: Contact, change: Change) -> Contact:
    """What follows from all that is known. `contact` is as it was read."""
    if known.state is ContactState.ON_HOLD:
        return _follow_on_hold(services, contact, known, change)
    if known.state is ContactState.CALLING:
        return _follow_calling(services, contact, known, change)
    verdict = judge_talk(known, change.now)
    change.put(contact, known)
    if verdict is TalkVerdict.STEPPED_OUT:
        return put_on_hold(known, change)
    if verdict is TalkVerdict.LOST_AGENT:
        return move_to_front(services, replace(known, connection_lost=True), change)
    if verdict is TalkVerdict.ASK_CALLER:
        return begin_after_call(known, change)
    if verdict is TalkVerdict.WAIT_FOR_REASON:
        change.schedule(known, change.now + CHECK_SOON_SECONDS)
    elif contact.conference.consult_leg and not known.conference.consult_leg:
        change.schedule(known, change.now)  # two remain: their leaving must end the conference again
    return known


def _follow_on_hold(services: Services, contact: Contact, known: Contact, change: Change) -> Contact:
    """The caller is on hold; the agents are in a menu or with each other."""
    change.put(contact, known)
    if (
        known.conference.agent_location is PartyLocation.HUNG_UP
        and known.conference.consult_leg
        and known.conference.consult_leg_location is PartyLocation.IN_CONFERENCE
    ):
        return bring_caller(known.hand_to_colleague(), change)  # a colleague had accepted
    if known.conference.agent_location is PartyLocation.HUNG_UP:
        return move_to_front(services, replace(known, connection_lost=True), change)
    if contact.conference.consult_leg and not known.conference.consult_leg:
        _reopen_menu(services, known, change)
    return known


def _reopen_menu(services: Services, contact: Contact, change: Change) -> None:
    """The colleague left the conference of the two before the introduction: the first agent chooses anew."""
    first = services.store.get(AgentLeg, contact.leg)
    if first is not None and first.state is LegState.CONSULTING:
        leg_commands.transition(first.id, change, lambda leg: leg.open_menu().request_redirect())


def _follow_calling(services: Services, contact: Contact, known: Contact, change: Change) -> Contact:
    """A callback whose agent left before the customer picked up: the customer must not meet an empty conference."""
    change.put(contact, known)
    if known.conference.agent_location is not PartyLocation.HUNG_UP:
        return known
    promise = services.store.get(Promise, known.promise)
    if promise is not None and promise.state is PromiseState.DIALING:
        change.schedule(promise, change.now)
    return known


def _follow_caller_hangup(services: Services, contact: Contact, change: Change) -> Contact:
    gone = update_locations(
        contact,
        replace(
            contact,
            ended_call=contact.call,
            conference=replace(contact.conference, caller_location=PartyLocation.HUNG_UP),
        ),
        change.now,
    )
    change.put(contact, gone)
    _release_agent_legs(services, contact, change)
    if contact.state in (ContactState.FLOW, ContactState.WAITING):
        return outcome.end_before_talk(services, gone, change)
    talked = gone.talked or contact.state in (ContactState.ON_HOLD, ContactState.AFTER_CALL)
    if contact.state is ContactState.CALLING or not talked:
        return _end_before_talk(services, gone, change)
    return outcome.await_disposition(services, gone, change)


def _release_agent_legs(services: Services, contact: Contact, change: Change) -> None:
    """The caller has left: nobody goes on being asked, and no agent stays in a conference that does not end by itself."""
    for name in list_leg_ids(contact):
        leg = services.store.get(AgentLeg, name)
        if leg is not None and leg.state in BEFORE_ACCEPT:
            leg_commands.dismiss(name, change)
        elif leg is not None and leg.state in IN_TALK:
            leg_commands.request_redirect(name, change, after_seconds=leg_commands.SELF_RETURN_SECONDS)


def _end_before_talk(services: Services, contact: Contact, change: Change) -> Contact:
    """Claimed, but they never met. A callback counts as tried; a caller is owed the call."""
    owed = services.store.get(Promise, contact.promise)
    if owed is not None and owed.state in (PromiseState.DIALING, PromiseState.TALKING):
        promise_attempts.record_failed_attempt(services, owed, "left before the talk", change)
        return outcome.end_contact(services, contact, Outcome.PROMISED, change)
    return outcome.end_before_talk(services, contact, change)


def list_leg_ids(contact: Contact) -> list[str]:
    """Legs of the agents that belong to this contact's talk."""
    return [o for o in (contact.leg, contact.conference.consult_leg) if o]
