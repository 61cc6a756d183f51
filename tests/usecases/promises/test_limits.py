"""What is asked too often is refused before it is promised, or waits; and one rule says which numbers are rung, wherever they come from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from ivr.cli.demo.stage import LINE, Stage
from ivr.domain.errors import CalorError
from ivr.domain.phone_numbers import Degree, Why
from ivr.domain.records.agent import AgentState
from ivr.domain.records.contact import Contact, ContactState, Outcome
from ivr.domain.records.customer import Customer
from ivr.domain.records.promise import Promise
from ivr.flow.turn import MakePromise, SendText
from ivr.services import Services
from ivr.store import keys
from ivr.store.change import Change
from ivr.usecases.callbacks import number_code, reschedule
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
def s(still: Services) -> Services:
    return bounded(still)


def bounded(s: Services) -> Services:
    """Bounds that are soon reached."""
    few = {"number_hour": 2, "number_day": 3, "number_rings": 2, "others_hour": 2, "line_hour": 3}
    s.clock.follow()
    return replace(s, settings=s.settings.model_copy(update=few))


def contact(s: Services, name: str = "c1", number: str = LORI, degree: Degree = Degree.ATTESTED) -> Contact:
    """Somebody who waits."""
    change = Change(now=s.clock.now())
    new = Contact(
        id=name,
        number=number,
        line=LINE,
        degree=degree,
        state=ContactState.WAITING,
        queue="support",
        arrived=s.clock.now(),
    )
    made = change.put(None, new)
    change.wake(made, change.now + 3600)
    assert s.store.commit(change)
    return made


def asks(s: Services, who: Contact, number: str = "") -> str:
    """They ask for a call; what came of it."""
    change = Change(now=s.clock.now())
    after, result = flow_actions.carry_out(s, who, MakePromise(queue="support", number=number), change)
    change.put(who, after)
    assert s.store.commit(change)
    return result.partition(" ")[0] if result.startswith("made") else result


def leaves(s: Services, who: Contact) -> Contact:
    change = Change(now=s.clock.now())
    gone = outcome.left(s, who, change)
    assert s.store.commit(change)
    return gone


def later(s: Services, seconds: float) -> None:
    s.store.redis.set(keys.CLOCK, f"{s.clock.now() + seconds:.3f}")
    s.clock.follow()


def people(s: Services, many: int, degree: Degree) -> list[Contact]:
    return [contact(s, f"p{n}", f"+1202555{n + 200:04}", degree) for n in range(many)]


# ---- which numbers


@pytest.mark.parametrize(
    ("number", "told"),
    [(JAMAICA, "country"), (LONDON, "country"), (PREMIUM, "costly"), (LINE, "ours"), ("+1911", "invalid")],
)
def test_a_number_that_is_not_rung_is_refused_wherever_it_comes_from(
    s: Services, number: str, told: str
) -> None:
    assert asks(s, contact(s, "c1"), number) == f"not_callable {told}"
    owner = contact(s, "c2", number)
    assert asks(s, owner) == f"not_callable {told}"
    change = Change(now=s.clock.now())
    assert flow_actions.carry_out(s, owner, SendText(body="x"), change)[1] == "refused"
    assert leaves(s, s.store.get(Contact, "c2") or owner).outcome is Outcome.LOST
    s.store.redis.sadd(keys.OURS, LINE)  # as soon as it was called
    with pytest.raises(CalorError, match="cannot be rung"):
        roster.add(s, roster.Told(name="Diane", phone=number))
    assert s.store.everyone(Promise) == []


def test_an_agents_telephone_is_not_rung_as_a_customers_until_it_is_nobodys(s: Services) -> None:
    assert permissions.why_not(s, DIANE) is None
    roster.add(s, roster.Told(name="Diane", phone=DIANE))
    assert permissions.why_not(s, DIANE) is Why.OURS
    roster.add(s, roster.Told(name="Diane", phone=OTHER))
    assert [permissions.why_not(s, n) for n in (DIANE, OTHER)] == [None, Why.OURS]
    roster.remove(s, "Diane")
    assert permissions.why_not(s, OTHER) is None


def test_the_telephones_that_answer_when_the_line_is_broken_are_not_rung_as_customers(s: Services) -> None:
    ours = s.settings.model_copy(update={"fallback_numbers": (LORI,), "caller_id": OTHER})
    s = replace(s, settings=ours)
    assert [permissions.may_ring(s, n) for n in (LORI, OTHER, "+12025550144")] == [False, False, True]


def test_a_recording_of_a_number_that_is_not_rung_goes_to_a_supervisor_and_of_one_that_is_becomes_a_call(
    s: Services,
) -> None:
    for n, number in enumerate((JAMAICA, LORI)):
        told = {"RecordingSid": f"RE{n}", "RecordingUrl": "https://x/RE", "CallSid": f"CA{n}"}
        outage_catch_up.message(s, {**told, "From": number, "To": LINE})
    assert {p.number: p.supervisor for p in s.store.everyone(Promise)} == {JAMAICA: True, LORI: False}


# ---- how often


def test_a_number_is_promised_so_many_calls_an_hour_and_so_many_a_day(s: Services) -> None:
    """Whoever asks: it may be somebody else's telephone that is to be made to ring."""
    came = [asks(s, contact(s, f"c{n}", f"+1202555{n + 200:04}"), LORI) for n in range(2)]
    assert came == ["made", "made"]
    assert asks(s, contact(s, "c3", "+12025550303"), LORI) == "bounded number"
    later(s, 3601)
    assert asks(s, contact(s, "c4", "+12025550304"), LORI) == "made"
    later(s, 3601)
    assert asks(s, contact(s, "c5", "+12025550305"), LORI) == "bounded number", "of the day"
    later(s, 86400)
    assert asks(s, contact(s, "c6", "+12025550306"), LORI) == "made"


