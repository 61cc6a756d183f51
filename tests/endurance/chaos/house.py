"""The real pieces, each behind proxies of its own, and every way to take one away: nothing in the line knows of it.

Two of whatever may be doubled: web servers (the second is where calls go when the first fails), workers, clocks.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from redis.exceptions import RedisError

from ivr.cli.demo.ports import free_port
from ivr.cli.demo.stage import OUR_NUMBER, Stage
from ivr.cli.demo.stage_time import MAX_STEP_SECONDS
from ivr.cli.serve.embedded_redis import EmbeddedRedis
from ivr.cli.serve.supervisor import Supervisor
from ivr.cli.serve.up import answers_http, ivr_command
from ivr.domain.errors import CalorError, Unavailable
from ivr.store import keys
from ivr.store.queries import due_index
from ivr.usecases.outages import spool
from tests.endurance.chaos.messages import http_request, redis_command
from tests.endurance.chaos.proxy import Proxies, Proxy

WORKERS = {
    "offers": "offers",
    "offers2": "offers",
    "callbacks": "callbacks",
    "callbacks2": "callbacks",
    "messages": "messages",
    "photos": "photos",
}
CLOCKS = ("scheduler", "scheduler2")
WEBS = ("web", "web2")
PARTS = (*WEBS, *WORKERS, *CLOCKS)
AWAY = (RedisError, Unavailable, OSError, CalorError)
PATIENCE = (
    0.5  # real seconds to wait for rest while something is broken; after it time goes on at its own pace
)
WELL = 30.0  # the same while nothing is
PACE = 0.25  # most seconds that it goes on at once
HEALS = 4.0  # seconds in which what was killed is there again, on a machine that starts a web server in two
STARTS = 2.0
START_LIMIT_SECONDS = 120.0  # real seconds for a web server that was killed again and again to be started


@dataclass(kw_only=True)
class House(Stage):
    """A stage whose every process can be killed, stopped and cut off, while time goes on."""

    proxies: Proxies = field(default_factory=Proxies)
    to_record: dict[str, Proxy] = field(default_factory=dict)
    to_twilio: dict[str, Proxy] = field(default_factory=dict)
    second: str = ""  # address of the second web server
    watch: Callable[[], None] = lambda: None  # looked at in every moment
    silence: float = 0.0  # seconds, the longest that any caller has heard yet
    restless: float = 0.0  # seconds that passed at their own pace
    slow: float = 1.0  # how many times longer than on an idle machine things take here
    _broken: float = 0.0  # something is, until then, in real time
    _stopped: dict[int, threading.Timer] = field(default_factory=dict)
    _dead_jobs: set[str] = field(default_factory=set)
    _last: float = 0.0

    # ---- the pieces

    def _add_line(self, env: Mapping[str, str]) -> None:
        twilio = urlsplit(self.settings.twilio_api_url)
        record = EmbeddedRedis(folder=self.folder / "redis").socket
        port = free_port()
        self.second = f"http://127.0.0.1:{port}"
        for part in PARTS:
            a = self.to_record[part] = self.proxies.add(Proxy(part, record, redis_command))
            b = self.to_twilio[part] = self.proxies.add(
                Proxy(part, (str(twilio.hostname), twilio.port or 80), http_request)
            )
            own = {
                **env,
                "REDIS_URL": f"redis://127.0.0.1:{a.port}/0",
                "TWILIO_API_URL": f"http://127.0.0.1:{b.port}",
            }
            if part == "web2":
                own |= {"IVR_PORT": str(port), "PUBLIC_URL": self.second, "IVR_WEB_WORKERS": "1"}
            if part in WEBS:
                self.line_supervisor.add(part, ivr_command("web"), env=own, is_ready=self._ready(part, port))
            else:
                self.line_supervisor.add_forked(part, _command(part), env=own)

    def start_up(self) -> None:
        super().start_up()
        began = time.monotonic()
        self.kill("web2")
        up = answers_http(urlsplit(self.second).netloc, "/health")
        while not (self.line_supervisor.start_count("web2") == 2 and up()):
            time.sleep(0.01)  # noqa: TID251 - another process, in real time
        self.slow = max(1.0, (time.monotonic() - began) / STARTS)

    def _ready(self, part: str, second: int) -> Callable[[], bool] | None:
        if part == "web":
            return answers_http(f"127.0.0.1:{self.settings.port}", "/health")
        return answers_http(f"127.0.0.1:{second}", "/health") if part == "web2" else None

    def _add_our_number(self) -> None:
        super()._add_our_number()
        account = self.call_rest_api("IncomingPhoneNumbers.json")
        sid = next(n["sid"] for n in account["incoming_phone_numbers"] if n["phone_number"] == OUR_NUMBER)
        self.call_rest_api(
            f"IncomingPhoneNumbers/{sid}.json", VoiceFallbackUrl=f"{self.second}/voice/fallback"
        )

    def shut_down(self) -> None:
        self.go_on()
        super().shut_down()
        self.proxies.close()

    # ---- taking away

    def supervisor(self, part: str) -> Supervisor:
        return self.redis_supervisor if part == "redis" else self.line_supervisor

    def breaks(self, seconds: float) -> None:
        """From now on, and for about so long, time does not wait for the line."""
        self._broken = max(self._broken, time.monotonic() + seconds * self.slow)

    def kill(self, part: str, how: str = "group") -> None:
        """SIGKILL to the whole `group`, its `leader` alone, or the leader's `children`."""
        self.breaks(HEALS)
        leader = self.supervisor(part).pid(part)
        with suppress(ProcessLookupError):
            if how == "group":
                os.killpg(leader, signal.SIGKILL)
            elif how == "leader":
                os.kill(leader, signal.SIGKILL)
            for child in _group(leader) if how == "children" else ():
                os.kill(child, signal.SIGKILL)
        if part in WORKERS:
            self._dead_jobs.add(WORKERS[part])

    def freeze(self, part: str, seconds: float) -> None:
        """SIGSTOP, and SIGCONT after so many real seconds."""
        self.breaks(seconds + 1)
        leader = self.supervisor(part).pid(part)

        def thaw() -> None:
            self._stopped.pop(leader, None)
            with suppress(ProcessLookupError):
                os.killpg(leader, signal.SIGCONT)

        with suppress(ProcessLookupError):
            os.killpg(leader, signal.SIGSTOP)
        timer = self._stopped[leader] = threading.Timer(seconds, thaw)
        timer.start()

    def go_on(self) -> None:
        """Nothing is stopped, cut off or about to be."""
        for timer in list(self._stopped.values()):
            timer.cancel()
            timer.function()
        for proxy in (*self.to_record.values(), *self.to_twilio.values()):
            proxy.trap = None
        with suppress(CalorError, OSError):
            self.call_control_api("DELETE", "/emulator/faults")

    def wait_until_up(self) -> None:
        """Both web servers answer again: a play does not begin while the line is away for what the last one broke."""
        ready = [up for part in WEBS if (up := self._ready(part, urlsplit(self.second).port or 0))]
        until = time.monotonic() + START_LIMIT_SECONDS
        while not all(up() for up in ready):
            if time.monotonic() > until:
                raise AssertionError(f"No web server answers after {START_LIMIT_SECONDS:.0f} s.")
            time.sleep(0.05)  # noqa: TID251 - another process, in real time

    # ---- time

    @property
    def time(self) -> float:
        """The telephone network's: the record's stands still while that is away."""
        return float(self.call_control_api("GET", "/emulator/clock")["epoch"])

    def pass_time(self, seconds: float, until: Callable[[], bool] | None = None) -> bool:
        """From event to event while all is well; at its own pace while something is broken.

        That is one second a second on an idle machine, and slower on one that is slower: what is measured is the line.
        """
        end = round(self.time + seconds, 3)  # the clock counts milliseconds
        while True:
            rested = self._rested()
            self.watch()
            if rested and until is not None and until():
                return True
            now = self.time
            if now >= end:
                return until is None
            if rested:
                self._jump(min(end, max(now + 0.01, self._coming(now))), self._patience)
                self._last = time.monotonic()
            else:
                elapsed = min(PACE, max(0.01, (time.monotonic() - self._last) / self.slow))
                self._last = time.monotonic()
                self.restless += elapsed
                self._jump(min(end, now + elapsed), 0.0)

    @property
    def _patience(self) -> float:
        return PATIENCE if time.monotonic() < self._broken else WELL

    def settle(self) -> None:
        deadline = time.monotonic() + 60 * self.slow
        while not self._rested():
            if time.monotonic() > deadline:
                raise CalorError(f"Not at rest after a minute: {self._describe_pending_work()}")

    def _coming(self, now: float) -> float:
        coming = self.call_control_api("GET", "/emulator/clock")["next"] or now + MAX_STEP_SECONDS
        try:
            return float(
                min(
                    coming,
                    self.services.store.read(due_index.get_earliest()) or now + MAX_STEP_SECONDS,
                    now + 60,
                )
            )
        except AWAY:
            return float(min(coming, now + PACE))

    def _jump(self, to: float, patience: float) -> None:
        with suppress(*AWAY):
            set_clock = f"#!lua flags=allow-oom\nreturn redis.call('SET', '{keys.MANUAL_CLOCK}', ARGV[1])"
            self.services.store.redis.eval(set_clock, 0, f"{to:.3f}")
        self.call_control_api("POST", "/emulator/clock", {"to": to, "patience": patience})
        with suppress(*AWAY):
            self.services.store.redis.publish(keys.DUE_NOW_CHANNEL, "")

    def _rested(self) -> bool:
        """Nothing is under way and nothing due, now or after some patience."""
        deadline = time.monotonic() + self._patience
        began, quiet = time.monotonic(), 0
        while time.monotonic() < deadline:
            try:
                self._bury()
                well = self._is_redis_idle(time.monotonic() - began) and not self._stopped
                busy = not well or (not quiet and self.call_control_api("GET", "/emulator/clock")["busy"])
                quiet = 0 if busy else quiet + 1
            except AWAY:
                quiet = 0
            if quiet >= 2:
                return True
            time.sleep(0.002)  # noqa: TID251 - other processes, in real time
        return False

    def _bury(self) -> None:
        """What RQ believes of jobs that died with their worker is of no use to anybody; and the hand-driven clock goes on."""
        redis: Any = self.services.store.redis
        while self._dead_jobs:
            queue = self._dead_jobs.pop()
            try:
                redis.delete(f"rq:wip:{queue}", f"rq:queue:{queue}:intermediate")
            except RedisError:
                self._dead_jobs.add(queue)
                raise
        if abs(float(redis.get(keys.MANUAL_CLOCK) or 0) - self.time) > 0.001:
            redis.set(keys.MANUAL_CLOCK, f"{self.time:.3f}")

    def _is_redis_idle(self, spent: float) -> bool:
        return super()._is_redis_idle(spent) and not spool.list_facts(self.settings.spool)


def _command(part: str) -> list[str]:
    return ["worker", WORKERS[part]] if part in WORKERS else ["scheduler"]


def _group(leader: int) -> list[int]:
    """The processes of a group, but for its leader."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != leader:
            with suppress(OSError, ValueError, IndexError):
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
                if int(fields[2]) == leader:
                    found.append(int(entry.name))
    return found
