"""Who is still there? From what is known of each leg, what happens to the talk: pure, so every order can be tried (I5).

Twilio tells of leaving in any order: the caller's Dial action, the agent's, either leg's last status, the conference's
events; some late, some twice, some never. Each is a fact about one leg; the verdict follows from the facts, not from their order.
"""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum

from ivr.domain.records.contact import Contact, ContactState, Where

CALLER_PATIENCE = (
    10.0  # seconds "one moment" may last before a caller is asked whatever the reason turns out to be
)
AGENT_PATIENCE = 3.0
MET = 3.0  # seconds in one room after which they have met, even if the event that says so was lost


_AWAY = (Where.OUT, Where.GONE)


class Verdict(StrEnum):
    GO_ON = "go on"
    MOMENT = "moment"  # somebody left the room, it is not known yet why
    STEPPED_OUT = "stepped out"  # the agent pressed *; both live
    LOST_AGENT = "lost agent"  # gone before they talked: front of the line
    AFTER = "after"  # the agent has gone: ask the caller
    CALLER_GONE = "caller gone"


def learn(contact: Contact, told: Contact, now: float) -> Contact:
    """What is known after `told`, which is `contact` with what is said of its legs. A leg that has ended stays ended."""
    known = replace(
        told,
        caller=_still(contact.caller, told.caller),
        agent=_still(contact.agent, told.agent),
        second_where=_still(contact.second_where, told.second_where),
    )
    if _met(contact, now):
        known = replace(known, talked=True)
    if known != contact and contact.caller is not Where.GONE and not contact.left_at and _left(known):
        known = replace(known, left_at=now)
    return known


def _still(was: Where, says: Where) -> Where:
    return was if was is Where.GONE else says


def _met(contact: Contact, now: float) -> bool:
    """When nothing at all was heard of the room: its events, where they come, know better."""
    if contact.conference:
        return False
    in_room = contact.caller is Where.ROOM and contact.agent is Where.ROOM
    return in_room and bool(contact.joined) and now - contact.joined >= MET


def came(contact: Contact, call: str, agents: str) -> Contact:
    """A leg was seen to come into the room. `agents`: the agent's CallSid. With both seen there they have met.

    Twilio tells that a conference starts, too; either word may be lost.
    """
    here = f"{contact.stage}/"
    seen = {leg for leg in contact.present if leg.startswith(here)} | {here + call}
    both = bool(agents) and {here + contact.call, here + agents} <= seen
    met = both and contact.state is ContactState.TALKING
    return replace(contact, present=tuple(sorted(seen)), talked=contact.talked or met)


def _left(contact: Contact) -> bool:
    there = (contact.caller, contact.agent, *([contact.second_where] if contact.second else []))
    return any(where in _AWAY for where in there)


def succeed(contact: Contact) -> Contact:
    """In a talk of three, whoever stays takes the place of an agent who left; in a consult the caller stays the first one's."""
    heir = _heir(contact)
    return heir if _left(heir) else replace(heir, left_at=0.0)


def _heir(contact: Contact) -> Contact:
    if contact.second and contact.second_where in _AWAY:
        return replace(contact, second="", second_where=Where.NOWHERE)
    if contact.state is ContactState.TALKING and contact.second and contact.agent in _AWAY:
        return replace(
            contact,
            offer=contact.second,
            agent=contact.second_where,
            second="",
            second_where=Where.NOWHERE,
        )
    return contact


def judge(contact: Contact, now: float) -> Verdict:
    if contact.state is not ContactState.TALKING:
        return Verdict.GO_ON
    if contact.caller is Where.GONE:
        return Verdict.CALLER_GONE
    if contact.agent is Where.GONE:
        return Verdict.AFTER if contact.talked else Verdict.LOST_AGENT
    if contact.caller is Where.OUT and contact.agent is Where.OUT:
        return Verdict.STEPPED_OUT
    waited = now - contact.left_at
    if contact.caller is Where.OUT:
        return Verdict.AFTER if waited >= CALLER_PATIENCE else Verdict.MOMENT
    if contact.agent is Where.OUT:
        # The room ends with whoever leaves it, so the caller's leg is on its way to us, or has ended.
        return Verdict.STEPPED_OUT if waited >= AGENT_PATIENCE else Verdict.MOMENT
    return Verdict.GO_ON
