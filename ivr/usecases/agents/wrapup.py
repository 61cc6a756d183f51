"""Wrap-up by phone keys: how it ended, what was understood, what happens next and by when.

The word decides the contact's outcome; the note stands in the case from the moment it was heard; a next step with a
time becomes a promise that the agent owns.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

from ivr.domain.records import agent as agents
from ivr.domain.records.agent import Agent
from ivr.domain.records.agent_leg import Offer, OfferKind, OfferState, Result
from ivr.domain.records.contact import Contact, ContactState
from ivr.domain.records.customer import Customer
from ivr.domain.records.promise import MOVED, Promise, PromiseKind, PromiseState
from ivr.flow.turn import Heard, HeardKind, Listen, Says
from ivr.services import Services
from ivr.store.change import Change
from ivr.telephony.reply import HangUp, Hear, Reply
from ivr.usecases.conferences import conference
from ivr.usecases.contacts import outcome
from ivr.usecases.customers import last_talk
from ivr.usecases.phrases import say
from ivr.usecases.promises import attempts as promise_attempts
from ivr.usecases.promises import lifecycle as promise_lifecycle
from ivr.usecases.promises import supervisor_alerts
from ivr.usecases.texting import send as texting_send

PATIENCE = 120.0  # seconds for all of it
ROUND = 300  # seconds: times are promised as people say them
TRIES = 3
LONGEST_NAME = 80
HANDS = "hands"  # the step in which a supervisor may take over what the line could not keep
WORDS = {"1": "helped", "2": "machine", "3": "nobody", "4": "more"}

KEY = Listen(digits=1, seconds=8, speech=False)
NUMBER = Listen(digits=3, finish="#", seconds=8, speech=False)
SENTENCE = Listen(digits=1, seconds=8, speech=True)

Step = Callable[[Services, Offer, Heard, Change], Offer]


def begin(s: Services, offer: Offer) -> Reply:
    """The talk is over for this agent. One who handed the caller on only says what the next person should know."""
    while True:
        contact = s.store.get(Contact, offer.contact)
        agent = s.store.get(Agent, offer.agent)
        if contact is None or agent is None or offer.state is OfferState.OVER:
            return Reply(then=HangUp())
        if offer.state is OfferState.WRAPPING:  # this leg's two requests came at once: one question, one turn
            return here(s, offer)
        if contact.state is ContactState.CALLING or _missed(contact, offer):
            return _tell_missed(s, offer, agent)
        change = Change(now=s.clock.now())
        first = "disposition" if contact.offer == offer.id and not contact.word else "note"
        kept = keep_typed(s, offer, change)
        wrapping = change.put(
            offer,
            replace(kept, state=OfferState.WRAPPING, step=first, turn=offer.turn + 1, fetch=False, sent=0.0),
        )
        change.put(agent, agents.wrap_up(agent, change.now))
        change.wake(wrapping, change.now + PATIENCE)
        if s.store.commit(change):
            return here(s, wrapping)
        offer = s.store.get(Offer, offer.id) or offer


def _missed(contact: Contact, offer: Offer) -> bool:
    """They never talked: nothing to say about it."""
    return not contact.talked and (contact.offer != offer.id or contact.state is ContactState.ENDED)


def missed(s: Services, offer: Offer) -> Reply | None:
    """A callback that did not come to a talk: the agent hears when it is tried again. None: that is not what happened."""
    contact = s.store.get(Contact, offer.contact)
    promise = s.store.get(Promise, offer.promise)
    if offer.kind is not OfferKind.PROMISE or contact is None or not _missed(contact, offer):
        return None
    if promise is not None and (promise.state is PromiseState.DECLINED or promise.why == MOVED):
        changed = say(s, conference.language_of(s, offer), "callback.changed")
        return Reply(says=(changed,), then=HangUp())
    if promise is None or promise.state not in (PromiseState.MADE, PromiseState.ESCALATED):
        return None
    words = last_talk.when_again(s, promise, conference.language_of(s, offer))
    return Reply(says=(words,), then=HangUp())


def _tell_missed(s: Services, offer: Offer, agent: Agent) -> Reply:
    while offer.state is not OfferState.OVER:
        change = Change(now=s.clock.now())
        if _may_take(s, offer, change):
            asked = change.put(
                offer,
                replace(
                    offer, state=OfferState.WRAPPING, step=HANDS, turn=offer.turn + 1, fetch=False, sent=0.0
                ),
            )
            change.put(agent, agents.wrap_up(agent, change.now))
            change.wake(asked, change.now + PATIENCE)
            if s.store.commit(change):
                return here(s, asked)
            offer = s.store.get(Offer, offer.id) or offer
            agent = s.store.get(Agent, offer.agent) or agent
            continue
        conference.release(s, offer, Result.CANCELLED, change)
        if s.store.commit(change):
            break
        offer = s.store.get(Offer, offer.id) or offer
    gone = Reply(says=(say(s, agent.languages[0], "agent.gone"),), then=HangUp())
    return missed(s, offer) or gone


def _may_take(s: Services, offer: Offer, change: Change) -> Promise | None:
    """The escalated promise that this leg has tried to keep in vain: its agent may say that it is theirs now."""
    promise = change.latest(s.store.get(Promise, offer.promise))
    if promise is None or promise.kind is not PromiseKind.ESCALATION or promise.owner != offer.agent:
        return None
    return promise if promise.state is PromiseState.MADE else None


def here(s: Services, offer: Offer) -> Reply:
    """The question this leg is at."""
    language = conference.language_of(s, offer)
    says: tuple[Says, ...]
    match offer.step:
        case "hands":
            promise = s.store.get(Promise, offer.promise)
            again = (last_talk.when_again(s, promise, language),) if promise else ()
            says = (*again, say(s, language, "agent.hands"))
        case "in_hands":
            return Reply(says=(say(s, language, "agent.in_hands"),), then=HangUp())
        case "readback":
            says = (say(s, language, "agent.note_readback", note=offer.note),)
        case "saved":
            return Reply(says=(say(s, language, "agent.saved"),), then=HangUp())
        case step:
            says = (say(s, language, f"agent.{step}"),)
    listen = {"note": SENTENCE, "name": SENTENCE, "owe_call": NUMBER}.get(offer.step, KEY)
    return Reply(says=says, then=Hear(listen=listen, action=s.urls.agent(offer.id, offer.turn)))


def hear(s: Services, offer: Offer, heard: Heard) -> Reply:
    while True:
        change = Change(now=s.clock.now())
        new = _STEPS[offer.step](s, offer, heard, change)
        new = change.put(offer, replace(new, turn=offer.turn + 1))
        if new.step in ("saved", "in_hands"):
            finish(s, new, change)
        if s.store.commit(change):
            return here(s, new)
        latest = s.store.get(Offer, offer.id)
        if latest is None or latest.turn != offer.turn or latest.state is not OfferState.WRAPPING:
            return conference.anew(s, offer)
        offer = latest


def _disposition(s: Services, offer: Offer, heard: Heard, change: Change) -> Offer:
    word = WORDS.get(heard.value, "") if heard.kind is HeardKind.KEYS else ""
    if not word:
        return _tried(offer, instead="saved")
    contact = _contact(s, offer, change)
    if contact is not None and contact.offer == offer.id:  # or the caller is with somebody else by now
        give_word(s, contact, word, offer, change)
    if word in ("machine", "nobody") and _may_take(s, offer, change):
        return replace(offer, word=word, step=HANDS, tries=0)
    return replace(offer, word=word, step="note" if word in ("helped", "more") else "saved", tries=0)


def give_word(s: Services, contact: Contact, word: str, offer: Offer, change: Change) -> None:
    """The agent's word, kept as soon as it is given; the contact is concluded when the wrap-up is over."""
    change.put(contact, replace(contact, word=word))
    change.journal("disposition", contact=contact.id, agent=offer.agent, word=word)
    promise = change.latest(s.store.get(Promise, contact.promise))
    if promise is not None and promise.state is PromiseState.TALKING:
        if word in ("helped", "more"):
            promise_lifecycle.end(s, promise, PromiseState.KEPT, change, owner=promise.owner or offer.agent)
        else:
            promise_attempts.not_kept(s, promise, word, change)


