"""Browser phones: `client:NAME`, as whom a browser registers with an access token and answers what rings it.

One websocket for each, at /client. Twilio's own SDK speaks another language on the wire; this one is small and says the
same things. A token opens it, and whose calls it sees; nothing else is asked of a page, whatever site it is of.

    to us     {"do": "register", "token"} first, and again with a newer token
              {"do": "answer" | "hang_up", "sid"}, {"do": "press", "sid", "keys"}, {"do": "mute", "sid", "on"}
    from us   {"is": "registered", "identity"}, {"is": "refused", "code", "why"}, {"is": "expiring"}
              {"is": "incoming", "sid", "from"}, {"is": "accepted", "sid"}, {"is": "over", "sid"}

Several browsers may have one name: all ring, and the first to answer has the call.
"""

import asyncio
import json
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

from ivr.emulator.account import access_tokens
from ivr.emulator.account.access_tokens import Refused, Token
from ivr.emulator.account.world import World
from ivr.emulator.calls.leg import Leg
from ivr.emulator.rest.common import WORLD

Json = dict[str, Any]
BEAT = 10.0  # seconds between signs of life
LOOK = 1.0  # seconds between looks at the token
SOON = 30.0  # seconds before its end that a newer token is asked for
LARGEST = 16_384  # bytes of a message


def routes() -> list[web.RouteDef]:
    return [web.get("/client", connect)]


async def connect(request: web.Request) -> web.WebSocketResponse:
    world = request.app[WORLD]
    socket = web.WebSocketResponse(heartbeat=BEAT, max_msg_size=LARGEST)
    await socket.prepare(request)
    try:
        token = access_tokens.read(world, str(_json(await socket.receive()).get("token")), time.time())
    except Refused as problem:
        await _refuse(socket, problem)
        return socket
    client = Client(world=world, socket=socket, token=token)
    await client.registered()
    with world.holding([client.address]):
        telling = asyncio.create_task(client.tell())
        try:
            async for message in socket:
                await client.does(_json(message))
        finally:
            telling.cancel()
            with suppress(asyncio.CancelledError, ConnectionResetError):
                await telling
            client.gone()
    return socket


@dataclass(kw_only=True, eq=False)
class Client:
    """One browser: what it was told, and the calls that it answered."""

    world: World
    socket: web.WebSocketResponse
    token: Token
    asked: bool = False  # for a newer token
    told: dict[str, str] = field(default_factory=dict)  # by CallSid
    mine: set[str] = field(default_factory=set)  # CallSids

    @property
    def address(self) -> str:
        return f"client:{self.token.identity}"

    async def registered(self) -> None:
        await self.socket.send_json({"is": "registered", "identity": self.token.identity})

    async def tell(self) -> None:
        """Whatever is new, until the browser has gone or its token has ended; a call goes on without one."""
        while not self.socket.closed:
            stirred = self.world.exchange.journal.news  # before looking: what comes meanwhile sets it
            for one in self._news():
                await self.socket.send_json(one)
            left = self.token.expires - time.time()
            if left <= SOON and not self.asked:
                self.asked = True
                await self.socket.send_json({"is": "expiring"})
            if left <= 0 and "accepted" not in self.told.values():
                await _refuse(self.socket, Refused(20104, "Access Token has expired"))
                return
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK):
                    await stirred.wait()

    def _news(self) -> list[Json]:
        found: list[Json] = []
        for leg in list(self.world.calls.values()):
            if leg.to != self.address or (not leg.alive and leg.sid not in self.told):
                continue
            now = self._is(leg)
            if now != self.told.get(leg.sid, "over"):
                self.told[leg.sid] = now
                found.append({"is": now, "sid": leg.sid, "from": leg.from_})
        return found

    def _is(self, leg: Leg) -> str:
        """Of a call that somebody else answered there is no more to be told."""
        if leg.status == "ringing":
            return "incoming"
        return "accepted" if leg.status == "in-progress" and leg.sid in self.mine else "over"

    async def does(self, given: Json) -> None:
        """What the person at the browser does; of a call that is not theirs, or over, nothing."""
        if given.get("do") == "register":
            await self._renew(str(given.get("token")))
            return
        leg = self.world.calls.get(str(given.get("sid")))
        if leg is None or not leg.alive or leg.to != self.address:
            return
        rings = leg.status == "ringing"
        match given.get("do"):
            case "answer" if rings and not leg.picked_up.is_set():
                self.mine.add(leg.sid)
                leg.picked_up.set()
            case "hang_up" if rings or leg.sid in self.mine:
                leg.hang_up()
            case "press" if leg.sid in self.mine:
                await leg.press(str(given.get("keys", "")))
            case "mute" if leg.sid in self.mine:
                leg.muted = given.get("on") is True
                leg.log("muted" if leg.muted else "unmuted")

    async def _renew(self, text: str) -> None:
        try:
            token = access_tokens.read(self.world, text, time.time(), whose=self.token.identity)
        except Refused as problem:
            await _refuse(self.socket, problem)
            return
        self.token, self.asked = token, False
        await self.registered()

    def gone(self) -> None:
        """The browser was closed: its calls are over; what rings goes on ringing, in nobody's hand."""
        for sid in self.mine:
            leg = self.world.calls.get(sid)
            if leg is not None and leg.alive:
                leg.hang_up()


async def _refuse(socket: web.WebSocketResponse, problem: Refused) -> None:
    await socket.send_json({"is": "refused", "code": problem.code, "why": str(problem)})
    await socket.close()


def _json(message: Any) -> Json:
    """What makes no sense is nothing."""
    if message.type is not WSMsgType.TEXT:
        return {}
    try:
        found = json.loads(message.data)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
