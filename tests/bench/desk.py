"""An open desk at the price of a few sockets: its sign-in, its line to /live, and what the page fetches."""

from __future__ import annotations

import asyncio
import re
import socket
import struct
from dataclasses import dataclass, field
from urllib.parse import urlencode

from tests.bench.live_page import Page, Part, read

RESET = struct.pack("ii", 1, 0)  # SO_LINGER: closing sends a reset
BACKGROUND = {"Calor-Background": "1"}  # as static/staff/live.js sends


class LostDeskError(AssertionError):
    """A desk is not what it would be in a browser."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    status: int
    cookies: dict[str, str]
    body: bytes


@dataclass(kw_only=True)
class Site:
    """The app, as a browser sees it. Each request has a connection of its own."""

    port: int

    async def ask(
        self,
        method: str,
        path: str,
        form: dict[str, str] | None = None,
        *,
        cookies: dict[str, str] | None = None,
        more: dict[str, str] | None = None,
    ) -> Answer:
        reader, writer = await self.send(method, path, form, cookies=cookies, more=more)
        head, _, body = (await reader.read()).partition(b"\r\n\r\n")
        writer.close()
        status, *lines = head.decode().split("\r\n")
        told = [line.partition(": ") for line in lines]
        put = [value.partition(";")[0] for name, _, value in told if name.lower() == "set-cookie"]
        pairs = [one.partition("=") for one in put]
        return Answer(
            status=int(status.split()[1]), cookies={name: value for name, _, value in pairs}, body=body
        )

    async def send(
        self,
        method: str,
        path: str,
        form: dict[str, str] | None = None,
        *,
        cookies: dict[str, str] | None = None,
        more: dict[str, str] | None = None,
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        body = urlencode(form or {}).encode()
        head = {
            "Host": f"127.0.0.1:{self.port}",
            "Connection": "close",
            "Cookie": "; ".join(f"{name}={value}" for name, value in (cookies or {}).items()),
            "Content-Type": "application/x-www-form-urlencoded",
            "Content-Length": str(len(body)),
            **(more or {}),
        }
        lines = "".join(f"{name}: {value}\r\n" for name, value in head.items() if value)
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode() + body)
        return reader, writer


@dataclass(kw_only=True, eq=False)
class _Live:
    part: Part
    fetching: bool = False
    once: bool = False  # more


@dataclass(eq=False)
class Desk:
    """`early`: the part of its time that its clock is ahead: not all desks were opened in the same moment."""

    site: Site
    early: float = field(kw_only=True)
    heard: int = field(default=0, kw_only=True)  # events, since it was opened
    fetched: int = field(default=0, kw_only=True)
    _cookies: dict[str, str] = field(default_factory=dict, kw_only=True)
    _parts: list[_Live] = field(default_factory=list, kw_only=True)
    _tasks: list[asyncio.Task[None]] = field(default_factory=list, kw_only=True)
    _line: asyncio.StreamWriter | None = field(default=None, kw_only=True)

    async def sign_in(self, email: str, password: str) -> None:
        form = await self._ask("GET", "/sign-in", 200)
        token = re.search(r'name="csrf" value="([^"]*)"', form)
        given = {"csrf": token[1] if token else "", "email": email, "password": password, "next": "/desk/"}
        await self._ask("POST", "/sign-in", 303, given)

    async def open(self, group: asyncio.TaskGroup) -> None:
        """Returns when the app has told it for the first time that it listens."""
        self.heard = self.fetched = 0
        page = read(await self._ask("GET", "/desk/", 200))
        self._parts = [_Live(part=part) for part in page.parts]
        reader = await self._listen(page)
        await self._next(reader, b"beat")
        self._tasks = [group.create_task(self._hear(reader, group))]
        self._tasks += [group.create_task(self._tick(live)) for live in self._parts if live.part.every]

    def leave(self) -> None:
        """What was asked is still answered. The app hears of it when it next says something to this page."""
        for task in self._tasks:
            task.cancel()
        if self._line:
            self._line.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            self._line.transport.abort()

    # ---- as static/staff/live.js

    async def _listen(self, page: Page) -> asyncio.StreamReader:
        path = f"/live?{urlencode({'on': page.topics, 'since': page.since})}"
        more = {"Accept": "text/event-stream", "Connection": "keep-alive"}
        reader, self._line = await self.site.send("GET", path, cookies=self._cookies, more=more)
        status = await reader.readline()
        if b" 200 " not in status:
            raise LostDeskError(status.decode())
        return reader

    async def _next(self, reader: asyncio.StreamReader, wanted: bytes) -> set[str]:
        """The data of the next event of that name. A chunk is one event, so the lines of chunks stand between those of events."""
        event = b""
        while line := await reader.readline():
            name, _, value = line.rstrip(b"\r\n").partition(b": ")
            if name == b"event":
                event = value
            elif name == b"data" and event == wanted:
                return set(value.decode().split())
            elif name == b"data" and event not in (b"beat", b"changed"):
                break
        raise LostDeskError(f"An open desk was told no more; its last event was {event.decode()!r}")

    async def _hear(self, reader: asyncio.StreamReader, group: asyncio.TaskGroup) -> None:
        while True:
            changed = await self._next(reader, b"changed")
            self.heard += 1
            for live in self._parts:
                if "*" in changed or changed & live.part.topics:
                    group.create_task(self._refresh(live))

    async def _tick(self, live: _Live) -> None:
        await asyncio.sleep(live.part.every * (1 - self.early))
        while True:
            await self._refresh(live)
            await asyncio.sleep(live.part.every)

    async def _refresh(self, live: _Live) -> None:
        live.once = True
        if live.fetching:
            return
        live.fetching = True
        while live.once:
            live.once = False
            await self._ask("GET", live.part.src, 200, more=BACKGROUND)
            self.fetched += 1
            await asyncio.sleep(live.part.calm)
        live.fetching = False

    async def _ask(
        self,
        method: str,
        path: str,
        status: int,
        form: dict[str, str] | None = None,
        more: dict[str, str] | None = None,
    ) -> str:
        answer = await self.site.ask(method, path, form, cookies=self._cookies, more=more)
        self._cookies |= answer.cookies
        if answer.status != status:
            raise LostDeskError(f"{method} {path}: {answer.status} {answer.body[:300].decode()}")
        return answer.body.decode()