def _hands(s: Services, offer: Offer, heard: Heard, change: Change) -> Offer:
    """Only a person's key ends what nobody could keep: it is theirs. Otherwise the line goes on trying."""
    promise = _may_take(s, offer, change)
    agent = s.store.get(Agent, offer.agent)
    if heard.value != "1" or promise is None or agent is None:
        return replace(offer, step="saved", tries=0)
    promise_lifecycle.end(s, promise, PromiseState.OWNED, change, owner=agent.id)
    supervisor_alerts.in_hands(s, promise, agent, change)
    return replace(offer, step="in_hands", tries=0)


def _note(s: Services, offer: Offer, heard: Heard, change: Change) -> Offer:
    if heard.kind is not HeardKind.WORDS or not heard.value.strip():
        return _after_note(s, offer, _contact(s, offer, change))
    words = heard.value.strip()
    keep_note(s, offer, words, change)
    return replace(offer, note=words, step="readback", tries=0)


def keep_typed(s: Services, offer: Offer, change: Change) -> Offer:
    """What was typed in the talk, into the case, whatever ended the talk; the offer, as it is then."""
    if not offer.typed:
        return offer
    keep_note(s, offer, offer.note, change)
    return replace(offer, typed=False)


def keep_note(s: Services, offer: Offer, words: str, change: Change) -> None:
    """For the next person, to the word: in the case, and as what was said last."""
    contact = _contact(s, offer, change)
    if contact is None:
        return
    contact = promise_lifecycle.cased(s, contact, change, owner=offer.agent)
    contact = change.put(contact, contact)
    last_talk.note(contact.case, "note", change, agent=offer.agent, contact=contact.id, words=words)
    customer = change.latest(s.store.get(Customer, contact.number))
    agent = s.store.get(Agent, offer.agent)
    if customer is not None and agent is not None:
        told = last_talk.last_contact(
            customer, contact, agent=agent, words=words, about=contact.reason, at=change.now
        )
        change.put(customer, told)


