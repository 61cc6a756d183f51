"""An agent is asked: rung, briefed, accepts, passes, or does not answer. Nobody is connected who has not said yes (I6)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ivr.domain.errors import TelephonyError, TryLater, Unclear
from ivr.domain.records import agent as agents
from ivr.domain.records.agent import Agent
from ivr.domain.records.agent_leg import BEFORE_ACCEPT, Offer, OfferKind, OfferState, Result
from ivr.domain.records.contact import Contact, ContactState
from ivr.domain.records.promise import Promise, PromiseState
from ivr.domain.speech import spoken_text
from ivr.flow.turn import Heard, HeardKind, Listen, Says
from ivr.services import Services
from ivr.store.change import Change
from ivr.telephony.reply import Again, HangUp, Hear, Reply
from ivr.usecases.agents import monitoring, persistent_leg, star_menu, third_party_call, wrapup
from ivr.usecases.callbacks import connect as callback_connect
from ivr.usecases.conferences import conference, leg_commands
from ivr.usecases.customers import last_talk
from ivr.usecases.dialing import call_rate
from ivr.usecases.phrases import say
from ivr.usecases.promises import escalation
from ivr.usecases.promises import lifecycle as promise_lifecycle
from ivr.usecases.queueing import membership

LEASE = 10.0  # seconds beyond the ringing
BRIEFING = 60.0  # seconds for hearing the brief; then the next person is asked
MOST = 180.0  # seconds since the phone was rung, for whoever asks to hear all of it
KNOCKS = 3  # times "press 1 to hear it" is said: a voicemail listens too
REPEATS = 2
TRIES = 5

KEY = Listen(digits=1, seconds=4, speech=False)


def ring(s: Services, offer: Offer) -> None:
    """Make the agent's phone ring. The intent is on disk before the POST; after an unclear answer the lease decides."""
    now = s.clock.now()
    agent = s.store.get(Agent, offer.agent) if not offer.outside else _agent(s, offer)
    if agent is None or (agent.offer != offer.id and not offer.outside):
        drop(s, offer, Result.CANCELLED, "agent is elsewhere")
        return
    if agent.on_line and persistent_leg.lend(s, offer, agent):
        return
    wait = call_rate.take(s, live=offer.kind is not OfferKind.PROMISE, now=now)
    if wait > 0:
        _look_at(s, offer, now + wait)
        return
    change = Change(now=now)
    ringing = change.put(
        offer,
        replace(
            offer,
            state=OfferState.RINGING,
            intent=now,
            browser=agent.rings.startswith("client:"),
            lease=now + s.settings.ring_seconds + LEASE,
        ),
    )
    change.wake(ringing, ringing.lease)
    if not s.store.commit(change):
        return
    try:
        sid = s.telephony.create_call(
            to=agent.rings,
            from_=s.settings.caller_id or offer.line,
            url=s.urls.agent(offer.id),
            fallback_url=s.urls.agent(offer.id),
            status_callback=s.urls.agent_status(offer.id),
            timeout=s.settings.ring_seconds,
        )
    except TryLater:
        _again(s, ringing, now)
    except Unclear:
        return  # it may ring: its webhooks will say so, or the lease runs out
    except TelephonyError as e:
        drop(s, ringing, Result.FAILED, f"code {e.code}")
    else:
        note_call(s, ringing.id, sid)


def _look_at(s: Services, offer: Offer, at: float) -> None:
    change = Change(now=s.clock.now())
    change.expect(offer)
    change.wake(offer, at)
    s.store.commit(change)


def _again(s: Services, offer: Offer, now: float) -> None:
    change = Change(now=now)
    made = change.put(offer, replace(offer, state=OfferState.MADE))
    change.wake(made, now + 1)
    s.store.commit(change)


def note_call(s: Services, offer_id: str, sid: str) -> None:
    """The CallSid, from the response or from whichever webhook came first."""
    while (offer := s.store.get(Offer, offer_id)) is not None and not offer.call:
        change = Change(now=s.clock.now())
        kept = change.put(offer, replace(offer, call=sid))
        change.leg(sid, kept)
        if s.store.commit(change):
            return


def hear(s: Services, offer: Offer, sid: str, heard: Heard) -> Reply:
    """The agent's leg before they are in the room: picked up, knocked, briefed, asked."""
    if offer.state in (OfferState.MADE, OfferState.RINGING):
        return _picked_up(s, offer, sid)
    key = heard.value if heard.kind is HeardKind.KEYS else ""
    if not offer.confirmed:
        return _knocked(s, offer, key)
    answer: Callable[[Services, Offer], Reply] = _KEYS.get(key, _no_key)
    return answer(s, offer)


