"""An agent's leg: every webhook is answered from the offer's state."""

from __future__ import annotations

from dataclasses import replace

from ivr.domain.records import agent as agents
from ivr.domain.records.agent import Agent
from ivr.domain.records.agent_leg import BEFORE_ACCEPT, Offer, OfferKind, OfferState, Result
from ivr.domain.records.contact import LIVE, Contact, ContactState, Where
from ivr.domain.rules.who_is_in_the_call import Verdict, judge
from ivr.flow.turn import Heard
from ivr.services import Services
from ivr.store.change import Change
from ivr.telephony.reply import Again, HangUp, Reply
from ivr.usecases.agents import monitoring, persistent_leg, ringing, star_menu, third_party_call, wrapup
from ivr.usecases.conferences import conference
from ivr.usecases.contacts import hangups
from ivr.usecases.phrases import say

DECLINED = "declined"  # at the desk, while the leg heard the brief
OVER = frozenset({"completed", "busy", "no-answer", "failed", "canceled"})


def step(s: Services, offer_id: str, turn: int, sid: str, heard: Heard) -> Reply:
    """A key or a sentence, or the leg's first request. A key of an earlier prompt changes nothing."""
    offer = s.store.get(Offer, offer_id)
    if offer is None or (offer.call and offer.call != sid):
        return Reply(then=HangUp())
    if offer.kind is OfferKind.STAY and offer.state in (OfferState.ACCEPTED, OfferState.OVER):
        busy = persistent_leg.borrowed(s, offer)
        return step(s, busy.id, -1, sid, heard) if busy else persistent_leg.here(s, offer)
    return persistent_leg.not_hung_up(s, offer, _step(s, offer, turn, sid, heard))


def _step(s: Services, offer: Offer, turn: int, sid: str, heard: Heard) -> Reply:
    if offer.fetch:
        return _fetched(s, offer)
    if offer.state is OfferState.OVER:
        return wrapup.missed(s, offer) or Reply(then=HangUp())
    if turn != offer.turn and offer.state is not OfferState.RINGING:
        return here(s, offer)
    if offer.state in BEFORE_ACCEPT:
        return ringing.hear(s, offer, sid, heard)
    if offer.state is OfferState.MENU:
        return star_menu.hear(s, offer, heard)
    if offer.state is OfferState.WRAPPING:
        return wrapup.hear(s, offer, heard)
    return here(s, offer)


def _fetched(s: Services, offer: Offer) -> Reply:
    """The leg was sent for, and is here."""
    change = Change(now=s.clock.now())
    come = change.put(offer, replace(offer, fetch=False, sent=0.0))
    if not s.store.commit(change):
        return Reply(then=Again(url=s.urls.agent(offer.id, offer.turn)))
    language = conference.language_of(s, offer)
    if come.state is OfferState.OVER:
        if reply := wrapup.missed(s, come):
            return reply
        if come.step == "saved":  # said at the desk
            return wrapup.here(s, come)
        if come.step == DECLINED:
            return Reply(says=(say(s, language, "agent.declined"),), then=HangUp())
        contact = s.store.get(Contact, come.contact)
        left = contact is None or contact.state not in LIVE
        return Reply(says=(say(s, language, "agent.gone" if left else "agent.taken"),), then=HangUp())
    reply = here(s, come)
    if come.step == "returned":
        return replace(reply, says=(say(s, language, "agent.returned"), *reply.says))
    if come.step == "refused":
        colleague = s.store.get(Agent, come.reason)
        words = say(s, language, "agent.target_declined", name=colleague.name if colleague else "")
        return replace(reply, says=(words, *reply.says))
    return reply


def here(s: Services, offer: Offer) -> Reply:
    """Where this leg should be now."""
    if offer.kind is OfferKind.LISTEN and offer.state is OfferState.ACCEPTED:
        return monitoring.here(s, offer)
    match offer.state:
        case OfferState.OVER:
            return Reply(then=HangUp())
        case OfferState.MENU:
            return star_menu.here(s, offer)
        case OfferState.WRAPPING:
            return wrapup.here(s, offer)
        case OfferState.ACCEPTED | OfferState.CONSULTING:
            return _in_talk(s, offer)
    return ringing.again(s, offer)


def _in_talk(s: Services, offer: Offer) -> Reply:
    contact = s.store.get(Contact, offer.contact)
    if contact is None or offer.id not in (contact.offer, contact.second):
        return wrapup.begin(s, offer)
    mine = contact.agent if contact.offer == offer.id else contact.second_where
    if (
        contact.state is ContactState.HELD
        and offer.state is OfferState.ACCEPTED
        and contact.offer == offer.id
    ):
        return star_menu.stepped_out(s, offer, contact)
    if contact.state is ContactState.HELD:  # a consult: the two are in the room
        return Reply(then=conference.room(s, contact, offer=offer))
    if contact.state not in (ContactState.TALKING, ContactState.CALLING):
        return wrapup.begin(s, offer)
    if mine is Where.OUT and judge(contact, s.clock.now()) is Verdict.MOMENT:
        words = say(s, conference.language_of(s, offer), "one_moment")
        return Reply(says=(words,), then=Again(url=s.urls.agent(offer.id, offer.turn), seconds=1))
    if mine is Where.OUT:
        settled = hangups.settle(s, contact.id)
        if settled is not None and settled.state is not ContactState.TALKING:
            return here(s, s.store.get(Offer, offer.id) or offer)
    return conference.agent_room(s, conference.at_stage(s, offer, contact), contact, words="")


