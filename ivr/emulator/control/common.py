"""What the control API shares."""

from collections.abc import Awaitable, Callable
from json import JSONDecodeError
from typing import Any

from aiohttp import web

from ivr.emulator.account.world import World
from ivr.emulator.calls.leg import CallLeg
from ivr.emulator.rest.common import WORLD_KEY

Json = dict[str, Any]


class ControlApiError(Exception):
    """The request makes no sense; answered as status 400 (or the one given) with `error`."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


ControlResult = Json | web.Response
ControlHandler = Callable[[World, web.Request, Json], Awaitable[ControlResult] | ControlResult]


def make_handler(control_handler: ControlHandler) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def respond(request: web.Request) -> web.Response:
        try:
            given = await request.json() if request.can_read_body else {}
            result = control_handler(request.app[WORLD_KEY], request, given)
            body = await result if isinstance(result, Awaitable) else result
        except ControlApiError as problem:
            return web.json_response({"error": str(problem)}, status=problem.status)
        except (JSONDecodeError, KeyError, TypeError, ValueError) as problem:
            return web.json_response({"error": f"{type(problem).__name__}: {problem}"}, status=400)
        return body if isinstance(body, web.Response) else web.json_response(body)

    return respond


def find_leg(world: World, request: web.Request) -> CallLeg:
    leg = world.calls.get(request.match_info["sid"])
    if leg is None:
        raise ControlApiError("no such call", 404)
    return leg
