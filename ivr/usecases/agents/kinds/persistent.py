"""The leg that stays on the line between calls: the leg of a call borrows it (`AgentLeg.persistent_leg`).

While nothing goes on it asks us every few seconds, so a lost redirect costs no more than that.
"""

from __future__ import annotations

from dataclasses import replace

from ivr.domain.records import agent as agents
from ivr.domain.records.agent import Agent, AgentState
from ivr.domain.records.agent_leg import BEFORE_ACCEPT, AgentLeg, LegState
from ivr.flow.turn import SpokenPrompt
from ivr.services import Services
from ivr.store.queries.leg_view import LegView
from ivr.telephony.reply import HangUp, Redirect, Reply
from ivr.usecases.agents.kinds.handler import LegHandler
from ivr.usecases.conferences import conference
from ivr.usecases.phrases import phrase

SILENCE_SECONDS = 20  # seconds of silence until the leg asks again
CHECK_SECONDS = 60.0  # seconds between looks whether it is still there
BRIEFING_SECONDS = 60.0  # seconds for hearing a brief


class PersistentLeg(LegHandler):
    needs_brief = False
    is_about_customer = False
    outlives_calls = True

    def screening_prompt(self, services: Services, view: LegView) -> SpokenPrompt:
        return phrase(services, view.language, "agent.knock_stay")

    def accept(self, services: Services, view: LegView) -> Reply:
        leg, agent = view.leg, view.agent
        if agent is None or agent.leg != leg.id:
            return Reply(verb=HangUp())
        change = services.store.begin(view.records)
        there = change.put(leg, leg.accept().count_turn())
        change.put(agent, replace(agents.release(agent, change.now), persistent_leg=leg.id, unanswered=0))
        change.schedule(there, change.now + CHECK_SECONDS)
        change.log_event("persistent leg started", agent=agent.id, offer=leg.id)
        if not services.store.commit(change):
            return conference.ask_again(services, leg)
        return Reply(
            prompts=(phrase(services, view.language, "agent.stays"),), verb=_build_wait_verb(services, there)
        )

    def prompt(self, services: Services, view: LegView) -> Reply:
        """Nothing goes on: silence for a while, or the end when they have gone home."""
        leg, agent = view.leg, view.agent
        if agent is not None and agent.persistent_leg == leg.id and agent.state is not AgentState.OFFLINE:
            return Reply(verb=_build_wait_verb(services, leg))
        end_leg(services, leg)
        return Reply(prompts=(phrase(services, view.language, "agent.stays_no_more"),), verb=HangUp())

    def explain_end(self, services: Services, view: LegView) -> Reply | None:
        return self.prompt(services, view)

    def find_borrower(self, services: Services, view: LegView) -> str:
        if view.leg.state in BEFORE_ACCEPT:
            return ""
        busy = find_borrowing_leg(services, view.leg, view.agent)
        return busy.id if busy else ""


def _build_wait_verb(services: Services, leg: AgentLeg) -> Redirect:
    return Redirect(url=services.urls.agent(leg.id, leg.prompt.turn), pause_seconds=SILENCE_SECONDS)


def find_borrowing_leg(services: Services, leg: AgentLeg, agent: Agent | None) -> AgentLeg | None:
    """The leg of a call that this leg of `agent` serves now."""
    borrowing = services.store.get(AgentLeg, agent.leg) if agent else None
    if borrowing is None or borrowing.persistent_leg != leg.id or borrowing.state is LegState.ENDED:
        return None
    return borrowing


def lend(services: Services, call_leg: AgentLeg, agent: Agent) -> bool:
    """The call comes over the leg that is there. False when there is none, so that the telephone is to be rung."""
    leg = services.store.get(AgentLeg, agent.persistent_leg)
    if leg is None or leg.state is not LegState.ACCEPTED or call_leg.consult.external_number:
        return False
    change = services.store.begin()
    change.expect(leg)
    briefing = change.put(
        call_leg, call_leg.borrow(leg, now=change.now, reserved_until=change.now + BRIEFING_SECONDS)
    )
    change.index_leg(leg.call, briefing)
    change.schedule(briefing, change.now)
    return services.store.commit(change)


def return_instead_of_hangup(services: Services, leg: AgentLeg, reply: Reply) -> Reply:
    """Where another leg would be hung up, one that borrows this one comes back to wait for the next call."""
    if not leg.persistent_leg or not isinstance(reply.verb, HangUp):
        return reply
    return replace(reply, verb=Redirect(url=services.urls.agent(leg.persistent_leg, 0)))


def end_leg(services: Services, leg: AgentLeg) -> None:
    """The leg has ended, or is about to."""
    for change in services.store.transact():
        if change.is_retry:
            leg = services.store.reload(leg)
        if leg.state is LegState.ENDED:
            return
        change.unschedule(change.put(leg, leg.end()))
        agent = change.get(Agent, leg.agent)
        if agent is not None and agent.persistent_leg == leg.id:
            change.put(agent, replace(agent, persistent_leg=""))
        change.log_event("persistent leg ended", agent=leg.agent, offer=leg.id)
