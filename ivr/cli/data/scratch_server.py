"""A server for a moment and for nobody else: it loads a snapshot, is asked what is in it, and ends."""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ivr.cli.serve.redis_program import find_server_program
from ivr.domain.errors import CalorError
from ivr.store.server.connection import RedisConnection, connect_to_socket, is_answering

LOAD_TIMEOUT_SECONDS = 900.0  # seconds; a gigabyte takes about ten


class CannotLoadSnapshot(CalorError):
    """The server cannot load this snapshot."""


@dataclass(frozen=True, kw_only=True)
class ScratchServer:
    """`folder`: where dump.rdb is. Its socket is elsewhere, as a path to a socket must be short."""

    folder: Path

    def argv(self, socket: Path) -> list[str]:
        options = {
            "dir": str(self.folder.absolute()),
            "dbfilename": "dump.rdb",
            "unixsocket": str(socket),
            "unixsocketperm": "700",
            "port": "0",
            "appendonly": "no",
            "appendfsync": "always",
            "save": "",
            "maxmemory-policy": "noeviction",
            "loglevel": "warning",
        }
        return [
            str(find_server_program()),
            *(part for name, value in options.items() for part in (f"--{name}", value)),
        ]


@contextmanager
def run_scratch_server(server: ScratchServer) -> Iterator[RedisConnection]:
    """Loaded and answering. Raises CannotLoad with the server's own last words."""
    with tempfile.TemporaryDirectory(prefix="calor-") as name:
        socket, said = Path(name) / "s", Path(name) / "said"
        with (
            said.open("wb") as out,
            subprocess.Popen(server.argv(socket), stdout=out, stderr=out) as process,  # noqa: S603
        ):
            try:
                with connect_to_socket(socket) as redis:
                    _wait_until_loaded(redis, process, said)
                    yield redis
            finally:
                process.terminate()


def _wait_until_loaded(redis: RedisConnection, process: subprocess.Popen[bytes], output_file: Path) -> None:
    deadline = time.monotonic() + LOAD_TIMEOUT_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise CannotLoadSnapshot(f"The server cannot load this snapshot: {_last_lines(output_file)}")
        if is_answering(redis):
            return
        time.sleep(0.02)
    raise CannotLoadSnapshot(
        f"The server has not loaded this snapshot within {LOAD_TIMEOUT_SECONDS / 60:.0f} minutes."
    )


def _last_lines(output_file: Path) -> str:
    lines = output_file.read_text(errors="replace").strip().splitlines()
    return " / ".join(lines[-3:])
