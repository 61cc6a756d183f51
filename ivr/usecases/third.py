"""A call to somebody else about a case: the airport, the pharmacy, whoever can help the customer.

The agent's own leg is rung first (or is there already) and rings the other from within. The thread of the case tells whom
they rang, and what came of it. The same numbers are refused as for any other call (`ringable`).
"""

from __future__ import annotations

from dataclasses import replace

from ivr.domain import agent as agents
from ivr.domain import numbers
from ivr.domain.agent import Agent, AgentState
from ivr.domain.by import By
from ivr.domain.customer import Case
from ivr.domain.errors import CalorError
from ivr.domain.offer import Offer, OfferKind, OfferState, Result
from ivr.services import Services
from ivr.store.change import Change
from ivr.telephony.reply import HangUp, Reply, Through
from ivr.usecases import remember, ringable, rooms, route, stay
from ivr.usecases.words import say

WORDS = {"busy": "agent.third_busy", "no-answer": "agent.third_no_answer", "failed": "agent.third_failed"}
ANSWERED = "completed"


def ask(s: Services, case_id: str, number: str, by: By) -> Offer:
    """Ring the agent, and then this number. Raises CalorError with words for them."""
    agent, case = s.store.get(Agent, by.who), s.store.get(Case, case_id)
    if case is None:
        raise CalorError("There is no such case.")
    if agent is None:
        raise CalorError("You answer no telephone on this line.")
    e164 = numbers.caller_number("".join(number.split())) or ""
    if not e164:
        raise CalorError(
            f"{number.strip()[:40] or 'Nothing'} is not a number in E.164 form, such as +12025550155."
        )
    if why := ringable.why_not(s, e164, customers=False):
        raise CalorError(f"{e164} cannot be rung ({why.value.replace('_', ' ')}).")
    change = Change(now=s.clock.now())
    offer = Offer(
        id=s.new_id(),
        kind=OfferKind.THIRD,
        agent=agent.id,
        case=case.id,
        third=e164,
        line=stay.number_of_ours(s),
        made=change.now,
    )
    change.act("third call", by, agent=agent.id, case=case.id)
    if agent.state not in (AgentState.AVAILABLE, AgentState.AWAY) or not route.ask(offer, agent, change):
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
    change.wake(there, change.now + rooms.CHECK)
    remember.note(offer.case, "third", change, agent=agent.id, number=offer.third)
    if not s.store.commit(change):
        return rooms.anew(s, offer)
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
    language = rooms.language_of(s, offer)
    over(s, offer, status, seconds)
    words = WORDS.get(status)
    return Reply(says=(say(s, language, words),) if words else (), then=HangUp())


def over(s: Services, offer: Offer, status: str = "", seconds: str = "") -> None:
    """The agent is free again; the thread tells how long they talked, or why not."""
    while offer.state is not OfferState.OVER:
        change = Change(now=s.clock.now())
        rooms.release(s, offer, Result.ACCEPTED, change)
        remember.note(
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
