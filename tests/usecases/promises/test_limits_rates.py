"""How often a number is promised a call, rung, texted and moved."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ivr.cli.demo.stage import OUR_NUMBER, Stage
from ivr.domain.actor import RequestChannel
from ivr.domain.phone_numbers import TrustLevel
from ivr.domain.records.agent import AgentState
from ivr.domain.records.contact import Contact, Outcome
from ivr.domain.records.customer import Customer
from ivr.domain.records.promise import Promise
from ivr.flow.steps.promise_dialog import MakePromise
from ivr.services import Services
from ivr.store import keys
from ivr.usecases.callbacks import number_code, reschedule, reschedule_request
from ivr.usecases.calls.actions.promise_dialog import make_promise
from ivr.usecases.promises import deadlines
from ivr.usecases.promises import limits as promise_limits
from ivr.usecases.scheduler import alarms
from ivr.usecases.staff import roster
from tests.stories.people import DIANE, LORI, texts_to
from tests.usecases.promises.asking_for_calls import OTHER, asks, bounded, contact, leaves


def later(services: Services, seconds: float) -> None:
    services.store.redis.set(keys.MANUAL_CLOCK, f"{services.clock.now() + seconds:.3f}")
    services.clock.sync()


def people(services: Services, many: int, degree: TrustLevel) -> list[Contact]:
    return [contact(services, f"p{n}", f"+1202555{n + 200:04}", degree) for n in range(many)]


def test_a_number_is_promised_so_many_calls_an_hour_and_so_many_a_day(services: Services) -> None:
    """Whoever asks: it may be somebody else's telephone that is to be made to ring."""
    came = [asks(services, contact(services, f"c{n}", f"+1202555{n + 200:04}"), LORI) for n in range(2)]
    assert came == ["made", "made"]
    assert asks(services, contact(services, "c3", "+12025550303"), LORI) == "bounded number"
    later(services, 3601)
    assert asks(services, contact(services, "c4", "+12025550304"), LORI) == "made"
    later(services, 3601)
    assert asks(services, contact(services, "c5", "+12025550305"), LORI) == "bounded number", "of the day"
    later(services, 86400)
    assert asks(services, contact(services, "c6", "+12025550306"), LORI) == "made"


def test_a_line_takes_so_many_other_numbers_an_hour_from_hidden_callers_too(services: Services) -> None:
    came = [asks(services, contact(services, f"c{n}", ""), f"+1202555{n + 400:04}") for n in range(3)]
    assert came == ["made", "made", "bounded other"]
    assert asks(services, contact(services, "own", LORI)) == "made", "their own number is another matter"


def test_strangers_fill_a_lines_hour_and_customers_are_promised_a_call_all_the_same(
    services: Services,
) -> None:
    strangers = [asks(services, who) for who in people(services, 5, TrustLevel.UNVERIFIED)]
    assert strangers == ["made"] * 3 + ["bounded line"] * 2
    assert asks(services, contact(services, "attested", LORI)) == "made"
    change = services.store.begin()
    change.put(None, Customer(id=OTHER, last_at=1.0))
    assert services.store.commit(change)
    assert asks(services, contact(services, "known", OTHER, TrustLevel.UNVERIFIED)) == "made"
    assert promise_limits.was_reached_recently(services, services.clock.now()), "supervisors are told"
    assert not promise_limits.was_reached_recently(services, services.clock.now() + 3601)


def test_what_was_refused_or_came_to_nothing_does_not_count(services: Services) -> None:
    who = contact(services)
    for _ in range(5):  # a commit that is not made: another webhook was quicker
        make_promise(services, who, MakePromise(queue="support"), services.store.begin())
    assert asks(services, who) == "made"


