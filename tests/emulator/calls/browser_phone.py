"""A browser phone as a test holds one: what is sent and told on its websocket."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

import aiohttp
from twilio.jwt.access_token import AccessToken
from twilio.jwt.access_token.grants import VoiceGrant

from tests.emulator.harness import ACCOUNT, Emulator

KEY, SECRET = "SK" + "5" * 32, "6" * 32
API_KEY = ("--api-key", f"{KEY}:{SECRET}")


def token(identity: str | None = "dan", **more: Any) -> str:
    """As an app makes one, by Twilio's own library; `more` makes it wrong."""
    account, key, secret = (
        more.pop(n, v) for n, v in (("account", ACCOUNT), ("key", KEY), ("secret", SECRET))
    )
    grants = more.pop("grants", [VoiceGrant(incoming_allow=True)])
    return str(AccessToken(account, key, secret, identity=identity, grants=grants, **more).to_jwt())


Run = Callable[[Coroutine[Any, Any, Any]], Any]


@contextmanager
def apart() -> Iterator[Run]:
    """A loop in a thread of its own: a browser that is driven in this process keeps one running in ours."""
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever)
    thread.start()
    try:
        yield lambda what: asyncio.run_coroutine_threadsafe(what, loop).result(30)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


class BrowserPhone:
    def __init__(self, run: Run, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._run, self._socket = run, socket

    def send(self, do: str, **more: Any) -> None:
        self._run(self._socket.send_json({"do": do, **more}))

    def next(self) -> dict[str, Any]:
        """What is told next. Raises TimeoutError when it is nothing for some seconds."""
        told: dict[str, Any] = self._run(self._socket.receive_json(timeout=10))
        return told

    def until(self, name: str) -> dict[str, Any]:
        while (told := self.next())["is"] != name:
            pass
        return told

    def closed(self) -> bool:
        """Whether the emulator has hung up the wire."""
        message = self._run(self._socket.receive(timeout=10))
        return message.type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED)


@contextmanager
def connected(emulator: Emulator, text: str) -> Iterator[BrowserPhone]:
    with apart() as run:
        session = run(_session())
        try:
            socket = run(session.ws_connect(f"{emulator.url}/client", headers={"Origin": "http://desk.test"}))
            phone = BrowserPhone(run, socket)
            phone.send("register", token=text)
            yield phone
        finally:
            run(session.close())


async def _session() -> aiohttp.ClientSession:
    return aiohttp.ClientSession()
