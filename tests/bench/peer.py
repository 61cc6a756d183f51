"""The peer of the webhook bar: peer/server.js on two processes, with a Redis of its own that keeps nothing."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from ivr.cli.demo.ports import free_port
from ivr.cli.serve import up
from ivr.cli.serve.embedded_redis import EmbeddedRedis
from ivr.cli.serve.supervisor import Supervisor
from ivr.settings.load import read_environment as settings_environment
from tests.bench import figures
from tests.bench.twilio_calls import TOKEN
from tests.cli.patience import pings

SOURCE = Path(__file__).with_name("peer")
INSTALLED = Path("var/bench/peer")  # ignored by git
FILES = ("package.json", "package-lock.json", ".npmrc", "server.js")


class NoPeerError(Exception):
    """It cannot be run here."""


def install() -> Path:
    """Where it is installed, by its lock file. Raises NoPeerError."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        raise NoPeerError("node and npm are not installed")
    INSTALLED.mkdir(parents=True, exist_ok=True)
    lock, done = SOURCE / "package-lock.json", INSTALLED / "node_modules/.package-lock.json"
    had = INSTALLED / "package-lock.json"
    current = done.exists() and had.exists() and had.read_bytes() == lock.read_bytes()
    for name in FILES:
        shutil.copyfile(SOURCE / name, INSTALLED / name)
    if not current:
        figures.progress("installing the peer with npm ci ...")
        told = subprocess.run(
            [npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts"],
            cwd=INSTALLED,
            capture_output=True,
            text=True,
            check=False,
        )
        if told.returncode:
            raise NoPeerError(f"npm ci failed: {told.stderr.strip()[-300:]}")
    return INSTALLED


def add(line: Supervisor, place: Path) -> int:
    """Its Redis and its processes, to be started; its port. Raises NoPeerError."""
    made = install()
    port = free_port()
    own = EmbeddedRedis(folder=place / "p")
    own.folder.mkdir(parents=True)
    redis = [*own.argv(), "--appendonly", "no"]  # the later word counts
    line.add("peer redis", redis, is_ready=pings(own.url))
    env = {
        **settings_environment(),
        "NODE_ENV": "production",
        "BENCH_PORT": str(port),
        "BENCH_REDIS": str(own.socket),
        "BENCH_PUBLIC": f"http://127.0.0.1:{port}",
        "BENCH_TOKEN": TOKEN,
        "BENCH_PROCESSES": "2",
    }
    node = shutil.which("node") or "node"
    line.add(
        "peer",
        [node, str(made / "server.js")],
        env=env,
        is_ready=up.answers_http(f"127.0.0.1:{port}", "/health"),
    )
    return port
