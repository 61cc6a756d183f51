"""What Twilio tells of the time that a restored record does not know of: every call and room since, by customer."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime

from ivr.domain import phone_numbers
from ivr.domain.records.agent import Agent
from ivr.domain.rules.call_evidence import Seen, together
from ivr.services import Services, id_of
from ivr.telephony.facts import CallFacts

MARGIN = 300.0  # seconds before the moment of the record: calls that were under way then


@dataclass(kw_only=True)
class Meanwhile:
    """`calls` and `facts`: by CallSid, calls with customers only, oldest first. `since`: epoch seconds."""

    since: float
    calls: dict[str, Seen] = field(default_factory=dict)
    facts: dict[str, CallFacts] = field(default_factory=dict)
    numbers: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    rooms: dict[str, list[tuple[float, float]]] = field(default_factory=lambda: defaultdict(list))

    def of(self, number: str) -> list[Seen]:
        """Every call with this customer, oldest first."""
        return [self.calls[call] for call in self.numbers.get(number, [])] if number else []

    def number(self, call: str) -> str:
        facts = self.facts.get(call)
        return _whose(facts) if facts else ""

    def met(self, contact: str, since: float, until: float) -> float:
        """Seconds for which this contact's rooms and a leg from `since` until `until` were there together."""
        return together((since, until), self.rooms.get(contact, []))


def ask(s: Services, since: float) -> Meanwhile:
    """Some pages of Twilio's lists. Raises TelephonyError."""
    found = Meanwhile(since=since - MARGIN)
    at = datetime.fromtimestamp(found.since, UTC)
    for room in s.telephony.conferences(created_after=at):
        contact = room.name.rpartition("-")[0]
        until = room.ended.timestamp() if room.ended else s.clock.now()
        found.rooms[contact].append((room.created.timestamp(), until))
    staff = {agent.phone for agent in s.store.everyone(Agent)} | set(s.settings.fallback_numbers)
    for facts in reversed(s.telephony.calls(created_after=at)):
        number = _whose(facts)
        if number and number not in staff:
            found.facts[facts.sid] = facts
            found.calls[facts.sid] = _seen(s, facts, found)
            found.numbers[number].append(facts.sid)
    return found


def _whose(facts: CallFacts) -> str:
    """The customer's number; "" when it is hidden."""
    return phone_numbers.caller_number(facts.from_ if facts.direction == "inbound" else facts.to) or ""


def _seen(s: Services, facts: CallFacts, found: Meanwhile) -> Seen:
    inbound = facts.direction == "inbound"
    at = facts.created.timestamp()
    ended = facts.ended.timestamp() if facts.ended else 0.0
    answered = facts.status == "completed" and facts.seconds > 0
    machine = facts.answered_by.startswith(("machine", "fax"))
    # of a callback the room is not known by the call; its agent was there before it was dialled
    met = found.met(id_of(facts.sid), at, ended or s.clock.now()) if inbound else float(facts.seconds)
    return Seen(
        call=facts.sid,
        at=at,
        ended=ended,
        inbound=inbound,
        live=facts.live,
        answered=answered,
        machine=machine,
        together=met if answered else 0.0,
    )