def test_whoever_hangs_up_is_owed_a_call_in_any_case_and_made_up_callers_wait_for_it_untold(
    services: Services,
) -> None:
    """A flood of numbers that nobody attests: each is on record, and what they cost an hour is bounded."""
    for who in people(services, 8, TrustLevel.UNVERIFIED):
        assert leaves(services, who).outcome is Outcome.PROMISED
    found = services.store.list_all(Promise)
    now = services.clock.now()
    hours = sorted(int((p.not_before - now) // 3600) for p in found)
    assert hours == [0, 0, 0, 1, 1, 1, 2, 2], "so many an hour"
    assert sum(p.queued_at > now for p in found) == 5, "behind everybody who is on the telephone meanwhile"
    assert all(p.due_by > p.not_before for p in found)
    (texts,) = services.store.send_commands([("ZCARD", keys.created_index("text"))])
    assert texts == 3, "nobody is texted who may never have called"
    assert leaves(services, contact(services, "lori")).outcome is Outcome.PROMISED
    (lori,) = [p for p in services.store.list_all(Promise) if p.number == LORI]
    assert lori.not_before == now, "a customer is not put off"


def test_a_number_is_rung_so_often_an_hour_and_then_the_call_waits(services: Services) -> None:
    began = services.clock.now()
    assert promise_limits.next_call_time(services, LORI, began) == began
    for _ in range(2):
        change = services.store.begin()
        promise_limits.count_call(LORI, change)
        assert services.store.commit(change)
        later(services, 60)
    assert promise_limits.next_call_time(services, LORI, services.clock.now()) == began + 3600
    assert promise_limits.next_call_time(services, OTHER, services.clock.now()) == services.clock.now()


def test_what_is_counted_is_forgotten_by_itself(services: Services) -> None:
    asks(services, contact(services, "c1", "", TrustLevel.UNVERIFIED), LORI)
    (counted,) = services.store.send_commands([("KEYS", "recent:*")])
    lives = services.store.send_commands([("TTL", key) for key in counted])
    assert len(counted) == 3
    assert all(0 < left <= 86400 + 60 for left in lives)


def test_a_number_and_a_line_are_told_apart_in_the_figures(
    services: Services, count: Callable[[str], float]
) -> None:
    before = count("line")
    for who in people(services, 4, TrustLevel.UNVERIFIED):
        asks(services, who)
    assert count("line") == before + 1


@pytest.fixture
def count() -> Callable[[str], float]:
    return lambda bound: promise_limits.REFUSED_METRIC.labels(bound)._value.get()  # noqa: SLF001 - as it will be served


def test_a_promise_is_moved_so_often_an_hour_and_by_colleagues_as_often_as_need_be(
    services: Services,
) -> None:
    """Each new time is told by text: somebody's telephone must not be flooded by way of a link."""
    asks(services, contact(services, "c1", ""), LORI)
    (held,) = services.store.list_all(Promise)
    times = reschedule.list_windows(services, held, services.clock.now(), max_count=6)

    def moved(to: int, via: RequestChannel) -> object:
        wish = reschedule_request.MoveToWindow(since=times[to][0], until=times[to][1])
        came = reschedule.apply(services, held.id, wish, reschedule_request.RequestOrigin(channel=via))
        return came.why if isinstance(came, reschedule_request.RescheduleRefused) else "moved"

    by_page = [moved(n, RequestChannel.PAGE) for n in (1, 2)]
    assert by_page == ["moved", reschedule_request.RefusalReason.TOO_OFTEN]
    assert [moved(n, RequestChannel.TERMINAL) for n in (3, 4)] == ["moved", "moved"]


def test_a_call_that_is_due_waits_while_its_number_was_rung_too_often(services: Services) -> None:
    asks(services, contact(services, "c1", ""), LORI)
    (held,) = services.store.list_all(Promise)
    assert deadlines.callable_from(services, held, services.clock.now()) == services.clock.now()
    began = services.clock.now()
    for _ in range(2):
        change = services.store.begin()
        promise_limits.count_call(LORI, change)
        assert services.store.commit(change)
        later(services, 1)
    assert deadlines.callable_from(services, held, services.clock.now()) == began + 3600


def test_supervisors_are_told_by_text_that_a_line_is_flooded_once_an_hour(stage: Stage) -> None:
    s = bounded(stage.services)
    roster.add_agent(s, roster.AgentDetails(name="Boss", phone=DIANE, supervisor=True))
    roster.set_state(s, "Boss", AgentState.AWAY)
    assert alarms.list_alarms(s) == ()
    for who in people(s, 5, TrustLevel.UNVERIFIED):
        asks(s, who)
    stage.play(95)
    (told,) = texts_to(stage, DIANE)
    assert "So many callbacks are asked for" in told


def test_codes_are_texted_to_so_many_numbers_an_hour(services: Services) -> None:
    """Each costs a text, and reaches somebody who may never have asked for it."""

    def texted(n: int) -> str:
        asking = number_code.CodeRequest(
            name=f"c{n}", number=f"+1202555{n + 200:04}", line=OUR_NUMBER, language="en"
        )
        change = services.store.begin()
        came = number_code.send_code(services, asking, change)
        assert services.store.commit(change)
        return came

    assert [texted(n) for n in range(3)] == ["", "", "no_text"]
    later(services, 3601)
    assert texted(4) == ""
