"""Agent to agent, from an ordinary phone: * leaves the room, the caller is held with a word, keys do the rest.

1 a supervisor, 2 a colleague by extension, 3 the next person, 4 back to the caller, 5 we are done.
In a consult: 1 introduce, 2 cancel, 3 leave them together. The caller is never handed to nobody: until a colleague has
heard the brief and said yes, they are this agent's, and when this agent is gone, at the front of the line.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ivr.domain.records import agent as agents
from ivr.domain.records.agent import Agent, AgentState
from ivr.domain.records.agent_leg import Offer, OfferKind, OfferState
from ivr.domain.records.contact import Contact, ContactState, Where
from ivr.flow.turn import Heard, HeardKind, Listen, Says
from ivr.services import Services
from ivr.store import keys
from ivr.store.change import Change
from ivr.telephony.reply import Hear, Reply
from ivr.usecases.agents import wrapup
from ivr.usecases.conferences import conference, leg_commands
from ivr.usecases.contacts import hangups
from ivr.usecases.customers import last_talk
from ivr.usecases.phrases import say
from ivr.usecases.promises import lifecycle as promise_lifecycle
from ivr.usecases.routing import router

KEY = Listen(digits=1, seconds=8, speech=False)
EXTENSION = Listen(digits=4, finish="#", seconds=6, speech=False)
HOURS = Listen(digits=3, finish="#", seconds=8, speech=False)
SENTENCE = Listen(digits=1, seconds=8, speech=True)
LISTEN = {"extension": EXTENSION, "next_steps": SENTENCE, "owe_call": HOURS}
CONSULT = "consult_menu"
TRIES = 5  # a record that somebody else changes at the same instant is read again

Act = Callable[[Services, Offer, Contact], Reply]


def stepped_out(s: Services, offer: Offer, contact: Contact) -> Reply:
    """The agent's leg came out of the room, the caller is held."""
    step = CONSULT if contact.second and contact.second_where is Where.ROOM else "menu"
    return _ask(s, offer, step)


def here(s: Services, offer: Offer, *says: Says) -> Reply:
    """The menu this leg is at."""
    language = conference.language_of(s, offer)
    prompt = say(s, language, f"agent.{offer.step or 'menu'}")
    listen = LISTEN.get(offer.step, KEY)
    return Reply(says=(*says, prompt), then=Hear(listen=listen, action=s.urls.agent(offer.id, offer.turn)))


def hear(s: Services, offer: Offer, heard: Heard) -> Reply:
    """A key, or a sentence, in the menu."""
    contact = s.store.get(Contact, offer.contact)
    if contact is None or contact.state is not ContactState.HELD or contact.offer != offer.id:
        return wrapup.begin(s, offer)
    if offer.step in _SPOKEN:
        return _SPOKEN[offer.step](s, offer, contact, heard)
    table = _CONSULT if offer.step == CONSULT else _MENU
    key = heard.value if heard.kind is HeardKind.KEYS else ""
    act = table.get(key)
    return act(s, offer, contact) if act else _ask(s, offer, offer.step)


def _ask(s: Services, offer: Offer, step: str, *says: Says) -> Reply:
    change = Change(now=s.clock.now())
    new = change.put(
        offer,
        replace(offer, state=OfferState.MENU, step=step, turn=offer.turn + 1, fetch=False, sent=0.0, tries=0),
    )
    change.wake(new, change.now + conference.CHECK)
    if not s.store.commit(change):
        return conference.anew(s, offer)
    return here(s, new, *says)


# ---- the menu


def _supervisor(s: Services, offer: Offer, contact: Contact) -> Reply:
    return consult(s, offer, contact, lambda a: a.supervisor)


def _colleague(s: Services, offer: Offer, contact: Contact) -> Reply:
    del contact
    return _ask(s, offer, "extension")


def _extension(s: Services, offer: Offer, contact: Contact, heard: Heard) -> Reply:
    language = conference.language_of(s, offer)
    (found,) = s.store.read([("GET", keys.extension(heard.value or "-"))])
    if not found:
        return _ask(s, offer, "menu", say(s, language, "agent.extension_unknown"))
    return consult(s, offer, contact, lambda a: a.id == found)


def free(s: Services, offer: Offer, contact: Contact, fits: Callable[[Agent], bool]) -> list[Agent]:
    """Colleagues who can be asked now, those who speak the caller's language first, then the longest idle."""
    found = [
        a
        for a in s.store.everyone(Agent)
        if a.state is AgentState.AVAILABLE and a.id != offer.agent and fits(a)
    ]
    return sorted(found, key=lambda a: (contact.language not in a.languages, a.since))


