"""How it went, said at the desk: the word, what was understood, what happens next and by when."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ivr.domain.records.agent import Agent, AgentState
from ivr.domain.records.agent_leg import Offer, OfferState
from ivr.domain.records.contact import Contact
from ivr.domain.records.customer import Customer
from ivr.services import Services
from ivr.store.change import Change
from ivr.usecases.agents import wrapup
from ivr.usecases.conferences import leg_commands
from ivr.usecases.customers import last_talk
from ivr.usecases.desk.guards import TRIES, NotNow
from ivr.usecases.promises import lifecycle as promise_lifecycle

LONGEST = 2000  # letters of a note
MOST_HOURS = 24 * 14


@dataclass(frozen=True, kw_only=True)
class Said:
    """`word`: one of wrap.WORDS' values, "" when it was given already. `hours`: a call is owed by then, 0 for none."""

    word: str = ""
    note: str = ""
    steps: str = ""
    hours: int = 0
    name: str = ""  # the customer's, as the agent learnt it


def finish(s: Services, agent_id: str, said: Said) -> None:
    """All of it at once; then the agent is free. Raises NotNow, having changed nothing."""
    if said.word and said.word not in wrapup.WORDS.values():
        raise NotNow(f"{said.word!r} is no way to end: {', '.join(wrapup.WORDS.values())}.")
    if not 0 <= said.hours <= MOST_HOURS:
        raise NotNow(f"A call is promised within {MOST_HOURS} hours at most.")
    for _ in range(TRIES):
        agent = s.store.get(Agent, agent_id)
        offer = s.store.get(Offer, agent.offer) if agent and agent.offer else None
        if agent is None or offer is None or agent.state is not AgentState.WRAP_UP:
            raise NotNow("There is nothing to finish.")
        change = Change(now=s.clock.now())
        offer = wrapup.keep_typed(s, offer, change)
        _say(s, offer, said, change)
        saved = replace(offer, state=OfferState.WRAPPING, step="saved", note=said.note.strip() or offer.note)
        wrapup.finish(s, saved, change)
        if offer.state is not OfferState.OVER:  # the phone says thank you and hangs up
            leg_commands.farewell(s, offer.id, change)
        if s.store.commit(change):
            return
    raise NotNow("Too much is happening at once. Try again.")


def _say(s: Services, offer: Offer, said: Said, change: Change) -> None:
    contact = change.latest(s.store.get(Contact, offer.contact))
    mine = contact is not None and contact.offer == offer.id
    if contact is None:
        return
    if mine and not contact.word and not said.word:
        raise NotNow("Say how it ended.")
    customer = change.latest(s.store.get(Customer, contact.number))
    if customer is not None and (name := said.name.strip()[: wrapup.LONGEST_NAME]):
        last_talk.named(s, customer, name, change)
    if mine and said.word and not contact.word:
        wrapup.give_word(s, contact, said.word, offer, change)
    if (words := said.note.strip()[:LONGEST]) and words != offer.note:  # else it is kept already
        wrapup.keep_note(s, offer, words, change)
    if steps := said.steps.strip()[:LONGEST]:
        contact = promise_lifecycle.cased(s, contact, change, owner=offer.agent)
        contact = change.put(contact, replace(contact, steps=steps))
        last_talk.note(contact.case, "next", change, agent=offer.agent, contact=contact.id, words=steps)
    if mine and said.hours:
        wrapup.owe_call(s, change.latest(contact) or contact, offer, said.hours, change)
