"""The agent rings somebody else about a case: their own leg, which rings the other from within."""

from __future__ import annotations

from ivr.domain.records import agent as agents
from ivr.domain.records.agent_leg import AgentLeg, LegResult, LegState
from ivr.domain.speech import spoken_text
from ivr.domain.telephony_events import CallStatus
from ivr.flow.turn import SpokenPrompt
from ivr.services import Services
from ivr.store.queries.leg_view import LegView
from ivr.telephony.reply import DialNumber, HangUp, Reply
from ivr.usecases.agents.kinds.handler import LegHandler
from ivr.usecases.conferences import conference
from ivr.usecases.customers import case_thread
from ivr.usecases.phrases import phrase

FAILURE_PHRASE_KEYS = {
    CallStatus.BUSY: "agent.third_busy",
    CallStatus.NO_ANSWER: "agent.third_no_answer",
    CallStatus.FAILED: "agent.third_failed",
}


class ThirdPartyLeg(LegHandler):
    needs_brief = False
    is_about_customer = False

    def screening_prompt(self, services: Services, view: LegView) -> SpokenPrompt:
        number = spoken_text.phone_number(view.leg.third_party.number, view.language)
        return phrase(services, view.language, "agent.knock_third", number=number)

    def accept(self, services: Services, view: LegView) -> Reply:
        """The other is rung."""
        leg, agent = view.leg, view.agent
        if agent is None or agent.leg != leg.id:
            return Reply(verb=HangUp())
        change = services.store.begin(view.records)
        there = change.put(leg, leg.accept().count_turn().mark_redirected())
        change.put(agent, agents.engage(agent, change.now))
        change.schedule(there, change.now + conference.CHECK_SECONDS)
        other = leg.third_party
        case_thread.add_entry(other.case, "third", change, agent=agent.id, number=other.number)
        if not services.store.commit(change):
            return conference.ask_again(services, leg)
        return Reply(
            prompts=(phrase(services, view.language, "agent.third_ringing"),),
            verb=DialNumber(
                number=other.number,
                caller_id=services.settings.caller_id or leg.our_number,
                action_url=services.urls.third_party_ended(leg.id),
                ring_seconds=services.settings.ring_seconds + 20,
            ),
        )

    def on_hangup(self, services: Services, leg: AgentLeg) -> None:
        end_leg(services, leg)


def on_dial_ended(services: Services, view: LegView, status: CallStatus, seconds: str) -> Reply:
    """The call from within has ended, or has come to nothing."""
    end_leg(services, view.leg, status, seconds)
    words = FAILURE_PHRASE_KEYS.get(status)
    return Reply(prompts=(phrase(services, view.language, words),) if words else (), verb=HangUp())


def end_leg(
    services: Services, leg: AgentLeg, status: CallStatus = CallStatus.UNKNOWN, seconds: str = ""
) -> None:
    """The agent is free again; the thread tells how long they talked, or why not. UNKNOWN: the agent left the call."""
    for change in services.store.transact():
        if change.is_retry:
            leg = services.store.reload(leg)
        if leg.state is LegState.ENDED:
            return
        conference.end_leg(leg, LegResult.ACCEPTED, change)
        case_thread.add_entry(
            leg.third_party.case,
            "third-over",
            change,
            agent=leg.agent,
            number=leg.third_party.number,
            how=status,
            seconds=seconds,
        )