def _readback(s: Services, offer: Offer, heard: Heard, change: Change) -> Offer:
    if heard.value == "2":
        return replace(offer, step="note", tries=0)
    return _after_note(s, offer, _contact(s, offer, change))


def _after_note(s: Services, offer: Offer, contact: Contact | None) -> Offer:
    """One who handed the caller on is done; one who has just promised a call is not asked for it again."""
    if contact is None or contact.offer != offer.id:
        return replace(offer, step="saved", tries=0)
    owed = s.store.get(Promise, contact.promise)
    promised = owed is not None and owed.owner == offer.agent and owed.made_at >= offer.made
    return replace(offer, step=_name_or_saved(s, contact) if promised else "owe_call", tries=0)


def _owe_call(s: Services, offer: Offer, heard: Heard, change: Change) -> Offer:
    digits = heard.value if heard.kind is HeardKind.KEYS else ""
    contact = _contact(s, offer, change)
    if contact is not None and digits.isdigit() and 0 < int(digits) <= 24 * 14:
        owe_call(s, contact, offer, int(digits), change)
    elif not digits and not offer.tries:
        return replace(offer, tries=1)
    return replace(offer, step=_name_or_saved(s, contact), tries=0)


def owe_call(s: Services, contact: Contact, offer: Offer, hours: int, change: Change) -> Contact:
    """A next step with a time: a promise that this agent owns."""
    at = math.ceil((change.now + hours * 3600) / ROUND) * ROUND
    current = change.latest(s.store.get(Promise, contact.promise))
    if current is not None and current.state in (PromiseState.MERGED, PromiseState.TALKING):
        promise_lifecycle.end(s, current, PromiseState.KEPT, change)
    wanted = promise_lifecycle.Wanted(
        kind=PromiseKind.FOLLOW_UP,
        since=at - min(900.0, hours * 900.0),
        until=at,
        owner=offer.agent,
        reason=contact.reason or offer.note or contact.steps,
        queue=contact.queue,
    )
    kept, _ = promise_lifecycle.make(s, contact, wanted, change)
    return change.put(contact, kept)


