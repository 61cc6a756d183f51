"""A call to somebody else about a case: the airport, the pharmacy, whoever can help the customer.

The agent's own leg is rung first (or is there already) and rings the other from within. The thread of the case tells whom
they rang, and what came of it. The same numbers are refused as for any other call (`permissions.why_not_dialable`).
"""

from __future__ import annotations

from ivr.domain import phone_numbers
from ivr.domain.actor import Actor
from ivr.domain.errors import CalorError
from ivr.domain.records.agent import Agent, AgentState
from ivr.domain.records.agent_leg import AgentLeg, LegKind, Offer, ThirdPartyCall
from ivr.domain.records.customer import Case
from ivr.services import Services
from ivr.usecases.agents import persistent_leg
from ivr.usecases.dialing import permissions
from ivr.usecases.routing import router


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
