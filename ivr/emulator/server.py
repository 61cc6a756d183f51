"""The HTTP server: who may come in, what goes wrong on purpose, and the record of each request."""

from collections.abc import Awaitable, Callable, Iterable

from aiohttp import web

from ivr.emulator import pages
from ivr.emulator.account.world import World
from ivr.emulator.browser_guard import guard_requests
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
from ivr.emulator.rest.common import WORLD_KEY, is_authorized, not_found
from ivr.emulator.rest.form import RestApiError
from ivr.emulator.runtime.exchange import API_VERSION
from ivr.emulator.runtime.faults import FaultKind, InjectedFault, RequestKind

RequestHandler = Callable[[web.Request], Awaitable[web.StreamResponse]]
RESOURCE_MODULES = (
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
CONTROL_MODULES = (people, pictures, watching, events, state)


def build_app(world: World, known_hosts: Iterable[str] = ()) -> web.Application:
    """`known_hosts`: see `guard_requests`."""
    app = web.Application(middlewares=[guard_requests(known_hosts), serve_rest_api])
    app[WORLD_KEY] = world
    for part in (*RESOURCE_MODULES, *CONTROL_MODULES, browser_phones, pages):
        app.add_routes(part.routes())
    app.on_response_prepare.append(pages.add_security_headers)
    return app


@web.middleware
async def serve_rest_api(request: web.Request, handler: RequestHandler) -> web.StreamResponse:
    if not request.path.startswith(f"/{API_VERSION}"):
        return await handler(request)
    world = request.app[WORLD_KEY]
    world.remove_expired()
    exchange = world.exchange
    fault = exchange.faults.trigger(RequestKind.REST, request.path_qs, *REST_FAULTS)
    params = await _read_params(request)
    response = (
        _unreadable_body_response()
        if params is None
        else await _apply_early_fault(world, request.path, fault)
    )
    if response is None:
        response = await _handle_authorized(world, request, handler)
        if fault and fault.what is FaultKind.ERROR_AFTER:
            response = _server_error(fault)
    exchange.event_log.write(
        "rest",
        method=request.method,
        path=request.path_qs,
        params={name: str(value) for name, value in params or ()},
        status=response.status,
        fault=fault and fault.what.value,
    )
    if fault and fault.what in {FaultKind.DROP, FaultKind.LOSE_RESPONSE, FaultKind.REFUSE}:
        abort_connection(request)
    return response


REST_FAULTS = (
    FaultKind.DROP,
    FaultKind.REFUSE,
    FaultKind.SLOW,
    FaultKind.ERROR,
    FaultKind.ERROR_AFTER,
    FaultKind.LOSE_RESPONSE,
    FaultKind.RATE_LIMIT,
    FaultKind.HANG_UP,
)


async def _read_params(request: web.Request) -> list[tuple[str, object]] | None:
    """What was sent, None if it is no form."""
    try:
        return list((await request.post()).items())
    except (ValueError, LookupError):
        return None


def _unreadable_body_response() -> web.StreamResponse:
    return RestApiError(400, 20001, "The body of the request cannot be read").response()


async def _apply_early_fault(
    world: World, path: str, fault: InjectedFault | None
) -> web.StreamResponse | None:
    """What goes wrong before the request is looked at."""
    match fault.what if fault else None:
        case FaultKind.SLOW:
            await world.exchange.clock.sleep(fault.seconds if fault else 0.0)
        case FaultKind.RATE_LIMIT:
            return RestApiError(429, 20429, "Too Many Requests").response()
        case FaultKind.ERROR:
            return _server_error(fault)
        case FaultKind.HANG_UP:
            for leg in [one for sid, one in world.calls.items() if sid in path]:
                leg.hang_up()
        case FaultKind.DROP | FaultKind.REFUSE:
            return web.Response(status=500)
    return None


def _server_error(fault: InjectedFault | None) -> web.Response:
    status = fault.status if fault else 500
    return RestApiError(status, 20503 if status == 503 else 20500, "Internal server error").response()


async def _handle_authorized(
    world: World, request: web.Request, handler: RequestHandler
) -> web.StreamResponse:
    if not is_authorized(world, request):
        return RestApiError(401, 20003, "Authenticate").response()
    if request.match_info.get("account", world.exchange.account_sid) != world.exchange.account_sid:
        return not_found(request).response()
    try:
        return await handler(request)
    except RestApiError as refusal:
        return refusal.response()
    except web.HTTPNotFound:
        return not_found(request).response()
    except web.HTTPMethodNotAllowed:
        return RestApiError(405, 20004, "Method not allowed").response()


def abort_connection(request: web.Request) -> None:
    """Close the connection without a word: the client cannot know whether it was heard."""
    if request.transport is not None:
        request.transport.abort()
