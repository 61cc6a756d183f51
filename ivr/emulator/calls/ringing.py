"""Ringing somebody's phone: what they do then, and whether a machine answered."""

from dataclasses import dataclass
from functools import partial

from ivr.emulator.account.world import World
from ivr.emulator.calls import recording
from ivr.emulator.calls.internal_call import between_ours
from ivr.emulator.calls.leg import Leg
from ivr.emulator.calls.leg_lifecycle import LONGEST, limit, live, talk
from ivr.emulator.calls.signals import Ask, Events
from ivr.emulator.calls.twiml_runner import End, Flow
from ivr.emulator.runtime.race import race
from ivr.emulator.speech.speaking_time import seconds

BUFFER = 5.0  # Twilio rings this much longer than the timeout it was given
HUMAN, MACHINE = 2.0, 4.0  # seconds of listening until Twilio knows which of them it is


@dataclass(frozen=True, kw_only=True)
class Detection:
    """Answering machine detection."""

    mode: str  # Enable or DetectMessageEnd
    blocking: bool = True  # the answer's webhook waits for it
    timeout: float = 30.0  # then it is "unknown"
    callback: Events | None = None


async def ring(world: World, leg: Leg, seconds_given: float) -> bool:
    """Whether somebody, or something, answered. Otherwise the leg has ended."""
    clock = leg.exchange.clock
    leg.started = leg.exchange.now
    leg.log("dialled", to=leg.to, **{"from": leg.from_})
    leg.notify("initiated")
    phone = leg.phone
    if phone.unreachable:
        leg.exchange.journal.error(13224, f"{leg.to} cannot be called", call=leg.sid)
        leg.end("network", "failed", 404)
        return False
    leg.ring()
    between_ours(world, leg)
    if phone.busy:
        leg.end("network", "busy", 486)
        return False
    patience = seconds_given + BUFFER
    willing = phone.answers or phone.machine is not None
    alone = clock.sleep(min(phone.after, patience) if willing else patience)
    await leg.wait(race(leg.refused.wait(), leg.picked_up.wait(), alone))
    if leg.refused.is_set():
        leg.end(leg.who, "busy", 603)
        return False
    if not leg.picked_up.is_set() and (not willing or phone.after > patience):
        leg.end("network", "no-answer", 487)
        return False
    leg.on_answer.append(partial(_begin_talking, world, leg))
    leg.answer()
    return True


def _begin_talking(world: World, leg: Leg) -> None:
    if leg.phone.machine is None:
        talk(world, leg, leg.phone.script)
    else:
        leg.exchange.spawn(_machine(leg))


async def _machine(leg: Leg) -> None:
    machine = leg.phone.machine
    if machine is None:
        return
    await leg.say(machine.greeting)
    await leg.exchange.clock.sleep(machine.stays)
    if leg.alive:
        leg.end(leg.who)


async def detect(leg: Leg, detection: Detection) -> dict[str, str]:
    """AnsweredBy and how long that took; waits as long as Twilio listens."""
    machine = leg.phone.machine
    if machine is None:
        after, answered_by = HUMAN, "human"
    elif detection.mode == "DetectMessageEnd":
        after = seconds(machine.greeting) + 1.0
        answered_by = "machine_end_beep" if machine.beep else "machine_end_silence"
    else:
        after, answered_by = MACHINE, "machine_start"
    if after > detection.timeout:
        after, answered_by = detection.timeout, "unknown"
    await leg.exchange.clock.sleep(after)
    leg.answered_by = answered_by
    return {"AnsweredBy": answered_by, "MachineDetectionDuration": str(round(after * 1000))}


async def detect_meanwhile(leg: Leg, detection: Detection) -> None:
    facts = await detect(leg, detection)
    callback = detection.callback
    if leg.alive and callback:
        params = {"CallSid": leg.sid, "AccountSid": leg.exchange.account_sid, **facts}
        leg.callback(callback.url, callback.method, params)


@dataclass(frozen=True, kw_only=True)
class Outbound:
    """How a call is made, and what happens once it is answered."""

    ask: Ask
    timeout: float = 60.0
    detection: Detection | None = None
    time_limit: float = LONGEST
    record: bool = False
    recorded: Events | None = None  # who is told that the recording is ready


def outgoing(world: World, leg: Leg, call: Outbound) -> None:
    """Make the call as soon as the account's rate allows."""
    world.exchange.spawn(live(world, leg, partial(_place, world, leg, call)))


async def _place(world: World, leg: Leg, call: Outbound) -> End:
    await leg.wait(turn(world, leg))
    if not await ring(world, leg, call.timeout):
        return End.HUNG_UP
    world.exchange.spawn(limit(leg, call.time_limit))
    if call.record:
        recording.until_over(world, leg, "OutboundAPI", call.recorded)
    facts: dict[str, str] = {}
    if call.detection and not call.detection.blocking:
        world.exchange.spawn(detect_meanwhile(leg, call.detection))
    elif call.detection:
        facts = await leg.wait(detect(leg, call.detection))
    ask = Ask(url=call.ask.url, method=call.ask.method, document=call.ask.document, params=facts)
    return await Flow(world=world, leg=leg, sorry=True).run(ask)


async def turn(world: World, leg: Leg) -> None:
    if world.cps <= 0:
        return
    now = world.exchange.now
    at = max(now, world.next_start)
    world.next_start = at + 1 / world.cps
    leg.queue_time = (at - now) * 1000
    if at > now:
        await leg.exchange.clock.sleep(at - now)