def consult(
    s: Services, offer: Offer, contact: Contact, fits: Callable[[Agent], bool], *, reason: str = ""
) -> Reply:
    """Reserve a colleague and wait for them in a room of the two, the caller held. `reason`: told to the colleague."""
    language = conference.language_of(s, offer)
    for _ in range(TRIES):
        colleague = next(iter(free(s, offer, contact, fits)), None)
        if colleague is None:
            return _ask(s, offer, "menu", say(s, language, "agent.nobody_free"))
        change = Change(now=s.clock.now())
        target = Offer(
            id=s.new_id(),
            kind=OfferKind.CONSULT,
            agent=colleague.id,
            contact=contact.id,
            promise=contact.promise,
            line=contact.line,
            by=offer.id,
            reason=reason,
            made=change.now,
            why="asked for by a colleague",
        )
        waiting, here_now = _await(offer, contact, target, change)
        if router.reserve_for_consult(s, target, colleague, change) is not None:
            words = say(s, language, "agent.ringing", name=colleague.name)
            return Reply(says=(words,), then=conference.room(s, waiting, offer=here_now))
        # somebody has the colleague now; or the line noted that a leg is here or there: then they are free still
        now = _as_it_was(s, offer, contact)
        if now is None:
            break
        offer, contact = now
    return conference.anew(s, offer)


def _as_it_was(s: Services, offer: Offer, contact: Contact) -> tuple[Offer, Contact] | None:
    """Both as the record has them, when the agent is at the same question still and the caller held, alone."""
    latest, held = s.store.get(Offer, offer.id), s.store.get(Contact, contact.id)
    if latest is None or held is None or (latest.state, latest.turn) != (offer.state, offer.turn):
        return None
    if held.state is not ContactState.HELD or held.offer != offer.id or held.second:
        return None
    return replace(latest, fetch=latest.fetch or offer.fetch), held


def consult_outside(s: Services, offer: Offer, contact: Contact, number: str) -> Reply:
    """Ring somebody who is none of ours; they hear who asks, and nothing about the caller before they are with us."""
    change = Change(now=s.clock.now())
    target = Offer(
        id=s.new_id(),
        kind=OfferKind.CONSULT,
        outside=number,
        contact=contact.id,
        line=contact.line,
        by=offer.id,
        made=change.now,
        why="asked for by a colleague",
    )
    waiting, here_now = _await(offer, contact, target, change)
    router.ask_outside(target, change)
    if not s.store.commit(change):
        return conference.anew(s, offer)
    return Reply(
        says=(say(s, conference.language_of(s, offer), "agent.ringing_outside"),),
        then=conference.room(s, waiting, offer=here_now),
    )


def _await(offer: Offer, contact: Contact, target: Offer, change: Change) -> tuple[Contact, Offer]:
    """The agent is in the room of the two, to which the one asked for comes."""
    waiting = change.put(
        contact,
        replace(contact, second=target.id, second_where=Where.COMING, agent=Where.ROOM),
    )
    here_now = change.put(
        offer, replace(offer, state=OfferState.CONSULTING, stage=contact.stage, turn=offer.turn + 1)
    )
    change.journal("consult", contact=contact.id, offer=target.id, agent=target.agent)
    return waiting, here_now


def _next_person(s: Services, offer: Offer, contact: Contact) -> Reply:
    change = Change(now=s.clock.now())
    passed = replace(contact, transfers=contact.transfers + 1)
    hangups.front_of_line(s, passed, change, avoid=(offer.agent,))
    over_to_notes = change.put(
        offer, replace(offer, state=OfferState.WRAPPING, step="note", turn=offer.turn + 1)
    )
    return wrapping(s, over_to_notes, change)


def back(s: Services, offer: Offer, contact: Contact) -> Reply:
    change = Change(now=s.clock.now())
    return _together(s, offer, contact, change, "agent.returned")


def _done(s: Services, offer: Offer, contact: Contact) -> Reply:
    del contact
    return _ask(s, offer, "next_steps")


def _next_steps(s: Services, offer: Offer, contact: Contact, heard: Heard) -> Reply:
    if heard.kind is HeardKind.WORDS and heard.value.strip():
        change = Change(now=s.clock.now())
        contact = promise_lifecycle.cased(s, contact, change, owner=offer.agent)
        change.put(contact, replace(contact, steps=heard.value.strip()))
        last_talk.note(
            contact.case, "next", change, agent=offer.agent, contact=contact.id, words=heard.value.strip()
        )
        s.store.commit(change)
    return _ask(s, offer, "owe_call")


def _owe_call(s: Services, offer: Offer, contact: Contact, heard: Heard) -> Reply:
    """The last question while the caller waits; then they are asked, and the agent says how it went."""
    change = Change(now=s.clock.now())
    if heard.value.isdigit() and 0 < int(heard.value) <= 24 * 14:
        contact = wrapup.owe_call(s, contact, offer, int(heard.value), change)
    asking = hangups.ask(contact, change)
    change.wake(asking, change.now)
    over_to_notes = change.put(
        offer, replace(offer, state=OfferState.WRAPPING, step="disposition", turn=offer.turn + 1)
    )
    return wrapping(s, over_to_notes, change)


# ---- in a consult


