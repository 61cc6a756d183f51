"""How did it go? Asked of an agent who hung up without saying."""

from __future__ import annotations

from ivr.flow.turn import SpokenPrompt
from ivr.services import Services
from ivr.store.queries.leg_view import LegView
from ivr.telephony.reply import Reply
from ivr.usecases.agents import wrapup
from ivr.usecases.agents.kinds.handler import LegHandler
from ivr.usecases.phrases import phrase


class DispositionLeg(LegHandler):
    needs_brief = False

    def screening_prompt(self, services: Services, view: LegView) -> SpokenPrompt:
        return phrase(services, view.language, "agent.knock_word")

    def accept(self, services: Services, view: LegView) -> Reply:
        return wrapup.begin(services, view)
