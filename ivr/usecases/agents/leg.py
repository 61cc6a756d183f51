"""An agent's leg: every webhook is answered from the leg's state."""

from __future__ import annotations

from dataclasses import replace

from ivr.domain.records import agent as agents
from ivr.domain.records.agent import Agent
from ivr.domain.records.agent_leg import BEFORE_ACCEPT, AgentLeg, LegKind, LegResult, LegState, LegStep
from ivr.domain.records.contact import LIVE, Contact, ContactState
from ivr.domain.records.contact_parts import PartyLocation
from ivr.domain.rules.who_is_in_the_call import TalkVerdict, judge_talk
from ivr.domain.telephony_events import CallStatus
from ivr.flow.turn import FlowInput
from ivr.services import Services
from ivr.telephony.reply import HangUp, Redirect, Reply
from ivr.usecases.agents import (
    dial_agent,
    menu_step,
    monitoring,
    offer_end,
    persistent_leg,
    ringing,
    star_menu,
    third_party_call,
    wrapup,
    wrapup_effects,
)
from ivr.usecases.conferences import conference
from ivr.usecases.contacts import hangups
from ivr.usecases.phrases import phrase


def on_input(services: Services, leg_id: str, turn: int, sid: str, heard: FlowInput) -> Reply:
    """A key or a sentence, or the leg's first request. A key of an earlier prompt changes nothing."""
    leg = services.store.get(AgentLeg, leg_id)
    if leg is None or (leg.call and leg.call != sid):
        return Reply(verb=HangUp())
    if leg.kind is LegKind.PERSISTENT and leg.state in (LegState.ACCEPTED, LegState.ENDED):
        busy = persistent_leg.find_borrowing_leg(services, leg)
        return on_input(services, busy.id, -1, sid, heard) if busy else persistent_leg.prompt(services, leg)
    return persistent_leg.return_instead_of_hangup(
        services, leg, _dispatch_input(services, leg, turn, sid, heard)
    )


def _dispatch_input(services: Services, leg: AgentLeg, turn: int, sid: str, heard: FlowInput) -> Reply:
    if leg.redirect.pending:
        return _on_redirected(services, leg)
    if leg.state is LegState.ENDED:
        return wrapup.build_missed_callback_reply(services, leg) or Reply(verb=HangUp())
    if turn != leg.prompt.turn and leg.state is not LegState.RINGING:
        return prompt(services, leg)
    if leg.state in BEFORE_ACCEPT:
        return ringing.on_input(services, leg, sid, heard)
    if leg.state is LegState.MENU:
        return star_menu.on_input(services, leg, heard)
    if leg.state is LegState.WRAPPING:
        return wrapup.on_input(services, leg, heard)
    return prompt(services, leg)


def _on_redirected(services: Services, leg: AgentLeg) -> Reply:
    """The leg was sent for, and is here."""
    change = services.store.begin()
    come = change.put(leg, leg.mark_redirected())
    if not services.store.commit(change):
        return Reply(verb=Redirect(url=services.urls.agent(leg.id, leg.prompt.turn)))
    language = conference.language_for_leg(services, leg)
    if come.state is LegState.ENDED:
        if reply := wrapup.build_missed_callback_reply(services, come):
            return reply
        if come.prompt.step == LegStep.SAVED:  # said at the desk
            return wrapup.prompt(services, come)
        if come.prompt.step is LegStep.DECLINED:
            return Reply(prompts=(phrase(services, language, "agent.declined"),), verb=HangUp())
        contact = services.store.get(Contact, come.contact)
        left = contact is None or contact.state not in LIVE
        return Reply(
            prompts=(phrase(services, language, "agent.gone" if left else "agent.taken"),), verb=HangUp()
        )
    reply = prompt(services, come)
    if come.prompt.step == LegStep.RETURNED:
        return replace(reply, prompts=(phrase(services, language, "agent.returned"), *reply.prompts))
    if come.prompt.step == LegStep.REFUSED:
        colleague = services.store.get(Agent, come.consult.reason)
        words = phrase(services, language, "agent.target_declined", name=colleague.name if colleague else "")
        return replace(reply, prompts=(words, *reply.prompts))
    return reply


def prompt(services: Services, leg: AgentLeg) -> Reply:
    """Where this leg should be now."""
    if leg.kind is LegKind.MONITOR and leg.state is LegState.ACCEPTED:
        return monitoring.prompt(services, leg)
    match leg.state:
        case LegState.ENDED:
            return Reply(verb=HangUp())
        case LegState.MENU:
            return menu_step.prompt(services, leg)
        case LegState.WRAPPING:
            return wrapup.prompt(services, leg)
        case LegState.ACCEPTED | LegState.CONSULTING:
            return _prompt_in_conference(services, leg)
    return ringing.prompt(services, leg)


def _prompt_in_conference(services: Services, leg: AgentLeg) -> Reply:
    contact = services.store.get(Contact, leg.contact)
    if contact is None or leg.id not in (contact.leg, contact.conference.consult_leg):
        return wrapup.begin(services, leg)
    mine = (
        contact.conference.agent_location
        if contact.leg == leg.id
        else contact.conference.consult_leg_location
    )
    if contact.state is ContactState.ON_HOLD and leg.state is LegState.ACCEPTED and contact.leg == leg.id:
        return star_menu.open_menu(services, leg, contact)
    if contact.state is ContactState.ON_HOLD:  # a consult: the two are in the conference
        return Reply(verb=conference.build_join_verb(services, contact, leg=leg))
    if contact.state not in (ContactState.TALKING, ContactState.CALLING):
        return wrapup.begin(services, leg)
    if (
        mine is PartyLocation.LEFT_CONFERENCE
        and judge_talk(contact, services.clock.now()) is TalkVerdict.WAIT_FOR_REASON
    ):
        words = phrase(services, conference.language_for_leg(services, leg), "one_moment")
        return Reply(
            prompts=(words,), verb=Redirect(url=services.urls.agent(leg.id, leg.prompt.turn), pause_seconds=1)
        )
    if mine is PartyLocation.LEFT_CONFERENCE:
        settled = hangups.reevaluate(services, contact.id)
        if settled is not None and settled.state is not ContactState.TALKING:
            return prompt(services, services.store.get(AgentLeg, leg.id) or leg)
    return conference.build_agent_reply(
        services, conference.update_leg_conference(services, leg, contact), contact, phrase_key=""
    )


