"""The questions that every kind of promise answers. No field has a default, so that a new kind answers them all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ivr.domain.records.promise import PromiseState

# For kinds that the line keeps by calling the customer.
CALL_STATE_LABELS: Mapping[PromiseState, str] = {
    PromiseState.MADE: "waits for its time",
    PromiseState.DUE: "in line for an agent",
    PromiseState.RINGING: "an agent is being asked",
    PromiseState.DIALING: "their phone is ringing",
    PromiseState.TALKING: "talking with them",
    PromiseState.MERGED: "they rang in, and that call carries it",
    PromiseState.ESCALATED: "waits for a supervisor to take it",
    PromiseState.KEPT: "kept",
    PromiseState.DECLINED: "declined by the customer",
    PromiseState.OWNED: "in a person's hands",
}


@dataclass(frozen=True, kw_only=True)
class PromiseKindRules:
    noun: str  # what is owed: "call" in "call by 8:30 pm" and "a call by 8:30 pm"
    title: str  # heading of its page
    escalated_title: str  # the same, once it has escalated
    state_labels: Mapping[PromiseState, str]  # on pages
    delay_text_key: str  # phrase of the text that tells the customer that it will be late
    waits_for_owner: bool  # when due, it waits a few minutes for the agent who promised it
    one_per_case: bool  # `ivr check` reports a second open one to the same number about the same case (I4)
