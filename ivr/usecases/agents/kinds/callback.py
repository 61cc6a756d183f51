"""A callback is to be made: this agent first, then the customer."""

from __future__ import annotations

from collections.abc import Mapping

from ivr.domain.records.agent_leg import AgentLeg
from ivr.domain.records.promise import Promise, PromiseState, WaitReason
from ivr.flow.turn import SpokenPrompt
from ivr.services import Services
from ivr.store.change import Change
from ivr.store.queries.leg_view import LegView
from ivr.telephony.reply import Reply
from ivr.usecases.agents.kinds.handler import LegHandler
from ivr.usecases.agents.wrapup import build_missed_callback_reply
from ivr.usecases.callbacks import connect
from ivr.usecases.customers import brief as customer_brief
from ivr.usecases.phrases import phrase
from ivr.usecases.promises import lifecycle

_CHOICES_BY_REASON: Mapping[str, str] = {
    WaitReason.UNUSABLE_NUMBER: "agent.choices_unusable",
    WaitReason.DO_NOT_CALL: "agent.choices_no_calls",
}


class CallbackLeg(LegHandler):
    rings_before_callbacks = False

    def screening_prompt(self, services: Services, view: LegView) -> SpokenPrompt:
        queue = customer_brief.get_spoken_queue_name(services, view)
        return phrase(services, view.language, "agent.knock_callback", queue=queue)

    def choices_phrase_key(self, view: LegView) -> str:
        """What no telephone of ours will ring is not accepted by mistake: who takes it hears that it is in their hands then."""
        return _CHOICES_BY_REASON.get(view.promise.why if view.promise else "", "agent.choices")

    def accept(self, services: Services, view: LegView) -> Reply:
        return connect.accept_callback(services, view)

    def on_not_accepted(self, services: Services, leg: AgentLeg, passed_by: str, change: Change) -> None:
        """The next agent is asked."""
        promise = change.get(Promise, leg.promise)
        if promise is not None and promise.leg == leg.id and promise.state is PromiseState.RINGING:
            lifecycle.return_to_queue(services, promise, change, avoid=passed_by)

    def explain_end(self, services: Services, view: LegView) -> Reply | None:
        return build_missed_callback_reply(services, view)
