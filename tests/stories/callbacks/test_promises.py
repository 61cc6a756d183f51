"""A promise is made when nobody is free, and kept in its place: the agent first, briefed, then the customer's phone."""

from __future__ import annotations

from urllib.request import urlopen

import pytest

from ivr.cli.demo.stage import Stage
from ivr.domain.records.contact import Outcome
from ivr.domain.records.promise import PromiseState
from ivr.store import keys
from ivr.store.change import Change
from tests.conftest import MONDAY_TWO_PM
from tests.stories.callbacks.owed import (
    KEEPS_HER_PLACE,
    KEEPS_IT,
    OTHER,
    PICKS_UP,
    SUITCASE,
    calls_to,
    clock,
    code_at,
    enters,
    holds,
    over,
    promised,
    skip_to,
    the_promise,
    until,
)
from tests.stories.people import (
    BRIDGED,
    DIANE,
    HANG_UP,
    LORI,
    Script,
    contacts,
    heard_by,
    listen,
    pause,
    press,
    promises,
    speak,
    texts_to,
)

LATER_CALLER = "+12025550160"

PATIENT = {"do": "bridged", "within": 600}
CHOOSES: Script = [listen("Press 2 to choose a time", 120), press("2")]
TAKES_THE_FIRST: Script = [*CHOOSES, listen("press 1"), press("1"), listen("one sentence"), pause(12)]


def test_a_caller_who_keeps_her_place_is_rung_when_it_is_her_turn_by_an_agent_who_has_heard_why(
    stage: Stage,
) -> None:
    promise = promised(stage)
    assert promise.reason == SUITCASE
    (text,) = texts_to(stage, LORI)
    said, _, link = text.partition(" To change it: ")
    assert said == "Our company: we will call you by 2:25 pm. Reply NO if you no longer need it."
    assert link.startswith(f"{stage.settings.public_url}/p/")
    with urlopen(link) as page:  # noqa: S310 - our own
        assert "by 2:25 pm, at the number ending 155" in page.read().decode()
    stage.set_phone(LORI, name="Lori", script=PICKS_UP)
    stage.add_agent("Diane", DIANE, KEEPS_IT)
    until(stage, 300, PromiseState.KEPT)
    (agents_call,), (her_call,) = calls_to(stage, DIANE), calls_to(stage, LORI)
    assert agents_call[0] < her_call[0]
    assert any('They say: "My suitcase' in words for words in heard_by(stage, DIANE))
    stage.play(120)
    assert [c.outcome for c in contacts(stage)] == [Outcome.HELPED]
    holds(stage)


def test_a_place_that_is_kept_comes_before_callers_who_came_later(stage: Stage) -> None:
    promised(stage)
    stage.call_line(LATER_CALLER, [BRIDGED, pause(10), HANG_UP])
    stage.play(60)
    stage.set_phone(LORI, name="Lori", script=PICKS_UP)
    stage.add_agent("Diane", DIANE, KEEPS_IT)
    stage.play(30)
    (first, *_) = heard_by(stage, DIANE)
    assert first.startswith("A call that we owe somebody")
    until(stage, 120, PromiseState.KEPT)
    holds(stage)


def test_a_time_that_she_chooses_is_kept_and_no_earlier(stage: Stage) -> None:
    promise = promised(stage, TAKES_THE_FIRST)
    stage.set_phone(LORI, name="Lori", script=PICKS_UP)
    stage.add_agent("Diane", DIANE, KEEPS_IT)
    assert promise.not_before >= stage.now + 600
    assert (promise.due_by - promise.not_before) in (1800, 3600)
    skip_to(stage, promise.not_before - 1)
    assert not calls_to(stage, DIANE)
    kept = until(stage, 300, PromiseState.KEPT)
    assert calls_to(stage, LORI)[0][0] < kept.due_by
    holds(stage)


def test_who_chose_a_time_does_not_stand_before_those_who_wait_then(stage: Stage) -> None:
    promise = promised(stage, TAKES_THE_FIRST)
    skip_to(stage, promise.not_before - 120)
    stage.call_line(LATER_CALLER, [PATIENT, pause(10), HANG_UP])
    stage.play(150)
    stage.add_agent("Diane", DIANE, KEEPS_IT)
    stage.play(20)
    assert heard_by(stage, DIANE)[0].startswith("A call for support")


def test_at_night_a_call_is_promised_for_the_next_opening(running: Stage) -> None:
    running.reset(MONDAY_TWO_PM + 8 * 3600)
    script: Script = [
        listen("Press 1 and we call you as soon as we are back"),
        press("1"),
        listen("one sentence"),
        pause(12),
    ]
    promise = promised(running, script)
    opens = running.services.library.next_opening("support", clock(running, running.now))
    assert opens is not None
    assert promise.not_before == opens.timestamp()
    running.set_phone(LORI, name="Lori", script=PICKS_UP)
    running.add_agent("Diane", DIANE, KEEPS_IT)
    skip_to(running, promise.not_before - 1)
    assert not calls_to(running, LORI)
    until(running, 300, PromiseState.KEPT)
    holds(running)


