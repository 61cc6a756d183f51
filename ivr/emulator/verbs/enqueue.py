"""<Enqueue>: wait in a queue with a document of its own, over and over, until somebody takes the call out.

Of Twilio's results `system-error` never comes: nothing here malfunctions between the request and the queue.
"""

import asyncio

from ivr.emulator.calls.queues import DEFAULT_MAX_SIZE, MAX_SIZE_LIMIT, CallQueue, Member
from ivr.emulator.calls.signals import HungUp, Redirected, TwimlSource
from ivr.emulator.calls.twiml_document import Element
from ivr.emulator.calls.twiml_runner import TwimlEnd, TwimlRunner
from ivr.emulator.verbs.registry import any_values, integer, method, register_part, verb

WAIT_VERBS = frozenset({"Play", "Say", "Pause", "Redirect", "Gather", "Hangup", "Leave"})
DEFAULT_MUSIC = "https://s3.amazonaws.com/com.twilio.sounds.music/index.xml"
ATTRIBUTES = {
    **any_values("action waitUrl workflowSid"),
    "method": method(14201),
    "waitUrlMethod": method(14206),
    "maxQueueSize": integer(1, high=MAX_SIZE_LIMIT),
}

register_part("Task", {"priority": integer(0), "timeout": integer(0)})


@verb("Enqueue", ATTRIBUTES, ("Task",))
async def enqueue(runner: TwimlRunner, element: Element) -> TwimlSource | TwimlEnd | None:
    name = element.own_text
    if workflow := element.get("workflowSid"):
        # no TaskRouter is here to assign anybody: the call waits in a queue that is called as the workflow is
        runner.leg.log("not_emulated", verb="Enqueue", nouns=[{"noun": "Task", "workflowSid": workflow}])
        name = name or workflow
    if not 1 <= len(name) <= 64:
        code = 14205 if name else 14204
        runner.leg.exchange.event_log.write_error(
            code, "Enqueue: queue name too short or too long", call=runner.leg.sid
        )
        return _follow_action(runner, element, {"QueueResult": "error"})
    most = int(element.get("maxQueueSize", str(DEFAULT_MAX_SIZE)))
    queue = runner.world.find_queue(name) or runner.world.create_queue(name, most)
    if len(queue.members) >= queue.max_size:
        runner.warn(14207, f"Enqueue: the queue {name} reached its maximum size")
        return _follow_action(runner, element, {"QueueResult": "queue-full"})
    member = Member(leg=runner.leg, enqueued_at=runner.leg.exchange.now)
    queue.add(member)
    runner.leg.log("queued", queue=queue.sid, name=name, position=queue.position(member))
    try:
        ending = await runner.run_interruptibly(wait_in_queue(runner, element, queue, member))
    except Redirected:
        await runner.send_final_action(
            element, _action_params(runner, queue, member, _queue_result(member, "redirected"))
        )
        raise
    except HungUp:
        await runner.send_final_action(
            element, _action_params(runner, queue, member, _queue_result(member, "hangup"))
        )
        raise
    finally:
        queue.remove(member)
        member.enqueue_finished.set()
    if ending is TwimlEnd.HUNG_UP:
        await runner.send_final_action(element, _action_params(runner, queue, member, "hangup"))
        return ending
    results = {TwimlEnd.LEFT_QUEUE: "leave", TwimlEnd.FAILED: "error"}
    return _follow_action(
        runner,
        element,
        _action_params(runner, queue, member, results.get(ending) or _queue_result(member, "bridged")),
    )


async def wait_in_queue(runner: TwimlRunner, element: Element, queue: CallQueue, member: Member) -> TwimlEnd:
    """Play the wait document until it ends the wait or a Dial takes the call and is done with it."""
    waiting = asyncio.ensure_future(_play_wait_documents(runner, element, queue, member))
    taken = asyncio.ensure_future(member.dequeued_by_dial.wait())
    try:
        await asyncio.wait({waiting, taken}, return_when=asyncio.FIRST_COMPLETED)
        if not taken.done():
            return waiting.result()
    finally:
        waiting.cancel()
        taken.cancel()
        await asyncio.wait({waiting})
        queue.remove(member)
    await member.dial_finished.wait()
    return TwimlEnd.NO_MORE_VERBS


async def _play_wait_documents(
    runner: TwimlRunner, element: Element, queue: CallQueue, member: Member
) -> TwimlEnd:
    url = element.get("waitUrl")
    if "waitUrl" not in element.attributes or not url:
        runner.leg.hearing.set_sound("silence" if "waitUrl" in element.attributes else "music", DEFAULT_MUSIC)
        await asyncio.Event().wait()
    method_ = element.get("waitUrlMethod", "POST").upper()
    while True:
        began = runner.leg.exchange.now
        inner = TwimlRunner(
            world=runner.world,
            leg=runner.leg,
            allowed_verbs=WAIT_VERBS,
            interruptible=False,
            extra_params=lambda: _wait_params(runner, queue, member),
        )
        ending = await inner.run(TwimlSource(url=runner.resolve_url(url), method=method_))
        if ending is not TwimlEnd.NO_MORE_VERBS:
            return ending
        if runner.leg.exchange.now == began:
            await runner.leg.exchange.clock.sleep(1.0)  # an empty document would be asked for without end


def _wait_params(runner: TwimlRunner, queue: CallQueue, member: Member) -> dict[str, str]:
    now = runner.leg.exchange.now
    return {
        "QueueSid": queue.sid,
        "QueuePosition": str(queue.position(member)) if member in queue.members else "0",
        "QueueTime": str(int(now - member.enqueued_at)),
        "AvgQueueTime": str(queue.average_wait_seconds(now)),
        "CurrentQueueSize": str(len(queue.members)),
        "MaxQueueSize": str(queue.max_size),
    }


def _action_params(runner: TwimlRunner, queue: CallQueue, member: Member, result: str) -> dict[str, str]:
    waited = (member.dequeued_at or runner.leg.exchange.now) - member.enqueued_at
    return {"QueueResult": result, "QueueSid": queue.sid, "QueueTime": str(int(waited))}


def _queue_result(member: Member, default: str) -> str:
    if not member.dequeued_by_dial.is_set():
        return default
    if not member.bridged.is_set():
        return "bridging-in-process"
    return "redirected-from-bridged" if default == "redirected" else "bridged"


def _follow_action(runner: TwimlRunner, element: Element, params: dict[str, str]) -> TwimlSource | None:
    return runner.get_action_source(element, params) if element.get("action") else None
