"""What stands between a process and Redis, or Twilio, and can break at the n-th message that changes something.

So that anything can happen at every write and every POST without a hook for it in the line itself.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from tests.endurance.chaos.messages import Message, Split

ANSWER = 2.0  # real seconds to wait for the other side's answer before taking it as given


class When(StrEnum):
    BEFORE = "before"  # the message never arrives
    AFTER = "after"  # it has arrived and was answered; the answer never does


@dataclass(kw_only=True)
class Trap:
    """What happens at one message. `at`: the how-manieth change that passes, through whichever proxies it is set in, 1 the next.

    `act` is told the part of the line whose message it was. `seconds` > 0: only a delay; otherwise the connection is cut.
    """

    at: int
    when: When
    act: Callable[[str], None] = lambda _: None
    seconds: float = 0.0
    counts: Callable[[Message], bool] = lambda m: m.changes
    passed: int = 0
    caught: str = ""  # "offers: after EVALSHA"

    def catches(self, part: str, message: Message) -> bool:
        if self.caught or not self.counts(message):
            return False
        self.passed += 1
        if self.passed != self.at:
            return False
        self.caught = f"{part}: {self.when} {message.says}"
        return True


@dataclass(eq=False)
class Proxy:
    """`part`: whose messages they are. `back`: (host, port), or the path of a socket."""

    part: str
    back: tuple[str, int] | Path
    split: Split
    port: int = 0
    trap: Trap | None = None

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if isinstance(self.back, Path):
                back_reader, back_writer = await asyncio.open_unix_connection(str(self.back))
            else:
                back_reader, back_writer = await asyncio.open_connection(*self.back)
        except OSError:
            writer.transport.abort()
            return
        line = _Line(self, reader, writer, back_reader, back_writer)
        with suppress(asyncio.CancelledError):  # all proxies are closed
            await line.carry()


class _Line:
    """One connection through a proxy."""

    def __init__(
        self,
        proxy: Proxy,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        back_reader: asyncio.StreamReader,
        back_writer: asyncio.StreamWriter,
    ) -> None:
        self.proxy = proxy
        self.reader, self.writer = reader, writer
        self.back_reader, self.back_writer = back_reader, back_writer
        self.heard = asyncio.Event()  # answers are passed on
        self.heard.set()
        self.answered = asyncio.Event()

    async def carry(self) -> None:
        there = asyncio.ensure_future(self._there())
        back = asyncio.ensure_future(self._back())
        try:
            await asyncio.wait({there, back}, return_when=asyncio.FIRST_COMPLETED)
            for task in (there, back):
                task.cancel()
            await asyncio.gather(there, back, return_exceptions=True)
        finally:
            self.cut()  # also when all proxies are closed

    def cut(self) -> None:
        for writer in (self.writer, self.back_writer):
            writer.transport.abort()

    async def _there(self) -> None:
        buffer = bytearray()
        while data := await self.reader.read(65536):
            buffer += data
            while (message := self.proxy.split(buffer)) is not None:
                trap = self.proxy.trap
                if trap is None or not trap.catches(self.proxy.part, message):
                    self.back_writer.write(message.raw)
                elif not await self._spring(trap, message):
                    return
            await self.back_writer.drain()

    async def _spring(self, trap: Trap, message: Message) -> bool:
        """Whether the connection lives on."""
        if trap.seconds:
            await asyncio.sleep(trap.seconds if trap.when is When.BEFORE else 0)
            if trap.when is When.AFTER:
                self.heard.clear()
            self.back_writer.write(message.raw)
            if trap.when is When.AFTER:
                await asyncio.sleep(trap.seconds)
                self.heard.set()
            return True
        if trap.when is When.AFTER:
            self.heard.clear()
            self.answered.clear()
            self.back_writer.write(message.raw)
            await self.back_writer.drain()
            with suppress(TimeoutError):
                await asyncio.wait_for(self.answered.wait(), ANSWER)
        # first: a process that is killed must not see its connection break
        await asyncio.to_thread(trap.act, self.proxy.part)
        self.cut()
        return False

    async def _back(self) -> None:
        while data := await self.back_reader.read(65536):
            self.answered.set()
            await self.heard.wait()
            self.writer.write(data)
            await self.writer.drain()


class Proxies:
    """All of them, in a thread of their own."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxies", daemon=True)
        self._servers: list[asyncio.Server] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._thread.start()

    def add(self, proxy: Proxy) -> Proxy:
        """Listening, on a free port of 127.0.0.1, when this returns."""

        async def listen() -> asyncio.Server:
            return await asyncio.start_server(proxy.serve, "127.0.0.1", 0)

        server = self._run(listen())
        self._servers.append(server)
        proxy.port = server.sockets[0].getsockname()[1]
        return proxy

    def close(self) -> None:
        async def close() -> None:
            for server in self._servers:
                server.close()
            others = asyncio.all_tasks() - {asyncio.current_task()}
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)
            await asyncio.sleep(0)  # what was cut is closed at the loop's next turn

        self._run(close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    def _run(self, work: Coroutine[Any, Any, Any]) -> Any:
        future: Future[Any] = asyncio.run_coroutine_threadsafe(work, self._loop)
        return future.result(10)
