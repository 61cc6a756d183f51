"""Queues and their members."""

from functools import partial

from aiohttp import web

from ivr.emulator.account.world import World
from ivr.emulator.calls.queues import DEFAULT_MAX_SIZE, MAX_SIZE_LIMIT, CallQueue, Member
from ivr.emulator.calls.signals import TwimlSource
from ivr.emulator.rest.common import ACCOUNT_PATH, Json, make_handler, not_found, resource_uri
from ivr.emulator.rest.form import INVALID_PARAMETER, Form, RestApiError
from ivr.emulator.rest.paging import Pager
from ivr.emulator.runtime.formats import format_rfc2822

MAX_NAME_CHARACTERS = 64  # characters


def routes() -> list[web.RouteDef]:
    return [
        web.post(f"{ACCOUNT_PATH}/Queues.json", make_handler(create, 201)),
        web.get(f"{ACCOUNT_PATH}/Queues.json", make_handler(list_page)),
        web.get(f"{ACCOUNT_PATH}/Queues/{{queue}}.json", make_handler(fetch)),
        web.post(f"{ACCOUNT_PATH}/Queues/{{queue}}.json", make_handler(update)),
        web.delete(f"{ACCOUNT_PATH}/Queues/{{queue}}.json", make_handler(delete)),
        web.get(f"{ACCOUNT_PATH}/Queues/{{queue}}/Members.json", make_handler(list_members)),
        web.get(f"{ACCOUNT_PATH}/Queues/{{queue}}/Members/{{sid}}.json", make_handler(fetch_member)),
        web.post(f"{ACCOUNT_PATH}/Queues/{{queue}}/Members/{{sid}}.json", make_handler(dequeue_member)),
    ]


def to_json(world: World, queue: CallQueue) -> Json:
    address = resource_uri(world, "Queues", queue.sid)
    return {
        "sid": queue.sid,
        "account_sid": world.exchange.account_sid,
        "friendly_name": queue.name,
        "current_size": len(queue.members),
        "average_wait_time": queue.average_wait_seconds(world.exchange.now),
        "max_size": queue.max_size,
        "date_created": format_rfc2822(queue.created_at),
        "date_updated": format_rfc2822(queue.updated_at),
        "uri": address,
        "subresource_uris": {"members": f"{address[:-5]}/Members.json"},
    }


def member_to_json(world: World, queue: CallQueue, member: Member) -> Json:
    return {
        "queue_sid": queue.sid,
        "call_sid": member.leg.sid,
        "date_enqueued": format_rfc2822(member.enqueued_at),
        "position": queue.position(member),
        "wait_time": int(world.exchange.now - member.enqueued_at),
        "uri": resource_uri(world, "Queues", queue.sid, "Members", member.leg.sid),
    }


def create(world: World, _request: web.Request, form: Form) -> Json:
    name, most = _read_name(world, form, None), _read_max_size(form, DEFAULT_MAX_SIZE)
    if not name:
        raise RestApiError(400, INVALID_PARAMETER, "Queue 'FriendlyName' is required")
    return to_json(world, world.create_queue(name, most))


def list_page(world: World, request: web.Request, _form: Form) -> Json:
    found = list(reversed(world.queues.values()))
    return Pager(request=request, key="queues").render_page(found, partial(to_json, world))


def fetch(world: World, request: web.Request, _form: Form) -> Json:
    return to_json(world, find_queue(world, request))


def update(world: World, request: web.Request, form: Form) -> Json:
    queue = find_queue(world, request)
    name, most = _read_name(world, form, queue), _read_max_size(form, queue.max_size)
    queue.name, queue.max_size = name or queue.name, most
    queue.updated_at = world.exchange.now
    return to_json(world, queue)


def delete(world: World, request: web.Request, _form: Form) -> None:
    queue = find_queue(world, request)
    if queue.members:
        raise RestApiError(400, 22002, "Queue is not empty, can not be deleted")
    del world.queues[queue.sid]


def list_members(world: World, request: web.Request, _form: Form) -> Json:
    queue = find_queue(world, request)
    pages = Pager(request=request, key="queue_members", oldest_first=True)
    return pages.render_page(
        queue.members, partial(member_to_json, world, queue), get_name=lambda one: one.leg.sid
    )


def fetch_member(world: World, request: web.Request, _form: Form) -> Json:
    queue, member = find_member(world, request)
    return member_to_json(world, queue, member)


def dequeue_member(world: World, request: web.Request, form: Form) -> Json:
    """Take them out of the line, to another document."""
    queue, member = find_member(world, request)
    url, method = form.url("Url"), form.method("Method")
    if not url:
        raise RestApiError(400, 21205, "Url parameter is required")
    answer = member_to_json(world, queue, member)
    member.leg.redirect(TwimlSource(url=url, method=method))
    return answer


def find_queue(world: World, request: web.Request) -> CallQueue:
    queue = world.queues.get(request.match_info["queue"])
    if queue is None:
        raise not_found(request)
    return queue


def find_member(world: World, request: web.Request) -> tuple[CallQueue, Member]:
    """By CallSid, or `Front`."""
    queue, wanted = find_queue(world, request), request.match_info["sid"]
    for member in queue.members:
        if wanted in {"Front", member.leg.sid}:
            return queue, member
    raise not_found(request)


def _read_name(world: World, form: Form, current: CallQueue | None) -> str:
    name = form.text("FriendlyName")
    if len(name) > MAX_NAME_CHARACTERS:
        raise RestApiError(400, 20002, f"Queue 'FriendlyName' has at most {MAX_NAME_CHARACTERS} characters")
    other = world.find_queue(name) if name else None
    if other and other is not current:
        raise RestApiError(400, 22003, f"A queue with the name {name} already exists")
    return name


def _read_max_size(form: Form, default: int) -> int:
    return form.integer("MaxSize", default, 1, MAX_SIZE_LIMIT)
