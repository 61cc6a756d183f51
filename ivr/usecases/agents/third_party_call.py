"""A call to somebody else about a case: the airport, the pharmacy, whoever can help the customer.

The agent's own leg is rung first (or is there already) and rings the other from within. The thread of the case tells whom
they rang, and what came of it. The same numbers are refused as for any other call (`permissions.why_not_dialable`).
"""

from __future__ import annotations

from ivr.domain import phone_numbers
from ivr.domain.actor import Actor
from ivr.domain.errors import CalorError
from ivr.domain.records import agent as agents
from ivr.domain.records.agent import Agent, AgentState
from ivr.domain.records.agent_leg import AgentLeg, LegKind, LegResult, LegState, Offer, ThirdPartyCall
from ivr.domain.records.customer import Case
from ivr.domain.telephony_events import CallStatus
from ivr.services import Services
from ivr.telephony.reply import DialNumber, HangUp, Reply
from ivr.usecases.agents import persistent_leg
from ivr.usecases.conferences import conference
from ivr.usecases.customers import case_thread
from ivr.usecases.dialing import permissions
from ivr.usecases.phrases import phrase
from ivr.usecases.routing import router

FAILURE_PHRASE_KEYS = {
    CallStatus.BUSY: "agent.third_busy",
    CallStatus.NO_ANSWER: "agent.third_no_answer",
    CallStatus.FAILED: "agent.third_failed",
}


def start(services: Services, case_id: str, number: str, actor: Actor) -> AgentLeg:
    """Ring the agent, and then this number. Raises CalorError with words for them."""
    agent, case = services.store.get(Agent, actor.id), services.store.get(Case, case_id)
    if case is None:
        raise CalorError("There is no such case.")
    if agent is None:
        raise CalorError("You answer no telephone on this line.")
    e164 = phone_numbers.parse_caller_number("".join(number.split())) or ""
    if not e164:
        raise CalorError(
            f"{number.strip()[:40] or 'Nothing'} is not a number in E.164 form, such as +12025550155."
        )
    if why := permissions.why_not_dialable(services, e164, for_customer=False):
        raise CalorError(f"{e164} cannot be rung ({why.value.replace('_', ' ')}).")
    change = services.store.begin()
    leg = AgentLeg(
        id=services.new_id(),
        kind=LegKind.THIRD_PARTY,
        agent=agent.id,
        our_number=persistent_leg.pick_our_number(services),
        third_party=ThirdPartyCall(case=case.id, number=e164),
        offer=Offer(made_at=change.now),
    )
    change.log_action("third-party call", actor, agent=agent.id, case=case.id)
    if agent.state not in (AgentState.AVAILABLE, AgentState.AWAY) or not router.reserve_agent(
        leg, agent, change
    ):
        raise CalorError("Finish your call first: your phone is rung for this one.")
    if not services.store.commit(change):
        raise CalorError("Something else happened at the same moment. Look again.")
    return leg


def on_enter(services: Services, leg: AgentLeg) -> Reply:
    """They pressed the key: the other is rung."""
    agent = services.store.get(Agent, leg.agent)
    if agent is None or agent.leg != leg.id:
        return Reply(verb=HangUp())
    change = services.store.begin()
    there = change.put(
        leg,
        leg.accept().count_turn().mark_redirected(),
    )
    change.put(agent, agents.engage(agent, change.now))
    change.schedule(there, change.now + conference.CHECK_SECONDS)
    case_thread.add_entry(
        leg.third_party.case, "third", change, agent=agent.id, number=leg.third_party.number
    )
    if not services.store.commit(change):
        return conference.ask_again(services, leg)
    return Reply(
        prompts=(phrase(services, agent.languages[0], "agent.third_ringing"),),
        verb=DialNumber(
            number=leg.third_party.number,
            caller_id=services.settings.caller_id or leg.our_number,
            action_url=services.urls.third_party_ended(leg.id),
            ring_seconds=services.settings.ring_seconds + 20,
        ),
    )


def on_dial_ended(services: Services, leg: AgentLeg, status: CallStatus, seconds: str) -> Reply:
    """The call from within has ended, or has come to nothing."""
    language = conference.language_for_leg(services, leg)
    end_leg(services, leg, status, seconds)
    words = FAILURE_PHRASE_KEYS.get(status)
    return Reply(prompts=(phrase(services, language, words),) if words else (), verb=HangUp())


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
