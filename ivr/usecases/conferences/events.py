"""What a conference tells: its own id (the list is only eventually consistent), and that two people have met."""

from __future__ import annotations

from dataclasses import replace

from ivr.domain.records.agent_leg import Offer
from ivr.domain.records.contact import Contact, ContactState
from ivr.domain.rules.who_is_in_the_call import came
from ivr.services import Services
from ivr.store.change import Change


def event(s: Services, contact_id: str, stage: int, *, event: str, conference: str, call: str) -> None:
    """`event`: participant-join, conference-start ... Late, doubled and reordered ones change nothing."""
    if event not in ("participant-join", "conference-start"):
        return
    while True:
        contact = s.store.get(Contact, contact_id)
        if contact is None or contact.stage != stage:
            return
        met = event == "conference-start" and contact.state is ContactState.TALKING
        known = replace(contact, conference=conference, talked=contact.talked or met)
        if event == "participant-join" and call:
            offer = s.store.get(Offer, contact.offer)
            known = came(known, call, offer.call if offer else "")
        if known == contact:
            return
        change = Change(now=s.clock.now())
        change.put(contact, known)
        if known.talked and not contact.talked:
            change.journal("talk started", contact=contact.id, offer=contact.offer, stage=stage)
        if s.store.commit(change):
            return
