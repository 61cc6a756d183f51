"""A whole line on this machine with a hand-driven clock: what the demo plays on and the stories are tested on.

The app knows nothing of it: it runs its own processes, with the emulator as its Twilio and IVR_CLOCK=manual.
"""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from ivr.cli.demo.emulator_account import call_rest_api
from ivr.cli.demo.ports import free_port
from ivr.cli.demo.stage_idle import IdleCheck
from ivr.cli.demo.stage_settings import make_stage_settings
from ivr.cli.demo.stage_time import SETTLE_TIMEOUT_SECONDS, StageStuck, StageTime
from ivr.cli.serve import up
from ivr.cli.serve.embedded_redis import EmbeddedRedis
from ivr.cli.serve.supervisor import Supervisor
from ivr.domain.errors import CalorError
from ivr.domain.records.agent import AgentState
from ivr.services import build_services
from ivr.settings import load_settings
from ivr.settings.load import read_environment
from ivr.store.queries import stage as stage_queries
from ivr.usecases.staff import roster

OUR_NUMBER = "+12025550100"
# what a new play finds besides the time: who is at work; no job that failed in another one
KEPT_JOB_KEYS = ("rq:worker", "rq:queues")


@dataclass(kw_only=True)
class Stage(StageTime):
    """`folder`: for the data. `start_time`: epoch seconds at which the play begins. `extra_settings`: further settings."""

    folder: Path
    start_time: float
    out: Any = None
    extra_settings: Mapping[str, str] = field(default_factory=dict)
    emulator_options: tuple[str, ...] = ()  # of the emulator
    redis_supervisor: Supervisor = field(init=False)  # the record
    emulator_supervisor: Supervisor = field(init=False)  # the emulator
    line_supervisor: Supervisor = field(init=False)  # web, workers, clock
    emulator_url: str = field(init=False)
    _connection: HTTPConnection = field(init=False)

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
            self.idle_check = IdleCheck(self.services)
            stage_queries.set_clock(self.services.store, self.start_time)
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
        self.scheduler_woken_at = 0.0
        # the clock before the rest: whoever looks meanwhile finds nothing due
        stage_queries.set_clock(self.services.store, start_time)
        stage_queries.clear(self.services.store, KEPT_JOB_KEYS)
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
            self.idle_clock = None
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
