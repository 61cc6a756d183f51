"""What an integrity check finds broken: said so that whoever is woken by it knows what to do."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Violation:
    """`invariant`: I1 to I4 of docs/architecture.md; `at`: epoch seconds, 0 when no time is known."""

    invariant: str
    key: str  # "promise:p7k2"
    problem: str  # goes on after the key: "ended without an outcome"
    advice: str
    at: float = 0.0

    def __str__(self) -> str:
        record_type, _, name = self.key.partition(":")
        return f"{self.invariant}: {record_type} {name} {self.problem}."


class Advice:
    """What to do about it."""

    REPAIR = "Run `ivr check --repair`: somebody looks at it at once."
    LOST_IN_RECORDS = "The record has lost it: look into the last backup for who it was, and ring them. Do not restore over the record."
    MISSING_IN_EVENT_LOG = "The journal has lost an entry: keep both as they are, and look what else stands at this time (a restore? a hand in Redis?)."
    RECORDS_AND_LOG_DISAGREE = "Record and journal disagree: ask the agent who is named in `ivr callbacks show`, and ring the customer when in doubt."
    DUPLICATE_CALLBACK = "Cancel one of them with `ivr callbacks cancel`; the customer is owed one call."
    CALLED_TWICE = (
        "The customer may have been rung twice: look at this time in Twilio's call log, and apologise."
    )
    CHECK_OUTCOME = "Read what happened in the journal, and ring the customer when nobody talked with them."
