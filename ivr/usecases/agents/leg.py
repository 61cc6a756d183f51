"""An agent's leg: every webhook is answered from the leg's state."""

from __future__ import annotations

from dataclasses import replace

from ivr.domain.records.agent import Agent
from ivr.domain.records.agent_leg import BEFORE_ACCEPT, AgentLeg, LegKind, LegResult, LegState, LegStep
from ivr.domain.records.contact import LIVE, Contact
from ivr.domain.telephony_events import CallStatus
from ivr.flow.turn import FlowInput
from ivr.services import Services
from ivr.store.queries.leg_view import LegView
from ivr.telephony.reply import HangUp, Redirect, Reply
from ivr.usecases.agents import dial_agent, offer_end, ringing, star_menu, talk, wrapup
from ivr.usecases.agents.kinds import persistent, third_party
from ivr.usecases.agents.kinds.registry import get_handler
from ivr.usecases.conferences import leg_view
from ivr.usecases.phrases import phrase


def on_input(services: Services, leg_id: str, turn: int, sid: str, heard: FlowInput) -> Reply:
    """A key or a sentence, or the leg's first request. A key of an earlier prompt changes nothing.

    `turn`: of the prompt that is answered; `sid`: CallSid of the leg.
    """
    view = leg_view.load(services, leg_id)
    if view is None or (view.leg.call and view.leg.call != sid):
        return Reply(verb=HangUp())
    if borrower := get_handler(view.leg.kind).find_borrower(services, view):
        return on_input(services, borrower, -1, sid, heard)  # of no prompt: it hears where it should be
    reply = _answer_input(services, view, turn, sid, heard)
    return persistent.return_instead_of_hangup(services, view.leg, reply)


def _answer_input(services: Services, view: LegView, turn: int, sid: str, heard: FlowInput) -> Reply:
    leg = view.leg
    if leg.redirect.pending:
        return _on_redirected(services, view)
    if leg.state is LegState.ENDED:
        return get_handler(leg.kind).explain_end(services, view) or Reply(verb=HangUp())
    if turn != leg.prompt.turn and leg.state is not LegState.RINGING:
        return prompt(services, view)
    if leg.state in BEFORE_ACCEPT:
        return ringing.on_input(services, view, sid, heard)
    if leg.state is LegState.MENU:
        return star_menu.on_input(services, view, heard)
    if leg.state is LegState.WRAPPING:
        return wrapup.on_input(services, view, heard)
    return prompt(services, view)


def prompt(services: Services, view: LegView) -> Reply:
    """Where this leg should be now."""
    if view.leg.state in BEFORE_ACCEPT:
        return ringing.prompt(services, view)
    return get_handler(view.leg.kind).prompt(services, view)


def _on_redirected(services: Services, view: LegView) -> Reply:
    """The leg was sent for, and is here."""
    change = services.store.begin(view.records)
    leg = change.put(view.leg, view.leg.mark_redirected())
    if not services.store.commit(change):
        return Reply(verb=Redirect(url=services.urls.agent(leg.id, leg.prompt.turn)))
    view = view.with_leg(leg)
    if leg.state is LegState.ENDED:
        return _explain_end(services, view)
    reply = prompt(services, view)
    if leg.prompt.step is LegStep.RETURNED:
        return replace(reply, prompts=(phrase(services, view.language, "agent.returned"), *reply.prompts))
    if leg.prompt.step is LegStep.REFUSED:
        colleague = services.store.get(Agent, leg.consult.refused_by)
        name = colleague.name if colleague else ""
        words = phrase(services, view.language, "agent.target_declined", name=name)
        return replace(reply, prompts=(words, *reply.prompts))
    return reply


def _explain_end(services: Services, view: LegView) -> Reply:
    """The leg was ended from elsewhere, and hears why."""
    if reply := get_handler(view.leg.kind).explain_end(services, view):
        return reply
    if view.leg.prompt.step is LegStep.SAVED:  # said at the desk
        return wrapup.prompt(services, view)
    if view.leg.prompt.step is LegStep.DECLINED:
        key = "agent.declined"
    else:
        key = "agent.gone" if view.contact is None or view.contact.state not in LIVE else "agent.taken"
    return Reply(prompts=(phrase(services, view.language, key),), verb=HangUp())


def on_third_party_ended(services: Services, leg_id: str, status: CallStatus, seconds: str) -> Reply:
    """The action of the agent's Dial to somebody else. `seconds`: for which they talked."""
    view = leg_view.load(services, leg_id)
    if view is None or view.leg.kind is not LegKind.THIRD_PARTY:
        return Reply(verb=HangUp())
    reply = third_party.on_dial_ended(services, view, status, seconds)
    return persistent.return_instead_of_hangup(services, view.leg, reply)


def on_conference_left(
    services: Services, leg_id: str, conference_number: int, sid: str, *, call_live: bool
) -> Reply:
    """The action of the agent's Dial: they pressed *, or the conference ended."""
    view = leg_view.load(services, leg_id)
    if view is None:
        return Reply(verb=HangUp())
    if not call_live:
        on_hangup(services, leg_id, sid)
        return Reply(verb=HangUp())
    reply = _follow_conference_left(services, view, conference_number)
    return persistent.return_instead_of_hangup(services, view.leg, reply)


def _follow_conference_left(services: Services, view: LegView, conference_number: int) -> Reply:
    if view.leg.conference_number != conference_number:
        return _on_redirected(services, view) if view.leg.redirect.pending else prompt(services, view)
    if view.leg.redirect.pending:  # our own redirect: nobody left, and what is answered now is not used
        return prompt(services, view)
    return get_handler(view.leg.kind).on_conference_left(services, view, conference_number)


def on_status(services: Services, leg_id: str, sid: str, status: CallStatus) -> None:
    """What Twilio tells of the agent's leg, late, twice or out of order."""
    dial_agent.record_call_sid(services, leg_id, sid)
    if status.is_over:
        on_hangup(services, leg_id, sid)


def on_hangup(services: Services, leg_id: str, sid: str) -> None:
    """The agent's leg has ended, and with it whatever it was there for."""
    ended = services.store.get(AgentLeg, leg_id)
    lasting = services.store.get(AgentLeg, ended.persistent_leg) if ended and ended.persistent_leg else ended
    if lasting is None or not get_handler(lasting.kind).outlives_calls or lasting.state in BEFORE_ACCEPT:
        _on_own_hangup(services, leg_id, sid)
        return
    if lasting.call != sid:
        return
    agent = services.store.get(Agent, lasting.agent)
    borrowing = persistent.find_borrowing_leg(services, lasting, agent)
    persistent.end_leg(services, lasting)
    _on_own_hangup(services, borrowing.id if borrowing else leg_id, sid)


def _on_own_hangup(services: Services, leg_id: str, sid: str) -> None:
    leg = services.store.get(AgentLeg, leg_id)
    if leg is None or (leg.call and leg.call != sid) or leg.state is LegState.ENDED:
        return
    if leg.state in BEFORE_ACCEPT:
        offer_end.end_offer(services, leg, LegResult.UNANSWERED, "no answer")
        on_hangup(services, leg_id, sid)  # they may have accepted in that instant
    elif leg.state is not LegState.WRAPPING:
        get_handler(leg.kind).on_hangup(services, leg)
    elif talk.is_disposition_owed(leg, services.store.get(Contact, leg.contact)):
        talk.end_leg(services, leg_id)
    else:
        wrapup.on_hangup(services, leg)