def third_over(s: Services, offer_id: str, status: str, seconds: str) -> Reply:
    """The action of the agent's Dial to somebody else. `status`, `seconds`: DialCallStatus, DialCallDuration."""
    offer = s.store.get(Offer, offer_id)
    if offer is None or offer.kind is not OfferKind.THIRD:
        return Reply(then=HangUp())
    return persistent_leg.not_hung_up(s, offer, third_party_call.came_back(s, offer, status, seconds))


def left(s: Services, offer_id: str, stage: int, sid: str, *, live: bool) -> Reply:
    """The action of the agent's Dial: they pressed *, or the room ended."""
    offer = s.store.get(Offer, offer_id)
    if offer is None:
        return Reply(then=HangUp())
    if not live:
        gone(s, offer_id, sid)
        return Reply(then=HangUp())
    return persistent_leg.not_hung_up(s, offer, _left(s, offer, stage))


def _left(s: Services, offer: Offer, stage: int) -> Reply:
    if offer.stage != stage:
        return _fetched(s, offer) if offer.fetch else here(s, offer)
    if offer.fetch:  # our own redirect: nobody left, and what is answered now is not used
        return here(s, offer)
    if offer.kind is OfferKind.LISTEN:
        return monitoring.left(s, offer, stage)
    contact = hangups.agent_out(s, offer, stage)
    if contact is None:
        return wrapup.begin(s, offer)
    consulting = offer.state is OfferState.CONSULTING and contact.state is ContactState.HELD
    if consulting and contact.offer == offer.id:
        return star_menu.stepped_out(s, offer, contact)
    return here(s, s.store.get(Offer, offer.id) or offer)


def status(s: Services, offer_id: str, sid: str, state: str) -> None:
    """What Twilio tells of the agent's leg, late, twice or out of order."""
    ringing.note_call(s, offer_id, sid)
    if state in OVER:
        gone(s, offer_id, sid)


def gone(s: Services, offer_id: str, sid: str) -> None:
    """The agent's leg has ended, and with it whatever it was there for."""
    offer = s.store.get(Offer, offer_id)
    leg = s.store.get(Offer, offer.stays) if offer and offer.stays else offer
    if offer is None or leg is None or leg.kind is not OfferKind.STAY or leg.state in BEFORE_ACCEPT:
        _gone(s, offer_id, sid)
        return
    busy = persistent_leg.borrowed(s, leg)
    if leg.call == sid:
        persistent_leg.over(s, leg)
        _gone(s, busy.id if busy else offer_id, sid)


def _gone(s: Services, offer_id: str, sid: str) -> None:
    offer = s.store.get(Offer, offer_id)
    if offer is None or (offer.call and offer.call != sid) or offer.state is OfferState.OVER:
        return
    if offer.state in BEFORE_ACCEPT:
        ringing.drop(s, offer, Result.UNANSWERED, "no answer")
        gone(s, offer_id, sid)  # they may have accepted in that instant
        return
    if offer.state is OfferState.WRAPPING:
        _over(s, offer_id) if _owes_word(s, offer) else wrapup.gone(s, offer)
        return
    if offer.kind is OfferKind.THIRD:
        third_party_call.over(s, offer)
        return
    hangups.agent_gone(s, offer)
    _over(s, offer_id)


def _over(s: Services, offer_id: str) -> None:
    """The leg is over; the agent is not free before they said how it went, if it is theirs to say."""
    while True:
        offer = s.store.get(Offer, offer_id)
        if offer is None or offer.state is OfferState.OVER:
            return
        contact = s.store.get(Contact, offer.contact)
        change = Change(now=s.clock.now())
        kept = wrapup.keep_typed(s, offer, change)
        if _owes_word(s, offer):
            over = change.put(offer, replace(kept, state=OfferState.OVER))
            change.rest(over)
            agent = s.store.get(Agent, offer.agent)
            if agent is not None and agent.offer == offer.id:
                change.put(agent, agents.wrap_up(agent, change.now))
            if contact is not None and contact.state is ContactState.WORD:
                change.wake(contact, change.now)
        else:
            conference.release(s, kept, Result.ACCEPTED, change)
        if s.store.commit(change):
            return


def _owes_word(s: Services, offer: Offer) -> bool:
    """They have talked, and nobody knows yet how it went."""
    contact = s.store.get(Contact, offer.contact)
    return contact is not None and contact.offer == offer.id and contact.talked and not contact.word
