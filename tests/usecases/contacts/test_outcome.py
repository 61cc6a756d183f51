"""What hanging up in the menu means: who had said why they call is owed an answer; who had not left early."""

from __future__ import annotations

import pytest

from ivr.domain.records.contact import Contact, ContactState, Outcome
from ivr.domain.records.contact_parts import Caller
from ivr.domain.records.customer import Text
from ivr.domain.records.promise import Promise
from ivr.services import Services
from ivr.usecases.contacts import outcome as contact_outcome


@pytest.mark.parametrize(
    ("reason", "number", "said", "outcome"),
    [
        ("My suitcase is lost", "+12025550155", Outcome.NONE, Outcome.PROMISED),
        ("My suitcase is lost", "+12025550155", Outcome.DECLINED, Outcome.DECLINED),
        ("My suitcase is lost", "", Outcome.NONE, Outcome.LOST),
        ("", "+12025550155", Outcome.NONE, Outcome.LEFT_EARLY),
    ],
)
def test_who_hangs_up_in_the_menu_after_saying_why_is_owed_a_call(
    still: Services, reason: str, number: str, said: Outcome, outcome: Outcome
) -> None:
    change = still.store.begin()
    contact = Contact(
        id="k1", reason=reason, outcome=said, caller=Caller(number=number, called_number="+12025550100")
    )
    contact_outcome.end_before_talk(still, change.put(None, contact), change)
    assert still.store.commit(change)
    (after,) = still.store.list_all(Contact)
    assert (after.state, after.outcome) == (ContactState.ENDED, outcome)
    owed = still.store.list_all(Promise)
    assert [p.reason for p in owed] == [reason] * (outcome is Outcome.PROMISED)
    texts = [t.body for t in still.store.list_all(Text)]
    assert all("about: My suitcase is lost" in body for body in texts)
    assert len(texts) == len(owed)
