"""One caller in several calls at once has one place in line, and is owed one call when all of them have hung up."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import permutations

import pytest

from ivr.cli.demo.stage import Stage
from ivr.domain.records.agent import AgentState
from ivr.domain.records.contact import Contact, ContactState, Outcome
from ivr.domain.records.customer import Customer
from ivr.services import derive_id
from ivr.store import keys
from ivr.usecases.customers import profile as customer_profile
from ivr.usecases.integrity import check as integrity_check
from tests.stories.people import DIANE, LORI, contacts, pause, promises
from tests.web.inside import Inside
from tests.web.webhooks.twilio import Answer, Twilio, call

A = {"StirVerstat": "TN-Validation-Passed-A"}


@pytest.fixture
def line(inside: Callable[..., Inside]) -> Inside:
    return inside()


def sid(n: int) -> str:
    return f"CA{n:032x}"


def comes(line: Inside, n: int, *, number: str = LORI, **more: str) -> Answer:
    """Call `n` of this number: it rings, and wants a person."""
    told = {**A, **more}
    line.post("/voice/answer", call(sid(n), number, **told))
    return line.post(f"/voice/step/{derive_id(sid(n))}/1", call(sid(n), number, Digits="0", **told))


def waits(line: Inside, n: int, nth: int, keys_: str = "") -> Answer:
    return line.post(f"/voice/wait/{derive_id(sid(n))}/{nth}", call(sid(n), LORI, Digits=keys_))


def leaves(line: Inside, n: int, number: str = LORI) -> None:
    line.post("/voice/status", call(sid(n), number, CallStatus="completed"))


def contact(stage: Stage, n: int) -> Contact:
    found = stage.services.store.get(Contact, derive_id(sid(n)))
    assert found is not None
    return found


def in_line(stage: Stage) -> list[str]:
    (members,) = stage.services.store.send_commands([("ZRANGE", keys.queue("support"), 0, -1)])
    return list(members)


def later(stage: Stage, seconds: float) -> None:
    stage.play(seconds)
    stage.services.clock.sync()


def test_five_calls_in_a_minute_have_one_place_the_first_one_and_one_promise(
    stage: Stage, line: Inside
) -> None:
    began = stage.now
    for n in range(1, 6):
        comes(line, n)
        assert in_line(stage) == [contact(stage, n).key], "the newest call stands there"
        later(stage, 5)
    assert contact(stage, 5).queue_place.queued_at == began
    assert contact(stage, 5).queue_place.boost_seconds == 0.0, "a burst is one attempt to reach us"
    for n in (2, 5, 1, 4):
        leaves(line, n)
        assert not promises(stage)
        assert contact(stage, n).outcome is Outcome.PROMISED
    leaves(line, 3)
    (owed,) = promises(stage)
    assert (owed.number, owed.queued_at) == (LORI, began)
    stage.settle()
    assert integrity_check.check_integrity(stage.services).violations == ()


@pytest.mark.parametrize("order", list(permutations((1, 2, 3))), ids=str)
def test_in_whatever_order_they_hang_up_there_is_one_promise(
    stage: Stage, line: Inside, order: tuple[int, ...]
) -> None:
    for n in (1, 2, 3):
        comes(line, n)
    for n in order[:2]:
        leaves(line, n)
        assert promises(stage) == []
    assert len(in_line(stage)) == 1, "whoever is still there has the place"
    leaves(line, order[2])
    assert len(promises(stage)) == 1
    assert in_line(stage) in ([], [promises(stage)[0].key])


def test_the_older_call_is_told_and_has_the_place_again_when_the_newer_one_is_over(
    stage: Stage, line: Inside
) -> None:
    comes(line, 1)
    comes(line, 2)
    assert "in line with your other call" in waits(line, 1, 2).words
    assert waits(line, 1, 3).words == "", "once a minute"
    leaves(line, 2)
    assert in_line(stage) == [contact(stage, 1).key]
    assert "You are number 1 in line" in waits(line, 1, 4).words


def test_somebody_else_at_the_same_number_has_a_place_and_a_promise_of_their_own(
    stage: Stage, line: Inside
) -> None:
    comes(line, 1)
    comes(line, 2)
    waits(line, 1, 2, "1")
    assert len(in_line(stage)) == 2
    leaves(line, 1)
    assert len(promises(stage)) == 1
    leaves(line, 2)
    assert contact(stage, 2).outcome is Outcome.PROMISED


def test_the_agent_who_is_being_asked_for_the_older_call_takes_the_newer_one(
    stage: Stage, line: Inside
) -> None:
    comes(line, 1)
    stage.add_agent("Diane", DIANE, [pause(60)])
    stage.settle()
    leg = contact(stage, 1).leg
    assert leg
    comes(line, 2)
    assert (contact(stage, 1).leg, contact(stage, 2).leg) == ("", leg)
    assert in_line(stage) == []
    stage.set_agent_state("Diane", AgentState.OFFLINE)


def test_a_call_in_the_menu_has_the_place_of_one_that_waited_and_hung_up(stage: Stage, line: Inside) -> None:
    began = stage.now
    comes(line, 1)
    later(stage, 20)
    line.post("/voice/answer", call(sid(2), LORI, **A))
    leaves(line, 1)
    assert promises(stage) == []
    leaves(line, 2)  # without having pressed anything
    (owed,) = promises(stage)
    assert owed.queued_at == began


def test_what_we_owe_goes_with_the_call_that_goes_on(stage: Stage, line: Inside) -> None:
    comes(line, 1)
    leaves(line, 1)
    (owed,) = promises(stage)
    comes(line, 2)  # merged: this call carries it
    comes(line, 3)
    leaves(line, 2)
    (now,) = promises(stage)
    assert (now.id, now.state, now.merged_into) == (owed.id, "merged", contact(stage, 3).id)
    leaves(line, 3)
    stage.settle()  # the scheduler queues it at once
    (now,) = promises(stage)
    assert (now.id, now.state) == (owed.id, "due")


def test_a_call_that_nobody_attests_takes_no_place_from_one_that_is_attested(
    stage: Stage, line: Inside
) -> None:
    comes(line, 1)
    comes(line, 2, StirVerstat="No-TN-Validation")
    assert len(in_line(stage)) == 2
    leaves(line, 1)
    assert len(promises(stage)) == 1, "and it gets nothing of hers"


def test_hidden_and_shared_numbers_are_nobodys_and_are_not_merged(stage: Stage, line: Inside) -> None:
    shared = "+12025550180"
    customer_profile.set_shared(stage.services, shared, shared=True)
    for n, number in enumerate(("anonymous", "anonymous", shared, shared), 1):
        comes(line, n, number=number)
    assert len(in_line(stage)) == 4
    for n, number in enumerate(("anonymous", "anonymous", shared, shared), 1):
        leaves(line, n, number)
    outcomes = [c.outcome for c in contacts(stage)]
    assert sorted(outcomes) == [Outcome.LOST, Outcome.LOST, Outcome.PROMISED, Outcome.PROMISED]


def test_the_customer_is_on_the_line_until_the_last_of_their_calls_is_over(
    stage: Stage, line: Inside
) -> None:
    """Never two voices (I4): nobody is called back who is talking with us in another call."""
    comes(line, 1)
    comes(line, 2)
    leaves(line, 2)
    assert live(stage) == contact(stage, 1).id
    leaves(line, 1)
    assert live(stage) == ""
    assert contact(stage, 1).state is ContactState.ENDED


def live(stage: Stage) -> str:
    customer = stage.services.store.get(Customer, LORI)
    assert customer is not None
    return customer.live_contact


def test_an_older_call_that_asks_for_a_person_later_has_the_same_place(stage: Stage, line: Inside) -> None:
    line.post("/voice/answer", call(sid(1), LORI, **A))
    comes(line, 2)
    line.post(f"/voice/step/{derive_id(sid(1))}/1", call(sid(1), LORI, Digits="0", **A))
    assert in_line(stage) == [contact(stage, 1).key]
    assert "in line with your other call" in waits(line, 2, 2).words


def test_a_promise_made_in_the_older_call_is_carried_by_the_newer_one_and_kept_once(
    stage: Stage, line: Inside
) -> None:
    line.post("/voice/answer", call(sid(1), LORI, **A))
    comes(line, 2)
    name = derive_id(sid(1))
    line.post(f"/voice/step/{name}/1", call(sid(1), LORI, Digits="0", **A))
    waits(line, 1, 2, "1")
    waits(line, 1, 3, "1")
    (owed,) = promises(stage)
    leaves(line, 1)
    leaves(line, 2)
    (still,) = promises(stage)
    assert still.id == owed.id
    stage.settle()
    assert integrity_check.check_integrity(stage.services).violations == ()


def test_two_calls_at_the_very_same_instant_are_both_answered_as_who_they_are(
    stage: Stage, line: Inside
) -> None:
    """Both write the customer's record; whoever comes second is decided anew, with the carrier's word for the number."""
    told = [call(sid(n), LORI, **A) for n in range(1, 9)]
    with ThreadPoolExecutor(8) as several:
        answers = list(several.map(lambda t: Twilio(settings=line.settings).post("/voice/answer", t), told))
    assert all("Gather" in a.verbs for a in answers)
    assert {c.caller.trust_level.name for c in contacts(stage)} == {"ATTESTED"}
    for n in range(1, 9):
        line.post(f"/voice/step/{derive_id(sid(n))}/1", call(sid(n), LORI, Digits="0", **A))
    assert len(in_line(stage)) == 1
    for n in range(1, 9):
        leaves(line, n)
    assert len(promises(stage)) == 1
