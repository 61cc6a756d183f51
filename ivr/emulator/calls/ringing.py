"""Ringing somebody's phone: what they do then, and whether a machine answered."""

from dataclasses import dataclass
from functools import partial

from ivr.emulator.account.world import World
from ivr.emulator.calls import recording
from ivr.emulator.calls.internal_call import connect_own_number
from ivr.emulator.calls.leg import CallLeg
from ivr.emulator.calls.leg_lifecycle import DEFAULT_TIME_LIMIT_SECONDS, end_after, run_leg, run_script
from ivr.emulator.calls.person_input import speak
from ivr.emulator.calls.signals import StatusCallback, TwimlSource
from ivr.emulator.calls.twiml_runner import TwimlEnd, TwimlRunner
from ivr.emulator.runtime.race import race
from ivr.emulator.speech.speaking_time import seconds_to_say

RING_BUFFER_SECONDS = 5.0  # Twilio rings this much longer than the timeout it was given
HUMAN_DETECTION_SECONDS, MACHINE_DETECTION_SECONDS = (
    2.0,
    4.0,
)  # seconds of listening until Twilio knows which of them it is


@dataclass(frozen=True, kw_only=True)
class MachineDetection:
    """Answering machine detection."""

    mode: str  # Enable or DetectMessageEnd
    blocks_webhook: bool = True  # the answer's webhook waits for it
    timeout: float = 30.0  # then it is "unknown"
    callback: StatusCallback | None = None


async def ring_phone(world: World, leg: CallLeg, timeout_seconds: float) -> bool:
    """Whether somebody, or something, answered. Otherwise the leg has ended."""
    clock = leg.exchange.clock
    leg.started_at = leg.exchange.now
    leg.log("dialled", to=leg.to, **{"from": leg.from_})
    leg.send_progress_event("initiated")
    phone = leg.phone
    if phone.unreachable:
        leg.exchange.event_log.write_error(13224, f"{leg.to} cannot be called", call=leg.sid)
        leg.end("network", "failed", 404)
        return False
    leg.start_ringing()
    connect_own_number(world, leg)
    if phone.busy:
        leg.end("network", "busy", 486)
        return False
    patience = timeout_seconds + RING_BUFFER_SECONDS
    willing = phone.answers or phone.machine is not None
    alone = clock.sleep(min(phone.after, patience) if willing else patience)
    await leg.run_interruptibly(race(leg.declined.wait(), leg.picked_up.wait(), alone))
    if leg.declined.is_set():
        leg.end(leg.who, "busy", 603)
        return False
    if not leg.picked_up.is_set() and (not willing or phone.after > patience):
        leg.end("network", "no-answer", 487)
        return False
    leg.on_answer.append(partial(_start_answering_party, world, leg))
    leg.answer()
    return True


def _start_answering_party(world: World, leg: CallLeg) -> None:
    if leg.phone.machine is None:
        run_script(world, leg, leg.phone.script)
    else:
        leg.exchange.spawn(_run_answering_machine(leg))


async def _run_answering_machine(leg: CallLeg) -> None:
    machine = leg.phone.machine
    if machine is None:
        return
    await speak(leg, machine.greeting)
    await leg.exchange.clock.sleep(machine.stays)
    if leg.is_alive:
        leg.end(leg.who)


async def detect_machine(leg: CallLeg, detection: MachineDetection) -> dict[str, str]:
    """AnsweredBy and how long that took; waits as long as Twilio listens."""
    machine = leg.phone.machine
    if machine is None:
        after, answered_by = HUMAN_DETECTION_SECONDS, "human"
    elif detection.mode == "DetectMessageEnd":
        after = seconds_to_say(machine.greeting) + 1.0
        answered_by = "machine_end_beep" if machine.beep else "machine_end_silence"
    else:
        after, answered_by = MACHINE_DETECTION_SECONDS, "machine_start"
    if after > detection.timeout:
        after, answered_by = detection.timeout, "unknown"
    await leg.exchange.clock.sleep(after)
    leg.answered_by = answered_by
    return {"AnsweredBy": answered_by, "MachineDetectionDuration": str(round(after * 1000))}


async def detect_machine_async(leg: CallLeg, detection: MachineDetection) -> None:
    facts = await detect_machine(leg, detection)
    callback = detection.callback
    if leg.is_alive and callback:
        params = {"CallSid": leg.sid, "AccountSid": leg.exchange.account_sid, **facts}
        leg.send_callback(callback.url, callback.method, params)


@dataclass(frozen=True, kw_only=True)
class OutboundCall:
    """How a call is made, and what happens once it is answered."""

    twiml: TwimlSource
    timeout: float = 60.0
    detection: MachineDetection | None = None
    time_limit: float = DEFAULT_TIME_LIMIT_SECONDS
    record: bool = False
    recording_callback: StatusCallback | None = None  # who is told that the recording is ready


def start_outgoing(world: World, leg: CallLeg, call: OutboundCall) -> None:
    """Make the call as soon as the account's rate allows."""
    world.exchange.spawn(run_leg(world, leg, partial(_place_call, world, leg, call)))


async def _place_call(world: World, leg: CallLeg, call: OutboundCall) -> TwimlEnd:
    await leg.run_interruptibly(wait_for_call_rate(world, leg))
    if not await ring_phone(world, leg, call.timeout):
        return TwimlEnd.HUNG_UP
    world.exchange.spawn(end_after(leg, call.time_limit))
    if call.record:
        recording.record_call(world, leg, "OutboundAPI", call.recording_callback)
    facts: dict[str, str] = {}
    if call.detection and not call.detection.blocks_webhook:
        world.exchange.spawn(detect_machine_async(leg, call.detection))
    elif call.detection:
        facts = await leg.run_interruptibly(detect_machine(leg, call.detection))
    ask = TwimlSource(
        url=call.twiml.url, method=call.twiml.method, document=call.twiml.document, params=facts
    )
    return await TwimlRunner(world=world, leg=leg, uses_fallback=True).run(ask)


async def wait_for_call_rate(world: World, leg: CallLeg) -> None:
    if world.cps <= 0:
        return
    now = world.exchange.now
    at = max(now, world.next_call_at)
    world.next_call_at = at + 1 / world.cps
    leg.queue_milliseconds = (at - now) * 1000
    if at > now:
        await leg.exchange.clock.sleep(at - now)
