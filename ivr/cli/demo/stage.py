"""A whole line on this machine with a hand-driven clock: what the demo plays on and the stories are tested on.

The app knows nothing of it: it runs its own processes, with the emulator as its Twilio and IVR_CLOCK=manual.
"""

from __future__ import annotations

import json
import math
import shutil
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from ivr.cli.demo.emulator_account import ask
from ivr.cli.demo.stage_idle import RecordLook
from ivr.cli.demo.stage_settings import settings_of
from ivr.cli.serve import up
from ivr.cli.serve.embedded_redis import Embedded
from ivr.cli.serve.supervisor import Supervisor
from ivr.domain.errors import CalorError
from ivr.domain.records.agent import AgentState
from ivr.services import Services, build
from ivr.settings import Settings, environment, load
from ivr.store import keys
from ivr.store.queries import due_index
from ivr.usecases.staff import roster

LINE = "+12025550100"
STUCK = 20.0  # seconds of real time in which nothing at all happens while something is due
RINGS = 0.2  # seconds of real time from a wake that is taken to its bell, at most
LOST = 5.0  # seconds of real time after which a job that goes on was its worker's last
# keys that a new play finds: the time, and who is at work; no job that failed in another one
STAYS = (keys.CLOCK, "rq:worker", "rq:queues")
CLOCK = "/emulator/clock"
QUIET_CLOCK = (
    f"{CLOCK}?settled=0.05"  # answered when nothing is on the wire there, or after so many real seconds
)
SHORTEST_PAUSE, LONGEST_PAUSE = 0.002, 0.01  # seconds of real time between two looks
Told = dict[str, Any]
STEP = 5.0  # most seconds of play time between looks


class Stuck(CalorError):
    """The line does not settle."""


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port: int = s.getsockname()[1]
        return port


