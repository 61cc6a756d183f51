"""Who is still there? From what is known of each leg, what happens to the talk: pure, so every order can be tried (I5).

Twilio tells of leaving in any order: the caller's Dial action, the agent's, either leg's last status, the conference's
events; some late, some twice, some never. Each is a fact about one leg; the verdict follows from the facts, not from their order.
"""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum

from ivr.domain.records.contact import Contact, ContactState
from ivr.domain.records.contact_parts import PartyLocation

CALLER_WAIT_SECONDS = (
    10.0  # seconds "one moment" may last before a caller is asked whatever the reason turns out to be
)
AGENT_WAIT_SECONDS = 3.0
MET_AFTER_SECONDS = (
    3.0  # seconds in one conference after which they have met, even if the event that says so was lost
)


_OUT_OF_CONFERENCE = (PartyLocation.LEFT_CONFERENCE, PartyLocation.HUNG_UP)


class TalkVerdict(StrEnum):
    GO_ON = "go on"
    WAIT_FOR_REASON = "moment"  # somebody left the conference, it is not known yet why
    STEPPED_OUT = "stepped out"  # the agent pressed *; both live
    LOST_AGENT = "lost agent"  # gone before they talked: front of the queue
    ASK_CALLER = "after"  # the agent has gone: ask the caller
    CALLER_GONE = "caller gone"


def update_locations(contact: Contact, reported: Contact, now: float) -> Contact:
    """What is known after `reported`, which is `contact` with what is said of its legs. A leg that has ended stays ended."""
    known = replace(
        reported,
        conference=replace(
            reported.conference,
            caller_location=_keep_hung_up(
                contact.conference.caller_location, reported.conference.caller_location
            ),
            agent_location=_keep_hung_up(
                contact.conference.agent_location, reported.conference.agent_location
            ),
            consult_leg_location=_keep_hung_up(
                contact.conference.consult_leg_location, reported.conference.consult_leg_location
            ),
        ),
    )
    if _have_met(contact, now):
        known = replace(known, talked=True)
    if (
        known != contact
        and contact.conference.caller_location is not PartyLocation.HUNG_UP
        and not contact.conference.left_at
        and _has_anyone_left(known)
    ):
        known = replace(known, conference=replace(known.conference, left_at=now))
    return known


def _keep_hung_up(previous: PartyLocation, reported: PartyLocation) -> PartyLocation:
    return previous if previous is PartyLocation.HUNG_UP else reported


def _have_met(contact: Contact, now: float) -> bool:
    """When nothing at all was heard of the conference: its events, where they come, know better."""
    if contact.conference.sid:
        return False
    in_room = (
        contact.conference.caller_location is PartyLocation.IN_CONFERENCE
        and contact.conference.agent_location is PartyLocation.IN_CONFERENCE
    )
    return (
        in_room
        and bool(contact.conference.joined_at)
        and now - contact.conference.joined_at >= MET_AFTER_SECONDS
    )


def add_participant(contact: Contact, call_sid: str, agent_call_sid: str) -> Contact:
    """A leg was seen to come into the conference. `agent_call_sid`: the agent's CallSid. With both seen there they have met.

    Twilio tells that a conference starts, too; either word may be lost.
    """
    here = f"{contact.conference.number}/"
    seen = {leg for leg in contact.conference.seen_legs if leg.startswith(here)} | {here + call_sid}
    both = bool(agent_call_sid) and {here + contact.call, here + agent_call_sid} <= seen
    met = both and contact.state is ContactState.TALKING
    return replace(
        contact,
        talked=contact.talked or met,
        conference=replace(contact.conference, seen_legs=tuple(sorted(seen))),
    )


def _has_anyone_left(contact: Contact) -> bool:
    there = (
        contact.conference.caller_location,
        contact.conference.agent_location,
        *([contact.conference.consult_leg_location] if contact.conference.consult_leg else []),
    )
    return any(where in _OUT_OF_CONFERENCE for where in there)


def replace_agent_who_left(contact: Contact) -> Contact:
    """In a talk of three, whoever stays takes the place of an agent who left; in a consult the caller stays the first one's."""
    heir = _promote_consult_leg(contact)
    return heir if _has_anyone_left(heir) else replace(heir, conference=replace(heir.conference, left_at=0.0))


def _promote_consult_leg(contact: Contact) -> Contact:
    if contact.conference.consult_leg and contact.conference.consult_leg_location in _OUT_OF_CONFERENCE:
        return contact.without_colleague()
    if (
        contact.state is ContactState.TALKING
        and contact.conference.consult_leg
        and contact.conference.agent_location in _OUT_OF_CONFERENCE
    ):
        return replace(
            contact,
            leg=contact.conference.consult_leg,
            conference=replace(
                contact.conference,
                agent_location=contact.conference.consult_leg_location,
                consult_leg="",
                consult_leg_location=PartyLocation.NOWHERE,
            ),
        )
    return contact


def judge_talk(contact: Contact, now: float) -> TalkVerdict:
    if contact.state is not ContactState.TALKING:
        return TalkVerdict.GO_ON
    if contact.conference.caller_location is PartyLocation.HUNG_UP:
        return TalkVerdict.CALLER_GONE
    if contact.conference.agent_location is PartyLocation.HUNG_UP:
        return TalkVerdict.ASK_CALLER if contact.talked else TalkVerdict.LOST_AGENT
    if (
        contact.conference.caller_location is PartyLocation.LEFT_CONFERENCE
        and contact.conference.agent_location is PartyLocation.LEFT_CONFERENCE
    ):
        return TalkVerdict.STEPPED_OUT
    waited = now - contact.conference.left_at
    if contact.conference.caller_location is PartyLocation.LEFT_CONFERENCE:
        return TalkVerdict.ASK_CALLER if waited >= CALLER_WAIT_SECONDS else TalkVerdict.WAIT_FOR_REASON
    if contact.conference.agent_location is PartyLocation.LEFT_CONFERENCE:
        # The conference ends with whoever leaves it, so the caller's leg is on its way to us, or has ended.
        return TalkVerdict.STEPPED_OUT if waited >= AGENT_WAIT_SECONDS else TalkVerdict.WAIT_FOR_REASON
    return TalkVerdict.GO_ON
