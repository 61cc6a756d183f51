"""The HTTP server: who may come in, what goes wrong on purpose, and the record of each request."""

from collections.abc import Awaitable, Callable, Iterable

from aiohttp import web

from ivr.emulator import pages
from ivr.emulator.account.world import World
from ivr.emulator.browser_guard import guard
from ivr.emulator.calls import browser_phones
from ivr.emulator.control import events, people, pictures, state, watching
from ivr.emulator.rest import (
    absent,
    accounts,
    applications,
    calls,
    conferences,
    debugger,
    media,
    messages,
    numbers,
    participants,
    queues,
    recordings,
)
from ivr.emulator.rest.common import WORLD, authorised, missing
from ivr.emulator.rest.form import Refusal
from ivr.emulator.runtime.exchange import API_VERSION
from ivr.emulator.runtime.faults import Fault, What, Where

Respond = Callable[[web.Request], Awaitable[web.StreamResponse]]
RESOURCES = (
    accounts,
    applications,
    calls,
    conferences,
    participants,
    queues,
    messages,
    media,
    recordings,
    numbers,
    debugger,
    absent,
)
CONTROL = (people, pictures, watching, events, state)


def build(world: World, names: Iterable[str] = ()) -> web.Application:
    """`names`: see `guard`."""
    app = web.Application(middlewares=[guard(names), rest])
    app[WORLD] = world
    for part in (*RESOURCES, *CONTROL, browser_phones, pages):
        app.add_routes(part.routes())
    app.on_response_prepare.append(pages.protect)
    return app


@web.middleware
async def rest(request: web.Request, handler: Respond) -> web.StreamResponse:
    if not request.path.startswith(f"/{API_VERSION}"):
        return await handler(request)
    world = request.app[WORLD]
    world.tidy()
    exchange = world.exchange
    fault = exchange.faults.strike(Where.REST, request.path_qs, *HAPPENING)
    params = await _params(request)
    response = _unreadable() if params is None else await _before(world, request.path, fault)
    if response is None:
        response = await _answer(world, request, handler)
        if fault and fault.what is What.ERROR_AFTER:
            response = _failed(fault)
    exchange.journal.write(
        "rest",
        method=request.method,
        path=request.path_qs,
        params={name: str(value) for name, value in params or ()},
        status=response.status,
        fault=fault and fault.what.value,
    )
    if fault and fault.what in {What.DROP, What.LOSE_RESPONSE, What.REFUSE}:
        cut(request)
    return response


HAPPENING = (
    What.DROP,
    What.REFUSE,
    What.SLOW,
    What.ERROR,
    What.ERROR_AFTER,
    What.LOSE_RESPONSE,
    What.RATE_LIMIT,
    What.HANG_UP,
)


async def _params(request: web.Request) -> list[tuple[str, object]] | None:
    """What was sent, None if it is no form."""
    try:
        return list((await request.post()).items())
    except (ValueError, LookupError):
        return None


def _unreadable() -> web.StreamResponse:
    return Refusal(400, 20001, "The body of the request cannot be read").response()


async def _before(world: World, path: str, fault: Fault | None) -> web.StreamResponse | None:
    """What goes wrong before the request is looked at."""
    match fault.what if fault else None:
        case What.SLOW:
            await world.exchange.clock.sleep(fault.seconds if fault else 0.0)
        case What.RATE_LIMIT:
            return Refusal(429, 20429, "Too Many Requests").response()
        case What.ERROR:
            return _failed(fault)
        case What.HANG_UP:
            for leg in [one for sid, one in world.calls.items() if sid in path]:
                leg.hang_up()
        case What.DROP | What.REFUSE:
            return web.Response(status=500)
    return None


def _failed(fault: Fault | None) -> web.Response:
    status = fault.status if fault else 500
    return Refusal(status, 20503 if status == 503 else 20500, "Internal server error").response()


async def _answer(world: World, request: web.Request, respond: Respond) -> web.StreamResponse:
    if not authorised(world, request):
        return Refusal(401, 20003, "Authenticate").response()
    if request.match_info.get("account", world.exchange.account_sid) != world.exchange.account_sid:
        return missing(request).response()
    try:
        return await respond(request)
    except Refusal as refusal:
        return refusal.response()
    except web.HTTPNotFound:
        return missing(request).response()
    except web.HTTPMethodNotAllowed:
        return Refusal(405, 20004, "Method not allowed").response()


def cut(request: web.Request) -> None:
    """Close the connection without a word: the client cannot know whether it was heard."""
    if request.transport is not None:
        request.transport.abort()