def test_a_line_takes_so_many_other_numbers_an_hour_from_hidden_callers_too(s: Services) -> None:
    came = [asks(s, contact(s, f"c{n}", ""), f"+1202555{n + 400:04}") for n in range(3)]
    assert came == ["made", "made", "bounded other"]
    assert asks(s, contact(s, "own", LORI)) == "made", "their own number is another matter"


def test_strangers_fill_a_lines_hour_and_customers_are_promised_a_call_all_the_same(s: Services) -> None:
    strangers = [asks(s, who) for who in people(s, 5, Degree.UNSURE)]
    assert strangers == ["made"] * 3 + ["bounded line"] * 2
    assert asks(s, contact(s, "attested", LORI)) == "made"
    change = Change(now=s.clock.now())
    change.put(None, Customer(id=OTHER, last_at=1.0))
    assert s.store.commit(change)
    assert asks(s, contact(s, "known", OTHER, Degree.UNSURE)) == "made"
    assert promise_limits.reached(s, s.clock.now()), "supervisors are told"
    assert not promise_limits.reached(s, s.clock.now() + 3601)


def test_what_was_refused_or_came_to_nothing_does_not_count(s: Services) -> None:
    who = contact(s)
    for _ in range(5):  # a commit that is not made: another webhook was quicker
        flow_actions.carry_out(s, who, MakePromise(queue="support"), Change(now=s.clock.now()))
    assert asks(s, who) == "made"


