"""Keeps a few processes running together: each in a session of its own, restarted when it ends, none left behind.

    with Supervisor() as line:
        line.add("redis", [...], ready=answers_ping)
        line.add("web", [...], env={...}, ready=answers_http)
        line.start()
        os.kill(line.pid("web"), signal.SIGKILL)   # it comes back

For `ivr up`, the demo and tests. A deployment has its own: systemd, a container runtime, a Procfile.

`add_forked` starts an `ivr` command by forking a process that has imported everything already (ivr/cli/serve/fork_client.py). When that
process is killed, what was forked from it is ended, and started again like anything else.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Self, TextIO

from ivr.cli.serve.fork_client import ForkServer, ProcessHandle
from ivr.domain.errors import CalorError

FIRST_RESTART_WAIT_SECONDS, MAX_RESTART_WAIT_SECONDS = (
    0.2,
    10.0,
)  # seconds before a restart: doubled each time
STEADY_SECONDS = 10.0  # seconds: who ran that long is restarted at once again
READY_TIMEOUT_SECONDS = (
    120.0  # seconds; a record of a gigabyte takes about ten to load, a busy machine longer
)
STOP_GRACE_SECONDS = 15.0  # seconds to end in before being killed


class DidNotStart(CalorError):
    """A process did not start."""


@dataclass(kw_only=True, eq=False)
class _Child:
    name: str
    argv: list[str]
    env: Mapping[str, str] | None
    is_ready: Callable[[], bool] | None
    is_forked: bool = False
    process: ProcessHandle | None = None
    start_count: int = 0
    threads: list[threading.Thread] = field(default_factory=list)


class Supervisor:
    """Processes start in the order they were added; the first, on which the others stand, is stopped last."""

    def __init__(self, *, out: TextIO | None = None, grace_seconds: float = STOP_GRACE_SECONDS) -> None:
        self._out = out or sys.stderr
        self._grace_seconds = grace_seconds
        self._children: dict[str, _Child] = {}
        self._groups: set[int] = set()
        self._stopping = threading.Event()
        self._lock = threading.RLock()
        self._watchdog: subprocess.Popen[str] | None = None
        self._running_fork_server: ForkServer | None = None

    def add(
        self,
        name: str,
        argv: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        is_ready: Callable[[], bool] | None = None,
    ) -> None:
        """`env`: the whole environment of the process; None inherits. `is_ready`: asked until it is true before the next starts."""
        self._children[name] = _Child(name=name, argv=list(argv), env=env, is_ready=is_ready)

    def add_forked(
        self,
        name: str,
        argv: Sequence[str],
        *,
        env: Mapping[str, str],
        is_ready: Callable[[], bool] | None = None,
    ) -> None:
        """Add the command `ivr ARGV`, such as `["worker", "offers"]`, as a fork of a process that has imported what it needs."""
        self._children[name] = _Child(name=name, argv=list(argv), env=env, is_ready=is_ready, is_forked=True)

    def start(self) -> None:
        """Returns when all are ready. Raises DidNotStart, with everything stopped again, when one ends or takes too long."""
        # a process rather than a thread: it must survive this one's being killed
        self._watchdog = subprocess.Popen(  # noqa: S603 - our own script
            [sys.executable, "-I", "-S", str(Path(__file__).with_name("watchdog.py"))],
            stdin=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        try:
            for child in self._children.values():
                if child.is_forked:  # the server imports while others start
                    self._fork_server(child)
                    break
            for child in self._children.values():
                try:
                    self._spawn(child)
                except OSError as e:
                    raise DidNotStart(f"{child.name} cannot be started: {e}.") from e
                self._await_ready(child)
                self._start_thread(child, self._restart_when_ended)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End every process: politely, then by force. May be called again."""
        self._stopping.set()
        children = list(self._children.values())
        self._end_processes(children[1:])
        self._end_processes(children[:1])
        if self._running_fork_server:
            self._running_fork_server.close()
        for child in self._children.values():
            for thread in child.threads:
                thread.join(1)
        if self._watchdog and self._watchdog.stdin:
            self._watchdog.stdin.close()
            self._watchdog.wait()
            self._watchdog = None

    def pid(self, name: str) -> int:
        """The process id now; it changes with each restart."""
        process = self._children[name].process
        if process is None:
            raise DidNotStart(f"{name} was never started.")
        return process.pid

    def start_count(self, name: str) -> int:
        """How often it was started."""
        return self._children[name].start_count

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, e: BaseException | None, tb: TracebackType | None
    ) -> None:
        self.stop()

    # ---- one process

    def _spawn(self, child: _Child) -> None:
        with self._lock:  # so that nothing is started once everything is being stopped
            if self._stopping.is_set():
                return
            process = self._start(child)
            child.process = process
            child.start_count += 1
            self._add_group(process)
        if process.stdout:
            self._start_thread(child, self._relay, process.stdout)

    def _start(self, child: _Child) -> ProcessHandle:
        if child.is_forked:
            return self._fork_server(child).fork(child.argv, child.env or {})
        return subprocess.Popen(  # noqa: S603 - the caller's command line, no shell
            child.argv,
            env=None if child.env is None else dict(child.env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )

    def _fork_server(self, first: _Child) -> ForkServer:
        """Return the server that runs, or start one. `first`: the child for which; the server imports in its environment."""
        with self._lock:
            if self._running_fork_server is None or self._running_fork_server.has_ended:
                self._running_fork_server = ForkServer(first.env or {})
                self._add_group(self._running_fork_server.process)
                self._start_thread(first, self._watch_fork_server, self._running_fork_server.process)
            return self._running_fork_server

    def _watch_fork_server(self, child: _Child, server: subprocess.Popen[str]) -> None:
        """Show what the server says, which is a fault, and its end. `child`: whose thread this is."""
        del child
        if server.stdout:
            with server.stdout:
                for line in server.stdout:
                    self._write_line("ivr", line.rstrip("\n"))
        code = server.wait()
        self._remove_group(server)
        if not self._stopping.is_set():
            self._write_line(
                "ivr", f"the process that others are forked from ended (exit code {code}); they start again"
            )

    def _await_ready(self, child: _Child) -> None:
        deadline = time.monotonic() + READY_TIMEOUT_SECONDS
        while child.is_ready and child.process and not child.is_ready():
            if child.process.poll() is not None:
                raise DidNotStart(
                    f"{child.name} ended at once (exit code {child.process.returncode}); its last words are above."
                )
            if time.monotonic() > deadline:
                raise DidNotStart(f"{child.name} was not ready within {READY_TIMEOUT_SECONDS:.0f} s.")
            time.sleep(0.01)

    def _restart_when_ended(self, child: _Child) -> None:
        pause = FIRST_RESTART_WAIT_SECONDS / 2
        while child.process and not self._stopping.is_set():
            began = time.monotonic()
            code = child.process.wait()
            self._remove_group(child.process)
            if self._stopping.is_set():
                return
            pause = (
                FIRST_RESTART_WAIT_SECONDS
                if time.monotonic() - began > STEADY_SECONDS
                else min(pause * 2, MAX_RESTART_WAIT_SECONDS)
            )
            self._write_line(
                "ivr", f"{child.name} ended (exit code {code}); starting it again in {pause:.1f} s"
            )
            if pause == MAX_RESTART_WAIT_SECONDS:
                self._write_line("ivr", f"ALARM: {child.name} ends again and again; its last words are above")
            if self._stopping.wait(pause):
                return
            try:
                self._spawn(child)
            except OSError as e:
                self._write_line("ivr", f"{child.name} cannot be started: {e}")

    def _add_group(self, process: ProcessHandle) -> None:
        self._groups.add(process.pid)
        self._tell_watchdog(f"+{process.pid}")

    def _remove_group(self, process: ProcessHandle) -> None:
        """End what the ended leader of a group left behind. Once: its number may become somebody else's."""
        with self._lock:
            if process.pid not in self._groups:
                return
            self._groups.remove(process.pid)
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            self._tell_watchdog(f"-{process.pid}")

    def _end_processes(self, children: Sequence[_Child]) -> None:
        with self._lock:
            running = [c.process for c in children if c.process]
        for process in running:
            _signal(process, signal.SIGTERM)
        deadline = time.monotonic() + self._grace_seconds
        for process in running:
            try:
                process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                _signal(process, signal.SIGKILL)
                process.wait()
            self._remove_group(process)

    # ---- around it

    def _start_thread(self, child: _Child, work: Callable[..., None], *args: object) -> None:
        child.threads = [t for t in child.threads if t.is_alive()]
        thread = threading.Thread(
            target=work, args=(child, *args), name=f"{child.name} {work.__name__}", daemon=True
        )
        child.threads.append(thread)
        thread.start()

    def _relay(self, child: _Child, stream: IO[str]) -> None:
        with stream:
            for line in stream:
                self._write_line(child.name, line.rstrip("\n"))

    def _write_line(self, name: str, line: str) -> None:
        width = max(len(n) for n in self._children)
        self._out.write(f"{name:<{width}} | {line}\n")
        self._out.flush()

    def _tell_watchdog(self, line: str) -> None:
        if self._watchdog and self._watchdog.stdin and not self._watchdog.stdin.closed:
            self._watchdog.stdin.write(line + "\n")
            self._watchdog.stdin.flush()


def _signal(process: ProcessHandle, sent: signal.Signals) -> None:
    if process.poll() is None:
        process.send_signal(sent)
