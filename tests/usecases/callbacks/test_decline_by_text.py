"""NO by text costs nobody a call that they count on: it is the one that was last spoken of, or they are asked."""

from __future__ import annotations

from dataclasses import replace

from ivr.cli.demo.stage import OUR_NUMBER
from ivr.domain.actor import RequestChannel
from ivr.domain.records.promise import PromiseState
from ivr.services import Services
from ivr.usecases.callbacks import reschedule, reschedule_request
from ivr.usecases.callbacks.reschedule_request import ChangeNumber, MoveToSoonest, RequestOrigin
from ivr.usecases.customers import profile as customer_profile
from ivr.usecases.incoming_texts import actions as incoming_texts
from ivr.usecases.promises.lifecycle import PromiseRequest
from ivr.usecases.texting.send import create_text
from tests.stories.people import LORI
from tests.usecases.promises.promised import OTHER, customer, now, owe, was_texted

HOUR = 3600.0
SECOND_LINE = "+12025550101"


def says(services: Services, words: str, *, number: str = LORI, line: str = OUR_NUMBER) -> str:
    return incoming_texts.receive_text(services, from_=number, to=line, body=words, sid=services.new_id())


def tomorrow(services: Services) -> PromiseRequest:
    return PromiseRequest(since=services.clock.now() + 20 * HOUR, until=services.clock.now() + 21 * HOUR)


def test_the_one_that_the_last_text_was_about_is_declined_and_the_other_one_stands(still: Services) -> None:
    first, second = owe(still), owe(still, tomorrow(still))
    assert customer(still).open_promises == (first.id, second.id)
    answer = says(still, "No")
    assert "we will not call you by tomorrow, 11:00 am" in answer
    assert "Our other call stands: 2:20 pm" in answer
    assert now(still, second).state is PromiseState.DECLINED
    assert now(still, first).state is PromiseState.MADE
    assert customer(still).open_promises == (first.id,)


def test_when_it_is_not_plain_which_they_are_asked_and_decline_by_its_number(still: Services) -> None:
    first, second, third = owe(still), owe(still, tomorrow(still)), owe(still)
    says(still, "no")  # the third
    assert now(still, third).state is PromiseState.DECLINED
    asked = says(still, "no")
    assert "1: 2:20 pm; 2: tomorrow, 11:00 am" in asked
    assert {now(still, first).state, now(still, second).state} == {PromiseState.MADE}
    assert "we owe you more than one call" in says(still, "NO 7")
    says(still, "no, 2.")
    assert now(still, second).state is PromiseState.DECLINED
    assert now(still, first).state is PromiseState.MADE
    again = says(still, "no 2")  # the list is old: nothing else is taken for it
    assert "reply NO once more" in again
    assert now(still, first).state is PromiseState.MADE
    assert "we will not call you about this" in says(still, "no")
    assert now(still, first).state is PromiseState.DECLINED


def test_no_to_another_question_declines_nothing_until_they_say_so_once_more(still: Services) -> None:
    promise = owe(still)
    change = still.store.begin()
    create_text(still, to=LORI, our_number=OUR_NUMBER, body="how was it?", about="contact:c1", change=change)
    assert still.store.commit(change)
    assert "reply NO once more" in says(still, "No")
    assert now(still, promise).state is PromiseState.MADE
    says(still, "No")
    assert now(still, promise).state is PromiseState.DECLINED


def test_a_list_of_an_hour_ago_never_means_a_promise_that_came_later(still: Services) -> None:
    first, second, third = owe(still), owe(still), owe(still)
    says(still, "no")
    says(still, "no")
    reschedule.apply(
        still, first.id, reschedule_request.Decline(), RequestOrigin(channel=RequestChannel.TERMINAL)
    )
    newest = owe(still, tomorrow(still))
    says(still, "no 1")
    assert now(still, newest).state is PromiseState.MADE
    assert now(still, second).state is PromiseState.MADE
    assert now(still, third).state is PromiseState.DECLINED


def test_on_a_number_that_several_use_no_declines_nothing_and_says_so(still: Services) -> None:
    promise = owe(still)
    customer_profile.set_shared(still, LORI, shared=True)
    assert "several people use this number" in says(still, "NO")
    assert now(still, promise).state is PromiseState.MADE


def test_the_phone_that_is_rung_for_somebody_may_decline_and_they_are_told(still: Services) -> None:
    promise = owe(still)
    reschedule.apply(
        still, promise.id, ChangeNumber(number=OTHER), RequestOrigin(channel=RequestChannel.PAGE)
    )
    assert "we will not call you" in says(still, "no", number=OTHER)
    assert now(still, promise).state is PromiseState.DECLINED
    assert was_texted(still, "we will not call you about this")


def test_no_to_one_line_of_ours_does_not_decline_what_another_owes(still: Services) -> None:
    promise = owe(still)
    assert says(still, "no", line=SECOND_LINE) == ""
    assert now(still, promise).state is PromiseState.MADE


def test_while_they_talk_about_it_no_changes_nothing(still: Services) -> None:
    promise = owe(still)
    change = still.store.begin()
    change.put(promise, replace(promise, state=PromiseState.TALKING))
    assert still.store.commit(change)
    assert "you are on the phone with us" in says(still, "no")
    assert now(still, promise).state is PromiseState.TALKING
    assert isinstance(
        reschedule.apply(still, promise.id, MoveToSoonest(), RequestOrigin(channel=RequestChannel.TEXT)),
        reschedule_request.RescheduleRefused,
    )
