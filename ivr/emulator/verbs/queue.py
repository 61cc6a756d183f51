"""<Dial><Queue>: the one who waits longest, or the next to come."""

from ivr.emulator.calls.bridge import Bridge
from ivr.emulator.calls.queues import CallQueue, Member
from ivr.emulator.calls.signals import TwimlSource
from ivr.emulator.calls.twiml_document import Element
from ivr.emulator.calls.twiml_runner import TwimlRunner
from ivr.emulator.runtime.formats import parse_flag
from ivr.emulator.runtime.race import race
from ivr.emulator.verbs.dial import DialState, wait_for_star
from ivr.emulator.verbs.record_common import DialRecorder
from ivr.emulator.verbs.registry import any_values, method, noun

WHISPER_VERBS = frozenset({"Play", "Say", "Pause", "Redirect"})
MAX_NAME_CHARACTERS = 64
MAX_SECONDS = 14_400.0  # seconds
ATTRIBUTES = {**any_values("url reservationSid postWorkActivitySid"), "method": method(14210)}


@noun("Queue", ATTRIBUTES)
async def queue(runner: TwimlRunner, state: DialState) -> None:
    element = state.nouns[0]
    name = element.text
    if not 1 <= len(name) <= MAX_NAME_CHARACTERS:
        runner.warn(14213 if name else 14212, "Dial->Queue: queue name too short or too long")
    line = runner.world.find_queue(name)
    if line is None:
        state.outcome["DialCallStatus"] = "failed"
        return
    runner.leg.hearing.set_sound("ringing")
    member = await runner.run_interruptibly(_take_next_member(runner, line, state.ring_seconds))
    if member is None:
        state.outcome["DialCallStatus"] = "no-answer"
        return
    began = runner.leg.exchange.now
    facts = {
        "QueueSid": line.sid,
        "QueueTime": str(int((member.dequeued_at or began) - member.enqueued_at)),
        "DequeingCallSid": runner.leg.sid,
    }
    state.outcome |= {**facts, "DialCallStatus": "completed", "DialCallSid": member.leg.sid}
    state.outcome["DialBridged"] = "false"
    tape = DialRecorder(runner=runner, dial=state.dial)
    tape.on_ringing()
    try:
        await runner.run_interruptibly(_play_whisper(runner, element, member, facts))
        await _run_bridge(runner, state, member, tape)
    finally:
        state.outcome["DialCallDuration"] = str(round(runner.leg.exchange.now - began))
        state.outcome |= tape.finish()
        member.dial_finished.set()


async def _take_next_member(runner: TwimlRunner, call_queue: CallQueue, max_seconds: float) -> Member | None:
    """The first of the line, taken out of it."""
    clock = runner.leg.exchange.clock
    until = clock.now() + max_seconds
    while not call_queue.members:
        if await race(call_queue.member_added.wait(), clock.sleep(until - clock.now())) == 1:
            return None
    member = call_queue.members[0]
    call_queue.remove(member)
    member.dequeued_by_dial.set()
    return member


async def _play_whisper(
    runner: TwimlRunner, element: Element, member: Member, params: dict[str, str]
) -> None:
    if url := element.get("url"):
        inner = TwimlRunner(
            world=runner.world,
            leg=member.leg,
            allowed_verbs=WHISPER_VERBS,
            interruptible=False,
            extra_params=lambda: params,
            document_url=runner.document_url,
        )
        ask = TwimlSource(url=runner.resolve_url(url), method=element.get("method", "POST"))
        await race(inner.run(ask), member.enqueue_finished.wait())


async def _run_bridge(runner: TwimlRunner, state: DialState, member: Member, recorder: DialRecorder) -> None:
    if member.enqueue_finished.is_set():
        return
    member.bridged.set()
    state.outcome["DialBridged"] = "true"
    recorder.on_answered(member.leg)
    bridge = Bridge(one=runner.leg, other=member.leg)
    bridge.open()
    with runner.leg.open_inbox() as inbox:
        late = runner.leg.exchange.clock.sleep(float(state.dial.get("timeLimit", str(MAX_SECONDS))))
        ends = [
            member.enqueue_finished.wait(),
            late,
            *([wait_for_star(inbox)] if parse_flag(state.dial.get("hangupOnStar")) else []),
        ]
        try:
            await runner.run_interruptibly(race(*ends))
        finally:
            bridge.close()
