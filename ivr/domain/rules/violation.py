"""What an audit finds broken: said so that whoever is woken by it knows what to do."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Violation:
    """`invariant`: I1 to I4 of docs/architecture.md; `at`: epoch seconds, 0 when no time is known."""

    invariant: str
    member: str  # "promise:p7k2"
    what: str  # goes on after the member: "ended without an outcome"
    todo: str
    at: float = 0.0

    def __str__(self) -> str:
        noun, _, name = self.member.partition(":")
        return f"{self.invariant}: {noun} {name} {self.what}."


class Todo:
    """What to do about it."""

    MEND = "Run `ivr check --repair`: somebody looks at it at once."
    LOST = "The record has lost it: look into the last backup for who it was, and ring them. Do not restore over the record."
    JOURNAL = "The journal has lost an entry: keep both as they are, and look what else stands at this time (a restore? a hand in Redis?)."
    DISAGREE = "Record and journal disagree: ask the agent who is named in `ivr callbacks show`, and ring the customer when in doubt."
    TWICE = "Cancel one of them with `ivr callbacks cancel`; the customer is owed one call."
    RUNG = "The customer may have been rung twice: look at this time in Twilio's call log, and apologise."
    OUTCOME = "Read what happened in the journal, and ring the customer when nobody talked with them."
