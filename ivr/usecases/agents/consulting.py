"""A colleague is asked while the caller is held: rung, accepted, refused, introduced, or given the call."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from ivr.domain.records.agent import Agent, AgentState
from ivr.domain.records.agent_leg import IN_TALK, AgentLeg, ConsultRequest, LegKind, LegStep, Offer
from ivr.domain.records.contact import Contact, ContactState
from ivr.domain.records.contact_parts import PartyLocation
from ivr.domain.records.disposition import Disposition
from ivr.services import Services
from ivr.store.change import Change
from ivr.store.queries.leg_view import LegView
from ivr.telephony.reply import Reply
from ivr.usecases.agents import wrapup_effects
from ivr.usecases.agents.menu_step import go_to_step
from ivr.usecases.agents.talk_moves import join_conference, move_to_wrapup, rejoin_caller
from ivr.usecases.conferences import conference, leg_commands, leg_view
from ivr.usecases.contacts import caller_moves
from ivr.usecases.phrases import phrase
from ivr.usecases.routing import router


def list_free_colleagues(
    everybody: Iterable[Agent], leg: AgentLeg, contact: Contact, fits: Callable[[Agent], bool]
) -> list[Agent]:
    """Colleagues who can be asked now, those who speak the caller's language first, then the longest idle."""
    found = [a for a in everybody if a.state is AgentState.AVAILABLE and a.id != leg.agent and fits(a)]
    return sorted(found, key=lambda a: (contact.caller.language not in a.languages, a.state_since))


def start_consult(
    services: Services,
    view: LegView,
    contact: Contact,
    fits: Callable[[Agent], bool],
    *,
    reason: str = "",
    consult_leg_id: str = "",
) -> Reply:
    """Reserve a colleague and wait for them in a conference of the two, the caller held.

    `reason`: told to the colleague. `consult_leg_id`: of the colleague's leg; a new one when it is empty.
    """
    for change in services.store.transact(view.records):
        if change.is_retry:  # somebody has the colleague now; or the line noted that a leg is here or there
            now = _reload_if_unchanged(services, view, contact)
            if now is None:
                return conference.ask_again(services, view.leg)
            view, contact = now
        leg, everybody = view.leg, view.all_agents or services.store.list_all(Agent)
        colleague = next(iter(list_free_colleagues(everybody, leg, contact, fits)), None)
        if colleague is None:
            nobody = phrase(services, view.language, "agent.nobody_free")
            return go_to_step(services, view, LegStep.MENU, nobody)
        target = AgentLeg(
            id=consult_leg_id or services.new_id(),
            kind=LegKind.CONSULT,
            agent=colleague.id,
            contact=contact.id,
            promise=contact.promise,
            our_number=contact.caller.called_number,
            consult=ConsultRequest(asked_by_leg=leg.id, reason=reason),
            offer=Offer(made_at=change.now, why="asked for by a colleague"),
        )
        waiting, here_now = _wait_for_consult(leg, contact, target, change)
        router.reserve_agent(target, colleague, change)
        words = phrase(services, view.language, "agent.ringing", name=colleague.name)
        reply = Reply(prompts=(words,), verb=conference.build_join_verb(services, waiting, leg=here_now))
    return reply


def _reload_if_unchanged(
    services: Services, view: LegView, contact: Contact
) -> tuple[LegView, Contact] | None:
    """Both as the database has them, when the agent is at the same question still and the caller held, alone."""
    latest = leg_view.reload(services, view)
    held = latest.contact
    if held is None or held.id != contact.id:
        return None
    if (latest.leg.state, latest.leg.prompt.turn) != (view.leg.state, view.leg.prompt.turn):
        return None
    if held.state is not ContactState.ON_HOLD or held.leg != view.leg.id or held.conference.consult_leg:
        return None
    return latest, held


def start_external_consult(
    services: Services, view: LegView, contact: Contact, number: str, *, consult_leg_id: str
) -> Reply:
    """Ring an external number; they hear who asks, and nothing about the caller before they are with us."""
    change = services.store.begin(view.records)
    target = AgentLeg(
        id=consult_leg_id,
        kind=LegKind.CONSULT,
        contact=contact.id,
        our_number=contact.caller.called_number,
        consult=ConsultRequest(external_number=number, asked_by_leg=view.leg.id),
        offer=Offer(made_at=change.now, why="asked for by a colleague"),
    )
    waiting, here_now = _wait_for_consult(view.leg, contact, target, change)
    router.start_external_leg(target, change)
    if not services.store.commit(change):
        return conference.ask_again(services, view.leg)
    return Reply(
        prompts=(phrase(services, view.language, "agent.ringing_outside"),),
        verb=conference.build_join_verb(services, waiting, leg=here_now),
    )


