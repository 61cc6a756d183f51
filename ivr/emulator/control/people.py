"""Phones and what people do with them: answer, dial, press, say, hang up, text."""

from typing import Any

from aiohttp import web

from ivr.emulator.account import messages
from ivr.emulator.account.world import World
from ivr.emulator.calls import phones
from ivr.emulator.calls.incoming import NobodyAnswers, arrive
from ivr.emulator.control.common import Json, Wrong, handler, leg_of


def routes() -> list[web.RouteDef]:
    return [
        web.put("/emulator/phones/{number}", handler(put_phone)),
        web.get("/emulator/phones", handler(list_phones)),
        web.post("/emulator/calls", handler(dial)),
        web.post("/emulator/texts", handler(text)),
        web.get("/emulator/texts", handler(texts)),
        web.post("/emulator/legs/{sid}/{act}", handler(act)),
    ]


def put_phone(world: World, request: web.Request, given: Json) -> Json:
    phone = phones.from_json(request.match_info["number"], given)
    world.phones[phone.number] = phone
    if phone.opted_out:
        world.opted_out.add(phone.number)
    return {"number": phone.number}


def list_phones(world: World, _request: web.Request, _given: Json) -> Json:
    return {
        "phones": [
            {"number": one.number, "name": one.name, "answers": one.answers} for one in world.phones.values()
        ]
    }


def dial(world: World, _request: web.Request, given: Json) -> Json:
    """A person calls one of our numbers; any field that is not ours is sent along as a parameter."""
    extra: dict[str, Any] = dict(given)
    from_, to = extra.pop("from"), extra.pop("to")
    script = tuple(extra.pop("script", ()))
    stir = extra.pop("stir", None)
    said = {name: str(value) for name, value in extra.items()} | ({"StirVerstat": stir} if stir else {})
    try:
        leg = arrive(world, from_=from_, to=to, script=script, extra=said)
    except NobodyAnswers as problem:
        raise Wrong(str(problem), 404) from problem
    return {"sid": leg.sid}


async def act(world: World, request: web.Request, given: Json) -> Json:
    """Answers once it is done, except for words, which take time on the clock: those only begin."""
    leg = leg_of(world, request)
    if not leg.alive:
        raise Wrong("the call is over", 409)
    match request.match_info["act"]:
        case "press":
            world.exchange.spawn(leg.press(str(given["keys"])))
        case "say":
            sure, language = given.get("confidence"), str(given.get("language", ""))
            world.exchange.spawn(leg.say(given["words"], confidence=sure, language=language))
        case "hang_up":
            leg.hang_up()
        case "answer":
            leg.picked_up.set()
        case "reject":
            leg.refused.set()
        case other:
            raise Wrong(f"nobody can {other}", 404)
    return {"sid": leg.sid}


def text(world: World, _request: web.Request, given: Json) -> Json:
    media = tuple(given.get("media", ()))
    return {
        "sid": messages.receive(
            world, from_=given["from"], to=given["to"], body=given["body"], media=media
        ).sid
    }


def texts(world: World, request: web.Request, _given: Json) -> Json:
    to, from_ = _number(request, "to"), _number(request, "from")
    found = [
        {"sid": one.sid, "from": one.from_, "to": one.to, "body": one.body, "status": one.status}
        for one in world.messages.values()
        if to in {None, one.to} and from_ in {None, one.from_}
    ]
    return {"texts": found}


def _number(request: web.Request, name: str) -> str | None:
    """A number of the query; a plus that was not escaped has become a space."""
    given = request.query.get(name)
    return None if given is None else given.replace(" ", "+")
