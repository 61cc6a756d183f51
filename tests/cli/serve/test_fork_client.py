"""Commands that are forked from a process which has imported everything: as good as started by themselves."""

from __future__ import annotations

import io
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ivr.cli.serve.supervisor import STOP_GRACE_SECONDS, DidNotStart, Supervisor
from ivr.cli.serve.up import ivr_command
from tests.cli.conftest import alone
from tests.cli.patience import eventually, lives
from tests.cli.typed import started

WAITS = "redis_unreachable"  # said by a command that has begun, and waits for Redis until it is ended


def waiting(folder: Path, **more: str) -> dict[str, str]:
    """Settings with which a worker or the clock waits for a Redis that never comes."""
    return {
        **alone(folder),
        "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
        "TWILIO_AUTH_TOKEN": "0123456789abcdef" * 2,
        "PUBLIC_URL": "https://line.example.com",
        "REDIS_URL": f"unix://{folder}/none.sock",
        **more,
    }


@contextmanager
def two(folder: Path, grace: float = STOP_GRACE_SECONDS) -> Iterator[tuple[Supervisor, io.StringIO]]:
    """The clock and a worker, both begun."""
    out = io.StringIO()
    with Supervisor(out=out, grace_seconds=grace) as line:
        line.add_forked("scheduler", ["scheduler"], env=waiting(folder, IVR_LOG_FORMAT="text"))
        line.add_forked("photos", ["worker", "photos"], env=waiting(folder))
        line.start()
        eventually(lambda: out.getvalue().count(WAITS) == 2)
        yield line, out


def parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def lines_of(out: io.StringIO, name: str) -> list[str]:
    """What was said under that name."""
    return re.findall(rf"^{name} *\| (.*)$", out.getvalue(), re.MULTILINE)


def test_each_has_its_own_environment_and_its_own_output(tmp_path: Path) -> None:
    with two(tmp_path) as (_, out):
        (clock,), (photos,) = lines_of(out, "scheduler"), lines_of(out, "photos")
    assert not clock.startswith("{")
    assert photos.startswith("{"), "IVR_LOG_FORMAT=text is the other's: unset it is JSON"


@pytest.mark.parametrize(
    "argv",
    [["--version"], ["scheduler"], ["worker", "nonsense"], ["nonsense"], ["worker", "--help"]],
    ids=["ends well", "settings are missing", "wrong argument", "no such command", "help"],
)
def test_it_says_and_returns_what_it_does_when_it_is_started_by_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, argv: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    done = started(argv, alone(tmp_path), tmp_path)
    out = io.StringIO()
    with Supervisor(out=out) as line:
        line.add_forked("it", argv, env=alone(tmp_path))
        line.start()
        eventually(lambda: line.start_count("it") == 2)
    words = (done.stdout + done.stderr).splitlines()
    assert words
    assert lines_of(out, "it")[: len(words)] == words
    assert lines_of(out, "ivr")[0] == f"it ended (exit code {done.returncode}); starting it again in 0.2 s"


def traits(pid: int) -> dict[str, object]:
    """What a process inherits."""
    status = dict(line.split(":\t", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    files = {int(f.name): str(f.readlink()) for f in Path(f"/proc/{pid}/fd").iterdir()}
    return {
        "signals": {name: status[name] for name in ("SigBlk", "SigIgn", "SigCgt")},
        "threads": status["Threads"],
        "command line": Path(f"/proc/{pid}/cmdline").read_text().rstrip("\0"),
        "leads": (os.getsid(pid) == pid, os.getpgid(pid) == pid),
        "input": files[0],
        "output": (files[1].partition(":")[0], files[1] == files[2]),
        "files": sorted(files),
    }


def test_signals_descriptors_session_and_name_are_those_of_a_process_started_by_itself(
    tmp_path: Path,
) -> None:
    env, out = waiting(tmp_path), io.StringIO()
    with Supervisor(out=out) as line:
        line.add("started", ivr_command("worker", "callbacks"), env=env)
        line.add_forked("forked", ["worker", "callbacks"], env=env)
        line.start()
        eventually(lambda: out.getvalue().count(WAITS) == 2)
        assert traits(line.pid("forked")) == traits(line.pid("started"))
        server = traits(parent(line.pid("forked")))
    assert server["threads"] == "1", "a fork has but one thread, and the locks of all"
    assert not [words for words in lines_of(out, "ivr") if "ended" in words]


def test_one_that_is_killed_comes_back_from_the_same_server_and_leaves_no_zombie(tmp_path: Path) -> None:
    with two(tmp_path) as (line, out):
        killed, server = line.pid("photos"), parent(line.pid("photos"))
        os.kill(killed, signal.SIGKILL)
        eventually(lambda: len(lines_of(out, "photos")) == 2)
        assert lines_of(out, "ivr") == ["photos ended (exit code -9); starting it again in 0.2 s"]
        assert not Path(f"/proc/{killed}").exists()
        assert parent(line.pid("photos")) == server
        assert line.start_count("scheduler") == 1
    assert not lives(server)


def test_when_the_server_is_killed_what_it_started_is_ended_and_comes_back_from_another(
    tmp_path: Path,
) -> None:
    with two(tmp_path) as (line, out):
        before = {line.pid("scheduler"), line.pid("photos")}
        server = parent(line.pid("scheduler"))
        os.kill(server, signal.SIGKILL)
        eventually(lambda: len(lines_of(out, "scheduler")) == len(lines_of(out, "photos")) == 2)
        after = {line.pid("scheduler"), line.pid("photos")}
        assert not any(lives(pid) for pid in before)
        assert all(lives(pid) for pid in after)
        (another,) = {parent(pid) for pid in after}
        assert another != server
        assert any("forked from ended (exit code -9)" in words for words in lines_of(out, "ivr"))
    assert not any(lives(pid) for pid in {*after, another})


def test_a_server_that_cannot_import_is_said_in_words(tmp_path: Path) -> None:
    (tmp_path / "rq.py").write_text("raise ImportError('this rq is broken')")
    out = io.StringIO()
    line = Supervisor(out=out)
    line.add_forked("scheduler", ["scheduler"], env=alone(tmp_path) | {"PYTHONPATH": str(tmp_path)})
    with pytest.raises(DidNotStart, match="scheduler cannot be started: the process that it is forked from"):
        line.start()
    assert "ivr       | ImportError: this rq is broken" in out.getvalue()


def test_one_that_does_not_listen_is_killed_after_the_grace(tmp_path: Path) -> None:
    with two(tmp_path, grace=0.05) as (line, _):
        os.kill(line.pid("scheduler"), signal.SIGSTOP)
        pids = [line.pid("scheduler"), line.pid("photos")]
    assert not any(lives(pid) for pid in pids)


def test_nothing_is_left_when_the_supervisor_itself_is_killed(tmp_path: Path) -> None:
    code = (
        "import sys, signal\n"
        "from ivr.cli.serve.supervisor import Supervisor\n"
        "line = Supervisor(out=sys.stdout)\n"
        f"line.add_forked('scheduler', ['scheduler'], env={waiting(tmp_path)!r})\n"
        "line.start()\n"
        "print(line.pid('scheduler'), flush=True)\n"
        "signal.pause()\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as supervisor:
        assert supervisor.stdout
        clock = next(int(words) for words in supervisor.stdout if words.strip().isdigit())
        left = (clock, parent(clock))
        assert all(lives(pid) for pid in left)
        supervisor.kill()
        eventually(lambda: not any(lives(pid) for pid in left))
