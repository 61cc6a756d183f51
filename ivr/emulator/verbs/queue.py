"""<Dial><Queue>: the one who waits longest, or the next to come."""

from ivr.emulator.calls.bridge import Bridge
from ivr.emulator.calls.queues import Member, Queue
from ivr.emulator.calls.signals import Ask
from ivr.emulator.calls.twiml_document import Element
from ivr.emulator.calls.twiml_runner import Flow
from ivr.emulator.runtime.formats import flag
from ivr.emulator.runtime.race import race
from ivr.emulator.verbs.dial import Dialled, star
from ivr.emulator.verbs.record_common import DialTape
from ivr.emulator.verbs.registry import anything, method, noun

WHISPER = frozenset({"Play", "Say", "Pause", "Redirect"})
LONGEST_NAME = 64
LONGEST = 14_400.0  # seconds
ATTRIBUTES = {**anything("url reservationSid postWorkActivitySid"), "method": method(14210)}


@noun("Queue", ATTRIBUTES)
async def queue(flow: Flow, work: Dialled) -> None:
    element = work.nouns[0]
    name = element.text
    if not 1 <= len(name) <= LONGEST_NAME:
        flow.warn(14213 if name else 14212, "Dial->Queue: queue name too short or too long")
    line = flow.world.queue(name)
    if line is None:
        work.outcome["DialCallStatus"] = "failed"
        return
    flow.leg.ears.hear("ringing")
    member = await flow.wait(_next(flow, line, work.patience))
    if member is None:
        work.outcome["DialCallStatus"] = "no-answer"
        return
    began = flow.leg.exchange.now
    facts = {
        "QueueSid": line.sid,
        "QueueTime": str(int((member.left or began) - member.enqueued)),
        "DequeingCallSid": flow.leg.sid,
    }
    work.outcome |= {**facts, "DialCallStatus": "completed", "DialCallSid": member.leg.sid}
    work.outcome["DialBridged"] = "false"
    tape = DialTape(flow=flow, dial=work.dial)
    tape.ringing()
    try:
        await flow.wait(_whisper(flow, element, member, facts))
        await _talk(flow, work, member, tape)
    finally:
        work.outcome["DialCallDuration"] = str(round(flow.leg.exchange.now - began))
        work.outcome |= tape.finish()
        member.parted.set()


async def _next(flow: Flow, line: Queue, patience: float) -> Member | None:
    """The first of the line, taken out of it."""
    clock = flow.leg.exchange.clock
    until = clock.now() + patience
    while not line.members:
        if await race(line.news.wait(), clock.sleep(until - clock.now())) == 1:
            return None
    member = line.members[0]
    line.remove(member)
    member.taken.set()
    return member


async def _whisper(flow: Flow, element: Element, member: Member, facts: dict[str, str]) -> None:
    if url := element.get("url"):
        inner = Flow(
            world=flow.world, leg=member.leg, allowed=WHISPER, main=False, more=lambda: facts, url=flow.url
        )
        ask = Ask(url=flow.absolute(url), method=element.get("method", "POST"))
        await race(inner.run(ask), member.gone.wait())


async def _talk(flow: Flow, work: Dialled, member: Member, tape: DialTape) -> None:
    if member.gone.is_set():
        return
    member.bridged.set()
    work.outcome["DialBridged"] = "true"
    tape.answered(member.leg)
    bridge = Bridge(one=flow.leg, other=member.leg)
    bridge.open()
    with flow.leg.inbox() as inbox:
        late = flow.leg.exchange.clock.sleep(float(work.dial.get("timeLimit", str(LONGEST))))
        ends = [member.gone.wait(), late, *([star(inbox)] if flag(work.dial.get("hangupOnStar")) else [])]
        try:
            await flow.wait(race(*ends))
        finally:
            bridge.close()
