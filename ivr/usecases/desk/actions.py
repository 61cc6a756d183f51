"""The desk: the same choices that the phone's keys give, by a click.

A click changes the records as the key would have done; then the agent's leg is sent for, and hears what its state says.
So a browser that dies loses nothing, and the phone goes on where the desk has left it. Every function raises `ActionNotPossible`
with words for the agent when what was clicked does not fit what is going on (two tabs, a caller who has just left).
"""

from __future__ import annotations

from dataclasses import replace

from ivr.domain.records.agent import Agent
from ivr.domain.records.agent_leg import BEFORE_ACCEPT, IN_TALK, AgentLeg, LegResult, LegState, LegStep
from ivr.domain.records.contact import Contact, ContactState
from ivr.domain.records.contact_parts import PartyLocation
from ivr.domain.records.promise import Promise
from ivr.services import Services
from ivr.store.queries.leg_view import LegView
from ivr.usecases.agents import consulting, offer_end, ringing, talk_moves, wrapup_effects
from ivr.usecases.conferences import leg_commands
from ivr.usecases.contacts import caller_moves
from ivr.usecases.desk.guards import (
    ActionNotPossible,
    get_held_talk,
    get_own_leg,
    get_talk,
    get_talk_with_colleague,
    require_result,
    retry_on_conflict,
    schedule_redirect,
    to_be_redirected,
)
from ivr.usecases.desk.targets import (
    Target,
    TargetKind,
    apply_target,
    build_agent_filter,
    require_dialable,
    reserve_colleague,
)

# ---- being asked


def accept(services: Services, agent_id: str, leg_id: str) -> None:
    """Yes. It counts from the moment that a person is known to be at their phone: who picks up an ordinary one presses a key."""
    for change in services.store.transact():
        view = get_own_leg(services, agent_id, leg_id, BEFORE_ACCEPT, "You are not being asked any more.")
        leg = view.leg
        if leg.state is LegState.BRIEFING and (leg.person_confirmed or leg.in_browser or leg.persistent_leg):
            ringing.accept(services, to_be_redirected(view))
            taken = services.store.get(AgentLeg, leg.id)
            schedule_redirect(services, leg.id)
            if taken is None or taken.state not in IN_TALK:
                raise ActionNotPossible("They have left, or somebody else has taken it.")
            return
        change.put(leg, replace(leg, offer=replace(leg.offer, pre_accepted=True)))


def decline(services: Services, agent_id: str, leg_id: str) -> None:
    """No: the next person is asked, and the phone is left alone."""
    view = get_own_leg(services, agent_id, leg_id, BEFORE_ACCEPT, "You are not being asked any more.")
    offer_end.end_offer(services, view.leg, LegResult.DECLINED, "passed at the desk", known=view.records)
    over = services.store.get(AgentLeg, leg_id)
    if over is None or over.state is not LegState.ENDED or over.result is not LegResult.DECLINED:
        raise ActionNotPossible("You have just accepted it.")
    change = services.store.begin()
    change.schedule(change.put(over, over.go_to_step(LegStep.DECLINED).request_redirect()), change.now)
    services.store.commit_best_effort(change)


# ---- in the talk


def hold(services: Services, agent_id: str) -> None:
    """The caller is spoken to, the agent hears the menu of the phone."""
    _put_on_hold(services, agent_id)


@retry_on_conflict
def return_to_caller(services: Services, agent_id: str) -> None:
    """To the caller again; a colleague who was asked is not needed any more."""
    view, contact = get_held_talk(services, agent_id)
    with_colleague = bool(contact.conference.consult_leg)
    go_back = consulting.dismiss_colleague if with_colleague else talk_moves.return_to_caller
    go_back(services, to_be_redirected(view), contact)
    require_result(services, view.leg, lambda o: o.state is LegState.ACCEPTED)
    schedule_redirect(services, view.leg.id)


@retry_on_conflict
def consult(services: Services, agent_id: str, target: Target, reason: str = "") -> None:
    """Ask a colleague, the caller held. Refused, with the caller undisturbed, when nobody is free."""
    view, contact = get_talk(services, agent_id)
    if contact.conference.consult_leg:
        raise ActionNotPossible("A colleague is with you already.")
    fits = build_agent_filter(services, target)
    if target.kind is TargetKind.EXTERNAL:
        require_dialable(services, target.name)
    elif not consulting.list_free_colleagues(services.store.list_all(Agent), view.leg, contact, fits):
        raise ActionNotPossible("Nobody of them is free just now.")
    if contact.state is not ContactState.ON_HOLD:
        after = leg_commands.SELF_RETURN_SECONDS
        view, contact = _put_on_hold(services, agent_id, redirect_after_seconds=after)
    new_id = services.new_id()
    here = to_be_redirected(view)
    if target.kind is TargetKind.EXTERNAL:
        consulting.start_external_consult(services, here, contact, target.name, consult_leg_id=new_id)
    else:
        consulting.start_consult(services, here, contact, fits, reason=reason, consult_leg_id=new_id)
    schedule_redirect(services, view.leg.id)
    if services.store.get(AgentLeg, new_id) is not None:
        return  # asked, and perhaps busy or declined already
    nobody = target.kind is not TargetKind.EXTERNAL and not consulting.list_free_colleagues(
        services.store.list_all(Agent), view.leg, contact, fits
    )
    why = "Nobody of them is free just now." if nobody else ""
    require_result(services, view.leg, lambda o: o.state is LegState.CONSULTING, why)


