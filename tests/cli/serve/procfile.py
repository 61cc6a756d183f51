"""The Procfile under honcho, as a platform or a developer runs it, with a gate between each process and Redis."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from redis import Redis

from ivr.cli.serve.embedded_redis import EmbeddedRedis
from ivr.cli.serve.up import answers_http
from ivr.jobs import JobQueues
from ivr.settings import Settings, load_settings
from tests.cli.patience import eventually, pings
from tests.cli.serve.gates import Gates
from tests.telephony.emulated import SID, TOKEN

REPOSITORY = Path(__file__).parents[3]
WORKERS = {  # each with a record that does not exist: its job reads, finds nothing owed, and is done
    "offers.1": "agent_leg:none",
    "callbacks.1": "promise:none",
    "messages.1": "text:none",
    "photos.1": "photo:none",
}
OUTAGE = "(?:redis_unreachable|redis_unavailable)"


@dataclass(kw_only=True)
class ProcfileRun:
    """`port`: of the web server. `folder`: where everything is; its `said` is what honcho printed."""

    folder: Path
    port: int
    twilio: str
    env: Mapping[str, str] = field(default_factory=dict)
    server: EmbeddedRedis = field(init=False)
    gates: Gates = field(init=False)
    honcho: subprocess.Popen[bytes] = field(init=False)
    valkey: subprocess.Popen[bytes] = field(init=False)

    def __post_init__(self) -> None:
        self.server = EmbeddedRedis(folder=self.folder / "redis")
        self.gates = Gates(self.name_of, self.server.socket)

    # ---- processes

    def start_server(self) -> None:
        held = self.server.lock()
        self.valkey = subprocess.Popen(self.server.argv(), stdout=subprocess.DEVNULL, pass_fds=[held])
        os.close(held)
        eventually(pings(self.server.url))

    def kill_server(self) -> None:
        self.valkey.kill()
        self.valkey.wait()

    def start(self, *processes: str) -> None:
        """All of the Procfile, or some."""
        (self.folder / "flows").symlink_to(REPOSITORY / "flows")
        argv = [sys.executable, "-m", "honcho", "--no-colour", "start", "-f", str(REPOSITORY / "Procfile")]
        with (self.folder / "said").open("wb") as out:
            self.honcho = subprocess.Popen(
                [*argv, *processes], env=self.environment(), cwd=self.folder, stdout=out, stderr=out
            )

    def environment(self) -> dict[str, str]:
        return {
            "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
            "PYTHONUNBUFFERED": "1",
            "PORT": str(self.port),
            "TWILIO_ACCOUNT_SID": SID,
            "TWILIO_AUTH_TOKEN": TOKEN,
            "TWILIO_API_URL": self.twilio,
            "PUBLIC_URL": f"http://127.0.0.1:{self.port}",
            "REDIS_URL": f"unix://{self.folder / 'gates.sock'}",
            "IVR_WEB_WORKERS": "1",
            "IVR_LOG_FORMAT": "text",
            "IVR_ALARM_PERCENT": "100",
            **self.env,
        }

    @property
    def settings(self) -> Settings:
        return load_settings(self.environment())

    def stop(self) -> None:
        if self.honcho.poll() is None:
            self.honcho.send_signal(signal.SIGTERM)
        self.honcho.wait()

    # ---- what it says

    def read_output(self) -> str:
        return (self.folder / "said").read_text(errors="replace")

    def pids(self) -> dict[str, int]:
        """What honcho started, by name."""
        return {
            name: int(pid) for name, pid in re.findall(r"(\S+) started \(pid=(\d+)\)", self.read_output())
        }

    def name_of(self, pid: int) -> str:
        """The name of what honcho started, for it and what it started; the number of any other process."""
        names = {number: name for name, number in self.pids().items()}
        at = pid
        while at > 1 and at not in names:
            at = int(Path(f"/proc/{at}/stat").read_text().rpartition(")")[2].split()[1])
        return names.get(at, f"{pid}")

    def lives(self) -> None:
        """Fails when a process has ended."""
        ended = re.findall(r"system +\| (\S+ stopped .*)", self.read_output())
        assert not ended, f"{ended}\n{self.read_output()[-6000:]}"

    def eventually(self, holds: Callable[[], bool]) -> None:
        """Like `eventually`; fails at once when a process ends meanwhile."""

        def checked() -> bool:
            self.lives()
            return holds()

        eventually(checked)

    def outages(self, name: str) -> int:
        """How often a process has said that Redis is down."""
        return len(re.findall(rf"{re.escape(name)} +\|.*{OUTAGE}", self.read_output()))

    # ---- work

    @property
    def redis(self) -> Redis:
        """Past the gates."""
        return Redis.from_url(self.server.url, decode_responses=True)

    def bell(self) -> JobQueues:
        return JobQueues(Redis.from_url(self.server.url))

    def up(self) -> bool:
        """Whether it answers and every queue has a worker."""
        return answers_http(f"127.0.0.1:{self.port}", "/health")() and self.bell().every_queue_has_worker()


@contextmanager
def running(line: ProcfileRun, during: Callable[[], None]) -> Iterator[ProcfileRun]:
    """The whole line, up. `during`: called while it starts."""
    line.start_server()
    try:
        with line.gates.serving(line.folder / "gates.sock"):
            line.start()
            try:
                during()
                line.eventually(line.up)
                yield line
            finally:
                line.stop()
    finally:
        line.kill_server()
