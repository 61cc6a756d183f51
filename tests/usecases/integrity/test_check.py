"""The audit finds what it is there to find: each invariant broken on purpose, by hand, in the record or in the journal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from ivr.domain.record import Record
from ivr.domain.records.agent_leg import AgentLeg, LegState
from ivr.domain.records.contact import Contact, ContactState, Outcome
from ivr.domain.records.customer import Text
from ivr.domain.records.promise import NumberLock, Promise, PromiseKind, PromiseState
from ivr.services import Services
from ivr.store import keys
from ivr.store.change import Change
from ivr.store.queries import created_index, due_index, event_log
from ivr.store.queries.event_log_archive import ArchiveDamaged
from ivr.usecases.event_log import read as event_log_read
from ivr.usecases.event_log.archive import archive_months
from ivr.usecases.integrity.check import check_integrity
from ivr.usecases.integrity.repair import repair_records
from ivr.usecases.promises.timeline import build_timeline
from tests.conftest import MONDAY_TWO_PM

NUMBER = "+12025550155"
Event = tuple[str, dict[str, str]]
PROMISED: list[Event] = [("opened", {"contact": "c1"}), ("promised", {"promise": "p1", "contact": "c1"})]
DIALLED: list[Event] = [
    ("dialling", {"promise": "p1", "contact": "c1", "fence": "1"}),
    ("number locked", {"promise": "p1", "fence": "1"}),
]
TALKED: list[Event] = [("picked up", {"promise": "p1", "contact": "c1"})]
OVER: list[Event] = [("ended", {"contact": "c1", "outcome": "promised"})]
KEPT: list[Event] = [
    *PROMISED,
    ("text", {"text": "t1", "about": "promise:p1"}),
    *OVER,
    ("promise due", {"promise": "p1"}),
    *DIALLED,
    *TALKED,
    ("disposition", {"contact": "c1", "word": "helped"}),
    ("promise kept", {"promise": "p1", "contact": "c1"}),
    ("number unlocked", {"promise": "p1", "fence": "1"}),
    *OVER,
]
"""A promise that was made, said, dialled and kept."""


class Hand:
    """Writes what the line would have written, or what it never would."""

    def __init__(self, services: Services) -> None:
        self.s = services

    def put(self, *records: Record, seen: bool = True, at: float = MONDAY_TWO_PM) -> None:
        change = Change(now=at)
        for record in records:
            put = change.put(None, record)
            if seen:
                change.schedule(put, at + 3600)
        assert self.s.store.commit(change)

    def tell(self, *events: Event, at: float = MONDAY_TWO_PM) -> None:
        for event, ids in events:
            change = Change(now=at)
            change.log_event(event, **ids)
            assert self.s.store.commit(change)

    def well(self, *events: Event, **promise: Any) -> None:
        """One contact that ended promised, and its promise with this much of a journal."""
        self.tell(*(events or KEPT))
        ended = Contact(id="c1", state=ContactState.ENDED, outcome=Outcome.PROMISED, promise="p1")
        self.put(ended, seen=False)
        fields = {"state": PromiseState.KEPT, "fence": 2, "number": NUMBER, "case": "k1", **promise}
        made = Promise(id="p1", contact="c1", created_at=MONDAY_TWO_PM, **fields)
        self.put(made, seen=fields["state"] not in ("kept", "declined", "owned"))

    def found(self) -> list[str]:
        return [str(v) for v in check_integrity(self.s).violations]


@pytest.fixture
def hand(still: Services) -> Hand:
    return Hand(still)


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


# ---- I1


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


# ---- I2


@pytest.mark.parametrize("state", [s for s in PromiseState if s not in ("kept", "declined", "owned")])
def test_an_open_promise_that_nobody_will_look_at_is_found_and_mended(
    hand: Hand, state: PromiseState
) -> None:
    hand.well(*PROMISED, *OVER, state=state)
    hand.s.store.redis.zrem(keys.DUE, "promise:p1")
    assert hand.found() == [f"I2: promise p1 is {state} and nobody will look at it."]
    left = check_integrity(hand.s).unscheduled
    assert repair_records(hand.s, left, actor_id="ada") == ["promise:p1"]
    assert hand.found() == []
    assert hand.s.store.read(due_index.get_due_time("promise:p1")) == MONDAY_TWO_PM
    assert repair_records(hand.s, left, actor_id="ada") == []  # it has one now


STORIES: dict[str, tuple[list[Event], dict[str, Any]]] = {
    "ends a second time (declined)": ([*KEPT, ("promise declined", {"promise": "p1"})], {}),
    "has an event (number locked) after it had ended": (
        [*KEPT, ("number locked", {"promise": "p1", "fence": "1"})],
        {},
    ),
    "is kept by the journal and declined by the record": (KEPT, {"state": PromiseState.DECLINED}),
    "has ended by the journal and is due by the record": (KEPT, {"state": PromiseState.DUE}),
    "is kept by the record, and the journal does not tell of it": ([*PROMISED, *OVER], {}),
    "is kept, and nobody has talked with them or said so": (
        [*PROMISED, *OVER, ("promise kept", {"promise": "p1"})],
        {},
    ),
    "is in a person's hands, and nobody is named": (
        [*PROMISED, *OVER, ("promise owned", {"promise": "p1", "by": "boss"})],
        {"state": PromiseState.OWNED},
    ),
    "is said to be in a person's hands, and nobody is named": (
        [*PROMISED, *OVER, ("promise owned", {"promise": "p1"})],
        {"state": PromiseState.OWNED, "owner": "boss"},
    ),
    "is promised a second time": ([*PROMISED, *OVER, *PROMISED[1:]], {"state": PromiseState.DUE}),
}


@pytest.mark.parametrize("what", STORIES)
def test_a_promise_that_did_not_end_once_and_for_good_is_found(hand: Hand, what: str) -> None:
    events, fields = STORIES[what]
    hand.well(*events, **fields)
    assert f"I2: promise p1 {what}." in hand.found()


BY_HAND: dict[str, Callable[[Hand], object]] = {
    "p2 is in the journal and lost from the record": lambda h: h.tell(("promised", {"promise": "p2"})),
    "p2 is in the record and the journal does not tell of its beginning": lambda h: h.put(Promise(id="p2")),
    "p1 is in the list of them and lost from the record": lambda h: h.s.store.redis.delete("promise:p1"),
    "p9 is to be looked at and lost from the record": lambda h: h.s.store.redis.zadd(
        keys.DUE, {"promise:p9": MONDAY_TWO_PM + 60}
    ),
    "p1 is in no list: nobody finds it": lambda h: h.s.store.redis.zrem("promises", "p1"),
    "p1 cannot be read ('banana' is not a valid PromiseState)": lambda h: h.s.store.redis.hset(
        "promise:p1", "state", "banana"
    ),
    "p1 holds its number since fence 3 and nobody will look whether it still rings": lambda h: h.put(
        NumberLock(id=NUMBER, promise="p1", fence=3), seen=False
    ),
}


@pytest.mark.parametrize("what", BY_HAND)
def test_what_a_hand_has_done_to_a_kept_promise_is_found(hand: Hand, what: str) -> None:
    hand.well()
    BY_HAND[what](hand)
    assert f"I2: promise {what}." in hand.found()


def test_what_has_been_due_for_long_is_found(hand: Hand) -> None:
    hand.well(*PROMISED, *OVER, state=PromiseState.MADE)
    hand.s.store.redis.zadd(keys.DUE, {"promise:p1": MONDAY_TWO_PM - 3600})
    assert hand.found() == ["I2: promise p1 has been due for more than a minute and nobody has looked."]
    assert check_integrity(hand.s).overdue.behind_seconds == 3600


# ---- I3


def test_what_was_said_before_it_was_on_disk_is_found(hand: Hand) -> None:
    said = ("text", {"text": "t1", "about": "promise:p1"})
    hand.well(PROMISED[0], said, PROMISED[1], *KEPT[3:])
    assert hand.found() == ["I3: promise p1 was told about (text t1) before it was promised."]


def test_what_was_said_and_never_promised_is_found(hand: Hand) -> None:
    hand.well(*KEPT, ("text", {"text": "t2", "about": "promise:p2"}))
    hand.put(Text(id="t2", about="promise:p2"), seen=False)
    assert hand.found() == [
        "I3: promise p2 was told about (text t2) and is in no record.",
        "I3: text t2 is unsent (about promise:p2) and nobody will look at it.",
    ]


def test_a_contact_that_ended_as_promised_and_is_owed_nothing_is_found(hand: Hand) -> None:
    hand.tell(("opened", {"contact": "c1"}), *OVER)
    hand.put(Contact(id="c1", state=ContactState.ENDED, outcome=Outcome.PROMISED), seen=False)
    assert hand.found() == ["I3: contact c1 ended as promised and nothing is owed to it."]


# ---- I4


def test_two_open_callbacks_for_one_number_and_matter_are_found(hand: Hand) -> None:
    hand.well(*PROMISED, *OVER, ("promised", {"promise": "p2"}), state=PromiseState.MADE)
    one = hand.s.store.get(Promise, "p1")
    assert one is not None
    hand.put(replace(one, id="p2"))
    assert hand.found() == ["I4: promise p1 is open beside p2: callbacks to one number about one case."]


@pytest.mark.parametrize("other", [{"kind": PromiseKind.FOLLOW_UP}, {"escalated": True}])
def test_a_follow_up_or_an_escalated_callback_may_stand_beside_a_callback(
    hand: Hand, other: dict[str, Any]
) -> None:
    hand.well(*PROMISED, *OVER, ("promised", {"promise": "p2"}), state=PromiseState.MADE)
    one = hand.s.store.get(Promise, "p1")
    assert one is not None
    hand.put(replace(one, id="p2", **other))
    assert hand.found() == []


CALLS: dict[str, list[Event]] = {
    "is dialled under fence 1 after 1: a fence may only rise": [
        *DIALLED[:1],
        ("promise due", {"promise": "p1"}),
        *DIALLED[:1],
    ],
    "is dialled again while it is dialling": [*DIALLED[:1], ("dialling", {"promise": "p1", "fence": "2"})],
    "is dialled again while it is talking": [
        *DIALLED,
        *TALKED,
        ("dialling", {"promise": "p1", "fence": "2"}),
    ],
    "is rung while their phone may still ring for it": [*DIALLED, *DIALLED[1:]],
    "is rung under fence 1 although 2 stands": [("dialling", {"promise": "p1", "fence": "2"}), *DIALLED[1:]],
    "is picked up a second time during one talk": [*DIALLED, *TALKED, *TALKED],
    "is picked up while it is resting: nobody was dialling": TALKED,
    "was dialled under fence 8 and stands at 2: the record has gone back": [
        ("dialling", {"promise": "p1", "fence": "8"})
    ],
}


@pytest.mark.parametrize("what", CALLS)
def test_a_second_voice_is_found(hand: Hand, what: str) -> None:
    hand.well(*PROMISED, *OVER, *CALLS[what], ("ended", {"contact": "c1"}), state=PromiseState.TALKING)
    assert f"I4: promise p1 {what}." in hand.found()


def test_one_phone_rung_for_two_promises_at_once_is_found(hand: Hand) -> None:
    other = [("promised", {"promise": "p2"}), ("dialling", {"promise": "p2", "fence": "1"})]
    ring = ("number locked", {"promise": "p2", "fence": "1"})
    quiet = ("number unlocked", {"promise": "p1", "fence": "1"})
    failed = [("attempt failed", {"promise": "p1"}), *OVER]
    hand.put(Promise(id="p2", number=NUMBER, case="k2", fence=1, state=PromiseState.DIALING))
    hand.well(*PROMISED, *other, *DIALLED, ring, quiet, *failed, state=PromiseState.MADE)
    assert hand.found() == ["I4: promise p2 is rung while the same phone may ring for promise p1."]
    hand.s.store.redis.delete(keys.EVENT_LOG)
    hand.tell(*PROMISED, *other, *DIALLED, quiet, ring, *failed)
    assert hand.found() == []


# ---- how it reads


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