def _wait_for_consult(
    leg: AgentLeg, contact: Contact, consult_leg: AgentLeg, change: Change
) -> tuple[Contact, AgentLeg]:
    """The agent is in the conference of the two, to which the one asked for comes. One who was asked before is not needed."""
    leg_commands.dismiss(contact.conference.consult_leg, change)
    waiting = change.put(
        contact,
        replace(
            contact,
            conference=replace(
                contact.conference,
                consult_leg=consult_leg.id,
                consult_leg_location=PartyLocation.JOINING,
                agent_location=PartyLocation.IN_CONFERENCE,
            ),
        ),
    )
    here_now = change.put(
        leg,
        leg.join_colleague(contact.conference.number),
    )
    change.log_event("consult", contact=contact.id, offer=consult_leg.id, agent=consult_leg.agent)
    return waiting, here_now


def accept_consult(services: Services, view: LegView) -> Reply:
    """A colleague heard the brief and says yes: to the conference of the two."""
    for change in services.store.transact(view.records):
        if change.is_retry:
            view = leg_view.reload(services, view)
        leg = view.leg
        contact, agent = change.get(Contact, leg.contact), change.get(Agent, leg.agent)
        if contact is None or contact.conference.consult_leg != leg.id:
            return conference.tell_agent_caller_gone(services, view)
        if contact.state is not ContactState.ON_HOLD or not (agent or leg.consult.external_number):
            return conference.tell_agent_caller_gone(services, view)
        with_them = change.put(contact, contact.place_colleague(PartyLocation.IN_CONFERENCE))
        engaged = conference.engage(leg, agent, with_them, change)
        change.log_event("consult accepted", contact=contact.id, offer=leg.id, agent=leg.agent)
    return conference.build_agent_reply(services, view.with_leg(engaged), with_them)


def on_consult_refused(services: Services, leg: AgentLeg, change: Change) -> None:
    """The colleague does not come: the first agent is back with the caller, or the caller is at the front of the queue."""
    contact = change.get(Contact, leg.contact)
    if contact is None or contact.conference.consult_leg != leg.id:
        return
    alone = change.put(contact, contact.without_colleague())
    first = change.get(AgentLeg, contact.leg)
    if contact.state is not ContactState.ON_HOLD or first is None:
        return
    if first.state not in IN_TALK:  # they went in this very instant
        caller_moves.move_to_front(services, alone, change)
        return
    back = caller_moves.bring_caller(alone.place_agent(PartyLocation.JOINING), change, same_conference=False)
    refused = replace(first.consult, refused_by=leg.agent)
    sent_for = change.put(first, replace(first.come_back(LegStep.REFUSED), consult=refused))
    change.schedule(sent_for, change.now)
    change.schedule(back, change.now)


def introduce(services: Services, view: LegView, contact: Contact) -> Reply:
    """All three together."""
    change = services.store.begin(view.records)
    coming = caller_moves.bring_caller(contact.place_agent(PartyLocation.IN_CONFERENCE), change)
    return join_conference(services, view, coming, change, phrase_key="")


def dismiss_colleague(services: Services, view: LegView, contact: Contact) -> Reply:
    """Without the colleague, back to the caller."""
    change = services.store.begin(view.records)
    leg_commands.dismiss(contact.conference.consult_leg, change)
    return rejoin_caller(services, view, change.put(contact, contact.without_colleague()), change)


def complete_transfer(services: Services, view: LegView, contact: Contact) -> Reply:
    """The colleague and the caller remain."""
    change = services.store.begin(view.records)
    heir = change.put(contact, contact.hand_to_colleague())
    give_disposition_if_external(services, heir, view.leg, change)
    caller_moves.bring_caller(change.latest(heir), change)
    return move_to_wrapup(services, view, view.leg.begin_wrapup(LegStep.NOTE), change)


def give_disposition_if_external(
    services: Services, transferred: Contact, leg: AgentLeg, change: Change
) -> None:
    """Left with somebody outside: nobody of ours can say later how it went, so leaving them there is the disposition."""
    other = change.get(AgentLeg, transferred.leg)
    if other is not None and other.consult.external_number and not transferred.disposition:
        wrapup_effects.give_disposition(services, transferred, Disposition.HELPED, leg, change)
