"""After the talk: what happens next, anything else, how was it. The caller says goodbye first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from ivr.domain.records.agent_leg import Offer
from ivr.domain.records.contact import Contact
from ivr.domain.records.promise import ENDED, Promise, PromiseState
from ivr.domain.speech import spoken_text
from ivr.flow.turn import Heard, HeardKind, Listen, Says
from ivr.services import Services
from ivr.store.change import Change
from ivr.store.queries.contacts import Input
from ivr.telephony.reply import HangUp, Hear, Reply
from ivr.usecases.contacts import hangups, outcome
from ivr.usecases.customers import last_talk
from ivr.usecases.phrases import say
from ivr.usecases.promises import lifecycle as promise_lifecycle

KEY = Listen(digits=1, seconds=5, speech=False)
SENTENCE = Listen(digits=1, seconds=6, speech=True)
POOR = 2  # of 5: somebody rings and puts it right

ELSE, RATE, COMMENT, BYE = "", "rate", "comment", "bye"


def here(s: Services, contact: Contact) -> Reply:
    """The question the caller is at. `position` holds which."""
    language = contact.language
    n = contact.seen + 1
    action = s.urls.step(contact.id, n)
    match contact.position:
        case "rate":
            return Reply(says=(say(s, language, "after.rate"),), then=Hear(listen=KEY, action=action))
        case "comment":
            return Reply(says=(say(s, language, "after.comment"),), then=Hear(listen=SENTENCE, action=action))
        case "bye":
            words = [say(s, language, "after.goodbye")]
            if 0 < contact.rating <= POOR:
                words.insert(0, say(s, language, "after.sorry"))
            elif contact.rating:
                words.insert(0, say(s, language, "after.thanks"))
            return Reply(says=tuple(words), then=HangUp())
    says = (*_next(s, contact), say(s, language, "after.anything_else"))
    return Reply(says=says, then=Hear(listen=KEY, action=action))


def _next(s: Services, contact: Contact) -> tuple[Says, ...]:
    """The understanding and the next steps, read back."""
    says: list[Says] = []
    if contact.steps:
        says.append(say(s, contact.language, "after.next_steps", steps=contact.steps))
    promise = s.store.get(Promise, contact.promise)
    if promise is not None and promise.state not in ENDED and promise.state is not PromiseState.MERGED:
        zone = ZoneInfo(promise.zone or s.settings.default_zone)
        now = datetime.fromtimestamp(s.clock.now(), zone)
        when = spoken_text.by_when(datetime.fromtimestamp(promise.until, zone), contact.language, now)
        says.append(say(s, contact.language, "after.promised", when=when))
    return tuple(says)


def hear(s: Services, contact: Contact, new: Input) -> None:
    """What the caller answered is written down; the reply follows from the state that came of it."""
    if new.n <= contact.seen:  # a repeated webhook
        return
    change = Change(now=s.clock.now())
    after = _STAGES.get(contact.position, _else)(s, contact, new.heard, change)
    kept = change.put(contact, replace(after, seen=new.n))
    if kept.state is contact.state:
        change.wake(kept, change.now + 120)
    s.store.commit(change)


def _else(s: Services, contact: Contact, heard: Heard, change: Change) -> Contact:
    wants = heard.kind is HeardKind.KEYS and heard.value in ("1", "0")
    if wants:
        return hangups.front_of_line(s, replace(contact, talked=False), change)
    return replace(contact, position=RATE)


def _rate(s: Services, contact: Contact, heard: Heard, change: Change) -> Contact:
    rating = heard.value if heard.kind is HeardKind.KEYS else ""
    if rating not in ("1", "2", "3", "4", "5"):
        return replace(contact, position=BYE)
    return rated(s, replace(contact, position=COMMENT if int(rating) <= POOR else BYE), int(rating), change)


def rated(s: Services, contact: Contact, rating: int, change: Change) -> Contact:
    """How it was, by key or by text. A poor answer makes a promise: a supervisor rings and puts it right."""
    offer = s.store.get(Offer, contact.offer)
    by = (offer.agent if offer else "") or contact.served_by  # somebody outside is none of ours
    asked = replace(contact, rating=rating, asked=True, rated_at=change.now, served_by=by)
    change.journal("rated", contact=contact.id, rating=rating)
    if rating <= POOR:
        asked = outcome.put_right(s, asked, change, why=contact.reason)
    return asked


def _comment(s: Services, contact: Contact, heard: Heard, change: Change) -> Contact:
    told = told_why(s, contact, heard.value, change) if heard.kind is HeardKind.WORDS else contact
    return replace(told, position=BYE)


def told_why(s: Services, contact: Contact, words: str, change: Change) -> Contact:
    """Their own words on how it was; a person reads them."""
    contact = promise_lifecycle.cased(s, contact, change)
    last_talk.note(contact.case, "comment", change, contact=contact.id, words=words)
    return replace(contact, comment=words)


def _bye(s: Services, contact: Contact, heard: Heard, change: Change) -> Contact:
    del s, heard, change
    return contact


_STAGES: dict[str, Callable[[Services, Contact, Heard, Change], Contact]] = {
    ELSE: _else,
    RATE: _rate,
    COMMENT: _comment,
    BYE: _bye,
}