def test_another_number_that_she_enters_and_confirms_is_rung_instead_and_reads_nothing_of_hers(
    stage: Stage,
) -> None:
    script: Script = [
        listen("what is it about"),
        speak(SUITCASE),
        *CHOOSES,
        listen("press 9"),
        press("9"),
        listen("then press the pound key"),
        press("2125550177#"),
        listen("If it is right, press 1"),
        press("1"),
        listen("Enter the six digits once more", 90),
        listen(": press 1", 90),
        press("1"),
        pause(30),
    ]
    sid = stage.call_line(LORI, script)
    code = code_at(stage)
    enters(stage, sid, "000000" if code != "000000" else "111111")
    assert stage.play(60, until=lambda: any("once more" in words for words in heard_by(stage, LORI)))
    enters(stage, sid, code)
    assert stage.play(180, until=lambda: over(stage, sid))
    promise = the_promise(stage)
    assert (promise.number, promise.customer, promise.reason) == (OTHER, LORI, SUITCASE)
    assert len(texts_to(stage, OTHER)) == 2
    assert not any(SUITCASE in t for t in texts_to(stage, OTHER))
    assert not texts_to(stage, LORI)
    record = stage.services.store.redis
    events = str(record.xrange(keys.EVENT_LOG)) + str(record.hgetall(f"contact:{promise.contact}"))
    assert code not in events.replace(promise.id, "").replace(promise.contact, "")
    stage.set_phone(OTHER, name="Lori elsewhere", script=PICKS_UP)
    stage.add_agent("Diane", DIANE, KEEPS_IT)
    skip_to(stage, promise.not_before)
    until(stage, 300, PromiseState.KEPT)
    assert not calls_to(stage, LORI)
    assert not any(SUITCASE in words for words in heard_by(stage, OTHER))
    holds(stage)


def test_without_the_code_she_is_called_where_she_called_from_and_hears_so(stage: Stage) -> None:
    script: Script = [
        *CHOOSES,
        listen("press 9"),
        press("9"),
        listen("then press the pound key"),
        press("2125550177#"),
        listen("If it is right, press 1"),
        press("1"),
        listen("Take your time", 90),
        listen("we keep to the number that we have, ending 1 5 5", 150),
        listen(": press 1", 90),
        press("1"),
        listen("one sentence"),
        pause(12),
    ]
    sid = stage.call_line(LORI, script)
    assert stage.play(400, until=lambda: over(stage, sid))
    promise = the_promise(stage)
    assert (promise.number, promise.customer) == (LORI, LORI)
    assert [len(texts_to(stage, OTHER)), len(texts_to(stage, LORI))] == [1, 1]
    stage.set_phone(LORI, name="Lori", script=PICKS_UP)
    stage.add_agent("Diane", DIANE, KEEPS_IT)
    skip_to(stage, promise.not_before)
    until(stage, 300, PromiseState.KEPT)
    assert not calls_to(stage, OTHER)
    holds(stage)


def test_hanging_up_while_waiting_is_not_declining(stage: Stage) -> None:
    sid = stage.call_line(LORI, [listen("You are number"), pause(3), HANG_UP])
    assert stage.play(120, until=lambda: over(stage, sid) and bool(promises(stage)))
    promise = the_promise(stage)
    assert promise.queued_at < promise.created_at
    stage.play(10)
    assert [c.outcome for c in contacts(stage)] == [Outcome.PROMISED]
    (text,) = texts_to(stage, LORI)
    assert "you waited and we could not answer in time" in text
    stage.set_phone(LORI, name="Lori", script=PICKS_UP)
    stage.add_agent("Diane", DIANE, KEEPS_IT)
    until(stage, 300, PromiseState.KEPT)
    holds(stage)


def test_nothing_is_promised_that_is_not_on_disk_and_the_place_in_line_stays(stage: Stage) -> None:
    stage.call_line(
        LORI, [*KEEPS_HER_PLACE[:2], listen("I keep your place in line"), BRIDGED, pause(5), HANG_UP]
    )
    stage.play(20)
    redis = stage.services.store.redis
    roomy = str(redis.config_get("maxmemory")["maxmemory"])
    redis.config_set("maxmemory", 1)
    try:
        assert stage.play(120, until=lambda: any("I keep your place" in w for w in heard_by(stage, LORI)))
    finally:
        redis.config_set("maxmemory", roomy)
    assert not promises(stage)
    assert not any("will call you" in words for words in heard_by(stage, LORI)[4:])
    stage.add_agent("Diane", DIANE, KEEPS_IT)
    assert stage.play(120, until=lambda: any(c.talked for c in contacts(stage)))


@pytest.mark.parametrize("number", ["+19005550123", "+442079460000"])
def test_a_number_that_costs_or_is_abroad_is_not_rung(stage: Stage, number: str) -> None:
    sid = stage.call_line(
        number, [listen("Press 1 and we call you", 120), press("1"), listen("We cannot ring"), HANG_UP]
    )
    assert stage.play(120, until=lambda: over(stage, sid))
    assert not promises(stage)


def test_a_place_in_line_of_somebody_who_is_not_there_any_more_hides_nobody(stage: Stage) -> None:
    promise = promised(stage)
    change = Change(now=stage.now)
    left = f"contact:{promise.contact}"
    waiting: dict[str, object] = {
        "id": left,
        "kind": "contact",
        "queue": "support",
        "skills": ["support"],
        "wished": [],
        "own": "",
    }
    waiting |= {"language": "en", "supervisor": False, "arrived": 1.0, "boost": 86400.0, "avoid": []}
    change.join_queue(
        record_key=left, requirements="support||en|", queue="support", score=-86400.0, waiting=waiting
    )
    assert stage.services.store.commit(change)
    stage.set_phone(LORI, name="Lori", script=PICKS_UP)
    stage.add_agent("Diane", DIANE, KEEPS_IT)
    until(stage, 300, PromiseState.KEPT)
    holds(stage)
