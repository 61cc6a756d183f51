"""What all resources share: who may ask, errors as Twilio words them, and how a handler answers."""

import base64
import json
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from ivr.emulator.account.world import World
from ivr.emulator.rest.form import Form, RestApiError
from ivr.emulator.runtime.exchange import API_VERSION

Json = dict[str, Any]
WORLD_KEY: web.AppKey[World] = web.AppKey("world", World)
ACCOUNT_PATH = f"/{API_VERSION}/Accounts/{{account}}"

ResourceHandler = Callable[[World, web.Request, Form], Awaitable[Json | None] | Json | None]


def not_found(request: web.Request) -> RestApiError:
    return RestApiError(404, 20404, f"The requested resource {request.path} was not found")


def is_authorized(world: World, request: web.Request) -> bool:
    exchange = world.exchange
    known = {exchange.account_sid: exchange.auth_token, **world.api_keys}
    wanted = {base64.b64encode(f"{name}:{secret}".encode()).decode() for name, secret in known.items()}
    return request.headers.get("Authorization", "").removeprefix("Basic ") in wanted


def resource_uri(world: World, *parts: str) -> str:
    return "/".join([f"/{API_VERSION}/Accounts/{world.exchange.account_sid}", *parts]) + ".json"


def make_handler(
    resource_handler: ResourceHandler, status: int = 200
) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """`resource_handler` gets what was sent: the form of a POST, the query of anything else."""

    async def respond(request: web.Request) -> web.StreamResponse:
        world = request.app[WORLD_KEY]
        form = Form(await request.post() if request.method == "POST" else request.query)
        result = resource_handler(world, request, form)
        body = await result if isinstance(result, Awaitable) else result
        if body is None:
            return web.Response(status=204)
        return web.json_response(body, status=status, dumps=json.dumps)

    return respond
