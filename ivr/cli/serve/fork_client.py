"""Start `ivr` commands by forking a process that has imported everything already: a tenth of a second instead of one."""

from __future__ import annotations

import json
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import IO, Protocol

ANSWER_TIMEOUT_SECONDS = 60.0  # seconds; the server imports for half a second, on a busy machine longer
END_TIMEOUT_SECONDS = 5.0  # seconds from the closing of its socket
# the last word has no meaning: it leaves room in which each fork puts its own command line for `ps`
ARGV = (
    sys.executable,
    "-m",
    "ivr.cli.serve.fork_server",
    "-- workers and the scheduler are forked from here --",
)


class ProcessHandle(Protocol):
    """As much of `subprocess.Popen` as the supervisor uses: a `Popen` or a `ForkedProcess`."""

    @property
    def pid(self) -> int: ...
    @property
    def stdout(self) -> IO[str] | None: ...
    @property
    def returncode(self) -> int | None: ...
    def poll(self) -> int | None: ...
    def wait(self, timeout: float | None = None) -> int: ...
    def send_signal(self, sent: int, /) -> None: ...


class ForkedProcess:
    """A process forked by the server."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.stdout: IO[str] | None = None
        self.returncode: int | None = None
        self._has_ended = threading.Event()

    def poll(self) -> int | None:
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Return the exit code, negative for a signal. Raises subprocess.TimeoutExpired."""
        if not self._has_ended.wait(timeout) or self.returncode is None:
            raise subprocess.TimeoutExpired(f"process {self.pid}", timeout or 0.0)
        return self.returncode

    def send_signal(self, sent: int) -> None:
        if self.returncode is None:
            with suppress(ProcessLookupError):  # it has ended, and the server is about to say so
                os.kill(self.pid, sent)

    def record_end(self, code: int) -> None:
        """Record that it has ended, and wake who waits."""
        self.returncode = code
        self._has_ended.set()


class ForkServer:
    """One life of the server. `env`: the environment in which it imports; each fork gets its own instead."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._socket, theirs = socket.socketpair()
        with theirs:
            self.process = subprocess.Popen(  # noqa: S603 - our own module
                ARGV,
                env=dict(env),
                stdin=theirs.fileno(),
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                start_new_session=True,
            )
        self.has_ended = False
        self._children: dict[int, ForkedProcess] = {}
        self._answers: queue.SimpleQueue[ForkedProcess | OSError] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read_answers, name="fork server", daemon=True)
        self._reader.start()

    def fork(self, argv: Sequence[str], env: Mapping[str, str]) -> ForkedProcess:
        """Run `ivr ARGV` in the environment `env`. Raises OSError. Not for several threads at once."""
        if self.has_ended:
            raise OSError("the process that it is forked from has ended")
        request = json.dumps({"argv": list(argv), "env": dict(env)}).encode() + b"\n"
        output, theirs = os.pipe()
        try:
            socket.send_fds(self._socket, [request[:1]], [theirs])  # the descriptor belongs to one byte
            self._socket.sendall(request[1:])
            forked = self._answers.get(timeout=ANSWER_TIMEOUT_SECONDS)
            if isinstance(forked, OSError):
                raise forked
        except queue.Empty:
            os.close(output)
            self.process.kill()  # else it might start, later, what nobody waits for
            raise OSError(
                f"the process that it is forked from did not answer within {ANSWER_TIMEOUT_SECONDS:.0f} s"
            ) from None
        except OSError:
            os.close(output)
            raise
        finally:
            os.close(theirs)
        forked.stdout = open(output, errors="replace")  # noqa: SIM115, PTH123 - the thread that relays it closes it
        return forked

    def close(self) -> None:
        """End the server. Its children must have ended."""
        with suppress(OSError):  # it has ended already
            self._socket.shutdown(socket.SHUT_RDWR)
        self._reader.join()

    def _read_answers(self) -> None:
        """Take answers until the server is gone, then end its children: nobody else could wait for them."""
        with self._socket, suppress(ConnectionResetError), self._socket.makefile() as lines:
            for line in lines:
                self._handle_answer(json.loads(line))
        self.has_ended = True
        try:
            self.process.wait(END_TIMEOUT_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        for child in self._children.values():
            with suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            child.record_end(-signal.SIGKILL)
        self._answers.put(OSError("the process that it is forked from has ended"))

    def _handle_answer(self, answer: dict[str, int | str]) -> None:
        match answer:
            case {"pid": int(pid)}:
                self._children[pid] = forked = ForkedProcess(pid)
                self._answers.put(forked)
            case {"ended": int(pid), "code": int(code)}:
                self._children.pop(pid).record_end(code)
            case {"error": str(words)}:
                self._answers.put(OSError(words))
