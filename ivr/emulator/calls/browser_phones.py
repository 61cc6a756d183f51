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
from ivr.emulator.account.access_tokens import AccessToken, InvalidAccessToken
from ivr.emulator.account.world import World
from ivr.emulator.calls.leg import CallLeg
from ivr.emulator.calls.person_input import press_keys
from ivr.emulator.rest.common import WORLD_KEY

Json = dict[str, Any]
HEARTBEAT_SECONDS = 10.0  # seconds between signs of life
TOKEN_CHECK_SECONDS = 1.0  # seconds between looks at the token
RENEWAL_LEAD_SECONDS = 30.0  # seconds before its end that a newer token is asked for
MAX_MESSAGE_BYTES = 16_384  # bytes of a message


def routes() -> list[web.RouteDef]:
    return [web.get("/client", serve_phone)]


async def serve_phone(request: web.Request) -> web.WebSocketResponse:
    world = request.app[WORLD_KEY]
    socket = web.WebSocketResponse(heartbeat=HEARTBEAT_SECONDS, max_msg_size=MAX_MESSAGE_BYTES)
    await socket.prepare(request)
    try:
        token = access_tokens.verify_token(
            world, str(_parse_message(await socket.receive()).get("token")), time.time()
        )
    except InvalidAccessToken as problem:
        await _close_refused(socket, problem)
        return socket
    client = BrowserPhone(world=world, socket=socket, token=token)
    await client.send_registered()
    with world.attend_phones([client.address]):
        telling = asyncio.create_task(client.push_changes())
        try:
            async for message in socket:
                await client.on_command(_parse_message(message))
        finally:
            telling.cancel()
            with suppress(asyncio.CancelledError, ConnectionResetError):
                await telling
            client.on_disconnect()
    return socket


@dataclass(kw_only=True, eq=False)
class BrowserPhone:
    """One browser: what it was told, and the calls that it answered."""

    world: World
    socket: web.WebSocketResponse
    token: AccessToken
    renewal_requested: bool = False  # for a newer token
    reported_states: dict[str, str] = field(default_factory=dict)  # by CallSid
    answered_sids: set[str] = field(default_factory=set)  # CallSids

    @property
    def address(self) -> str:
        return f"client:{self.token.identity}"

    async def send_registered(self) -> None:
        await self.socket.send_json({"is": "registered", "identity": self.token.identity})

    async def push_changes(self) -> None:
        """Whatever is new, until the browser has gone or its token has ended; a call goes on without one."""
        while not self.socket.closed:
            stirred = self.world.exchange.event_log.changed  # before looking: what comes meanwhile sets it
            for one in self._list_changes():
                await self.socket.send_json(one)
            left = self.token.expires_at - time.time()
            if left <= RENEWAL_LEAD_SECONDS and not self.renewal_requested:
                self.renewal_requested = True
                await self.socket.send_json({"is": "expiring"})
            if left <= 0 and "accepted" not in self.reported_states.values():
                await _close_refused(self.socket, InvalidAccessToken(20104, "Access Token has expired"))
                return
            with suppress(TimeoutError):
                async with asyncio.timeout(TOKEN_CHECK_SECONDS):
                    await stirred.wait()

    def _list_changes(self) -> list[Json]:
        found: list[Json] = []
        for leg in list(self.world.calls.values()):
            if leg.to != self.address or (not leg.is_alive and leg.sid not in self.reported_states):
                continue
            now = self._state_of(leg)
            if now != self.reported_states.get(leg.sid, "over"):
                self.reported_states[leg.sid] = now
                found.append({"is": now, "sid": leg.sid, "from": leg.from_})
        return found

    def _state_of(self, leg: CallLeg) -> str:
        """Of a call that somebody else answered there is no more to be told."""
        if leg.status == "ringing":
            return "incoming"
        return "accepted" if leg.status == "in-progress" and leg.sid in self.answered_sids else "over"

    async def on_command(self, command: Json) -> None:
        """What the person at the browser does; of a call that is not theirs, or over, nothing."""
        if command.get("do") == "register":
            await self._renew_token(str(command.get("token")))
            return
        leg = self.world.calls.get(str(command.get("sid")))
        if leg is None or not leg.is_alive or leg.to != self.address:
            return
        rings = leg.status == "ringing"
        match command.get("do"):
            case "answer" if rings and not leg.picked_up.is_set():
                self.answered_sids.add(leg.sid)
                leg.picked_up.set()
            case "hang_up" if rings or leg.sid in self.answered_sids:
                leg.hang_up()
            case "press" if leg.sid in self.answered_sids:
                await press_keys(leg, str(command.get("keys", "")))
            case "mute" if leg.sid in self.answered_sids:
                leg.muted = command.get("on") is True
                leg.log("muted" if leg.muted else "unmuted")

    async def _renew_token(self, encoded_token: str) -> None:
        try:
            token = access_tokens.verify_token(
                self.world, encoded_token, time.time(), expected_identity=self.token.identity
            )
        except InvalidAccessToken as problem:
            await _close_refused(self.socket, problem)
            return
        self.token, self.renewal_requested = token, False
        await self.send_registered()

    def on_disconnect(self) -> None:
        """The browser was closed: its calls are over; what rings goes on ringing, in nobody's hand."""
        for sid in self.answered_sids:
            leg = self.world.calls.get(sid)
            if leg is not None and leg.is_alive:
                leg.hang_up()


async def _close_refused(socket: web.WebSocketResponse, problem: InvalidAccessToken) -> None:
    await socket.send_json({"is": "refused", "code": problem.code, "why": str(problem)})
    await socket.close()


def _parse_message(message: Any) -> Json:
    """What makes no sense is nothing."""
    if message.type is not WSMsgType.TEXT:
        return {}
    try:
        found = json.loads(message.data)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