def test_whoever_hangs_up_is_owed_a_call_in_any_case_and_made_up_callers_wait_for_it_untold(
    s: Services,
) -> None:
    """A flood of numbers that nobody attests: each is on record, and what they cost an hour is bounded."""
    for who in people(s, 8, Degree.UNSURE):
        assert leaves(s, who).outcome is Outcome.PROMISED
    found = s.store.everyone(Promise)
    now = s.clock.now()
    hours = sorted(int((p.since - now) // 3600) for p in found)
    assert hours == [0, 0, 0, 1, 1, 1, 2, 2], "so many an hour"
    assert sum(p.arrived > now for p in found) == 5, "behind everybody who is on the telephone meanwhile"
    assert all(p.until > p.since for p in found)
    (texts,) = s.store.read([("ZCARD", keys.everyone("text"))])
    assert texts == 3, "nobody is texted who may never have called"
    assert leaves(s, contact(s, "lori")).outcome is Outcome.PROMISED
    (lori,) = [p for p in s.store.everyone(Promise) if p.number == LORI]
    assert lori.since == now, "a customer is not put off"


def test_a_number_is_rung_so_often_an_hour_and_then_the_call_waits(s: Services) -> None:
    began = s.clock.now()
    assert promise_limits.rung_from(s, LORI, began) == began
    for _ in range(2):
        change = Change(now=s.clock.now())
        promise_limits.rung(LORI, change)
        assert s.store.commit(change)
        later(s, 60)
    assert promise_limits.rung_from(s, LORI, s.clock.now()) == began + 3600
    assert promise_limits.rung_from(s, OTHER, s.clock.now()) == s.clock.now()


def test_what_is_counted_is_forgotten_by_itself(s: Services) -> None:
    asks(s, contact(s, "c1", "", Degree.UNSURE), LORI)
    (counted,) = s.store.read([("KEYS", "recent:*")])
    lives = s.store.read([("TTL", key) for key in counted])
    assert len(counted) == 3
    assert all(0 < left <= 86400 + 60 for left in lives)


def test_a_number_and_a_line_are_told_apart_in_the_figures(
    s: Services, count: Callable[[str], float]
) -> None:
    before = count("line")
    for who in people(s, 4, Degree.UNSURE):
        asks(s, who)
    assert count("line") == before + 1


@pytest.fixture
def count() -> Callable[[str], float]:
    return lambda bound: promise_limits.METRIC.labels(bound)._value.get()  # noqa: SLF001 - as it will be served


def test_a_promise_is_moved_so_often_an_hour_and_by_colleagues_as_often_as_need_be(s: Services) -> None:
    """Each new time is told by text: somebody's telephone must not be flooded by way of a link."""
    asks(s, contact(s, "c1", ""), LORI)
    (held,) = s.store.everyone(Promise)
    times = reschedule.windows(s, held, s.clock.now(), most=6)

    def moved(to: int, via: reschedule.Via) -> object:
        wish = reschedule.Move(since=times[to][0], until=times[to][1])
        came = reschedule.rearrange(s, held.id, wish, reschedule.Asked(via=via))
        return came.why if isinstance(came, reschedule.Refused) else "moved"

    by_page = [moved(n, reschedule.Via.PAGE) for n in (1, 2)]
    assert by_page == ["moved", reschedule.WhyNot.OFTEN]
    assert [moved(n, reschedule.Via.STAFF) for n in (3, 4)] == ["moved", "moved"]


def test_a_call_that_is_due_waits_while_its_number_was_rung_too_often(s: Services) -> None:
    asks(s, contact(s, "c1", ""), LORI)
    (held,) = s.store.everyone(Promise)
    assert deadlines.asleep_until(s, held, s.clock.now()) == s.clock.now()
    began = s.clock.now()
    for _ in range(2):
        change = Change(now=s.clock.now())
        promise_limits.rung(LORI, change)
        assert s.store.commit(change)
        later(s, 1)
    assert deadlines.asleep_until(s, held, s.clock.now()) == began + 3600


def test_supervisors_are_told_by_text_that_a_line_is_flooded_once_an_hour(stage: Stage) -> None:
    s = bounded(stage.services)
    roster.add(s, roster.Told(name="Boss", phone=DIANE, supervisor=True))
    roster.set_state(s, "Boss", AgentState.AWAY)
    assert alarms.look(s) == ()
    for who in people(s, 5, Degree.UNSURE):
        asks(s, who)
    stage.play(95)
    (told,) = texts_to(stage, DIANE)
    assert "So many callbacks are asked for" in told


def test_codes_are_texted_to_so_many_numbers_an_hour(s: Services) -> None:
    """Each costs a text, and reaches somebody who may never have asked for it."""

    def texted(n: int) -> str:
        asking = number_code.Asking(name=f"c{n}", number=f"+1202555{n + 200:04}", line=LINE, language="en")
        change = Change(now=s.clock.now())
        came = number_code.text(s, asking, change)
        assert s.store.commit(change)
        return came

    assert [texted(n) for n in range(3)] == ["", "", "no_text"]
    later(s, 3601)
    assert texted(4) == ""
