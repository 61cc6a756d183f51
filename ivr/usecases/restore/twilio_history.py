"""What Twilio tells of the time that a restored database does not know of: every call and conference since, by customer."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime

from ivr.domain import phone_numbers
from ivr.domain.records.agent import Agent
from ivr.domain.rules.call_evidence import ObservedCall, count_seconds_together
from ivr.domain.telephony_events import AnsweredBy, CallDirection, CallStatus
from ivr.services import Services, derive_id
from ivr.telephony.facts import CallFacts

MARGIN_SECONDS = 300.0  # seconds before the moment of the database: calls that were under way then


@dataclass(kw_only=True)
class TwilioHistory:
    """`calls` and `facts`: by CallSid, calls with customers only, oldest first. `since`: epoch seconds."""

    since: float
    calls: dict[str, ObservedCall] = field(default_factory=dict)
    facts: dict[str, CallFacts] = field(default_factory=dict)
    calls_by_number: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    conferences: dict[str, list[tuple[float, float]]] = field(default_factory=lambda: defaultdict(list))

    def calls_with(self, number: str) -> list[ObservedCall]:
        """Every call with this customer, oldest first."""
        return [self.calls[call] for call in self.calls_by_number.get(number, [])] if number else []

    def customer_number(self, call_sid: str) -> str:
        facts = self.facts.get(call_sid)
        return _customer_number(facts) if facts else ""

    def seconds_together(self, contact: str, since: float, until: float) -> float:
        """Seconds for which this contact's conferences and a leg from `since` until `until` were there together."""
        return count_seconds_together((since, until), self.conferences.get(contact, []))


def fetch_history(services: Services, since: float) -> TwilioHistory:
    """Some pages of Twilio's lists. Raises TelephonyError."""
    found = TwilioHistory(since=since - MARGIN_SECONDS)
    at = datetime.fromtimestamp(found.since, UTC)
    for room in services.telephony.list_conferences(created_after=at):
        contact = room.name.rpartition("-")[0]
        until = room.ended.timestamp() if room.ended else services.clock.now()
        found.conferences[contact].append((room.created.timestamp(), until))
    staff = {agent.phone for agent in services.store.list_all(Agent)} | set(
        services.settings.fallback_numbers
    )
    for facts in reversed(services.telephony.list_calls(created_after=at)):
        number = _customer_number(facts)
        if number and number not in staff:
            found.facts[facts.sid] = facts
            found.calls[facts.sid] = _to_evidence(services, facts, found)
            found.calls_by_number[number].append(facts.sid)
    return found


def _customer_number(facts: CallFacts) -> str:
    """The customer's number; "" when it is hidden."""
    return (
        phone_numbers.parse_caller_number(
            facts.from_ if facts.direction is CallDirection.INBOUND else facts.to
        )
        or ""
    )


def _to_evidence(services: Services, facts: CallFacts, history: TwilioHistory) -> ObservedCall:
    inbound = facts.direction is CallDirection.INBOUND
    at = facts.created.timestamp()
    ended = facts.ended.timestamp() if facts.ended else 0.0
    answered = facts.status is CallStatus.COMPLETED and facts.seconds > 0
    machine = facts.answered_by is AnsweredBy.MACHINE
    # of a callback the conference is not known by the call; its agent was there before it was dialed
    met = (
        history.seconds_together(derive_id(facts.sid), at, ended or services.clock.now())
        if inbound
        else float(facts.seconds)
    )
    return ObservedCall(
        call_sid=facts.sid,
        started_at=at,
        ended_at=ended,
        inbound=inbound,
        is_live=facts.status.is_live,
        answered=answered,
        machine=machine,
        together_seconds=met if answered else 0.0,
    )
