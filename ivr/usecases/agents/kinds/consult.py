"""A colleague wants help with a caller who is held."""

from __future__ import annotations

from ivr.domain.records.agent_leg import AgentLeg
from ivr.flow.turn import SpokenPrompt
from ivr.services import Services
from ivr.store.change import Change
from ivr.store.queries.leg_view import LegView
from ivr.telephony.reply import Reply
from ivr.usecases.agents import consulting
from ivr.usecases.agents.kinds.handler import LegHandler
from ivr.usecases.customers import brief as customer_brief
from ivr.usecases.phrases import phrase


class ConsultLeg(LegHandler):
    def screening_prompt(self, services: Services, view: LegView) -> SpokenPrompt:
        asking = view.asking_agent.name if view.asking_agent else ""
        if view.leg.consult.external_number:
            return phrase(services, view.language, "agent.knock_outside", agent=asking)
        queue = customer_brief.get_spoken_queue_name(services, view)
        return phrase(services, view.language, "agent.knock_transfer", agent=asking, queue=queue)

    def accept(self, services: Services, view: LegView) -> Reply:
        return consulting.accept_consult(services, view)

    def on_not_accepted(self, services: Services, leg: AgentLeg, passed_by: str, change: Change) -> None:
        del passed_by
        consulting.on_consult_refused(services, leg, change)
