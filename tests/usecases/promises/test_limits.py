"""What is asked too often is refused before it is promised, or waits; and one rule says which numbers are rung, wherever they come from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from ivr.cli.demo.stage import OUR_NUMBER, Stage
from ivr.domain.actor import RequestChannel
from ivr.domain.errors import CalorError
from ivr.domain.phone_numbers import DialRefusal, TrustLevel
from ivr.domain.records.agent import AgentState
from ivr.domain.records.contact import Contact, ContactState, Outcome
from ivr.domain.records.contact_parts import Caller, QueuePlace
from ivr.domain.records.customer import Customer
from ivr.domain.records.promise import Promise
from ivr.flow.turn import MakePromise, SendText
from ivr.services import Services
from ivr.store import keys
from ivr.usecases.callbacks import number_code, reschedule, reschedule_request
from ivr.usecases.calls import flow_actions
from ivr.usecases.contacts import outcome
from ivr.usecases.dialing import permissions
from ivr.usecases.outages import catch_up as outage_catch_up
from ivr.usecases.promises import deadlines
from ivr.usecases.promises import limits as promise_limits
from ivr.usecases.scheduler import alarms
from ivr.usecases.staff import roster
from tests.stories.people import DIANE, LORI, texts_to

OTHER = "+12125550177"
JAMAICA, PREMIUM, LONDON = "+18765551234", "+19005551212", "+442079460000"


@pytest.fixture
def services(still: Services) -> Services:
    return bounded(still)


def bounded(services: Services) -> Services:
    """Bounds that are soon reached."""
    few = {
        "callbacks_per_number_hour": 2,
        "callbacks_per_number_day": 3,
        "calls_per_number_hour": 2,
        "other_numbers_per_hour": 2,
        "unverified_callbacks_per_hour": 3,
    }
    services.clock.sync()
    return replace(services, settings=services.settings.model_copy(update=few))


def contact(
    services: Services, name: str = "c1", number: str = LORI, degree: TrustLevel = TrustLevel.ATTESTED
) -> Contact:
    """Somebody who waits."""
    change = services.store.begin()
    new = Contact(
        id=name,
        state=ContactState.WAITING,
        caller=Caller(number=number, called_number=OUR_NUMBER, trust_level=degree),
        queue_place=QueuePlace(name="support", queued_at=services.clock.now()),
    )
    made = change.put(None, new)
    change.schedule(made, change.now + 3600)
    assert services.store.commit(change)
    return made


def asks(services: Services, who: Contact, number: str = "") -> str:
    """They ask for a call; what came of it."""
    change = services.store.begin()
    after, result = flow_actions.carry_out(services, who, MakePromise(queue="support", number=number), change)
    change.put(who, after)
    assert services.store.commit(change)
    return result.partition(" ")[0] if result.startswith("made") else result


def leaves(services: Services, who: Contact) -> Contact:
    change = services.store.begin()
    gone = outcome.end_before_talk(services, who, change)
    assert services.store.commit(change)
    return gone


def later(services: Services, seconds: float) -> None:
    services.store.redis.set(keys.MANUAL_CLOCK, f"{services.clock.now() + seconds:.3f}")
    services.clock.sync()


def people(services: Services, many: int, degree: TrustLevel) -> list[Contact]:
    return [contact(services, f"p{n}", f"+1202555{n + 200:04}", degree) for n in range(many)]


# ---- which numbers


@pytest.mark.parametrize(
    ("number", "told"),
    [
        (JAMAICA, "country"),
        (LONDON, "country"),
        (PREMIUM, "costly"),
        (OUR_NUMBER, "ours"),
        ("+1911", "invalid"),
    ],
)
def test_a_number_that_is_not_rung_is_refused_wherever_it_comes_from(
    services: Services, number: str, told: str
) -> None:
    assert asks(services, contact(services, "c1"), number) == f"not_callable {told}"
    owner = contact(services, "c2", number)
    assert asks(services, owner) == f"not_callable {told}"
    change = services.store.begin()
    assert flow_actions.carry_out(services, owner, SendText(body="x"), change)[1] == "refused"
    assert leaves(services, services.store.get(Contact, "c2") or owner).outcome is Outcome.LOST
    services.store.redis.sadd(keys.OUR_NUMBERS, OUR_NUMBER)  # as soon as it was called
    with pytest.raises(CalorError, match="cannot be rung"):
        roster.add_agent(services, roster.AgentDetails(name="Diane", phone=number))
    assert services.store.list_all(Promise) == []


def test_an_agents_telephone_is_not_rung_as_a_customers_until_it_is_nobodys(services: Services) -> None:
    assert permissions.why_not_dialable(services, DIANE) is None
    roster.add_agent(services, roster.AgentDetails(name="Diane", phone=DIANE))
    assert permissions.why_not_dialable(services, DIANE) is DialRefusal.OUR_OWN
    roster.add_agent(services, roster.AgentDetails(name="Diane", phone=OTHER))
    assert [permissions.why_not_dialable(services, n) for n in (DIANE, OTHER)] == [None, DialRefusal.OUR_OWN]
    roster.remove_agent(services, "Diane")
    assert permissions.why_not_dialable(services, OTHER) is None


def test_the_telephones_that_answer_when_the_line_is_broken_are_not_rung_as_customers(
    services: Services,
) -> None:
    ours = services.settings.model_copy(update={"fallback_numbers": (LORI,), "caller_id": OTHER})
    services = replace(services, settings=ours)
    assert [permissions.is_dialable(services, n) for n in (LORI, OTHER, "+12025550144")] == [
        False,
        False,
        True,
    ]


def test_a_recording_of_a_number_that_is_not_rung_goes_to_a_supervisor_and_of_one_that_is_becomes_a_call(
    services: Services,
) -> None:
    for n, number in enumerate((JAMAICA, LORI)):
        fact = outage_catch_up.OutageFact(
            call=f"CA{n}",
            customer_number=number,
            our_number=OUR_NUMBER,
            recording_sid=f"RE{n}",
            recording_url="https://x/RE",
        )
        outage_catch_up.apply_message(services, fact)
    assert {p.number: p.needs_supervisor for p in services.store.list_all(Promise)} == {
        JAMAICA: True,
        LORI: False,
    }


# ---- how often


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
        flow_actions.carry_out(services, who, MakePromise(queue="support"), services.store.begin())
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
