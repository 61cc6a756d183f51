"""A whole line on this machine with a hand-driven clock: what the demo plays on and the stories are tested on.

The app knows nothing of it: it runs its own processes, with the emulator as its Twilio and IVR_CLOCK=manual.
"""

from __future__ import annotations

import json
import math
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from ivr.cli.demo.emulator_account import call_rest_api
from ivr.cli.demo.ports import free_port
from ivr.cli.demo.stage_idle import IdleCheck
from ivr.cli.demo.stage_settings import make_stage_settings
from ivr.cli.serve import up
from ivr.cli.serve.embedded_redis import EmbeddedRedis
from ivr.cli.serve.supervisor import Supervisor
from ivr.domain.errors import CalorError
from ivr.domain.records.agent import AgentState
from ivr.services import Services, build_services
from ivr.settings import Settings, load_settings, read_environment
from ivr.store import keys
from ivr.store.queries import due_index
from ivr.usecases.staff import roster

OUR_NUMBER = "+12025550100"
SETTLE_TIMEOUT_SECONDS = 20.0  # seconds of real time in which nothing at all happens while something is due
MAX_ENQUEUE_SECONDS = 0.2  # seconds of real time from a wake that is taken to its bell, at most
LOST_JOB_SECONDS = 5.0  # seconds of real time after which a job that goes on was its worker's last
# keys that a new play finds: the time, and who is at work; no job that failed in another one
KEPT_KEYS = (keys.MANUAL_CLOCK, "rq:worker", "rq:queues")
CLOCK_PATH = "/emulator/clock"
SETTLED_CLOCK_PATH = (
    f"{CLOCK_PATH}?settled=0.05"  # answered when nothing is on the wire there, or after so many real seconds
)
MIN_PAUSE_SECONDS, MAX_PAUSE_SECONDS = 0.002, 0.01  # seconds of real time between two looks
JsonObject = dict[str, Any]
MAX_STEP_SECONDS = 5.0  # most seconds of play time between looks


class StageStuck(CalorError):
    """The line does not settle."""


