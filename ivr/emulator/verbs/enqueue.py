"""<Enqueue>: wait in a queue with a document of its own, over and over, until somebody takes the call out.

Of Twilio's results `system-error` never comes: nothing here malfunctions between the request and the queue.
"""

import asyncio

from ivr.emulator.calls.queues import LARGEST, MOST, Member, Queue
from ivr.emulator.calls.signals import Ask, HungUp, Redirected
from ivr.emulator.calls.twiml_document import Element
from ivr.emulator.calls.twiml_runner import End, Flow
from ivr.emulator.verbs.registry import anything, method, part, verb, whole

WAIT_VERBS = frozenset({"Play", "Say", "Pause", "Redirect", "Gather", "Hangup", "Leave"})
DEFAULT_MUSIC = "https://s3.amazonaws.com/com.twilio.sounds.music/index.xml"
ATTRIBUTES = {
    **anything("action waitUrl workflowSid"),
    "method": method(14201),
    "waitUrlMethod": method(14206),
    "maxQueueSize": whole(1, high=LARGEST),
}

part("Task", {"priority": whole(0), "timeout": whole(0)})


@verb("Enqueue", ATTRIBUTES, ("Task",))
async def enqueue(flow: Flow, element: Element) -> Ask | End | None:
    name = element.own
    if workflow := element.get("workflowSid"):
        # no TaskRouter is here to assign anybody: the call waits in a queue that is called as the workflow is
        flow.leg.log("not_emulated", verb="Enqueue", nouns=[{"noun": "Task", "workflowSid": workflow}])
        name = name or workflow
    if not 1 <= len(name) <= 64:
        code = 14205 if name else 14204
        flow.leg.exchange.journal.error(code, "Enqueue: queue name too short or too long", call=flow.leg.sid)
        return _after(flow, element, {"QueueResult": "error"})
    most = int(element.get("maxQueueSize", str(MOST)))
    queue = flow.world.queue(name) or flow.world.make_queue(name, most)
    if len(queue.members) >= queue.most:
        flow.warn(14207, f"Enqueue: the queue {name} reached its maximum size")
        return _after(flow, element, {"QueueResult": "queue-full"})
    member = Member(leg=flow.leg, enqueued=flow.leg.exchange.now)
    queue.add(member)
    flow.leg.log("queued", queue=queue.sid, name=name, position=queue.position(member))
    try:
        ending = await flow.wait(wait_in(flow, element, queue, member))
    except Redirected:
        await flow.tell(element, _facts(flow, queue, member, _result(member, "redirected")))
        raise
    except HungUp:
        await flow.tell(element, _facts(flow, queue, member, _result(member, "hangup")))
        raise
    finally:
        queue.remove(member)
        member.gone.set()
    if ending is End.HUNG_UP:
        await flow.tell(element, _facts(flow, queue, member, "hangup"))
        return ending
    results = {End.LEFT: "leave", End.FAILED: "error"}
    return _after(
        flow, element, _facts(flow, queue, member, results.get(ending) or _result(member, "bridged"))
    )


async def wait_in(flow: Flow, element: Element, queue: Queue, member: Member) -> End:
    """Play the wait document until it ends the wait or a Dial takes the call and is done with it."""
    waiting = asyncio.ensure_future(_music(flow, element, queue, member))
    taken = asyncio.ensure_future(member.taken.wait())
    try:
        await asyncio.wait({waiting, taken}, return_when=asyncio.FIRST_COMPLETED)
        if not taken.done():
            return waiting.result()
    finally:
        waiting.cancel()
        taken.cancel()
        await asyncio.wait({waiting})
        queue.remove(member)
    await member.parted.wait()
    return End.RAN_OUT


async def _music(flow: Flow, element: Element, queue: Queue, member: Member) -> End:
    url = element.get("waitUrl")
    if "waitUrl" not in element.attributes or not url:
        flow.leg.ears.hear("silence" if "waitUrl" in element.attributes else "music", DEFAULT_MUSIC)
        await asyncio.Event().wait()
    method_ = element.get("waitUrlMethod", "POST").upper()
    while True:
        began = flow.leg.exchange.now
        inner = Flow(
            world=flow.world,
            leg=flow.leg,
            allowed=WAIT_VERBS,
            main=False,
            more=lambda: _wait_params(flow, queue, member),
        )
        ending = await inner.run(Ask(url=flow.absolute(url), method=method_))
        if ending is not End.RAN_OUT:
            return ending
        if flow.leg.exchange.now == began:
            await flow.leg.exchange.clock.sleep(1.0)  # an empty document would be asked for without end


def _wait_params(flow: Flow, queue: Queue, member: Member) -> dict[str, str]:
    now = flow.leg.exchange.now
    return {
        "QueueSid": queue.sid,
        "QueuePosition": str(queue.position(member)) if member in queue.members else "0",
        "QueueTime": str(int(now - member.enqueued)),
        "AvgQueueTime": str(queue.average(now)),
        "CurrentQueueSize": str(len(queue.members)),
        "MaxQueueSize": str(queue.most),
    }


def _facts(flow: Flow, queue: Queue, member: Member, result: str) -> dict[str, str]:
    waited = (member.left or flow.leg.exchange.now) - member.enqueued
    return {"QueueResult": result, "QueueSid": queue.sid, "QueueTime": str(int(waited))}


def _result(member: Member, otherwise: str) -> str:
    if not member.taken.is_set():
        return otherwise
    if not member.bridged.is_set():
        return "bridging-in-process"
    return "redirected-from-bridged" if otherwise == "redirected" else "bridged"


def _after(flow: Flow, element: Element, facts: dict[str, str]) -> Ask | None:
    return flow.action(element, facts) if element.get("action") else None
