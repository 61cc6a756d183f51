"""A way to Redis for each process of a line, which a test can close at any of that process's round trips."""

from __future__ import annotations

import asyncio
import re
import socket
import struct
import threading
from collections import defaultdict
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

GREETINGS = (
    "PING",
    "HELLO",
    "CLIENT SETINFO",
)  # of a new connection: no step of its own, the command behind it is
_PEER = struct.Struct("3i")  # pid, uid and gid of the other end of a Unix socket; Linux


@dataclass
class Gate:
    """One process's way to Redis. While closed it refuses connections, as a server that is not running does."""

    open: bool = True
    closes: Callable[[list[str]], bool] = lambda _: (
        False
    )  # asked with `steps`: whether to close before the last of them
    steps: list[str] = field(
        default_factory=list
    )  # round trips since it was opened; the last may not have passed
    connected: int = 0  # connections ever made to the server
    _lines: set[asyncio.StreamWriter] = field(default_factory=set)

    def let_pass(self, until: Callable[[list[str]], bool] = lambda _: False) -> None:
        """Open. `until`: asked at each round trip whether to close before it, with those since now, this one the last."""
        self.steps, self.closes, self.open = [], until, True

    def close(self) -> None:
        """Refuse connections and break those there are. Only in the loop of the gates."""
        self.open = False
        for writer in self._lines:
            writer.transport.abort()
        self._lines.clear()

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, server: Path) -> None:
        """Carry one connection for as long as it lives."""
        self._lines.add(writer)
        try:
            back_reader, back = await asyncio.open_unix_connection(str(server))
            self.connected += 1
            self._lines.add(back)
            answers = asyncio.ensure_future(_pump(back_reader, writer))
            try:
                await self._ask(reader, back)
            finally:
                back.transport.abort()
                self._lines.discard(back)
                await answers
        except OSError:
            return  # either end is gone
        finally:
            writer.transport.abort()
            self._lines.discard(writer)

    async def _ask(self, reader: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        while data := await reader.read(1 << 20):
            said = _says(data)
            if not said.startswith(GREETINGS):
                self.steps.append(said)
                if self.closes(self.steps):
                    self.close()
            if not self.open:
                return
            back.write(data)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(1 << 20):
            writer.write(data)
    except OSError:
        pass  # the server is gone; so is the client's connection
    writer.transport.abort()


def _says(data: bytes) -> str:
    """The words of a command, or of a pipeline's commands: "HSET rq:worker:... state idle"."""
    return " ".join(re.findall(r"(?m)^[^*$\r\n][^\r\n]*", data.decode("latin-1")))[:200]


class Gates:
    """All gates, behind one socket. `name_of`: the name of a process, by its id; `server`: Redis's own socket."""

    def __init__(self, name_of: Callable[[int], str], server: Path) -> None:
        self.server = server
        self._name_of = name_of
        self._gates: dict[str, Gate] = defaultdict(Gate)
        self._loop: asyncio.AbstractEventLoop

    def __getitem__(self, name: str) -> Gate:
        return self._gates[name]

    def close(self, *names: str) -> None:
        async def close() -> None:
            for name in names:
                self._gates[name].close()

        self._do(close())

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer = writer.get_extra_info("socket").getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size)
        gate = self._gates[self._name_of(_PEER.unpack(peer)[0])]
        if gate.open:
            await gate.carry(reader, writer, self.server)
        writer.transport.abort()

    @contextmanager
    def serving(self, path: Path) -> Iterator[None]:
        """Processes connect to `path` meanwhile."""
        self._loop = asyncio.new_event_loop()
        thread = threading.Thread(target=self._loop.run_forever, name="gates", daemon=True)
        thread.start()
        server = self._do(asyncio.start_unix_server(self._serve, str(path)))
        try:
            yield
        finally:
            self._do(self._end(server))
            self._loop.call_soon_threadsafe(self._loop.stop)
            thread.join()
            self._loop.close()

    async def _end(self, server: asyncio.Server) -> None:
        server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    def _do(self, work: Coroutine[Any, Any, Any]) -> Any:
        future: Future[Any] = asyncio.run_coroutine_threadsafe(work, self._loop)
        return future.result(30)
