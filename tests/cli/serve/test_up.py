"""`ivr up`: the whole line as processes, killed and stopped."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ivr.cli.demo.ports import free_port
from ivr.cli.serve.up import answers_http
from tests.cli.patience import eventually, lives

REPOSITORY = Path(__file__).parents[3]


def family(pid: int) -> dict[int, str]:
    """Every process below this one, with its command line. Linux only."""
    found: dict[int, str] = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            line = (entry / "cmdline").read_text().replace("\0", " ")
        except (FileNotFoundError, ProcessLookupError):
            continue
        if parent == pid:
            found |= {int(entry.name): line} | family(int(entry.name))
    return found


@pytest.fixture
def line(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], int, Path]]:
    """The process, the port of its pages, and what it said."""
    (tmp_path / "flows").symlink_to(REPOSITORY / "flows")
    port, said = free_port(), tmp_path / "said"
    env = {"PATH": "/usr/bin:/bin", "IVR_PORT": str(port), "IVR_WEB_WORKERS": "1"}
    with (
        said.open("w") as out,
        subprocess.Popen(
            [sys.executable, "-m", "ivr.cli", "up", "--emulator", f"--emulator-port={free_port()}"],
            env=env, cwd=tmp_path, stderr=out, text=True,
        ) as process,
    ):  # fmt: skip
        try:
            eventually(lambda: "The line is up" in said.read_text() or process.poll() is not None)
            yield process, port, said
        finally:
            process.kill()  # or the context would wait for it to end by itself


def test_it_answers_comes_back_and_leaves_nothing(line: tuple[subprocess.Popen[str], int, Path]) -> None:
    process, port, said = line
    assert process.poll() is None, said.read_text()
    assert answers_http(f"127.0.0.1:{port}", "/health")()
    everything = family(process.pid)
    for part in (
        "valkey-server",
        "emulate",
        "web",
        "worker offers",
        "worker callbacks",
        "worker messages",
        "worker photos",
        "scheduler",
    ):
        assert any(re.search(part, argv) for argv in everything.values()), part
    second = subprocess.run(
        [sys.executable, "-m", "ivr.cli", "up", "--emulator", f"--emulator-port={free_port()}"],
        env={"PATH": "/usr/bin:/bin", "IVR_PORT": str(free_port())}, cwd=said.parent,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert second.returncode == 2
    assert second.stderr == "Another server has the data in var/redis: stop it, or choose another folder.\n"
    (clock,) = (pid for pid, argv in everything.items() if argv.rstrip().endswith("scheduler"))
    os.kill(clock, signal.SIGKILL)
    eventually(
        lambda: any(a.rstrip().endswith("scheduler") and p != clock for p, a in family(process.pid).items())
    )
    everything |= family(process.pid)
    assert re.search(r"^Phones: http://127\.0\.0\.1:\d+/phones$", said.read_text(), re.MULTILINE)
    process.terminate()
    assert process.wait() == 0
    assert [pid for pid in everything if lives(pid)] == []


def test_nothing_is_left_of_it_when_it_is_killed(line: tuple[subprocess.Popen[str], int, Path]) -> None:
    process, _, said = line
    assert process.poll() is None, said.read_text()
    everything = family(process.pid)
    process.kill()
    eventually(lambda: not any(lives(pid) for pid in everything))
