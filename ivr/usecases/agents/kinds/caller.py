"""A caller waits on the line for this agent."""

from __future__ import annotations

from dataclasses import replace

from ivr.domain.records.agent import Agent
from ivr.domain.records.agent_leg import AgentLeg
from ivr.domain.records.contact import Contact, ContactState
from ivr.flow.turn import SpokenPrompt
from ivr.services import Services
from ivr.store.change import Change
from ivr.store.queries.leg_view import LegView
from ivr.telephony.reply import Reply
from ivr.usecases.agents.kinds.handler import LegHandler
from ivr.usecases.conferences import conference, leg_view
from ivr.usecases.customers import brief as customer_brief
from ivr.usecases.phrases import phrase
from ivr.usecases.queueing import membership


class CallerLeg(LegHandler):
    def screening_prompt(self, services: Services, view: LegView) -> SpokenPrompt:
        queue = customer_brief.get_spoken_queue_name(services, view)
        return phrase(services, view.language, "agent.knock", queue=queue)

    def accept(self, services: Services, view: LegView) -> Reply:
        """Into the conference with the caller, if they are still there."""
        for change in services.store.transact(view.records):
            if change.is_retry:
                view = leg_view.reload(services, view)
            leg = view.leg
            contact, agent = change.get(Contact, leg.contact), change.get(Agent, leg.agent)
            claimable = (ContactState.WAITING, ContactState.FLOW)
            if contact is None or agent is None or contact.leg != leg.id or contact.state not in claimable:
                return conference.tell_agent_caller_gone(services, view)
            claimed = conference.claim(contact, leg, change)
            engaged = conference.engage(leg, agent, claimed, change)
        return conference.build_agent_reply(services, view.with_leg(engaged), claimed)

    def on_not_accepted(self, services: Services, leg: AgentLeg, passed_by: str, change: Change) -> None:
        """The next agent is asked."""
        contact = change.get(Contact, leg.contact)
        if contact is None or contact.leg != leg.id:
            return
        if contact.state is ContactState.FLOW:
            change.put(contact, replace(contact, leg=""))
        if contact.state is not ContactState.WAITING:
            return
        place = contact.queue_place
        back = replace(
            contact,
            leg="",
            queue_place=replace(
                place,
                declined_by=tuple(sorted({*place.declined_by, passed_by} - {""})),
                declined_at=change.now if passed_by else place.declined_at,
            ),
        )
        change.put(contact, back)
        membership.join(services, back, change)
