"""Follow-up: after a talk, the agent who promised it calls again, or a supervisor calls because of a poor rating."""

from __future__ import annotations

from ivr.domain.promise_kinds.rules import CALL_STATE_LABELS, PromiseKindRules

RULES = PromiseKindRules(
    noun="call",
    title="We call them again",
    escalated_title="A supervisor calls them",
    state_labels=CALL_STATE_LABELS,
    delay_text_key="text.at_risk",
    waits_for_owner=True,
    one_per_case=False,
)
