"""Fork `ivr` commands from one process that has imported what they need: `python -m ivr.cli.serve.fork_server`.

`ivr.cli.serve.fork_client.ForkServer` starts it, with a stream socket as standard input. Requests and answers are lines of JSON:

    {"argv": ["worker", "offers"], "env": {...}}, with the descriptor for the output   answer: {"pid": 123} or {"error": "..."}
    (a command has ended)                                                               {"ended": 123, "code": -9}

The client sends a request after the answer to the one before. The server ends when the client closes the socket.
It stays single-threaded, opens no connection and reads no settings: a fork would inherit them. `main` sets up a command
as a new interpreter would be, and returns from there, so that the command ends as every Python program does.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import select
import signal
import socket
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MODULES = ("ivr.cli.serve.workers", "ivr.cli.serve.redis_ready", "ivr.services", "ivr.usecases.scheduler.run")
REQUEST_CHUNK = 1 << 16


def main() -> None:
    warm_up()
    command = CommandForker(socket.socket(fileno=0)).serve()
    if command is not None:
        command.take_over()
        from ivr.cli import main as run_command

        run_command()


def warm_up() -> None:
    """Do everything that takes a worker long and depends on no setting."""
    gc.disable()  # importing makes no garbage worth looking for
    for module in MODULES:
        importlib.import_module(module)
    from ivr import jobs

    importlib.import_module(jobs.PREPARE_FUNCTION.rpartition(".")[0])
    import holidays

    from ivr.flow import steps
    from ivr.flow.phrases import built_in

    holidays.list_supported_countries()  # imports a module for each
    steps.step_kinds()
    for language in built_in.list_built_in_languages():
        built_in.load_built_in_phrases(language)
    gc.collect()
    gc.freeze()  # the collector must not write to pages that are shared with the forks


@dataclass(frozen=True, kw_only=True)
class ForkCommand:
    """What a child is to run. `output`: the descriptor of its standard output and error."""

    argv: list[str]
    env: dict[str, str]
    output: int

    def take_over(self) -> None:
        """Make this fork what a new process would be: its output, environment, arguments and name."""
        null = os.open(os.devnull, os.O_RDONLY)
        for descriptor, target in ((null, 0), (self.output, 1), (self.output, 2)):
            os.dup2(descriptor, target)  # 0 was the server's socket
        os.close(null)
        os.close(self.output)
        os.environ.clear()
        os.environ.update(self.env)
        time.tzset()
        main_file = Path(__file__).parents[1] / "__main__.py"
        sys.modules["__main__"].__package__ = "ivr.cli"
        sys.argv = [str(main_file), *self.argv]  # click says how it was called
        _set_process_title([sys.executable, "-m", "ivr.cli", *self.argv])
        gc.enable()


class CommandForker:
    """Fork commands and report their ends, until the client is gone."""

    def __init__(self, client: socket.socket) -> None:
        self._client = client
        self._children: set[int] = set()
        self._woken, self._waker = os.pipe()
        for descriptor in (self._woken, self._waker):
            os.set_blocking(descriptor, False)

    def serve(self) -> ForkCommand | None:
        """Return None in the server, at its end, and the command in each child."""
        signal.signal(
            signal.SIGCHLD, lambda *_: None
        )  # without a handler nothing would be written to the pipe
        signal.set_wakeup_fd(self._waker)
        while True:
            readable, _, _ = select.select([self._client.fileno(), self._woken], [], [])
            if self._woken in readable:
                os.read(self._woken, 4096)
                self._reap()
            if self._client.fileno() in readable:
                command = self._receive()
                if command is None:
                    self._end_children()
                    return None
                if self._fork(command):
                    return command

    def _receive(self) -> ForkCommand | None:
        """Read one request. None: the client is gone."""
        line, descriptors = b"", []
        while not line.endswith(b"\n"):
            try:
                data, received, _, _ = socket.recv_fds(self._client, REQUEST_CHUNK, 1)
            except ConnectionResetError:
                return None
            if not data:
                return None
            line += data
            descriptors += received
        return ForkCommand(**json.loads(line), output=descriptors[0])

    def _fork(self, command: ForkCommand) -> bool:
        """True in the child. The client learns the process id once the child leads a group that it can signal."""
        ready, done = os.pipe()
        try:
            pid = os.fork()
        except OSError as e:
            for descriptor in (ready, done, command.output):
                os.close(descriptor)
            self._answer(error=str(e))
            return False
        if pid == 0:
            os.setsid()
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            for descriptor in (ready, done, self._woken, self._waker):
                os.close(descriptor)
            self._client.detach()  # `take_over` replaces the descriptor
            return True
        os.close(done)
        os.close(command.output)
        os.read(ready, 1)  # the end of the file: the child has closed the other end
        os.close(ready)
        self._children.add(pid)
        self._answer(pid=pid)
        return False

    def _reap(self) -> None:
        for child in list(self._children):
            pid, status = os.waitpid(child, os.WNOHANG)
            if pid:
                self._children.remove(child)
                self._answer(ended=child, code=os.waitstatus_to_exitcode(status))

    def _answer(self, **answer: Any) -> None:
        with suppress(BrokenPipeError):  # the client is gone: the next read says so
            self._client.sendall(json.dumps(answer).encode() + b"\n")

    def _end_children(self) -> None:
        """The supervisor's watchdog does this, too, but for a child of which the supervisor did not live to hear."""
        for child in self._children:
            os.killpg(child, signal.SIGTERM)


def _set_process_title(argv: list[str]) -> None:
    """Have `ps` show this command line, as far as the server's own leaves room. Linux only."""
    with suppress(FileNotFoundError, PermissionError):  # elsewhere `ps` shows the server's command line
        fields = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
        begin, end = int(fields[45]), int(fields[46])  # arg_start and arg_end, see proc_pid_stat(5)
        room = end - begin - 1
        with Path("/proc/self/mem").open("r+b", buffering=0) as memory:
            memory.seek(begin)
            memory.write("\0".join(argv).encode()[:room].ljust(room + 1, b"\0"))


if __name__ == "__main__":
    main()
