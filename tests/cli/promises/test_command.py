"""`ivr callbacks` and `ivr check` as an operator types them, on a record that was written by hand."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from click.testing import CliRunner, Result

from ivr.cli import cli
from ivr.cli.promises.wording import format_refusal
from ivr.domain.errors import CalorError
from ivr.domain.records.agent import Agent
from ivr.domain.records.contact import Contact, ContactState, Outcome
from ivr.domain.records.contact_parts import Caller
from ivr.domain.records.promise import NumberLock, Promise, PromiseKind, PromiseState
from ivr.services import Services
from ivr.store import keys
from ivr.store.change import Change
from ivr.store.queries import due_index
from ivr.usecases.callbacks.reschedule_request import RefusalReason, RescheduleRefused
from ivr.usecases.queueing import membership
from tests.conftest import MONDAY_TWO_PM as NOW
from tests.stories.people import LORI
from tests.usecases.conftest import at_rest, still

__all__ = ["at_rest", "still"]

Type = Callable[..., Result]
NINE_PM = NOW + 7.2 * 3600


@pytest.fixture
def ivr(still: Services, at_rest: dict[str, str]) -> Type:
    """Types a command; what an operator can put right comes as the exception that `main` says in words."""

    def run(*argv: str) -> Result:
        return CliRunner().invoke(cli, argv, env=at_rest)

    change = Change(now=NOW)
    change.put(None, Agent(id="diane", name="Diane", phone="+12025550111", skills=("support",)))
    ended = Contact(
        id="c1",
        state=ContactState.ENDED,
        outcome=Outcome.PROMISED,
        promise="abcd2345",
        caller=Caller(number=LORI),
    )
    change.put(None, ended)
    change.log_event("opened", contact="c1")
    change.log_event("ended", contact="c1", outcome="promised")
    assert still.store.commit(change)
    owe(still, "abcd2345", due_by=NOW - 600, state=PromiseState.DUE, queued_at=NOW - 60)
    owe(
        still,
        "abzz9999",
        due_by=NOW + 4 * 3600,
        not_before=NOW + 3 * 3600,
        number="+13105550166",
        case="k2",
        name="Tom",
        zone="America/Los_Angeles",
    )
    return run


def owe(services: Services, id_: str, **fields: Any) -> Promise:
    told = {
        "number": LORI,
        "customer": LORI,
        "name": "Lori Miller",
        "case": "k1",
        "reason": "Her suitcase",
        **fields,
    }
    promise = Promise(
        id=id_, contact="c1", queue="support", our_number="+12025550100", created_at=NOW, **told
    )
    change = Change(now=NOW)
    change.put(None, promise)
    change.schedule(promise, NOW + 60)
    change.log_event("promised", promise=id_, contact="c1")
    if promise.state is PromiseState.DUE:
        membership.join_promise(services, promise, change)
    assert services.store.commit(change)
    return promise


def get(services: Services, name: str = "abcd2345") -> Promise:
    found = services.store.get(Promise, name)
    assert found is not None
    return found


def last_event(services: Services, event: str) -> dict[str, str]:
    entries: Any = services.store.redis.xrange(keys.EVENT_LOG)
    return next(e for _, e in reversed(entries) if e["event"] == event)


def test_what_is_owed_is_listed_the_soonest_first_with_how_late_it_is(ivr: Type) -> None:
    shown = ivr("callbacks", "list")
    assert shown.exit_code == 0, shown.output
    head, first, second = shown.stdout.splitlines()
    assert head.split() == ["ID", "CALL", "BY", "STATE", "QUEUE", "TRIED", "WHO", "ABOUT"]
    assert first.startswith("abcd2345  Mon 23 Nov 13:50  10 min late   due ")
    assert second.startswith("abzz9999  Mon 23 Nov 18:00  in 4 h 0 min  made")
    assert "Lori Miller …155" in first
    assert LORI not in shown.output
    assert LORI in ivr("callbacks", "list", "--full-numbers").stdout
    (late,) = json.loads(ivr("callbacks", "list", "--late", "--json").stdout)
    assert (late["id"], late["late"], late["number"], late["state"]) == ("abcd2345", 600.0, "…155", "due")
    assert json.loads(ivr("callbacks", "list", "--queue", "billing", "--json").stdout) == []
    assert "abzz9999" not in ivr("callbacks", "list", "--state", "due").stdout


def test_one_promise_is_told_whole_by_the_beginning_of_its_id(ivr: Type, still: Services) -> None:
    shown = ivr("callbacks", "show", "abc")
    for words in (
        "callback, due",
        "Lori Miller, …155",
        "Her suitcase",
        "10 min late",
        "call by   Mon 23 Nov 13:50",
        "0 in front of it",
        "promised",
    ):
        assert words in shown.stdout
    assert (
        "; Mon 23 Nov 15:00 in America/Los_Angeles (in 4 h 0 min)" in ivr("callbacks", "show", "abz").stdout
    )
    assert LORI not in shown.stdout
    told = json.loads(ivr("callbacks", "show", "abcd2345", "--json").stdout)
    assert [e["event"] for e in told["history"]] == ["opened", "ended", "promised"]
    assert (told["ahead"], told["wake"]) == (0, NOW + 60)
    assert re.search(r"\+\d{7,}", json.dumps(told)) is None, "numbers are in full only when asked for"


def test_an_escalated_promise_is_called_an_escalation_whatever_its_kind(ivr: Type, still: Services) -> None:
    owe(still, "esca2345", kind=PromiseKind.FOLLOW_UP, escalated=True, state=PromiseState.ESCALATED)
    assert "promise esca2345   escalation, escalated\n" in ivr("callbacks", "show", "esc").stdout
    told = json.loads(ivr("callbacks", "show", "esc", "--json").stdout)
    assert (told["kind"], told["escalated"]) == ("escalation", True)


def test_an_id_that_is_unknown_or_too_short_is_told_with_what_is_near(
    ivr: Type, at_rest: dict[str, str]
) -> None:
    several, near, nothing = (ivr("callbacks", "show", name).exception for name in ("ab", "abcd2354", "q"))
    assert isinstance(several, CalorError)
    assert str(several) == "Several promises begin with ab: abcd2345, abzz9999."
    assert str(near) == "There is no promise abcd2354. Did you mean abcd2345?"
    assert "`ivr callbacks list` shows those that are open" in str(nothing)


def test_a_change_is_asked_about_first_and_a_script_says_yes(ivr: Type, still: Services) -> None:
    asked = ivr("callbacks", "call-now", "abc")
    assert (asked.exit_code, "Add --yes" in asked.stderr) == (2, True)
    assert get(still).state is PromiseState.DUE


def test_a_promise_is_taken_into_a_persons_hands(ivr: Type, still: Services) -> None:
    nobody = ivr("callbacks", "assign", "abc", "--to", "Daine", "--yes")
    assert "Nobody is called Daine. There are: Diane." in str(nobody.exception)
    taken = ivr("callbacks", "assign", "abc", "--to", "Diane", "--yes")
    assert (taken.exit_code, "in Diane's hands" in taken.stdout) == (0, True), taken.output
    assert (get(still).state, get(still).owner) == (PromiseState.OWNED, "diane")
    assert still.store.read(due_index.get_due_time("promise:abcd2345")) == 0.0
    assert last_event(still, "promise owned")["by"] == "diane"
    assert last_event(still, "assignment requested")["via"] == "staff"
    again = ivr("callbacks", "assign", "abc", "--to", "Diane", "--yes")
    assert (again.exit_code, "It has ended already: owned." in again.stderr) == (1, True)
    assert "nothing by the line: Diane has it" in ivr("callbacks", "show", "abc").stdout
    assert "abcd2345" in ivr("callbacks", "list", "--state", "owned").stdout
    assert "every invariant held." in ivr("check").stdout


def test_a_call_is_moved_to_a_time_that_can_be_kept_by_the_customers_clock(
    ivr: Type, still: Services
) -> None:
    moved = ivr("callbacks", "reschedule", "abc", "--to", "tomorrow 10:20", "--by", "Ada", "--yes")
    assert moved.exit_code == 0, moved.output
    assert "call by Tue 24 Nov 11:00 by their clock (America/New_York)" in moved.stdout
    assert (get(still).state, get(still).not_before) == (PromiseState.MADE, NOW + 20 * 3600)
    asked = last_event(still, "promise moved")
    assert (asked["via"], asked["by"]) == ("staff", "ada")
    night = ivr("callbacks", "reschedule", "abc", "--to", "tomorrow 23:00", "--yes")
    assert (night.exit_code, "What can be kept, by their clock" in night.stderr) == (1, True), night.output
    junk = ivr("callbacks", "reschedule", "abc", "--to", "soon", "--yes")
    assert (junk.exit_code, "no time that I can read" in junk.stderr) == (2, True)
    assert ivr("callbacks", "reschedule", "abc", "--yes").exit_code == 2
    assert ivr("callbacks", "reschedule", "abc", "--asap", "--yes").exit_code == 0
    assert get(still).not_before == NOW


def test_a_customer_who_does_not_want_the_call_is_not_called(ivr: Type, still: Services) -> None:
    done = ivr("callbacks", "cancel", "abc", "--why", "It has come by mail", "--by", "Ada", "--yes")
    assert (done.exit_code, get(still).state) == (0, PromiseState.DECLINED), done.output
    asked = last_event(still, "decline requested")
    assert (asked["via"], asked["by"]) == ("staff", "ada")
    (note,) = still.store.redis.lrange(keys.case_thread("k1"), 0, -1)
    assert json.loads(note)["words"] == "It has come by mail"


def test_call_now_goes_to_the_front_but_wakes_nobody(ivr: Type, still: Services) -> None:
    front = ivr("callbacks", "call-now", "abzz", "--yes")
    assert front.exit_code == 0, front.output
    assert (get(still, "abzz9999").not_before, get(still, "abzz9999").queued_at < NOW - 86000) == (NOW, True)
    assert still.store.read(due_index.get_due_time("promise:abzz9999")) == NOW
    still.store.redis.set(keys.MANUAL_CLOCK, f"{NINE_PM:.3f}")
    night = ivr("callbacks", "call-now", "abc", "--yes")
    assert night.exit_code == 1
    assert "It is night where they are, until Tue 24 Nov 08:00 by their clock" in night.stderr
    assert get(still).state is PromiseState.DUE


def test_whoever_is_on_the_telephone_with_us_is_not_steered_meanwhile(ivr: Type, still: Services) -> None:
    change = Change(now=NOW)
    owe(still, "talk2222", state=PromiseState.TALKING, case="k3")
    assert still.store.commit(change)
    for command in (
        ("assign", "--to", "Diane"),
        ("cancel", "--why", "so"),
        ("reschedule", "--asap"),
        ("call-now",),
    ):
        name, *options = command
        refused = ivr("callbacks", name, "talk", *options, "--yes")
        assert refused.exit_code == 1, refused.output
    assert get(still, "talk2222").state is PromiseState.TALKING


@pytest.mark.parametrize("why", RefusalReason)
def test_every_refusal_has_words(ivr: Type, still: Services, why: RefusalReason) -> None:
    said = format_refusal(still, get(still), RescheduleRefused(why=why, callable_at=NINE_PM), NOW)
    assert said.startswith("Promise abcd2345 stays as it is. ")


def test_the_audit_says_what_is_broken_and_what_to_do_and_mends_what_was_forgotten(
    ivr: Type, still: Services
) -> None:
    well = ivr("check")
    assert (well.exit_code, "every invariant held." in well.stdout) == (0, True), well.output
    assert "late by 10 min: promise abcd2345" in well.stdout
    assert ivr("check", "--late").exit_code == 1
    still.store.redis.zrem(keys.DUE, "promise:abzz9999")
    broken = ivr("check", "--json")
    found = json.loads(broken.stdout)
    assert (broken.exit_code, found["well"], found["violations"][0]["key"]) == (
        1,
        False,
        "promise:abzz9999",
    )
    words = ivr("check").stdout
    assert "I2: promise abzz9999 is made and nobody will look at it.  2026-11-23 14:00:00 EST" in words
    assert "Run `ivr check --repair`" in words
    mended = ivr("check", "--repair", "--by", "ada")
    assert (mended.exit_code, "promise:abzz9999 is due now" in mended.stdout) == (1, True)
    assert last_event(still, "repaired") == {
        "event": "repaired",
        "at": f"{NOW:.3f}",
        "by": "ada",
        "where": "terminal",
        "promise": "abzz9999",
    }
    assert ivr("check").exit_code == 0


def test_what_a_monitor_collects_has_no_number_in_full(ivr: Type, still: Services) -> None:
    change = Change(now=NOW)
    lock = change.put(None, NumberLock(id=LORI, promise="abcd2345", fence=1, intent_at=NOW))
    change.schedule(lock, NOW + 60)
    assert still.store.commit(change)
    still.store.redis.zrem(keys.DUE, lock.key)
    told = json.loads(ivr("check", "--json").stdout)
    assert told["unscheduled"] == [f"number_lock:…{LORI[-3:]}"]


def test_an_audit_that_cannot_look_exits_with_two_and_says_what_to_do(at_rest: dict[str, str]) -> None:
    nowhere = {**at_rest, "REDIS_URL": "redis://127.0.0.1:9/0"}
    blind = CliRunner().invoke(cli, ["check"], env=nowhere)
    assert (blind.exit_code, "Could not look" in blind.stderr, "`ivr doctor`" in blind.stderr) == (
        2,
        True,
        True,
    )
    told = CliRunner().invoke(cli, ["check", "--json"], env=nowhere)
    assert (told.exit_code, "cannot be reached" in json.loads(told.stdout)["error"]) == (2, True)
