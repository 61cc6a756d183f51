"""A call to somebody else about a case: the airport, the pharmacy, whoever can help the customer.

The agent's own leg is rung first (or is there already) and rings the other from within. The thread of the case tells whom
they rang, and what came of it. The same numbers are refused as for any other call (`ringable`).
"""

from __future__ import annotations

from dataclasses import replace

from ivr.domain import phone_numbers
from ivr.domain.actor import By
from ivr.domain.errors import CalorError
from ivr.domain.records import agent as agents
from ivr.domain.records.agent import Agent, AgentState
from ivr.domain.records.agent_leg import Offer, OfferKind, OfferState, Result
from ivr.domain.records.customer import Case
from ivr.services import Services
from ivr.store.change import Change
from ivr.telephony.reply import HangUp, Reply, Through
from ivr.usecases.agents import persistent_leg
from ivr.usecases.conferences import conference
from ivr.usecases.customers import last_talk
from ivr.usecases.dialing import permissions
from ivr.usecases.phrases import say
from ivr.usecases.routing import router

WORDS = {"busy": "agent.third_busy", "no-answer": "agent.third_no_answer", "failed": "agent.third_failed"}
ANSWERED = "completed"


def ask(s: Services, case_id: str, number: str, by: By) -> Offer:
    """Ring the agent, and then this number. Raises CalorError with words for them."""
    agent, case = s.store.get(Agent, by.who), s.store.get(Case, case_id)
    if case is None:
        raise CalorError("There is no such case.")
    if agent is None:
        raise CalorError("You answer no telephone on this line.")
    e164 = phone_numbers.caller_number("".join(number.split())) or ""
    if not e164:
        raise CalorError(
            f"{number.strip()[:40] or 'Nothing'} is not a number in E.164 form, such as +12025550155."
        )
    if why := permissions.why_not(s, e164, customers=False):
        raise CalorError(f"{e164} cannot be rung ({why.value.replace('_', ' ')}).")
    change = Change(now=s.clock.now())
    offer = Offer(
        id=s.new_id(),
        kind=OfferKind.THIRD,
        agent=agent.id,
        case=case.id,
        third=e164,
        line=persistent_leg.number_of_ours(s),
        made=change.now,
    )
    change.act("third-party call", by, agent=agent.id, case=case.id)
    if agent.state not in (AgentState.AVAILABLE, AgentState.AWAY) or not router.ask(offer, agent, change):
        raise CalorError("Finish your call first: your phone is rung for this one.")
    if not s.store.commit(change):
        raise CalorError("Something else happened at the same moment. Look again.")
    return offer


def enter(s: Services, offer: Offer) -> Reply:
    """They pressed the key: the other is rung."""
    agent = s.store.get(Agent, offer.agent)
    if agent is None or agent.offer != offer.id:
        return Reply(then=HangUp())
    change = Change(now=s.clock.now())
    there = change.put(
        offer,
        replace(
            offer,
            state=OfferState.ACCEPTED,
            result=Result.ACCEPTED,
            turn=offer.turn + 1,
            fetch=False,
            sent=0.0,
        ),
    )
    change.put(agent, agents.engage(agent, change.now))
    change.wake(there, change.now + conference.CHECK)
    last_talk.note(offer.case, "third", change, agent=agent.id, number=offer.third)
    if not s.store.commit(change):
        return conference.anew(s, offer)
    return Reply(
        says=(say(s, agent.languages[0], "agent.third_ringing"),),
        then=Through(
            number=offer.third,
            caller_id=s.settings.caller_id or offer.line,
            action=s.urls.third(offer.id),
            seconds=s.settings.ring_seconds + 20,
        ),
    )


def came_back(s: Services, offer: Offer, status: str, seconds: str) -> Reply:
    """The call from within has ended, or has come to nothing. `status`: Twilio's DialCallStatus."""
    language = conference.language_of(s, offer)
    over(s, offer, status, seconds)
    words = WORDS.get(status)
    return Reply(says=(say(s, language, words),) if words else (), then=HangUp())


def over(s: Services, offer: Offer, status: str = "", seconds: str = "") -> None:
    """The agent is free again; the thread tells how long they talked, or why not."""
    while offer.state is not OfferState.OVER:
        change = Change(now=s.clock.now())
        conference.release(s, offer, Result.ACCEPTED, change)
        last_talk.note(
            offer.case,
            "third-over",
            change,
            agent=offer.agent,
            number=offer.third,
            how=status,
            seconds=seconds,
        )
        if s.store.commit(change):
            return
        offer = s.store.get(Offer, offer.id) or offer
