"""What the control API shares."""

from collections.abc import Awaitable, Callable
from json import JSONDecodeError
from typing import Any

from aiohttp import web

from ivr.emulator.account.world import World
from ivr.emulator.calls.leg import Leg
from ivr.emulator.rest.common import WORLD

Json = dict[str, Any]


class Wrong(Exception):
    """The request makes no sense; answered as status 400 (or the one given) with `error`."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


Result = Json | web.Response
Handle = Callable[[World, web.Request, Json], Awaitable[Result] | Result]


def handler(handle: Handle) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def respond(request: web.Request) -> web.Response:
        try:
            given = await request.json() if request.can_read_body else {}
            result = handle(request.app[WORLD], request, given)
            body = await result if isinstance(result, Awaitable) else result
        except Wrong as problem:
            return web.json_response({"error": str(problem)}, status=problem.status)
        except (JSONDecodeError, KeyError, TypeError, ValueError) as problem:
            return web.json_response({"error": f"{type(problem).__name__}: {problem}"}, status=400)
        return body if isinstance(body, web.Response) else web.json_response(body)

    return respond


def leg_of(world: World, request: web.Request) -> Leg:
    leg = world.calls.get(request.match_info["sid"])
    if leg is None:
        raise Wrong("no such call", 404)
    return leg
