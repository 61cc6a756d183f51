"""Queues and their members."""

from functools import partial

from aiohttp import web

from ivr.emulator.account.world import World
from ivr.emulator.calls.queues import LARGEST, MOST, Member, Queue
from ivr.emulator.calls.signals import Ask
from ivr.emulator.rest.common import BASE, Json, handler, missing, uri
from ivr.emulator.rest.form import WRONG, Form, Refusal
from ivr.emulator.rest.paging import Pages
from ivr.emulator.runtime.formats import rfc2822

LONGEST_NAME = 64  # characters


def routes() -> list[web.RouteDef]:
    return [
        web.post(f"{BASE}/Queues.json", handler(create, 201)),
        web.get(f"{BASE}/Queues.json", handler(listing)),
        web.get(f"{BASE}/Queues/{{queue}}.json", handler(fetch)),
        web.post(f"{BASE}/Queues/{{queue}}.json", handler(update)),
        web.delete(f"{BASE}/Queues/{{queue}}.json", handler(delete)),
        web.get(f"{BASE}/Queues/{{queue}}/Members.json", handler(members)),
        web.get(f"{BASE}/Queues/{{queue}}/Members/{{sid}}.json", handler(fetch_member)),
        web.post(f"{BASE}/Queues/{{queue}}/Members/{{sid}}.json", handler(dequeue)),
    ]


def body(world: World, queue: Queue) -> Json:
    address = uri(world, "Queues", queue.sid)
    return {
        "sid": queue.sid,
        "account_sid": world.exchange.account_sid,
        "friendly_name": queue.name,
        "current_size": len(queue.members),
        "average_wait_time": queue.average(world.exchange.now),
        "max_size": queue.most,
        "date_created": rfc2822(queue.created),
        "date_updated": rfc2822(queue.updated),
        "uri": address,
        "subresource_uris": {"members": f"{address[:-5]}/Members.json"},
    }


def member_body(world: World, queue: Queue, member: Member) -> Json:
    return {
        "queue_sid": queue.sid,
        "call_sid": member.leg.sid,
        "date_enqueued": rfc2822(member.enqueued),
        "position": queue.position(member),
        "wait_time": int(world.exchange.now - member.enqueued),
        "uri": uri(world, "Queues", queue.sid, "Members", member.leg.sid),
    }


def create(world: World, _request: web.Request, form: Form) -> Json:
    name, most = _name(world, form, None), _size(form, MOST)
    if not name:
        raise Refusal(400, WRONG, "Queue 'FriendlyName' is required")
    return body(world, world.make_queue(name, most))


def listing(world: World, request: web.Request, _form: Form) -> Json:
    found = list(reversed(world.queues.values()))
    return Pages(request=request, key="queues").page(found, partial(body, world))


def fetch(world: World, request: web.Request, _form: Form) -> Json:
    return body(world, find(world, request))


def update(world: World, request: web.Request, form: Form) -> Json:
    queue = find(world, request)
    name, most = _name(world, form, queue), _size(form, queue.most)
    queue.name, queue.most = name or queue.name, most
    queue.updated = world.exchange.now
    return body(world, queue)


def delete(world: World, request: web.Request, _form: Form) -> None:
    queue = find(world, request)
    if queue.members:
        raise Refusal(400, 22002, "Queue is not empty, can not be deleted")
    del world.queues[queue.sid]


def members(world: World, request: web.Request, _form: Form) -> Json:
    queue = find(world, request)
    pages = Pages(request=request, key="queue_members", oldest_first=True)
    return pages.page(queue.members, partial(member_body, world, queue), name=lambda one: one.leg.sid)


def fetch_member(world: World, request: web.Request, _form: Form) -> Json:
    queue, member = find_member(world, request)
    return member_body(world, queue, member)


def dequeue(world: World, request: web.Request, form: Form) -> Json:
    """Take them out of the line, to another document."""
    queue, member = find_member(world, request)
    url, method = form.url("Url"), form.method("Method")
    if not url:
        raise Refusal(400, 21205, "Url parameter is required")
    answer = member_body(world, queue, member)
    member.leg.redirect(Ask(url=url, method=method))
    return answer


def find(world: World, request: web.Request) -> Queue:
    queue = world.queues.get(request.match_info["queue"])
    if queue is None:
        raise missing(request)
    return queue


def find_member(world: World, request: web.Request) -> tuple[Queue, Member]:
    """By CallSid, or `Front`."""
    queue, wanted = find(world, request), request.match_info["sid"]
    for member in queue.members:
        if wanted in {"Front", member.leg.sid}:
            return queue, member
    raise missing(request)


def _name(world: World, form: Form, own: Queue | None) -> str:
    name = form.text("FriendlyName")
    if len(name) > LONGEST_NAME:
        raise Refusal(400, 20002, f"Queue 'FriendlyName' has at most {LONGEST_NAME} characters")
    other = world.queue(name) if name else None
    if other and other is not own:
        raise Refusal(400, 22003, f"A queue with the name {name} already exists")
    return name


def _size(form: Form, default: int) -> int:
    return form.whole("MaxSize", default, 1, LARGEST)
