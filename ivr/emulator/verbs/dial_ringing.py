"""One phone that rings for the caller of a <Dial>: its leg, its whisper, its end."""

import asyncio
from dataclasses import dataclass, field
from functools import partial

from ivr.emulator.calls.leg import CallLeg
from ivr.emulator.calls.leg_lifecycle import run_leg
from ivr.emulator.calls.ringing import MachineDetection, detect_machine_async, ring_phone
from ivr.emulator.calls.signals import StatusCallback, TwimlSource
from ivr.emulator.calls.twiml_document import Element
from ivr.emulator.calls.twiml_runner import TwimlEnd, TwimlRunner
from ivr.emulator.verbs import dial_party
from ivr.emulator.verbs.dial import DialState
from ivr.emulator.verbs.play import seconds_to_play_keys

WHISPER_VERBS = frozenset({"Play", "Say", "Gather", "Hangup"})
NOT_ALLOWED_IN_WHISPER = 13201


@dataclass(kw_only=True, eq=False)
class RingingParty:
    leg: CallLeg
    noun: Element
    picked_up: asyncio.Event = field(default_factory=asyncio.Event)
    chosen: asyncio.Event = field(default_factory=asyncio.Event)
    whisper_finished: asyncio.Event = field(default_factory=asyncio.Event)  # its whisper is over
    finished: asyncio.Event = field(default_factory=asyncio.Event)  # hung up, refused, or sent elsewhere


def ring_party(runner: TwimlRunner, state: DialState, element: Element) -> RingingParty | None:
    """Ring them; None when there is no such address."""
    exchange, to = runner.leg.exchange, dial_party.get_party_address(runner, element)
    if to is None:
        return None
    leg = CallLeg(
        exchange=exchange,
        sid=exchange.sids.new("CA"),
        from_=state.dial.get("callerId", runner.leg.from_),
        to=to,
        direction="outbound-dial",
        created_at=exchange.now,
        phone=runner.world.find_phone(to),
        parent_call_sid=runner.leg.sid,
    )
    if url := element.get("statusCallback"):
        leg.status_callback = StatusCallback(
            url=runner.resolve_url(url),
            method=element.get("statusCallbackMethod", "POST").upper(),
            events=frozenset(element.get("statusCallbackEvent", "completed").split()),
        )
    runner.world.calls[leg.sid] = leg
    if sent := dial_party.get_party_parameters(element):
        leg.log("sent", parameters=sent)
    made = RingingParty(leg=leg, noun=element)
    exchange.spawn(run_leg(runner.world, leg, partial(_run_child_leg, runner, made, state.ring_seconds)))
    return made


async def _run_child_leg(runner: TwimlRunner, party: RingingParty, timeout_seconds: float) -> TwimlEnd:
    """The life of the phone that rings, until it ends or a redirect gives it another."""
    leg, element = party.leg, party.noun
    try:
        if not await ring_phone(runner.world, leg, timeout_seconds):
            return TwimlEnd.HUNG_UP
        party.picked_up.set()
        await leg.run_interruptibly(party.chosen.wait())
        _start_detection(runner, leg, element)
        if digits := element.get("sendDigits"):
            await leg.run_interruptibly(leg.exchange.clock.sleep(seconds_to_play_keys(digits)))
            leg.log("played", keys=digits)
        if url := element.get("url"):
            whisper = TwimlRunner(
                world=runner.world,
                leg=leg,
                allowed_verbs=WHISPER_VERBS,
                not_allowed_code=NOT_ALLOWED_IN_WHISPER,
            )
            ask = TwimlSource(url=runner.resolve_url(url), method=element.get("method", "POST"))
            if await whisper.run(ask) is not TwimlEnd.NO_MORE_VERBS:
                return TwimlEnd.HUNG_UP
        party.whisper_finished.set()
        await leg.run_interruptibly(asyncio.Event().wait())
    finally:
        party.finished.set()
    return TwimlEnd.HUNG_UP


def _start_detection(runner: TwimlRunner, leg: CallLeg, element: Element) -> None:
    mode, url = element.get("machineDetection"), element.get("amdStatusCallback")
    if mode:
        callback = StatusCallback(
            url=runner.resolve_url(url), method=element.get("amdStatusCallbackMethod", "POST")
        )
        detection = MachineDetection(
            mode=mode,
            blocks_webhook=False,
            timeout=float(element.get("machineDetectionTimeout", "30")),
            callback=callback if url else None,
        )
        leg.exchange.spawn(detect_machine_async(leg, detection))