@dataclass(kw_only=True)
class Stage:
    """`folder`: for the data. `start_time`: epoch seconds at which the play begins. `extra_settings`: further settings."""

    folder: Path
    start_time: float
    out: Any = None
    extra_settings: Mapping[str, str] = field(default_factory=dict)
    emulator_options: tuple[str, ...] = ()  # of the emulator
    settle_timeout_seconds: float = SETTLE_TIMEOUT_SECONDS
    max_enqueue_seconds: float = (
        MAX_ENQUEUE_SECONDS  # in a long play 0: a bell that is about to be rung rings in the next second
    )
    redis_supervisor: Supervisor = field(init=False)  # the record
    emulator_supervisor: Supervisor = field(init=False)  # the emulator
    line_supervisor: Supervisor = field(init=False)  # web, workers, clock
    settings: Settings = field(init=False)
    services: Services = field(init=False)
    emulator_url: str = field(init=False)
    _connection: HTTPConnection = field(init=False)
    # the emulator's clock, as long as nobody did anything there
    _idle_clock: JsonObject | None = field(init=False, default=None)
    _idle_check: IdleCheck = field(init=False)
    _scheduler_woken_at: float = field(
        init=False, default=0.0
    )  # play time at which the reconciler was last woken

    def start_up(self) -> None:
        """Start every process and make the number ours."""
        web, twilio = free_port(), free_port()
        self.redis_supervisor, self.emulator_supervisor, self.line_supervisor = (
            Supervisor(out=self.out) for _ in range(3)
        )
        self._connection = HTTPConnection("127.0.0.1", twilio, timeout=30)
        record = EmbeddedRedis(folder=self.folder / "redis")
        env = {
            **make_stage_settings(self.folder, web, twilio, up.add_redis(self.redis_supervisor, record)),
            **self.extra_settings,
        }
        self.env = env
        self.settings = load_settings(env)
        self.emulator_url = self.settings.twilio_api_url
        begin = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self.start_time))
        up.add_emulator(
            self.emulator_supervisor,
            self.settings,
            "--clock",
            "manual",
            "--start",
            begin,
            "--seed",
            "1",
            *self.emulator_options,
        )
        self.redis_supervisor.start()
        try:
            self.emulator_supervisor.start()
            self.services = build_services(self.settings)
            self._idle_check = IdleCheck(self.services)
            self.services.store.redis.set(keys.MANUAL_CLOCK, f"{self.start_time:.3f}")
            self._add_line({**read_environment(), **env})
            self.line_supervisor.start()
            self._wait_for_workers()
            self._add_our_number()
        except BaseException:
            self.shut_down()
            raise

    def _wait_for_workers(self) -> None:
        """A job that waits for its worker to start would look like one that hangs: a slow machine takes its time."""
        deadline = time.monotonic() + 3 * SETTLE_TIMEOUT_SECONDS
        while not self.services.jobs.every_queue_has_worker():
            if time.monotonic() > deadline:
                raise StageStuck("The workers do not start.")
            time.sleep(0.02)

    def _add_line(self, env: Mapping[str, str]) -> None:
        up.add_app(self.line_supervisor, self.settings, env)

    def shut_down(self) -> None:
        self._connection.close()
        self.emulator_supervisor.stop()  # first: the web server waits for its open connections
        self.line_supervisor.stop()
        self.redis_supervisor.stop()

    def reset(self, start_time: float) -> None:
        """An empty record, empty telephones, and the clock at `start_time`: every play at the same hour of the same day."""
        self.settle()
        # first: a page that is closed only now would hang up into the new record
        self.call_control_api("POST", "/emulator/reset", {"to": start_time})
        self._scheduler_woken_at = 0.0
        redis = self.services.store.redis
        redis.set(
            keys.MANUAL_CLOCK, f"{start_time:.3f}"
        )  # before the rest: whoever looks meanwhile finds nothing due
        names = [key for key in redis.scan_iter(count=1000) if not key.startswith(KEPT_KEYS)]
        if names:
            redis.delete(*names)
        shutil.rmtree(
            self.settings.event_log_archive, ignore_errors=True
        )  # who is forgotten, too, or they are again
        shutil.rmtree(self.folder / "photos", ignore_errors=True)  # no record knows of them any more
        self._add_our_number()

    def _add_our_number(self) -> None:
        base = self.settings.public_url
        self.call_rest_api(
            "IncomingPhoneNumbers.json",
            PhoneNumber=OUR_NUMBER,
            VoiceUrl=f"{base}/voice/answer",
            VoiceFallbackUrl=f"{base}/voice/fallback",
            StatusCallback=f"{base}/voice/status",
            SmsUrl=f"{base}/texts/incoming",
        )

    # ---- people

    def add_agent(self, name: str, phone: str, script: list[dict[str, Any]], **details: Any) -> None:
        """Somebody who answers, and what they do when their phone rings."""
        details = {"skills": ("support", "bookings"), **details}
        roster.add_agent(self.services, roster.AgentDetails(name=name, phone=phone, **details))
        self.set_phone(phone, name=name, script=script)
        self.set_agent_state(name)

    def set_agent_state(self, name: str, state: AgentState = AgentState.AVAILABLE) -> None:
        roster.set_state(self.services, name, state)

    def set_phone(self, number: str, **details: Any) -> None:
        self.call_control_api("PUT", f"/emulator/phones/{number}", {"answers": True, "after": 2.0, **details})

    def call_line(self, number: str, script: list[dict[str, Any]], **details: Any) -> str:
        """Somebody rings our number; their CallSid."""
        body = {
            "from": number,
            "to": OUR_NUMBER,
            "stir": "TN-Validation-Passed-A",
            "script": script,
            **details,
        }
        sid: str = self.call_control_api("POST", "/emulator/calls", body)["sid"]
        return sid

    # ---- the emulator

    def call_control_api(self, method: str, path: str, body: Any = None) -> Any:
        """The emulator's control API, over one connection: looking costs a fraction of a millisecond."""
        if method != "GET":
            self._idle_clock = None
        data = json.dumps(body) if body is not None else None
        self._connection.request(method, path, data, {"Content-Type": "application/json"})
        answer = self._connection.getresponse()
        told = answer.read()
        if answer.status >= 400:
            raise CalorError(f"{method} {path}: {answer.status} {told.decode()}")
        return json.loads(told) if told else None

    def call_rest_api(self, path: str, **form: str) -> Any:
        """Ask the emulator's REST API, as the account."""
        return call_rest_api(self.settings, path, form)

    def read_emulator_log(self, after: int = 0) -> list[dict[str, Any]]:
        entries: list[dict[str, Any]] = self.call_control_api("GET", f"/emulator/log?after={after}")[
            "entries"
        ]
        return entries

    # ---- time

    @property
    def now(self) -> float:
        return float(self.services.store.redis.get(keys.MANUAL_CLOCK) or 0.0)

    def play(self, seconds: float, *, until: Callable[[], bool] | None = None) -> bool:
        """Let time pass, from event to event; stops early when `until` says so. True when it did."""
        end = round(self.now + seconds, 3)  # the clock counts milliseconds
        self.settle()
        while True:
            if until is not None and until():
                return True
            now = self.services.clock.now()
            if now >= end:
                return until is None
            self._step(min(end, max(now + 0.01, self._next_event_time(now))))

    def _step(self, to: float) -> None:
        """Move both clocks and wait until everything has settled again.

        Most events on the telephone network (somebody is still listening, a prompt goes on) reach nobody. When the
        emulator sent nothing and the record has nothing due, nothing can be under way: that takes one look, and no
        waiting. The reconciler is still woken every STEP seconds of play time, for what it does on its own.
        """
        before = self._idle_clock
        self._set_clocks(to)
        after = self._idle_clock
        quiet = before is not None and after is not None and before["sent"] == after["sent"]
        if quiet and to - self._scheduler_woken_at < MAX_STEP_SECONDS and self._is_redis_idle(math.inf):
            return
        self._wake_scheduler()
        self.settle()

    def jump_to(self, moment: float) -> None:
        """On to that moment in one stride: what the line does within it, it does at its end. For long plays."""
        self._move_clocks(moment)
        self.settle()

    def get_emulator_clock(self) -> JsonObject:
        """Return the emulator's clock: when something happens next there, since when some caller has heard nothing."""
        clock: JsonObject = self._idle_clock or self.call_control_api("GET", CLOCK_PATH)
        return clock

    def _next_event_time(self, now: float) -> float:
        clock = self.get_emulator_clock()
        due = due_index.get_earliest(self.services.store)
        return min(
            clock["next"] or now + MAX_STEP_SECONDS, due or now + MAX_STEP_SECONDS, now + MAX_STEP_SECONDS
        )

    def _move_clocks(self, to: float) -> None:
        self._set_clocks(to)
        self._wake_scheduler()

    def _set_clocks(self, to: float) -> None:
        """The record's clock, then the emulator's, whose answer comes once nothing is on the wire there."""
        set_clock = f"#!lua flags=allow-oom\nreturn redis.call('SET', '{keys.MANUAL_CLOCK}', ARGV[1])"
        self.services.store.redis.eval(set_clock, 0, f"{to:.3f}")  # also when memory is full
        self.services.clock.set_manual_time(f"{to:.3f}")
        clock: JsonObject = self.call_control_api("POST", CLOCK_PATH, {"to": to})
        self._idle_clock = None if clock["busy"] else clock

    def _wake_scheduler(self) -> None:
        """Have it look now, not within 0.2 s of real time."""
        self._scheduler_woken_at = self.services.clock.now()
        self.services.store.redis.publish(keys.DUE_NOW_CHANNEL, "")

    def settle(self) -> None:
        """Wait, in real time, until no webhook is in flight, no job runs and nothing is due.

        That is so when the record rests between two looks at the emulator, and the emulator sent nothing from the one
        to the other. The pause between looks grows: a look costs three processes more than waiting a little longer.
        """
        began, pause = time.monotonic(), MIN_PAUSE_SECONDS
        before, let_go = self._idle_clock, False
        while True:
            spent = time.monotonic() - began
            clock: JsonObject | None = (
                self.call_control_api("GET", SETTLED_CLOCK_PATH) if self._is_redis_idle(spent) else None
            )
            if clock is not None and clock["busy"]:
                clock = None
            if before is not None and clock is not None and before["sent"] == clock["sent"]:
                self._idle_clock = clock
                return
            before = clock
            if spent > self.settle_timeout_seconds:
                raise StageStuck(
                    f"Something is still under way after {self.settle_timeout_seconds:.0f} s: {self._describe_pending_work()}"
                )
            if spent > LOST_JOB_SECONDS and not let_go:
                let_go = True
                self.services.jobs.discard_taken_jobs()
            if clock is None:
                time.sleep(pause)
                pause = min(pause * 1.5, MAX_PAUSE_SECONDS)

    def _is_redis_idle(self, waited_seconds: float) -> bool:
        """Whether the record asks for nothing now; one round trip. `waited_seconds`: real seconds of waiting so far."""
        return not any(self.settings.spool.glob("*.json")) and self._idle_check.is_idle(
            await_enqueued=waited_seconds <= self.max_enqueue_seconds
        )

    def _describe_pending_work(self) -> str:
        return f"emulator {self.call_control_api('GET', CLOCK_PATH)}, record {self._idle_check.describe()}, now {self.now}"