@dataclass(kw_only=True)
class Stage:
    """`folder`: for the data. `start`: epoch seconds at which the play begins. `extra`: further settings."""

    folder: Path
    start: float
    out: Any = None
    extra: Mapping[str, str] = field(default_factory=dict)
    options: tuple[str, ...] = ()  # of the emulator
    patience: float = STUCK
    rings: float = RINGS  # in a long play 0: a bell that is about to be rung rings in the next second
    ground: Supervisor = field(init=False)  # the record
    twilio: Supervisor = field(init=False)  # the emulator
    line: Supervisor = field(init=False)  # web, workers, clock
    settings: Settings = field(init=False)
    services: Services = field(init=False)
    emulator: str = field(init=False)
    _wire: HTTPConnection = field(init=False)
    # the emulator's clock, as long as nobody did anything there
    _still: Told | None = field(init=False, default=None)
    _look: RecordLook = field(init=False)
    _woken: float = field(init=False, default=0.0)  # play time at which the reconciler was last woken

    def raise_curtain(self) -> None:
        """Start every process and make the number ours."""
        web, twilio = free_port(), free_port()
        self.ground, self.twilio, self.line = (Supervisor(out=self.out) for _ in range(3))
        self._wire = HTTPConnection("127.0.0.1", twilio, timeout=30)
        record = Embedded(folder=self.folder / "redis")
        env = {**settings_of(self.folder, web, twilio, up.add_record(self.ground, record)), **self.extra}
        self.env = env
        self.settings = load(env)
        self.emulator = self.settings.twilio_api_url
        begin = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self.start))
        up.add_emulator(
            self.twilio, self.settings, "--clock", "manual", "--start", begin, "--seed", "1", *self.options
        )
        self.ground.start()
        try:
            self.twilio.start()
            self.services = build(self.settings)
            self._look = RecordLook(self.services)
            self.services.store.redis.set(keys.CLOCK, f"{self.start:.3f}")
            self._add_line({**environment(), **env})
            self.line.start()
            self._staffed()
            self._number()
        except BaseException:
            self.drop_curtain()
            raise

    def _staffed(self) -> None:
        """A job that waits for its worker to start would look like one that hangs: a slow machine takes its time."""
        deadline = time.monotonic() + 3 * STUCK
        while not self.services.bell.served():
            if time.monotonic() > deadline:
                raise Stuck("The workers do not start.")
            time.sleep(0.02)

    def _add_line(self, env: Mapping[str, str]) -> None:
        up.add_line(self.line, self.settings, env)

    def drop_curtain(self) -> None:
        self._wire.close()
        self.twilio.stop()  # first: the web server waits for its open connections
        self.line.stop()
        self.ground.stop()

    def reset(self, start: float) -> None:
        """An empty record, empty telephones, and the clock at `start`: every play at the same hour of the same day."""
        self.settle()
        # first: a page that is closed only now would hang up into the new record
        self.control("POST", "/emulator/reset", {"to": start})
        self._woken = 0.0
        redis = self.services.store.redis
        redis.set(keys.CLOCK, f"{start:.3f}")  # before the rest: whoever looks meanwhile finds nothing due
        names = [key for key in redis.scan_iter(count=1000) if not key.startswith(STAYS)]
        if names:
            redis.delete(*names)
        shutil.rmtree(self.settings.archive, ignore_errors=True)  # who is forgotten, too, or they are again
        shutil.rmtree(self.folder / "photos", ignore_errors=True)  # no record knows of them any more
        self._number()

    def _number(self) -> None:
        base = self.settings.public_url
        self.rest(
            "IncomingPhoneNumbers.json",
            PhoneNumber=LINE,
            VoiceUrl=f"{base}/voice/answer",
            VoiceFallbackUrl=f"{base}/voice/fallback",
            StatusCallback=f"{base}/voice/status",
            SmsUrl=f"{base}/texts/incoming",
        )

    # ---- people

    def agent(self, name: str, phone: str, script: list[dict[str, Any]], **told: Any) -> None:
        """Somebody who answers, and what they do when their phone rings."""
        told = {"skills": ("support", "bookings"), **told}
        roster.add(self.services, roster.Told(name=name, phone=phone, **told))
        self.phone(phone, name=name, script=script)
        self.available(name)

    def available(self, name: str, state: AgentState = AgentState.AVAILABLE) -> None:
        roster.set_state(self.services, name, state)

    def phone(self, number: str, **told: Any) -> None:
        self.control("PUT", f"/emulator/phones/{number}", {"answers": True, "after": 2.0, **told})

    def dial(self, number: str, script: list[dict[str, Any]], **told: Any) -> str:
        """Somebody rings our number; their CallSid."""
        body = {"from": number, "to": LINE, "stir": "TN-Validation-Passed-A", "script": script, **told}
        sid: str = self.control("POST", "/emulator/calls", body)["sid"]
        return sid

    # ---- the emulator

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """The emulator's control API, over one connection: looking costs a fraction of a millisecond."""
        if method != "GET":
            self._still = None
        data = json.dumps(body) if body is not None else None
        self._wire.request(method, path, data, {"Content-Type": "application/json"})
        answer = self._wire.getresponse()
        told = answer.read()
        if answer.status >= 400:
            raise CalorError(f"{method} {path}: {answer.status} {told.decode()}")
        return json.loads(told) if told else None

    def rest(self, path: str, **form: str) -> Any:
        """Ask the emulator's REST API, as the account."""
        return ask(self.settings, path, form)

    def log(self, after: int = 0) -> list[dict[str, Any]]:
        entries: list[dict[str, Any]] = self.control("GET", f"/emulator/log?after={after}")["entries"]
        return entries

    # ---- time

    @property
    def now(self) -> float:
        return float(self.services.store.redis.get(keys.CLOCK) or 0.0)

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
            self._step(min(end, max(now + 0.01, self._next(now))))

    def _step(self, to: float) -> None:
        """Move both clocks and wait until everything has settled again.

        Most events on the telephone network (somebody is still listening, a prompt goes on) reach nobody. When the
        emulator sent nothing and the record has nothing due, nothing can be under way: that takes one look, and no
        waiting. The reconciler is still woken every STEP seconds of play time, for what it does on its own.
        """
        before = self._still
        self._set_clocks(to)
        after = self._still
        quiet = before is not None and after is not None and before["sent"] == after["sent"]
        if quiet and to - self._woken < STEP and self._rests(math.inf):
            return
        self._wake_reconciler()
        self.settle()

    def go_to(self, moment: float) -> None:
        """On to that moment in one stride: what the line does within it, it does at its end. For long plays."""
        self._move(moment)
        self.settle()

    def telephones(self) -> Told:
        """Return the emulator's clock: when something happens next there, since when some caller has heard nothing."""
        clock: Told = self._still or self.control("GET", CLOCK)
        return clock

    def _next(self, now: float) -> float:
        clock = self.telephones()
        due = due_index.earliest(self.services.store)
        return min(clock["next"] or now + STEP, due or now + STEP, now + STEP)

    def _move(self, to: float) -> None:
        self._set_clocks(to)
        self._wake_reconciler()

    def _set_clocks(self, to: float) -> None:
        """The record's clock, then the emulator's, whose answer comes once nothing is on the wire there."""
        set_clock = f"#!lua flags=allow-oom\nreturn redis.call('SET', '{keys.CLOCK}', ARGV[1])"
        self.services.store.redis.eval(set_clock, 0, f"{to:.3f}")  # also when memory is full
        self.services.clock.seen(f"{to:.3f}")
        clock: Told = self.control("POST", CLOCK, {"to": to})
        self._still = None if clock["busy"] else clock

    def _wake_reconciler(self) -> None:
        """Have it look now, not within 0.2 s of real time."""
        self._woken = self.services.clock.now()
        self.services.store.redis.publish(keys.BELL, "")

    def settle(self) -> None:
        """Wait, in real time, until no webhook is in flight, no job runs and nothing is due.

        That is so when the record rests between two looks at the emulator, and the emulator sent nothing from the one
        to the other. The pause between looks grows: a look costs three processes more than waiting a little longer.
        """
        began, pause = time.monotonic(), SHORTEST_PAUSE
        before, let_go = self._still, False
        while True:
            spent = time.monotonic() - began
            clock: Told | None = self.control("GET", QUIET_CLOCK) if self._rests(spent) else None
            if clock is not None and clock["busy"]:
                clock = None
            if before is not None and clock is not None and before["sent"] == clock["sent"]:
                self._still = clock
                return
            before = clock
            if spent > self.patience:
                raise Stuck(f"Something is still under way after {self.patience:.0f} s: {self._why()}")
            if spent > LOST and not let_go:
                let_go = True
                self.services.bell.let_go()
            if clock is None:
                time.sleep(pause)
                pause = min(pause * 1.5, LONGEST_PAUSE)

    def _rests(self, spent: float) -> bool:
        """Whether the record asks for nothing now; one round trip. `spent`: real seconds of waiting so far."""
        return not any(self.settings.spool.glob("*.json")) and self._look.rests(patient=spent <= self.rings)

    def _why(self) -> str:
        return f"emulator {self.control('GET', CLOCK)}, record {self._look.why()}, now {self.now}"
