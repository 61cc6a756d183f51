"""Phones and what people do with them: answer, dial, press, say, hang up, text."""

from typing import Any

from aiohttp import web

from ivr.emulator.account import messages
from ivr.emulator.account.world import World
from ivr.emulator.calls import phones
from ivr.emulator.calls.incoming import NoVoiceWebhook, create_incoming_call
from ivr.emulator.calls.person_input import press_keys, speak
from ivr.emulator.control.common import ControlApiError, Json, find_leg, make_handler


def routes() -> list[web.RouteDef]:
    return [
        web.put("/emulator/phones/{number}", make_handler(put_phone)),
        web.get("/emulator/phones", make_handler(list_phones)),
        web.post("/emulator/calls", make_handler(place_call)),
        web.post("/emulator/texts", make_handler(send_text)),
        web.get("/emulator/texts", make_handler(list_texts)),
        web.post("/emulator/legs/{sid}/{act}", make_handler(act_on_leg)),
    ]


def put_phone(world: World, request: web.Request, payload: Json) -> Json:
    phone = phones.phone_from_json(request.match_info["number"], payload)
    world.phones[phone.number] = phone
    if phone.opted_out:
        world.opted_out.add(phone.number)
    return {"number": phone.number}


def list_phones(world: World, _request: web.Request, _payload: Json) -> Json:
    return {
        "phones": [
            {"number": one.number, "name": one.name, "answers": one.answers} for one in world.phones.values()
        ]
    }


def place_call(world: World, _request: web.Request, payload: Json) -> Json:
    """A person calls one of our numbers; any field that is not ours is sent along as a parameter."""
    extra: dict[str, Any] = dict(payload)
    from_, to = extra.pop("from"), extra.pop("to")
    script = tuple(extra.pop("script", ()))
    stir = extra.pop("stir", None)
    said = {name: str(value) for name, value in extra.items()} | ({"StirVerstat": stir} if stir else {})
    try:
        leg = create_incoming_call(world, from_=from_, to=to, script=script, extra_params=said)
    except NoVoiceWebhook as problem:
        raise ControlApiError(str(problem), 404) from problem
    return {"sid": leg.sid}


async def act_on_leg(world: World, request: web.Request, payload: Json) -> Json:
    """Answers once it is done, except for words, which take time on the clock: those only begin."""
    leg = find_leg(world, request)
    if not leg.is_alive:
        raise ControlApiError("the call is over", 409)
    match request.match_info["act"]:
        case "press":
            world.exchange.spawn(press_keys(leg, str(payload["keys"])))
        case "say":
            sure, language = payload.get("confidence"), str(payload.get("language", ""))
            world.exchange.spawn(speak(leg, payload["words"], confidence=sure, language=language))
        case "hang_up":
            leg.hang_up()
        case "answer":
            leg.picked_up.set()
        case "reject":
            leg.declined.set()
        case other:
            raise ControlApiError(f"nobody can {other}", 404)
    return {"sid": leg.sid}


def send_text(world: World, _request: web.Request, payload: Json) -> Json:
    media = tuple(payload.get("media", ()))
    return {
        "sid": messages.receive_message(
            world, from_=payload["from"], to=payload["to"], body=payload["body"], media=media
        ).sid
    }


def list_texts(world: World, request: web.Request, _payload: Json) -> Json:
    to, from_ = _read_number(request, "to"), _read_number(request, "from")
    found = [
        {"sid": one.sid, "from": one.from_, "to": one.to, "body": one.body, "status": one.status}
        for one in world.messages.values()
        if to in {None, one.to} and from_ in {None, one.from_}
    ]
    return {"texts": found}


def _read_number(request: web.Request, name: str) -> str | None:
    """A number of the query; a plus that was not escaped has become a space."""
    given = request.query.get(name)
    return None if given is None else given.replace(" ", "+")
