"""The integrity check of promises: I2, I3 and I4."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from ivr.domain.records.contact import Contact, ContactState, Outcome
from ivr.domain.records.customer import Text
from ivr.domain.records.promise import NumberLock, Promise, PromiseKind, PromiseState
from ivr.store import keys
from ivr.store.queries import due_index
from ivr.usecases.integrity.check import check_integrity
from ivr.usecases.integrity.repair import repair_records
from tests.conftest import MONDAY_TWO_PM
from tests.usecases.integrity.hand import DIALLED, KEPT, NUMBER, OVER, PROMISED, TALKED, Event, Hand


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
