"""The line outlives its parts (I9): whatever goes away, a caller's call comes to a person or to a promise."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from ivr.cli.stage import LINE, Stage, free_port
from ivr.domain.contact import ContactState, Outcome
from ivr.domain.promise import PromiseState
from ivr.telephony import fallback
from ivr.telephony.webhooks import wanted
from tests.cli.patience import eventually
from tests.conftest import MONDAY_TWO_PM
from tests.stories.outage import (
    GRACE,
    HANK,
    another_web,
    answered_by,
    answered_in,
    catch_up,
    drained,
    live,
    misplaced,
    no_record,
    noticed,
    pass_time,
)
from tests.stories.people import (
    BRIDGED,
    DIANE,
    HANG_UP,
    LORI,
    TAKES_IT,
    Script,
    all_ended,
    contacts,
    heard_by,
    listen,
    pause,
    press,
    promises,
    speak,
    wraps_up,
)
from tests.web.webhooks import Twilio, call

SLOW = 5000.0  # milliseconds; Twilio waits for 15 seconds. Meant are 2 s: see the property that is recorded
TAKES_FALLBACK: Script = [listen("Press 1 to take it"), press("1"), BRIDGED, pause(10), HANG_UP]
VOICEMAIL: Script = [speak("You have reached Grace, please leave a message after the tone"), pause(60)]
ASKS_FOR_A_PERSON: Script = [listen("press"), press("0")]


@pytest.fixture(scope="module")
def theatre() -> Iterator[Stage]:
    """A line of our own, to be broken."""
    with tempfile.TemporaryDirectory(prefix="calor-") as name, (Path(name) / "line.log").open("w") as out:
        extra = {"IVR_FALLBACK_NUMBERS": f"{GRACE},{HANK}"}
        stage = Stage(folder=Path(name), start=MONDAY_TWO_PM, out=out, extra=extra)
        stage.raise_curtain()
        try:
            yield stage
        finally:
            stage.drop_curtain()


@pytest.fixture
def stage(theatre: Stage) -> Iterator[Stage]:
    drained(theatre)
    theatre.reset(MONDAY_TWO_PM)
    yield theatre
    assert misplaced(theatre) == []


def talked_with(stage: Stage, number: str) -> bool:
    """Whoever picked up there pressed 1, and only then were they joined."""
    asked = [e for e in stage.log() if e["kind"] == "webhook" and "/fallback/confirmed" in e["url"]]
    return any(e["params"]["To"] == number and e["params"].get("Digits") == "1" for e in asked)


def test_a_caller_in_a_menu_whose_line_breaks_is_brought_to_a_person(
    stage: Stage, record_property: Callable[[str, object], None]
) -> None:
    stage.phone(GRACE, name="Grace", script=TAKES_FALLBACK)
    sid = stage.dial(LORI, [pause(2), press("0"), pause(300)])
    stage.play(1)
    with no_record(stage):
        assert pass_time(stage, 60, lambda: not live(stage, sid))
    assert "our system has a fault" in " ".join(heard_by(stage, LORI))
    assert talked_with(stage, GRACE)
    assert max(answered_in(stage)) < SLOW
    record_property("slowest webhook, ms", max(answered_in(stage)))
    assert stage.play(120, until=lambda: all_ended(stage))
    (contact,) = contacts(stage)
    assert contact.outcome is Outcome.HELPED
    assert promises(stage) == []


def test_a_new_caller_of_a_broken_line_is_brought_to_a_person(stage: Stage) -> None:
    stage.phone(GRACE, name="Grace", script=TAKES_FALLBACK)
    with no_record(stage):
        sid = stage.dial(LORI, [pause(300)])
        assert pass_time(stage, 60, lambda: not live(stage, sid))
    assert talked_with(stage, GRACE)
    assert max(answered_in(stage)) < SLOW
    assert stage.play(120, until=lambda: all_ended(stage))
    assert [c.outcome for c in contacts(stage)] == [Outcome.HELPED]


def test_callers_who_wait_in_line_are_brought_to_a_person_and_need_not_wait_for_the_line(
    stage: Stage,
) -> None:
    stage.phone(GRACE, name="Grace", script=TAKES_FALLBACK)
    sid = stage.dial(LORI, [*ASKS_FOR_A_PERSON, pause(300)])
    assert stage.play(30, until=lambda: any(c.state is ContactState.WAITING for c in contacts(stage)))
    with no_record(stage):
        assert pass_time(stage, 120, lambda: not live(stage, sid))
    assert talked_with(stage, GRACE)
    assert max(answered_in(stage)) < SLOW
    assert stage.play(120, until=lambda: all_ended(stage))


def test_a_record_that_is_soon_back_costs_a_waiting_caller_nothing(stage: Stage) -> None:
    sid = stage.dial(LORI, [*ASKS_FOR_A_PERSON, BRIDGED, pause(20), HANG_UP])
    assert stage.play(30, until=lambda: any(c.state is ContactState.WAITING for c in contacts(stage)))
    with no_record(stage):
        asked = len(answered_in(stage))
        assert pass_time(stage, 60, lambda: len(answered_in(stage)) > asked)
        assert live(stage, sid)
    stage.agent("Diane", DIANE, [*TAKES_IT, *wraps_up()])
    assert stage.play(300, until=lambda: all_ended(stage))
    assert "fault" not in " ".join(heard_by(stage, LORI))
    assert [c.outcome for c in contacts(stage)] == [Outcome.HELPED]


def test_a_record_that_is_killed_comes_back_and_the_caller_reaches_the_agent(stage: Stage) -> None:
    stage.phone(GRACE, name="Grace", answers=False)
    stage.phone(HANK, name="Hank", answers=False)
    stage.dial(LORI, [pause(2), press("0"), BRIDGED, pause(20), HANG_UP])
    stage.play(1)
    os.kill(stage.ground.pid("redis"), signal.SIGKILL)
    pass_time(stage, 2)
    catch_up(stage)
    stage.agent("Diane", DIANE, [*TAKES_IT, *wraps_up()])
    assert stage.play(400, until=lambda: all_ended(stage))
    assert [c.outcome for c in contacts(stage)] == [Outcome.HELPED]
    assert "Diane" in {e.get("who") for e in stage.log()}


def test_a_voicemail_does_not_swallow_the_caller(stage: Stage) -> None:
    stage.phone(GRACE, name="Grace", script=VOICEMAIL)
    stage.phone(HANK, name="Hank", script=TAKES_FALLBACK)
    with no_record(stage):
        sid = stage.dial(LORI, [pause(300)])
        assert pass_time(stage, 120, lambda: not live(stage, sid))
    assert talked_with(stage, HANK)
    assert stage.play(120, until=lambda: all_ended(stage))


def test_a_message_left_while_the_record_is_away_is_one_promise_when_it_is_back(stage: Stage) -> None:
    stage.phone(GRACE, name="Grace", answers=False)
    stage.phone(HANK, name="Hank", answers=False)
    with no_record(stage):
        told = "Lori Grant, my suitcase is lost"
        sid = stage.dial(LORI, [listen("le devolveremos la llamada", 200), pause(2), speak(told), pause(60)])
        assert pass_time(stage, 200, lambda: not live(stage, sid))
        assert "We have your message" in " ".join(heard_by(stage, LORI))
        pass_time(stage, 5)  # the recording's own callback comes a second later, and tells no number
    assert stage.play(200, until=lambda: all_ended(stage))
    (contact,) = contacts(stage)
    (promise,) = promises(stage)
    assert contact.outcome is Outcome.PROMISED
    assert promise.number == LORI
    assert not list(stage.settings.spool.iterdir())
    stage.play(900)  # Twilio's list is looked through meanwhile: it is known there already
    assert len(promises(stage)) == 1


def test_a_caller_who_gives_up_on_the_fallback_is_owed_a_call(stage: Stage) -> None:
    stage.phone(GRACE, name="Grace", answers=False)
    with no_record(stage):
        sid = stage.dial(LORI, [listen("No cuelgue"), pause(5), HANG_UP])
        assert pass_time(stage, 60, lambda: not live(stage, sid))
    assert stage.play(200, until=lambda: all_ended(stage))
    assert [c.outcome for c in contacts(stage)] == [Outcome.PROMISED]
    assert len(promises(stage)) == 1


def test_the_line_has_its_caller_again_as_soon_as_the_record_is_back(stage: Stage) -> None:
    stage.phone(GRACE, name="Grace", answers=False)
    stage.phone(HANK, name="Hank", answers=False)
    stage.dial(LORI, [BRIDGED, pause(20), HANG_UP])
    with no_record(stage):
        pass_time(stage, 0)
        assert pass_time(stage, 20, lambda: "No cuelgue" in " ".join(heard_by(stage, LORI)))
    stage.agent("Diane", DIANE, [*TAKES_IT, *wraps_up()])
    assert stage.play(400, until=lambda: all_ended(stage))
    assert [c.outcome for c in contacts(stage)] == [Outcome.HELPED]
    assert promises(stage) == []


def test_a_talk_goes_on_while_the_record_is_away_and_ends_well(stage: Stage) -> None:
    stage.agent("Diane", DIANE, [*TAKES_IT, *wraps_up()])
    sid = stage.dial(LORI, [BRIDGED, pause(90), HANG_UP])
    assert stage.play(60, until=lambda: any(c.talked for c in contacts(stage)))
    with no_record(stage):
        pass_time(stage, 40)
        assert live(stage, sid)
    assert stage.play(400, until=lambda: all_ended(stage))
    assert "fault" not in " ".join(heard_by(stage, LORI))
    assert [c.outcome for c in contacts(stage)] == [Outcome.HELPED]


def test_legs_that_ended_while_the_record_was_away_are_found(stage: Stage) -> None:
    stage.agent("Diane", DIANE, [*TAKES_IT, pause(20), HANG_UP])
    stage.phone(GRACE, name="Grace", answers=False)
    stage.dial(LORI, [BRIDGED, pause(20), HANG_UP])
    assert stage.play(60, until=lambda: any(c.talked for c in contacts(stage)))
    with no_record(stage):
        pass_time(stage, 40)
    stage.phone(DIANE, name="Diane", answers=True, after=2, script=wraps_up())
    assert stage.play(1200, until=lambda: all_ended(stage))
    (contact,) = contacts(stage)
    assert contact.outcome in (Outcome.HELPED, Outcome.PROMISED)


def test_a_web_process_that_starts_without_the_record_answers_and_recovers_by_itself(stage: Stage) -> None:
    port = free_port()
    with no_record(stage), another_web(stage, port) as base:
        there = Twilio(settings=stage.settings.model_copy(update={"public_url": base}))
        assert "our system has a fault" in there.post("/voice/answer", call()).words
        assert there.get("/ready").status == 503
        os.kill(stage.ground.pid("redis"), signal.SIGCONT)
        assert "Gather" in there.post("/voice/answer", call("CA" + "d" * 32)).verbs
        assert there.get("/ready").status == 200


def test_the_fallback_itself_needs_no_record(stage: Stage) -> None:
    twilio = Twilio(settings=stage.settings)
    with no_record(stage):
        answers = [twilio.post("/voice/fallback", call(ErrorCode="11200"))]
        answers += [twilio.post("/voice/fallback/next?turn=1", call(DialCallStatus="no-answer"))]
        answers += [twilio.post("/voice/fallback/confirm", call()), twilio.post("/voice/ringing", call())]
    assert [a.verbs[-1] for a in answers] == ["Dial", "Dial", "Hangup", "Redirect"]
    assert max(a.seconds for a in answers) < SLOW / 1000


def test_a_use_case_that_breaks_costs_its_caller_no_more_than_comfort(stage: Stage) -> None:
    stage.phone(GRACE, name="Grace", script=TAKES_FALLBACK)
    sid = stage.dial(LORI, [pause(3), press("0"), pause(300)])
    stage.play(1)
    stage.services.store.redis.hset(contacts(stage)[0].member, "position", "[not what it should be")
    assert stage.play(90, until=lambda: not live(stage, sid))
    assert talked_with(stage, GRACE)
    assert "our system has a fault" in " ".join(heard_by(stage, LORI))


def test_when_the_web_server_is_gone_twilio_asks_the_fallback_on_another_host(stage: Stage) -> None:
    stage.phone(GRACE, name="Grace", script=TAKES_FALLBACK)
    with another_web(stage, free_port()) as base:
        answered_by(stage, voice="http://127.0.0.1:9/voice/answer", fallback=f"{base}/voice/fallback")
        sid = stage.dial(LORI, [pause(300)])
        assert stage.play(60, until=lambda: not live(stage, sid))
    assert talked_with(stage, GRACE)


def test_web_processes_that_are_killed_are_there_again(stage: Stage) -> None:
    workers = subprocess.run(
        ["/usr/bin/pgrep", "-P", str(stage.line.pid("web"))], capture_output=True, text=True, check=True
    )
    for pid in workers.stdout.split():
        os.kill(int(pid), signal.SIGKILL)
    own = wanted(stage.settings.public_url)  # as `ivr twilio` sets it: asked three times
    answered_by(stage, voice=own.voice_url, fallback=own.voice_fallback_url)
    stage.agent("Diane", DIANE, [*TAKES_IT, *wraps_up()])
    stage.dial(LORI, [BRIDGED, pause(20), HANG_UP])
    assert stage.play(300, until=lambda: all_ended(stage))
    assert [c.outcome for c in contacts(stage)] == [Outcome.HELPED]


def test_a_worker_killed_while_an_agent_is_being_rung_is_replaced_and_the_caller_reaches_the_agent(
    stage: Stage,
) -> None:
    stage.agent("Diane", DIANE, [*TAKES_IT, *wraps_up()])
    stage.dial(LORI, [*ASKS_FOR_A_PERSON, BRIDGED, pause(20), HANG_UP])
    assert stage.play(60, until=lambda: any(c.offer for c in contacts(stage)))
    starts = stage.line.starts("offers")
    os.kill(stage.line.pid("offers"), signal.SIGKILL)
    assert stage.play(300, until=lambda: all_ended(stage))
    assert stage.line.starts("offers") > starts
    assert [c.outcome for c in contacts(stage)] == [Outcome.HELPED]


@contextmanager
def elsewhere(twiml: str) -> Iterator[str]:
    """TwiML on a host that is not ours, such as a TwiML Bin."""

    class Bin(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.send_response(200)
            self.send_header("Content-Type", "text/xml")
            self.end_headers()
            self.wfile.write(twiml.encode())

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Bin) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()


LEAVES_A_MESSAGE: Script = [
    listen("we will call you back", 90),
    pause(2),
    speak("It is Lori"),
    pause(3),
    HANG_UP,
]


def test_messages_and_calls_of_a_time_when_nothing_of_ours_ran_are_made_good(stage: Stage) -> None:
    looked = stage.services.store.redis.exists
    assert stage.play(30, until=lambda: bool(looked("looked")))  # so that it is known until when somebody did
    away = noticed(stage)
    with elsewhere(fallback.static_twiml(numbers=())) as page, no_record(stage):
        answered_by(stage, voice="http://127.0.0.1:9/", fallback=page)
        legs = [stage.dial(LORI, LEAVES_A_MESSAGE), stage.dial("+12025550156", [pause(25), HANG_UP])]
        legs += [stage.dial("+12025550157", [pause(3), HANG_UP])]
        assert pass_time(stage, 120, lambda: not any(live(stage, sid) for sid in legs))
        eventually(away)
    assert stage.play(200, until=lambda: len(contacts(stage)) == 3 and all_ended(stage))
    by_number = {c.number: c.outcome for c in contacts(stage)}
    assert by_number == {
        LORI: Outcome.PROMISED,
        "+12025550156": Outcome.PROMISED,
        "+12025550157": Outcome.LEFT_EARLY,
    }
    owed = {p.number for p in promises(stage)}
    assert owed == {LORI, "+12025550156"}
    assert len(promises(stage)) == 2


def test_a_message_whose_webhook_alone_was_lost_is_found_within_minutes(stage: Stage) -> None:
    stage.play(30)
    with elsewhere(fallback.static_twiml(numbers=())) as page:
        answered_by(stage, voice="http://127.0.0.1:9/", fallback=page)
        sid = stage.dial(LORI, LEAVES_A_MESSAGE)
        assert stage.play(120, until=lambda: not live(stage, sid))
    assert stage.play(900, until=lambda: bool(promises(stage)))
    (promise,) = promises(stage)
    assert promise.number == LORI
    assert promise.state is not PromiseState.KEPT
    assert promise.line == LINE


@contextmanager
def memory_full(stage: Stage) -> Iterator[None]:
    redis = stage.services.store.redis
    before = str(redis.config_get("maxmemory")["maxmemory"])
    redis.config_set("maxmemory", "1mb")
    try:
        yield
    finally:
        redis.config_set("maxmemory", before)


def test_a_promise_that_cannot_be_kept_in_memory_is_not_made_and_the_caller_stays_in_line(
    stage: Stage,
) -> None:
    """I3: said only once it is safe."""
    twilio = Twilio(settings=stage.settings)
    twilio.post("/voice/answer", call())
    (contact,) = contacts(stage)
    twilio.post(f"/voice/step/{contact.id}/1", call(Digits="0"))
    assert contacts(stage)[0].state is ContactState.WAITING
    with memory_full(stage):
        heard = [twilio.post(f"/voice/wait/{contact.id}/2", call(Digits="1"))]
        for n in range(3, 7):
            if "could not write that down" in heard[-1].words:
                break
            heard.append(twilio.post(f"/voice/step/{contact.id}/{n}?line=1", call(Digits="1")))
        assert "I keep your place in line" in heard[-1].words
        assert "our system has a fault" not in " ".join(h.words for h in heard)
        assert promises(stage) == []
        assert contacts(stage)[0].state is ContactState.WAITING