def _picked_up(s: Services, offer: Offer, sid: str) -> Reply:
    change = Change(now=s.clock.now())
    briefing = change.put(
        offer,
        replace(offer, state=OfferState.BRIEFING, call=sid, turn=1, lease=change.now + BRIEFING),
    )
    change.leg(sid, briefing)
    change.wake(briefing, briefing.lease)
    if not s.store.commit(change):
        return Reply(then=Again(url=s.urls.agent(offer.id, 0)))
    if briefing.browser:  # a click answered, so a person: no voicemail is to be told apart
        return accept(s, briefing) if briefing.eager else _knocked(s, briefing, "1")
    return _ask(s, briefing, (_knock(s, briefing),))


def _knock(s: Services, offer: Offer) -> Says:
    agent = _agent(s, offer)
    language = agent.languages[0]
    queue = last_talk.queue_of(s, offer)
    if offer.outside:
        return say(s, language, "agent.knock_outside", agent=_by(s, offer))
    if offer.eager:  # they have read the brief; a voicemail that picks up instead of them presses nothing
        return say(s, language, "agent.knock_accepted")
    match offer.kind:
        case OfferKind.WORD:
            return say(s, language, "agent.knock_word")
        case OfferKind.THIRD:
            return say(s, language, "agent.knock_third", number=spoken_text.telephone(offer.third, language))
        case OfferKind.STAY:
            return say(s, language, "agent.knock_stay")
        case OfferKind.LISTEN:
            return say(s, language, "agent.knock_listen")
        case OfferKind.PROMISE:
            return say(s, language, "agent.knock_callback", queue=queue)
        case OfferKind.CONSULT:
            return say(s, language, "agent.knock_transfer", agent=_by(s, offer), queue=queue)
    return say(s, language, "agent.knock", queue=queue)


def _by(s: Services, offer: Offer) -> str:
    """Who asks for them."""
    colleague = s.store.get(Offer, offer.by)
    return _agent(s, colleague).name if colleague else ""


def _knocked(s: Services, offer: Offer, key: str) -> Reply:
    if key == "1" and (offer.outside or offer.eager):  # not for them, or read at the desk
        return accept(s, offer)
    if key == "1" and offer.kind is OfferKind.LISTEN:
        return monitoring.enter(s, offer)
    if key == "1" and offer.kind is OfferKind.THIRD:
        return third_party_call.enter(s, offer)
    if key == "1" and offer.kind is OfferKind.STAY:
        return persistent_leg.enter(s, offer)
    if key == "1" and offer.kind is OfferKind.WORD:
        return wrapup.begin(s, offer)
    if key == "1":
        return _brief(s, _turn(s, offer, confirmed=True, step=""), whole=False)
    knocks = len(offer.step)
    if knocks + 1 >= KNOCKS:
        drop(s, offer, Result.UNANSWERED, "no key: perhaps a voicemail")
        return Reply(then=HangUp())
    again = _turn(s, offer, step=offer.step + "k")
    return _ask(s, again, (_knock(s, again),))


def _brief(s: Services, offer: Offer, *, whole: bool) -> Reply:
    agent = _agent(s, offer)
    told = last_talk.brief(s, offer, agent)
    first, rest = told.aloud
    language = agent.languages[0]
    choices = say(s, language, _choices(s, offer))
    says = [last_talk.plain(first, language), choices]
    if whole and rest:
        says = [*says, last_talk.plain(rest, language), choices]
    return _ask(s, offer, tuple(says))


def _choices(s: Services, offer: Offer) -> str:
    """What no telephone of ours will ring is not accepted by mistake: who takes it hears that it is in their hands then."""
    promise = s.store.get(Promise, offer.promise) if offer.kind is OfferKind.PROMISE else None
    by_hand = {escalation.UNUSABLE: "agent.choices_unusable", escalation.NO_CALLS: "agent.choices_no_calls"}
    return by_hand.get(promise.why if promise else "", "agent.choices")


def _no_key(s: Services, offer: Offer) -> Reply:
    if len(offer.step) >= REPEATS:
        drop(s, offer, Result.UNANSWERED, "no answer to the brief")
        return Reply(then=HangUp())
    return _brief(s, _turn(s, offer, step=offer.step + "b"), whole=True)


def _repeat(s: Services, offer: Offer) -> Reply:
    """All of it, a policy too, takes longer than the brief; who asks for it is there, and has the time to hear it."""
    return _brief(s, _turn(s, offer, step="", most=MOST), whole=True)


def _decline(s: Services, offer: Offer) -> Reply:
    agent = _agent(s, offer)
    drop(s, offer, Result.DECLINED, "passed")
    return Reply(says=(say(s, agent.languages[0], "agent.declined"),), then=HangUp())


