"""What all resources share: who may ask, errors as Twilio words them, pages, and dates."""

import base64
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlencode

from aiohttp import web
from multidict import MultiMapping

from ivr.emulator.exchange import API_VERSION
from ivr.emulator.formats import moment
from ivr.emulator.world import World

Json = dict[str, Any]
T = TypeVar("T")
WORLD: web.AppKey[World] = web.AppKey("world", World)
BASE = f"/{API_VERSION}/Accounts/{{account}}"
MORE_INFO = "https://www.twilio.com/docs/errors"
LARGEST_PAGE = 1000
DAY = 86_400.0


class Refusal(Exception):
    """An error as Twilio answers it."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status, self.code = status, code

    def response(self) -> web.Response:
        body = {
            "code": self.code,
            "message": str(self),
            "more_info": f"{MORE_INFO}/{self.code}",
            "status": self.status,
        }
        return web.json_response(body, status=self.status)


def missing(request: web.Request) -> Refusal:
    return Refusal(404, 20404, f"The requested resource {request.path} was not found")


@dataclass(frozen=True)
class Form:
    """What the client sent."""

    data: MultiMapping[Any]

    def text(self, name: str) -> str:
        return str(self.data.get(name, "")).strip()

    def has(self, name: str) -> bool:
        return name in self.data

    def all(self, name: str) -> list[str]:
        return [str(one) for one in self.data.getall(name, [])]


Handle = Callable[[World, web.Request, Form], Awaitable[Json | None] | Json | None]


def authorised(world: World, request: web.Request) -> bool:
    exchange = world.exchange
    wanted = base64.b64encode(f"{exchange.account_sid}:{exchange.auth_token}".encode()).decode()
    return request.headers.get("Authorization") == f"Basic {wanted}"


def uri(world: World, *parts: str) -> str:
    return "/".join([f"/{API_VERSION}/Accounts/{world.exchange.account_sid}", *parts]) + ".json"


def page(request: web.Request, key: str, items: Sequence[T], render: Callable[[T], Json]) -> Json:
    """One page of a list, with the addresses of its neighbours. Only what is on it is rendered."""
    size = min(max(int(request.query.get("PageSize", "50")), 1), LARGEST_PAGE)
    number = max(int(request.query.get("Page", "0")), 0)
    here = items[number * size : (number + 1) * size]
    filters = [
        (name, value)
        for name, value in request.query.items()
        if name not in {"PageSize", "Page", "PageToken"}
    ]

    def address(index: int) -> str:
        token = [("PageToken", f"PA{index}")] if index else []
        return f"{request.path}?{urlencode([*filters, ('PageSize', size), ('Page', index), *token])}"

    return {
        key: [render(one) for one in here],
        "first_page_uri": address(0),
        "next_page_uri": address(number + 1) if len(items) > (number + 1) * size else None,
        "previous_page_uri": address(number - 1) if number else None,
        "uri": address(number),
        "page": number,
        "page_size": size,
        "start": number * size,
        "end": max(number * size + len(here) - 1, 0),
    }


def within(query: Mapping[str, str], name: str, when: float | None) -> bool:
    """Twilio's three date filters: `Name` (that day, UTC), `Name<` (until and with), `Name>` (from and with)."""
    day, until, since = (query.get(f"{name}{sign}") for sign in ("", "<", ">"))
    if when is None:
        return not (day or until or since)
    if day and moment(day) // DAY != when // DAY:
        return False
    if until and when >= moment(until) + (DAY if len(until) == len("2026-01-31") else 1):
        return False
    return not (since and when < moment(since))


def handler(handle: Handle, status: int = 200) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def respond(request: web.Request) -> web.StreamResponse:
        world = request.app[WORLD]
        form = Form(await request.post())
        try:
            result = handle(world, request, form)
            body = await result if isinstance(result, Awaitable) else result
        except ValueError as problem:
            raise Refusal(400, 20001, f"A parameter is not valid: {problem}") from problem
        if body is None:
            return web.Response(status=204)
        return web.json_response(body, status=status, dumps=json.dumps)

    return respond