def _name_or_saved(s: Services, contact: Contact | None) -> str:
    customer = s.store.get(Customer, contact.number) if contact and contact.number else None
    return "name" if customer is not None and not customer.name else "saved"


def _name(s: Services, offer: Offer, heard: Heard, change: Change) -> Offer:
    contact = _contact(s, offer, change)
    customer = change.latest(s.store.get(Customer, contact.number)) if contact else None
    if heard.kind is HeardKind.WORDS and heard.value.strip() and customer is not None:
        last_talk.named(s, customer, heard.value.strip(" .").title()[:LONGEST_NAME], change)
    return replace(offer, step="saved")


_STEPS: dict[str, Step] = {
    "disposition": _disposition,
    HANDS: _hands,
    "note": _note,
    "readback": _readback,
    "owe_call": _owe_call,
    "name": _name,
    "saved": lambda _s, offer, _heard, _change: offer,
}


def finish(s: Services, offer: Offer, change: Change) -> None:
    """The agent is free. A contact that is still owed an outcome gets it, or the agent is asked again later."""
    change.put(offer, replace(offer, state=OfferState.OVER, result=offer.result or Result.ACCEPTED))
    change.rest(offer)
    agent = change.latest(s.store.get(Agent, offer.agent))
    if agent is not None and agent.offer == offer.id:
        change.put(agent, agents.release(agent, change.now))
        change.journal("available", agent=agent.id)
    contact = _contact(s, offer, change)
    if contact is None or contact.offer != offer.id:
        return
    if contact.state is ContactState.WORD and contact.word:
        outcome.by_word(s, contact, change)
    if contact.word:
        _sum_up(s, contact, offer, change)


def _sum_up(s: Services, contact: Contact, offer: Offer, change: Change) -> None:
    customer = change.latest(s.store.get(Customer, contact.number))
    if body := summary(s, contact, customer, offer.note, contact.steps):
        texting_send.send(
            s, to=contact.number, line=contact.line, body=body, about=contact.member, change=change
        )


def summary(s: Services, contact: Contact, customer: Customer | None, note: str, steps: str) -> str:
    """What was understood and what happens next, as it is texted; "" when no text goes out."""
    understood = note or contact.reason
    if not understood or customer is None or customer.no_texts:
        return ""
    return s.library.book(contact.language).text(
        "text.summary",
        name=customer.name.split(" ")[0],
        understood=_sentence(understood),
        steps=_sentence(steps),
    )


def _sentence(words: str) -> str:
    """People do not say their full stops."""
    return words if not words or words.endswith((".", "!", "?")) else words + "."


def gone(s: Services, offer: Offer) -> None:
    """They hung up during the wrap-up: what they said stands; what they did not say is asked later."""
    while offer.state is OfferState.WRAPPING:
        change = Change(now=s.clock.now())
        finish(s, change.put(offer, offer), change)
        if s.store.commit(change):
            return
        offer = s.store.get(Offer, offer.id) or offer


def _tried(offer: Offer, *, instead: str, most: int = TRIES) -> Offer:
    """Ask again, a few times."""
    if offer.tries + 1 >= most:
        return replace(offer, step=instead, tries=0)
    return replace(offer, tries=offer.tries + 1)


def _contact(s: Services, offer: Offer, change: Change) -> Contact | None:
    return change.made(Contact, offer.contact) or s.store.get(Contact, offer.contact)