def accept(s: Services, offer: Offer) -> Reply:
    """They say yes: into the room, if whoever it is about is still there."""
    if offer.kind is OfferKind.PROMISE:
        return callback_connect.accept(s, offer)
    if offer.kind is OfferKind.CONSULT:
        return star_menu.accept(s, offer)
    for _ in range(TRIES):
        contact = s.store.get(Contact, offer.contact)
        agent = s.store.get(Agent, offer.agent)
        claimable = (ContactState.WAITING, ContactState.FLOW)
        if contact is None or agent is None or contact.offer != offer.id or contact.state not in claimable:
            return conference.gone(s, offer)
        change = Change(now=s.clock.now())
        claimed = conference.claim(contact, offer, change)
        engaged = conference.engage(offer, agent, claimed, change)
        if s.store.commit(change):
            return conference.agent_room(s, engaged, claimed)
        offer = leg_commands.anew(s, offer)
    return conference.gone(s, offer)


_KEYS: dict[str, Callable[[Services, Offer], Reply]] = {"1": accept, "2": _decline, "3": _repeat}


def drop(s: Services, offer: Offer, result: Result, why: str) -> None:
    """This offer came to nothing: the agent is free (or away, when their phone rings out again and again), the next is asked."""
    while True:
        change = Change(now=s.clock.now())
        over = change.put(offer, replace(offer, state=OfferState.OVER, result=result))
        change.rest(over)
        change.journal(
            "offer " + result.value, offer=offer.id, contact=offer.contact, agent=offer.agent, why=why
        )
        agent = s.store.get(Agent, offer.agent)
        if agent is not None and agent.offer == offer.id:
            freed = agents.missed if result is Result.UNANSWERED else agents.release
            change.put(agent, freed(agent, change.now))
        _next_person(s, offer, result, change)
        if s.store.commit(change):
            return
        latest = s.store.get(Offer, offer.id)
        if latest is None or latest.state not in BEFORE_ACCEPT:
            return  # accepted, or dropped by somebody else, meanwhile
        offer = latest


def _next_person(s: Services, offer: Offer, result: Result, change: Change) -> None:
    passed = offer.agent if result in (Result.DECLINED, Result.UNANSWERED, Result.FAILED) else ""
    if offer.kind is OfferKind.CONSULT:
        star_menu.refused(s, offer, change)
        return
    if offer.kind in (OfferKind.WORD, OfferKind.LISTEN, OfferKind.STAY, OfferKind.THIRD):
        return
    contact = s.store.get(Contact, offer.contact)
    if contact is not None and contact.offer == offer.id and contact.state is ContactState.WAITING:
        back = replace(
            contact,
            offer="",
            avoid=tuple(sorted({*contact.avoid, passed} - {""})),
            passed=change.now if passed else contact.passed,
        )
        change.put(contact, back)
        membership.join(s, back, change)
    elif contact is not None and contact.offer == offer.id and contact.state is ContactState.FLOW:
        change.put(contact, replace(contact, offer=""))
    promise = s.store.get(Promise, offer.promise)
    if promise is not None and promise.offer == offer.id and promise.state is PromiseState.RINGING:
        promise_lifecycle.back_to_line(s, promise, change, avoid=passed)


def again(s: Services, offer: Offer) -> Reply:
    """The question this leg is at, said again."""
    if offer.state is not OfferState.BRIEFING:
        return Reply(then=Again(url=s.urls.agent(offer.id, offer.turn), seconds=1))
    if offer.stays and offer.eager:  # said at the desk, before the leg was asked to come
        return accept(s, offer)
    if offer.stays and offer.kind in (OfferKind.LISTEN, OfferKind.WORD, OfferKind.THIRD):
        return _knocked(s, offer, "1")  # they are on the line, so there is nothing to pick up
    return _brief(s, offer, whole=False) if offer.confirmed else _ask(s, offer, (_knock(s, offer),))


def _turn(s: Services, offer: Offer, *, step: str, confirmed: bool | None = None, most: float = 0.0) -> Offer:
    """The leg has come one prompt further. `most`: seconds since it was rung, up to which it gets a fresh lease."""
    change = Change(now=s.clock.now())
    new = change.put(
        offer,
        replace(
            offer,
            turn=offer.turn + 1,
            step=step,
            confirmed=offer.confirmed if confirmed is None else confirmed,
            lease=max(offer.lease, min(change.now + BRIEFING, offer.intent + most)),
        ),
    )
    if new.lease > offer.lease:
        change.wake(new, new.lease)
    return new if s.store.commit(change) else (s.store.get(Offer, offer.id) or offer)


def _ask(s: Services, offer: Offer, says: tuple[Says, ...]) -> Reply:
    return Reply(says=says, then=Hear(listen=KEY, action=s.urls.agent(offer.id, offer.turn)))


def _agent(s: Services, offer: Offer) -> Agent:
    if offer.outside:
        return Agent(
            id="", name=offer.outside, phone=offer.outside, languages=(conference.language_of(s, offer),)
        )
    return s.store.get(Agent, offer.agent) or Agent(id=offer.agent, name=offer.agent, phone="")
