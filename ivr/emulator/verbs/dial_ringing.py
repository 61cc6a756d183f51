"""One phone that rings for the caller of a <Dial>: its leg, its whisper, its end."""

import asyncio
from dataclasses import dataclass, field
from functools import partial

from ivr.emulator.calls.leg import Leg
from ivr.emulator.calls.leg_lifecycle import live
from ivr.emulator.calls.ringing import Detection, detect_meanwhile, ring
from ivr.emulator.calls.signals import Ask, Events
from ivr.emulator.calls.twiml_document import Element
from ivr.emulator.calls.twiml_runner import End, Flow
from ivr.emulator.verbs import dial_party
from ivr.emulator.verbs.dial import Dialled
from ivr.emulator.verbs.play import lasting

WHISPER = frozenset({"Play", "Say", "Gather", "Hangup"})
NOT_IN_A_WHISPER = 13201


@dataclass(kw_only=True, eq=False)
class Offer:
    leg: Leg
    noun: Element
    picked: asyncio.Event = field(default_factory=asyncio.Event)
    chosen: asyncio.Event = field(default_factory=asyncio.Event)
    ready: asyncio.Event = field(default_factory=asyncio.Event)  # its whisper is over
    gone: asyncio.Event = field(default_factory=asyncio.Event)  # hung up, refused, or sent elsewhere


def offered(flow: Flow, work: Dialled, element: Element) -> Offer | None:
    """Ring them; None when there is no such address."""
    exchange, to = flow.leg.exchange, dial_party.address(flow, element)
    if to is None:
        return None
    leg = Leg(
        exchange=exchange,
        sid=exchange.sids.new("CA"),
        from_=work.dial.get("callerId", flow.leg.from_),
        to=to,
        direction="outbound-dial",
        created=exchange.now,
        phone=flow.world.phone(to),
        parent=flow.leg.sid,
    )
    if url := element.get("statusCallback"):
        leg.events = Events(
            url=flow.absolute(url),
            method=element.get("statusCallbackMethod", "POST").upper(),
            names=frozenset(element.get("statusCallbackEvent", "completed").split()),
        )
    flow.world.calls[leg.sid] = leg
    if sent := dial_party.extras(element):
        leg.log("sent", parameters=sent)
    made = Offer(leg=leg, noun=element)
    exchange.spawn(live(flow.world, leg, partial(_child, flow, made, work.patience)))
    return made


async def _child(flow: Flow, offer: Offer, patience: float) -> End:
    """The life of the phone that rings, until it ends or a redirect gives it another."""
    leg, element = offer.leg, offer.noun
    try:
        if not await ring(flow.world, leg, patience):
            return End.HUNG_UP
        offer.picked.set()
        await leg.wait(offer.chosen.wait())
        _detect(flow, leg, element)
        if digits := element.get("sendDigits"):
            await leg.wait(leg.exchange.clock.sleep(lasting(digits)))
            leg.log("played", keys=digits)
        if url := element.get("url"):
            whisper = Flow(world=flow.world, leg=leg, allowed=WHISPER, code=NOT_IN_A_WHISPER)
            ask = Ask(url=flow.absolute(url), method=element.get("method", "POST"))
            if await whisper.run(ask) is not End.RAN_OUT:
                return End.HUNG_UP
        offer.ready.set()
        await leg.wait(asyncio.Event().wait())
    finally:
        offer.gone.set()
    return End.HUNG_UP


def _detect(flow: Flow, leg: Leg, element: Element) -> None:
    mode, url = element.get("machineDetection"), element.get("amdStatusCallback")
    if mode:
        callback = Events(url=flow.absolute(url), method=element.get("amdStatusCallbackMethod", "POST"))
        detection = Detection(
            mode=mode,
            blocking=False,
            timeout=float(element.get("machineDetectionTimeout", "30")),
            callback=callback if url else None,
        )
        leg.exchange.spawn(detect_meanwhile(leg, detection))