@retry_on_conflict
def introduce(services: Services, agent_id: str) -> None:
    """The colleague has come: all three together."""
    view, contact = get_talk_with_colleague(services, agent_id)
    outside = view.leg.state is LegState.MENU  # else they are in that very conference
    consulting.introduce(services, to_be_redirected(view) if outside else view, contact)
    schedule_redirect(services, view.leg.id)
    require_result(services, view.leg, lambda o: o.state is LegState.ACCEPTED)


@retry_on_conflict
def complete_transfer(services: Services, agent_id: str) -> None:
    """Leave caller and colleague together, from the consult or from the talk of three."""
    view, contact = get_talk(services, agent_id)
    if contact.state is ContactState.ON_HOLD:
        view, contact = get_talk_with_colleague(services, agent_id)
        consulting.complete_transfer(services, to_be_redirected(view), contact)
    else:
        _leave_three_way(services, to_be_redirected(view), contact)
    require_result(services, view.leg, lambda o: o.state is LegState.WRAPPING)
    schedule_redirect(services, view.leg.id)


@retry_on_conflict
def blind_transfer(services: Services, agent_id: str, target: Target, reason: str = "") -> None:
    """Hand the caller on without a word between the agents: to the front of a queue, or to one colleague who is free.

    `reason` stands before whatever was typed: the next person is told both.
    """
    view, contact = get_talk(services, agent_id)
    if contact.conference.consult_leg:
        raise ActionNotPossible("A colleague is with you. Hand over, or go back to the caller first.")
    leg = view.leg
    change = services.store.begin(view.records)
    told = ". ".join(words for words in (reason.strip(" ."), leg.wrapup.note) if words)
    passed = replace(apply_target(services, contact, target), transfers=contact.transfers + 1)
    front = caller_moves.move_to_front(services, passed, change, avoid=(agent_id,))
    change.schedule(front, change.now)
    typed = replace(leg.wrapup, note=told, note_pending=bool(told))
    wrapping = replace(leg.begin_wrapup(LegStep.NOTE).request_redirect(), wrapup=typed)
    if target.kind is TargetKind.AGENT:
        reserve_colleague(services, leg, front, target, change)
    talk_moves.move_to_wrapup(services, view, wrapping, change)
    require_result(services, leg, lambda o: o.state is LegState.WRAPPING)
    schedule_redirect(services, leg.id)


@retry_on_conflict
def finish_talk(services: Services, agent_id: str) -> None:
    """We are done: the caller is asked whether there is anything else, the agent says how it went."""
    view, contact = get_talk(services, agent_id)
    if contact.conference.consult_leg:
        raise ActionNotPossible("A colleague is with you. Hand over, or go back to the caller first.")
    change = services.store.begin(view.records)
    asking = caller_moves.begin_after_call(contact, change)
    change.schedule(asking, change.now)
    wrapping = view.leg.begin_wrapup(LegStep.DISPOSITION).request_redirect()
    talk_moves.move_to_wrapup(services, view, wrapping, change)
    require_result(services, view.leg, lambda o: o.state is LegState.WRAPPING)
    schedule_redirect(services, view.leg.id)


def promise_callback(services: Services, agent_id: str, within_hours: int) -> Promise:
    """A call by a time: owed by this agent from this moment."""
    for change in services.store.transact():
        view, contact = get_talk(services, agent_id)
        kept = wrapup_effects.promise_follow_up(services, contact, view.leg, within_hours, change)
    made = services.store.get(Promise, kept.promise)
    if made is None:
        raise ActionNotPossible("What was promised has been erased meanwhile.")
    return made


def save_note_draft(services: Services, agent_id: str, text: str) -> None:
    """What is typed is kept at once: whoever takes the caller next is told it, and the wrap-up begins with it."""
    for change in services.store.transact():
        agent = services.store.get(Agent, agent_id)
        leg = services.store.get(AgentLeg, agent.leg) if agent and agent.leg else None
        if leg is None:
            raise ActionNotPossible("You are not in a call.")
        change.put(
            leg, replace(leg, wrapup=replace(leg.wrapup, note=text.strip(), note_pending=bool(text.strip())))
        )


# ---- in common


def _put_on_hold(
    services: Services, agent_id: str, *, redirect_after_seconds: float = 0.0
) -> tuple[LegView, Contact]:
    """`redirect_after_seconds`: seconds until the agent's leg is sent for."""
    for change in services.store.transact():
        view, contact = get_talk(services, agent_id)
        if contact.state is ContactState.ON_HOLD:
            return view, contact
        if contact.conference.consult_leg:
            raise ActionNotPossible("A colleague is with you and the caller.")
        held = caller_moves.put_on_hold(contact, change)
        change.schedule(held, change.now)  # the caller is in the conference still, and is sent for
        menu = change.put(view.leg, view.leg.open_menu().request_redirect())
        change.schedule(menu, change.now + redirect_after_seconds)
    return replace(view, leg=menu, contact=held), held


def _leave_three_way(services: Services, view: LegView, contact: Contact) -> None:
    """Out of the talk of three: the colleague and the caller remain."""
    is_there = contact.conference.consult_leg_location is PartyLocation.IN_CONFERENCE
    if not contact.conference.consult_leg or not is_there:
        raise ActionNotPossible("No colleague is with you.")
    change = services.store.begin(view.records)
    heir = contact.hand_to_colleague()
    heir = change.put(contact, replace(heir, conference=replace(heir.conference, stays_open=True)))
    consulting.give_disposition_if_external(services, heir, view.leg, change)
    change.schedule(heir, change.now)  # two remain: their leaving must end the conference again
    talk_moves.move_to_wrapup(services, view, view.leg.begin_wrapup(LegStep.NOTE), change)
