"""Taking parts of the line away and giving them back, while calls go on."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ivr.cli.demo.stage import OUR_NUMBER, Stage
from ivr.cli.serve.supervisor import Supervisor
from ivr.cli.serve.up import answers_http, ivr_command
from ivr.cli.serve.workers import QUEUES
from ivr.settings.load import read_environment
from ivr.store import keys
from ivr.usecases.outages import spool
from tests.cli.patience import eventually, pings
from tests.conftest import FALLBACK_NUMBERS

GRACE, HANK = FALLBACK_NUMBERS


@contextmanager
def no_record(stage: Stage) -> Iterator[None]:
    """The Redis server is silent: it takes connections and answers none."""
    pid = stage.redis_supervisor.pid("redis")
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)
        catch_up(stage)


def noticed(stage: Stage) -> Callable[[], bool]:
    """Whether the reconciler has found the record away, since now."""
    log = Path(stage.out.name)

    def count() -> int:
        return log.read_text().count("redis_unreachable")

    before = count()
    return lambda: count() > before


def catch_up(stage: Stage) -> None:
    """The hand-driven clock stands in the record: it stood still while that was away. What was written down goes in."""
    set_clock(stage)
    for queue in QUEUES:  # jobs that were handed over when it died came to nobody; the reconciler rings again
        stage.services.store.redis.delete(f"rq:wip:{queue}")
    eventually(lambda: _listened_to(stage))
    drained(stage)


def set_clock(stage: Stage) -> None:
    """Set the clock in the record to the emulator's, as soon as Redis answers."""
    eventually(pings(stage.settings.redis_url))
    stage.services.store.redis.set(
        keys.MANUAL_CLOCK, f"{stage.call_control_api('GET', '/emulator/clock')['epoch']:.3f}"
    )


def _listened_to(stage: Stage) -> bool:
    """The reconciler is back."""
    ((_, listeners),) = stage.services.store.redis.pubsub_numsub(keys.DUE_NOW_CHANNEL)
    return bool(listeners)


def drained(stage: Stage) -> None:
    eventually(lambda: not spool.list_facts(stage.settings.spool))


def pass_time(stage: Stage, seconds: float, until: Callable[[], bool] = lambda: False) -> bool:
    """Time passes at Twilio, without the record. True when `until` came true."""
    for _ in range(int(seconds)):
        if until():
            return True
        stage.call_control_api("POST", "/emulator/clock", {"by": 1.0})
    return until()


def answered_in(stage: Stage) -> list[float]:
    """Milliseconds of real time that each webhook took."""
    return [e["milliseconds"] for e in stage.read_emulator_log() if e["kind"] == "webhook"]


UNHEARD = frozenset(
    {15003, 16011}
)  # a status callback that was answered with an error: what was broken on purpose


def misplaced(stage: Stage) -> list[int]:
    """Twilio's errors about TwiML that it could not use where it was given, such as a Dial in a waiting room."""
    codes = [e["code"] for e in stage.read_emulator_log() if e["kind"] == "error"]
    return [code for code in codes if code >= 12000 and code not in UNHEARD]


def live(stage: Stage, sid: str) -> bool:
    legs: Any = stage.call_control_api("GET", f"/emulator/legs/{sid}")
    return str(legs["status"]) in ("queued", "ringing", "in-progress")


@contextmanager
def another_web(stage: Stage, port: int, **extra: str) -> Iterator[str]:
    """A second web process, as on another host, with `extra` settings; its address."""
    base = f"http://127.0.0.1:{port}"
    env = {
        **read_environment(),
        **stage.env,
        "IVR_PORT": str(port),
        "PUBLIC_URL": base,
        "IVR_WEB_WORKERS": "1",
    }
    env |= extra
    with Supervisor(out=stage.out) as supervisor:
        supervisor.add(
            "web2", ivr_command("web"), env=env, is_ready=answers_http(f"127.0.0.1:{port}", "/health")
        )
        supervisor.start()
        yield base


def answered_by(stage: Stage, *, voice: str, fallback: str) -> None:
    """Where our number sends its calls."""
    account = stage.call_rest_api("IncomingPhoneNumbers.json")
    sid = next(n["sid"] for n in account["incoming_phone_numbers"] if n["phone_number"] == OUR_NUMBER)
    stage.call_rest_api(f"IncomingPhoneNumbers/{sid}.json", VoiceUrl=voice, VoiceFallbackUrl=fallback)
