"""Callback: a caller who could not be served, or who chose it, is called by any agent of the queue."""

from __future__ import annotations

from ivr.domain.promise_kinds.rules import CALL_STATE_LABELS, PromiseKindRules

RULES = PromiseKindRules(
    noun="call",
    title="We call them",
    escalated_title="A supervisor calls them",
    state_labels=CALL_STATE_LABELS,
    delay_text_key="text.at_risk",
    waits_for_owner=False,
    one_per_case=True,
)
