"""The line outlives its parts (I9): processes that are killed, and nothing of ours running at all."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from ivr.cli.demo.ports import free_port
from ivr.cli.demo.stage import OUR_NUMBER, Stage
from ivr.cli.demo.stage_time import MAX_STEP_SECONDS
from ivr.domain.records.contact import ContactState, Outcome
from ivr.domain.records.promise import PromiseState
from ivr.flow.phrases.phrasebook import Phrasebook
from ivr.telephony import fallback
from ivr.telephony.webhooks import make_expected_webhooks
from ivr.usecases.customers import case_thread
from ivr.usecases.outages import missed_calls
from ivr.usecases.scheduler.monitors import SchedulerMonitor
from tests.cli.patience import eventually
from tests.stories.callbacks.owed import KEEPS_IT, PICKS_UP, holds, promised, rung, until
from tests.stories.operations.breakable import ASKS_FOR_A_PERSON, TAKES_FALLBACK, broken, talked_with
from tests.stories.operations.outage import (
    GRACE,
    another_web,
    answered_by,
    live,
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
    listen,
    pause,
    promises,
    speak,
    wraps_up,
)
from tests.web.webhooks.twilio import Twilio, call

__all__ = ["broken"]


@pytest.fixture
def stage(broken: Stage) -> Stage:
    return broken


def test_a_web_process_that_starts_without_the_record_answers_and_recovers_by_itself(stage: Stage) -> None:
    port = free_port()
    with no_record(stage), another_web(stage, port) as base:
        there = Twilio(settings=stage.settings.model_copy(update={"public_url": base}))
        assert "our system has a fault" in there.post("/voice/answer", call()).words
        assert there.get("/ready").status == 503
        os.kill(stage.redis_supervisor.pid("redis"), signal.SIGCONT)
        assert "Gather" in there.post("/voice/answer", call("CA" + "d" * 32)).verbs
        assert there.get("/ready").status == 200


def test_when_the_web_server_is_gone_twilio_asks_the_fallback_on_another_host(stage: Stage) -> None:
    stage.set_phone(GRACE, name="Grace", script=TAKES_FALLBACK)
    with another_web(stage, free_port()) as base:
        answered_by(stage, voice="http://127.0.0.1:9/voice/answer", fallback=f"{base}/voice/fallback")
        sid = stage.call_line(LORI, [pause(300)])
        assert stage.play(60, until=lambda: not live(stage, sid))
    assert talked_with(stage, GRACE)


def test_web_processes_that_are_killed_are_there_again(stage: Stage) -> None:
    workers = subprocess.run(
        ["/usr/bin/pgrep", "-P", str(stage.line_supervisor.pid("web"))],
        capture_output=True,
        text=True,
        check=True,
    )
    for pid in workers.stdout.split():
        os.kill(int(pid), signal.SIGKILL)
    own = make_expected_webhooks(stage.settings.public_url)  # as `ivr twilio` sets it: asked three times
    answered_by(stage, voice=own.voice_url, fallback=own.voice_fallback_url)
    stage.add_agent("Diane", DIANE, [*TAKES_IT, *wraps_up()])
    stage.call_line(LORI, [BRIDGED, pause(20), HANG_UP])
    assert stage.play(300, until=lambda: all_ended(stage))
    assert [c.outcome for c in contacts(stage)] == [Outcome.HELPED]


def test_a_worker_killed_while_an_agent_is_being_rung_is_replaced_and_the_caller_reaches_the_agent(
    stage: Stage,
) -> None:
    stage.add_agent("Diane", DIANE, [*TAKES_IT, *wraps_up()])
    stage.call_line(LORI, [*ASKS_FOR_A_PERSON, BRIDGED, pause(20), HANG_UP])
    assert stage.play(60, until=lambda: any(c.leg for c in contacts(stage)))
    starts = stage.line_supervisor.start_count("offers")
    os.kill(stage.line_supervisor.pid("offers"), signal.SIGKILL)
    assert stage.play(300, until=lambda: all_ended(stage))
    assert stage.line_supervisor.start_count("offers") > starts
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
    listen("devolveremos la llamada", 90),
    pause(2),
    speak("It is Lori"),
    pause(3),
    HANG_UP,
]


def spoken(stage: Stage) -> list[Phrasebook]:
    """What is heard when nothing of ours runs is in the languages of the line."""
    return [stage.services.library.get_phrasebook(language) for language in ("en", "es")]


def test_messages_and_calls_of_a_time_when_nothing_of_ours_ran_are_made_good(stage: Stage) -> None:
    """One of them withheld the number, and said it into a recording that Twilio has not finished at the first look."""
    looked = stage.services.store.redis.exists
    ready = 100  # seconds after its end that a recording can be fetched
    stage.call_control_api("PUT", "/emulator/settings", {"recording_ready": ready})
    stage.play(30)
    eventually(lambda: bool(looked("scheduler_last_run")))  # so that it is known until when somebody did
    away = noticed(stage)
    with elsewhere(fallback.static_twiml(numbers=(), phrasebooks=spoken(stage))) as page, no_record(stage):
        answered_by(stage, voice="http://127.0.0.1:9/", fallback=page)
        legs = [
            stage.call_line(LORI, LEAVES_A_MESSAGE),
            stage.call_line("+12025550156", [pause(25), HANG_UP]),
        ]
        legs += [stage.call_line("+12025550157", [pause(3), HANG_UP])]
        legs += [stage.call_line("anonymous", LEAVES_A_MESSAGE)]
        assert pass_time(stage, 120, lambda: not any(live(stage, sid) for sid in legs))
        eventually(away)
    # The reconciler enqueues the recovery when it reaches Redis again. A job that no worker got is enqueued once more.
    enqueued_again = SchedulerMonitor.OUTAGE_RETRY_SECONDS + MAX_STEP_SECONDS
    assert stage.play(enqueued_again, until=lambda: len(contacts(stage)) == 4 and all_ended(stage))
    by_number = {c.caller.number: c.outcome for c in contacts(stage)}
    assert by_number == {
        LORI: Outcome.PROMISED,
        "+12025550156": Outcome.PROMISED,
        "+12025550157": Outcome.LEFT_EARLY,
        "": Outcome.LOST,
    }
    assert sorted(p.number for p in promises(stage)) == ["+12025550155", "+12025550156"]
    assert stage.play(
        ready + missed_calls.CHECK_AGAIN_SECONDS + MAX_STEP_SECONDS,
        until=lambda: len(promises(stage)) == 3,
    )
    (hers,) = [p for p in promises(stage) if p.number == LORI]
    (unknown,) = [p for p in promises(stage) if not p.number]
    assert unknown.state is PromiseState.ESCALATED, "somebody must listen to it"
    assert all(c.outcome is not Outcome.LOST for c in contacts(stage))
    assert [one["kind"] for one in case_thread.get_thread(stage.services, hers.case)] == ["message"]
    stage.play(700)
    assert len(promises(stage)) == 3


def test_a_message_whose_webhook_alone_was_lost_is_found_within_minutes(stage: Stage) -> None:
    stage.play(30)
    with elsewhere(fallback.static_twiml(numbers=(), phrasebooks=spoken(stage))) as page:
        answered_by(stage, voice="http://127.0.0.1:9/", fallback=page)
        sid = stage.call_line(LORI, LEAVES_A_MESSAGE)
        assert stage.play(120, until=lambda: not live(stage, sid))
    assert stage.play(900, until=lambda: bool(promises(stage)))
    (promise,) = promises(stage)
    assert promise.number == LORI
    assert promise.state is not PromiseState.KEPT
    assert promise.our_number == OUR_NUMBER
    stage.play(900)
    eventually(lambda: bool(case_thread.get_thread(stage.services, promise.case)))


@contextmanager
def memory_full(stage: Stage) -> Iterator[None]:
    redis = stage.services.store.redis
    before = str(redis.config_get("maxmemory")["maxmemory"])
    redis.config_set("maxmemory", "1mb")
    try:
        yield
    finally:
        redis.config_set("maxmemory", before)


def test_what_was_promised_is_kept_while_memory_is_full(stage: Stage) -> None:
    """No job can be made then: the reconciler looks itself, and the workers are back when there is room."""
    promised(stage)
    stage.set_phone(LORI, name="Lori", script=PICKS_UP)
    stage.add_agent("Diane", DIANE, KEEPS_IT)
    with memory_full(stage):
        until(stage, 300, PromiseState.KEPT)
    assert rung(stage) == 1
    assert stage.play(120, until=lambda: all_ended(stage))
    assert sum(stage.services.jobs.count_failed().values()) == 0
    holds(stage)


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
            heard.append(twilio.post(f"/voice/step/{contact.id}/{n}?queue=1", call(Digits="1")))
        assert "I keep your place in line" in heard[-1].words
        assert "our system has a fault" not in " ".join(h.words for h in heard)
        assert promises(stage) == []
        assert contacts(stage)[0].state is ContactState.WAITING