def on_third_party_ended(services: Services, leg_id: str, status: CallStatus, seconds: str) -> Reply:
    """The call from the agent's leg to somebody else is over. `status`: how it ended; `seconds`: for which they talked."""
    leg = services.store.get(AgentLeg, leg_id)
    if leg is None or leg.kind is not LegKind.THIRD_PARTY:
        return Reply(verb=HangUp())
    return persistent_leg.return_instead_of_hangup(
        services, leg, third_party_call.on_dial_ended(services, leg, status, seconds)
    )


def on_conference_left(
    services: Services, leg_id: str, conference_number: int, sid: str, *, call_live: bool
) -> Reply:
    """The action of the agent's Dial: they pressed *, or the conference ended."""
    leg = services.store.get(AgentLeg, leg_id)
    if leg is None:
        return Reply(verb=HangUp())
    if not call_live:
        on_hangup(services, leg_id, sid)
        return Reply(verb=HangUp())
    return persistent_leg.return_instead_of_hangup(
        services, leg, _follow_conference_left(services, leg, conference_number)
    )


def _follow_conference_left(services: Services, leg: AgentLeg, conference_number: int) -> Reply:
    if leg.conference_number != conference_number:
        return _on_redirected(services, leg) if leg.redirect.pending else prompt(services, leg)
    if leg.redirect.pending:  # our own redirect: nobody left, and what is answered now is not used
        return prompt(services, leg)
    if leg.kind is LegKind.MONITOR:
        return monitoring.on_conference_left(services, leg, conference_number)
    contact = hangups.on_agent_left_conference(services, leg, conference_number)
    if contact is None:
        return wrapup.begin(services, leg)
    consulting = leg.state is LegState.CONSULTING and contact.state is ContactState.ON_HOLD
    if consulting and contact.leg == leg.id:
        return star_menu.open_menu(services, leg, contact)
    return prompt(services, services.store.get(AgentLeg, leg.id) or leg)


def on_status(services: Services, leg_id: str, sid: str, status: CallStatus) -> None:
    """What Twilio tells of the agent's leg, late, twice or out of order."""
    dial_agent.record_call_sid(services, leg_id, sid)
    if status.is_over:
        on_hangup(services, leg_id, sid)


def on_hangup(services: Services, leg_id: str, sid: str) -> None:
    """The agent's leg has ended, and with it whatever it was there for."""
    ended = services.store.get(AgentLeg, leg_id)
    leg = services.store.get(AgentLeg, ended.persistent_leg) if ended and ended.persistent_leg else ended
    if leg is None or leg.kind is not LegKind.PERSISTENT or leg.state in BEFORE_ACCEPT:
        _on_own_hangup(services, leg_id, sid)
        return
    busy = persistent_leg.find_borrowing_leg(services, leg)
    if leg.call == sid:
        persistent_leg.end_leg(services, leg)
        _on_own_hangup(services, busy.id if busy else leg_id, sid)


def _on_own_hangup(services: Services, leg_id: str, sid: str) -> None:
    leg = services.store.get(AgentLeg, leg_id)
    if leg is None or (leg.call and leg.call != sid) or leg.state is LegState.ENDED:
        return
    if leg.state in BEFORE_ACCEPT:
        offer_end.end_offer(services, leg, LegResult.UNANSWERED, "no answer")
        on_hangup(services, leg_id, sid)  # they may have accepted in that instant
        return
    if leg.state is LegState.WRAPPING:
        _end_leg(services, leg_id) if _owes_disposition(services, leg) else wrapup.on_hangup(services, leg)
        return
    if leg.kind is LegKind.THIRD_PARTY:
        third_party_call.end_leg(services, leg)
        return
    hangups.on_agent_hangup(services, leg)
    _end_leg(services, leg_id)


def _end_leg(services: Services, leg_id: str) -> None:
    """The leg is over; the agent is not free before they said how it went, if it is theirs to say."""
    for change in services.store.transact():
        leg = services.store.get(AgentLeg, leg_id)
        if leg is None or leg.state is LegState.ENDED:
            return
        contact = services.store.get(Contact, leg.contact)
        kept = wrapup_effects.save_typed_note(services, leg, change)
        if _owes_disposition(services, leg):
            over = change.put(leg, kept.end())
            change.unschedule(over)
            agent = services.store.get(Agent, leg.agent)
            if agent is not None and agent.leg == leg.id:
                change.put(agent, agents.wrap_up(agent, change.now))
            if contact is not None and contact.state is ContactState.AWAITING_DISPOSITION:
                change.schedule(contact, change.now)
        else:
            conference.end_leg(kept, LegResult.ACCEPTED, change)


def _owes_disposition(services: Services, leg: AgentLeg) -> bool:
    """They have talked, and nobody knows yet how it went."""
    contact = services.store.get(Contact, leg.contact)
    return contact is not None and contact.leg == leg.id and contact.talked and not contact.disposition