def accept(s: Services, offer: Offer) -> Reply:
    """A colleague heard the brief and says yes: to the room of the two."""
    while True:
        contact = s.store.get(Contact, offer.contact)
        agent = s.store.get(Agent, offer.agent)
        if contact is None or contact.second != offer.id or not (agent or offer.outside):
            return conference.gone(s, offer)
        if contact.state is not ContactState.HELD:
            return conference.gone(s, offer)
        change = Change(now=s.clock.now())
        with_them = change.put(contact, replace(contact, second_where=Where.ROOM))
        engaged = conference.engage(offer, agent, with_them, change)
        change.journal("consult accepted", contact=contact.id, offer=offer.id, agent=offer.agent)
        if s.store.commit(change):
            return conference.agent_room(s, engaged, with_them)
        offer = leg_commands.anew(s, offer)


def refused(s: Services, offer: Offer, change: Change) -> None:
    """The colleague does not come: the first agent is back with the caller, or the caller is at the front of the line."""
    contact = s.store.get(Contact, offer.contact)
    if contact is None or contact.second != offer.id:
        return
    alone = replace(contact, second="", second_where=Where.NOWHERE)
    change.put(contact, alone)
    first = s.store.get(Offer, contact.offer)
    if contact.state is not ContactState.HELD or first is None:
        return
    back = hangups.bring(replace(alone, agent=Where.COMING), change, same_room=False)
    sent_for = change.put(
        first,
        replace(first, state=OfferState.ACCEPTED, step="refused", fetch=True, reason=offer.agent),
    )
    change.wake(sent_for, change.now)
    change.wake(back, change.now)


def introduce(s: Services, offer: Offer, contact: Contact) -> Reply:
    change = Change(now=s.clock.now())
    coming = hangups.bring(replace(contact, agent=Where.ROOM), change)
    there = change.put(
        offer, replace(offer, state=OfferState.ACCEPTED, stage=coming.stage, turn=offer.turn + 1, step="")
    )
    if not s.store.commit(change):
        return conference.anew(s, offer)
    return conference.agent_room(s, there, coming, words="")


def cancel(s: Services, offer: Offer, contact: Contact) -> Reply:
    change = Change(now=s.clock.now())
    leg_commands.dismiss(s, contact.second, change)
    alone = replace(contact, second="", second_where=Where.NOWHERE)
    return _together(s, offer, contact, change, "agent.returned", alone=alone)


def leave_together(s: Services, offer: Offer, contact: Contact) -> Reply:
    change = Change(now=s.clock.now())
    heir = replace(
        contact,
        offer=contact.second,
        agent=Where.ROOM,
        second="",
        second_where=Where.NOWHERE,
        transfers=contact.transfers + 1,
    )
    change.put(contact, heir)
    in_good_hands(s, heir, offer, change)
    hangups.bring(change.latest(heir) or heir, change)
    over_to_notes = change.put(
        offer, replace(offer, state=OfferState.WRAPPING, step="note", turn=offer.turn + 1)
    )
    return wrapping(s, over_to_notes, change)


def in_good_hands(s: Services, heir: Contact, offer: Offer, change: Change) -> None:
    """Left with somebody outside: nobody of ours can say later how it went, so leaving them there is the word."""
    other = s.store.get(Offer, heir.offer)
    if other is not None and other.outside and not heir.word:
        wrapup.give_word(s, heir, "helped", offer, change)


def _together(
    s: Services,
    offer: Offer,
    contact: Contact,
    change: Change,
    words: str,
    *,
    alone: Contact | None = None,
) -> Reply:
    """Caller and agent meet again in a new room."""
    change.put(contact, alone or contact)
    coming = hangups.bring(replace(alone or contact, agent=Where.ROOM), change, same_room=False)
    there = change.put(
        offer, replace(offer, state=OfferState.ACCEPTED, stage=coming.stage, turn=offer.turn + 1, step="")
    )
    if not s.store.commit(change):
        return conference.anew(s, offer)
    return conference.agent_room(s, there, coming, words=words)


def wrapping(s: Services, offer: Offer, change: Change) -> Reply:
    """Out of the talk: what was typed in it is kept, and the agent is asked how it went."""
    offer = change.put(offer, wrapup.keep_typed(s, offer, change))
    agent = s.store.get(Agent, offer.agent)
    if agent is not None:
        change.put(agent, agents.wrap_up(agent, change.now))
    change.wake(offer, change.now + wrapup.PATIENCE)
    if not s.store.commit(change):
        return conference.anew(s, offer)
    return wrapup.here(s, offer)


_MENU: dict[str, Act] = {
    "1": _supervisor,
    "2": _colleague,
    "3": _next_person,
    "4": back,
    "5": _done,
}
_CONSULT: dict[str, Act] = {"1": introduce, "2": cancel, "3": leave_together}
_SPOKEN: dict[str, Callable[[Services, Offer, Contact, Heard], Reply]] = {
    "extension": _extension,
    "next_steps": _next_steps,
    "owe_call": _owe_call,
}
