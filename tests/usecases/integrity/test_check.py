"""The audit finds what it is there to find: each invariant broken on purpose, by hand, in the record or in the journal."""

from __future__ import annotations

import pytest

from ivr.domain.records.agent_leg import AgentLeg, LegState
from ivr.domain.records.contact import Contact, ContactState, Outcome
from ivr.domain.records.promise import Promise, PromiseState
from ivr.store import keys
from ivr.store.change import Change
from ivr.store.queries import created_index, event_log
from ivr.store.queries.event_log_archive import ArchiveDamaged
from ivr.usecases.event_log import read as event_log_read
from ivr.usecases.event_log.archive import archive_months
from ivr.usecases.integrity.check import check_integrity
from ivr.usecases.promises.timeline import build_timeline
from tests.conftest import MONDAY_TWO_PM
from tests.usecases.integrity.hand import DIALLED, KEPT, OVER, PROMISED, Event, Hand


def test_an_empty_record_and_a_promise_that_was_kept_break_nothing(hand: Hand) -> None:
    assert hand.found() == []
    hand.well()
    assert hand.found() == []
    findings = check_integrity(hand.s)
    assert (findings.promises["kept"], findings.promises["on time"], findings.entries) == (1, 1, len(KEPT))
    assert findings.contacts["promised"] == 1


def test_an_open_promise_that_was_merged_moved_and_tried_in_vain_breaks_nothing(hand: Hand) -> None:
    failed = [
        *DIALLED,
        ("number unlocked", {"promise": "p1", "fence": "1"}),
        ("attempt failed", {"promise": "p1"}),
    ]
    again = [("promise made", {"promise": "p1"}), ("dialling", {"promise": "p1", "fence": "3"})]
    carried = [("promise merged", {"promise": "p1", "contact": "c2"}), ("promise moved", {"promise": "p1"})]
    hand.well(*PROMISED, *OVER, *failed, *again, *carried, *OVER, state=PromiseState.MADE, fence=4)
    assert hand.found() == []


def test_a_contact_that_ended_without_an_outcome_is_found(hand: Hand) -> None:
    hand.tell(("opened", {"contact": "c1"}), *OVER)
    hand.put(Contact(id="c1", state=ContactState.ENDED), seen=False)
    assert hand.found() == ["I1: contact c1 ended without an outcome."]


@pytest.mark.parametrize("state", [s for s in ContactState if s is not ContactState.ENDED])
def test_an_open_contact_that_nobody_will_look_at_is_found(hand: Hand, state: ContactState) -> None:
    hand.tell(("opened", {"contact": "c1"}))
    hand.put(Contact(id="c1", state=state), seen=False)
    assert hand.found() == [f"I1: contact c1 is {state} and nobody will look at it."]


def test_a_contact_that_is_given_two_outcomes_is_found(hand: Hand) -> None:
    hand.well(*KEPT, *OVER)
    assert hand.found() == ["I1: contact c1 is given a second outcome (promised)."]


def test_contacts_of_which_one_account_knows_nothing_are_found(hand: Hand) -> None:
    hand.tell(("opened", {"contact": "c1"}), ("opened", {"contact": "c2"}))
    hand.put(Contact(id="c2"), Contact(id="c3"))
    assert hand.found() == [
        "I1: contact c1 is in the journal and lost from the record.",
        "I1: contact c3 is in the record and the journal does not tell of its beginning.",
    ]


CONTACTS: dict[str, tuple[list[Event], Contact]] = {
    "is opened a second time": ([PROMISED[0], PROMISED[0]], Contact(id="c1")),
    "has ended by the journal and is waiting by the record": (
        [PROMISED[0], *OVER],
        Contact(id="c1", state=ContactState.WAITING),
    ),
    "has ended by the record, and the journal does not tell how": (
        [PROMISED[0]],
        Contact(id="c1", state=ContactState.ENDED, outcome=Outcome.HELPED),
    ),
}


@pytest.mark.parametrize("what", CONTACTS)
def test_a_contact_of_which_the_two_accounts_differ_is_found(hand: Hand, what: str) -> None:
    events, contact = CONTACTS[what]
    hand.tell(*events)
    hand.put(contact, seen=contact.state is not ContactState.ENDED)
    assert hand.found() == [f"I1: contact c1 {what}."]


def test_what_only_the_journal_has_ever_heard_of_is_found(hand: Hand) -> None:
    hand.tell(("dialling", {"promise": "p7", "fence": "1"}), ("ended", {"contact": "c7"}))
    assert hand.found() == [
        "I2: promise p7 is in the journal (dialling) and not in the record.",
        "I1: contact c7 has ended by the journal and is in no record.",
    ]


def test_an_agent_who_is_held_for_somebody_and_forgotten_is_found(hand: Hand) -> None:
    hand.put(AgentLeg(id="o1", state=LegState.RINGING), seen=False)
    assert hand.found() == [
        "I1: agent_leg o1 is ringing: an agent is held for somebody and nobody will look at it."
    ]


