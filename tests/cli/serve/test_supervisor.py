"""The supervisor with real processes: nothing is mocked, nothing waits longer than it must."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ivr.cli.serve.supervisor import DidNotStart, Supervisor
from tests.cli.patience import eventually, lives

STAY = "import signal, sys; print('here', flush=True); signal.pause()"


def python(code: str) -> list[str]:
    return [sys.executable, "-I", "-S", "-c", code]


def exists(path: Path) -> Callable[[], bool]:
    return path.exists


def touching(path: Path) -> list[str]:
    return python(f"import signal, pathlib; pathlib.Path({str(path)!r}).touch(); signal.pause()")


def test_what_a_process_says_is_shown_under_its_name() -> None:
    out = io.StringIO()
    with Supervisor(out=out) as line:
        line.add("web", python(STAY))
        line.add("worker", python(STAY))
        line.start()
        eventually(lambda: out.getvalue().count("here") == 2)
    assert "web    | here\n" in out.getvalue()
    assert "worker | here\n" in out.getvalue()


def test_the_next_starts_only_when_the_one_before_is_ready(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    with Supervisor(out=io.StringIO()) as line:
        line.add("first", touching(first), is_ready=exists(first))
        line.add(
            "second",
            python(
                f"import os, signal; assert os.path.exists({str(first)!r}); open({str(second)!r}, 'w'); signal.pause()"
            ),
            is_ready=exists(second),
        )
        line.start()


def test_a_process_that_is_killed_comes_back() -> None:
    with Supervisor(out=io.StringIO()) as line:
        line.add("web", python(STAY))
        line.start()
        before = line.pid("web")
        os.kill(before, signal.SIGKILL)
        eventually(lambda: line.start_count("web") == 2 and lives(line.pid("web")))
        assert line.pid("web") != before


def test_children_of_a_killed_process_do_not_outlive_it(tmp_path: Path) -> None:
    note = tmp_path / "grandchild"
    code = (
        "import subprocess, sys, signal, pathlib;"
        "p = subprocess.Popen([sys.executable, '-I', '-S', '-c', 'import signal; signal.pause()']);"
        f"pathlib.Path({str(note)!r}).write_text(f'{{p.pid}}\\n'); signal.pause()"
    )
    with Supervisor(out=io.StringIO()) as line:
        line.add("web", python(code))
        line.start()
        eventually(lambda: note.exists() and note.read_text().endswith("\n"))
        grandchild = int(note.read_text())
        os.kill(line.pid("web"), signal.SIGKILL)
        eventually(lambda: not lives(grandchild))


def test_start_up_stops_everything_when_one_does_not_start(tmp_path: Path) -> None:
    first = tmp_path / "first"
    out = io.StringIO()
    line = Supervisor(out=out)
    line.add("redis", touching(first), is_ready=exists(first))
    line.add("web", python("raise SystemExit('the port is taken')"), is_ready=lambda: False)
    with pytest.raises(DidNotStart, match="web ended at once"):
        line.start()
    assert not lives(line.pid("redis"))
    assert "web   | the port is taken" in out.getvalue()


def test_stopping_is_polite_first_and_takes_the_first_last(tmp_path: Path) -> None:
    order = tmp_path / "order"

    def noting(name: str) -> list[str]:
        return python(
            "import signal, sys, pathlib\n"
            f"def end(*_):\n    open({str(order)!r}, 'a').write('{name} ')\n    sys.exit()\n"
            f"signal.signal(signal.SIGTERM, end); pathlib.Path({str(tmp_path / name)!r}).touch(); signal.pause()"
        )

    with Supervisor(out=io.StringIO()) as line:
        for name in ("redis", "web"):
            line.add(name, noting(name), is_ready=exists(tmp_path / name))
        line.start()
    assert order.read_text() == "web redis "


def test_a_process_that_does_not_listen_is_killed_after_the_grace(tmp_path: Path) -> None:
    deaf = tmp_path / "deaf"
    code = (
        "import signal, pathlib; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        f"pathlib.Path({str(deaf)!r}).touch(); signal.pause()"
    )
    with Supervisor(out=io.StringIO(), grace_seconds=0.05) as line:
        line.add("deaf", python(code), is_ready=exists(deaf))
        line.start()
        pid = line.pid("deaf")
    assert not lives(pid)


def test_nothing_is_left_when_the_supervisor_itself_is_killed(tmp_path: Path) -> None:
    code = (
        "import sys, signal\n"
        "from ivr.cli.serve.supervisor import Supervisor\n"
        "line = Supervisor()\n"
        f"line.add('web', [sys.executable, '-I', '-S', '-c', {STAY!r}])\n"
        "line.start()\n"
        "print(line.pid('web'), flush=True)\n"
        "signal.pause()\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    with parent:
        assert parent.stdout
        child = int(parent.stdout.readline())
        assert lives(child)
        parent.kill()
    eventually(lambda: not lives(child))