def test_what_began_before_the_journal_is_judged_by_the_record_alone(hand: Hand) -> None:
    day = 86400.0
    hand.put(
        Contact(id="c0", state=ContactState.ENDED, outcome=Outcome.HELPED), seen=False, at=MONDAY_TWO_PM - day
    )
    hand.put(Promise(id="p0", fence=5), at=MONDAY_TWO_PM - day)
    hand.tell(("opened", {"contact": "c0"}), ("promised", {"promise": "p0"}), at=MONDAY_TWO_PM - day)
    hand.well()
    hand.tell(
        ("dialling", {"promise": "p0", "fence": "5"}), ("promise owned", {"promise": "p0", "by": "boss"})
    )
    change = Change(now=MONDAY_TWO_PM)
    owned = Promise(id="p0", fence=6, state=PromiseState.OWNED, owner="boss")
    change.put(hand.s.store.get(Promise, "p0"), owned)
    change.unschedule(owned)
    assert hand.s.store.commit(change)
    hand.s.store.redis.xtrim(keys.EVENT_LOG, maxlen=len(KEPT) + 2, approximate=False)
    assert hand.found() == []
    hand.tell(("picked up", {"promise": "p0"}))
    assert hand.found() == ["I2: promise p0 has an event (picked up) after it had ended."]


def test_what_went_to_a_file_is_audited_with_it_and_told_with_the_promise(hand: Hand) -> None:
    hand.well()
    hand.s.store.redis.set(keys.MANUAL_CLOCK, f"{MONDAY_TWO_PM + 30 * 86400:.3f}")
    hand.s.clock.sync()
    (kept,) = [one for one in archive_months(hand.s, hand.s.settings.event_log_archive) if one]
    assert kept.entries == len(KEPT)
    promise = hand.s.store.get(Promise, "p1")
    assert promise is not None
    assert "picked up" in [e.event for e in build_timeline(hand.s, promise).entries]
    assert hand.found() == []
    assert check_integrity(hand.s, archived=True).entries == len(KEPT) + 1  # that it was archived
    hand.s.store.redis.delete("promise:p1", "contact:c1", "promises", "contacts")
    assert hand.found() == []
    assert [str(v) for v in check_integrity(hand.s, archived=True).violations] == [
        "I2: promise p1 is in the journal and lost from the record.",
        "I1: contact c1 is in the journal and lost from the record.",
    ]
    content = kept.path.read_bytes()
    kept.path.write_bytes(b"")
    with pytest.raises(ArchiveDamaged):
        check_integrity(hand.s, archived=True)
    kept.path.write_bytes(content)
    hand.s.store.redis.xtrim(keys.EVENT_LOG, maxlen=0, approximate=False)  # and now a part of it is nowhere
    assert event_log_read.get_extent(hand.s, archived=True).since == MONDAY_TWO_PM


def test_a_long_journal_is_read_page_by_page(hand: Hand) -> None:
    hand.well(state=PromiseState.KEPT)
    change = Change(now=MONDAY_TWO_PM)
    for n in range(2 * created_index.PAGE_SIZE + 10):
        change.log_event("promised", promise=f"q{n}")
        if n != 1500:
            change.schedule(change.put(None, Promise(id=f"q{n}", case=f"{n}")), MONDAY_TWO_PM)
    change.schedule(change.put(None, Promise(id="q")), MONDAY_TWO_PM)
    assert hand.s.store.commit(change)
    assert hand.found() == [
        "I2: promise q1500 is in the journal and lost from the record.",
        "I2: promise q is in the record and the journal does not tell of its beginning.",
    ]
    assert check_integrity(hand.s).entries > 2 * event_log.PAGE_SIZE


def test_what_is_late_is_told_the_worst_first(hand: Hand) -> None:
    now = MONDAY_TWO_PM
    names = ("late", "later", "risk", "alone", "fine")
    hand.tell(*(("promised", {"promise": n}) for n in names))
    hand.put(
        Promise(id="late", state=PromiseState.DUE, due_by=now - 60, case="1"),
        Promise(id="later", state=PromiseState.RINGING, due_by=now - 600, case="2"),
        Promise(id="risk", state=PromiseState.MADE, due_by=now + 60, case="3"),
        Promise(id="alone", state=PromiseState.ESCALATED, not_before=now - 90, case="4"),
        Promise(id="fine", state=PromiseState.MADE, due_by=now + 9000, case="5"),
    )
    findings = check_integrity(hand.s)
    assert findings.violations == ()
    assert list(findings.overdue.late.items()) == [("later", 600.0), ("late", 60.0)]
    assert (findings.overdue.at_risk, findings.overdue.unacknowledged) == ({"risk": 60.0}, {"alone": 90.0})
