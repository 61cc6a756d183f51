"""<Dial><Number>: ring one phone or several at once; the first to pick up gets the call."""

import asyncio
from dataclasses import dataclass, field
from functools import partial

from ivr.emulator import taping
from ivr.emulator.bridge import Bridge
from ivr.emulator.dialling import Detection, detect_meanwhile, ring
from ivr.emulator.document import Element
from ivr.emulator.flow import End, Flow
from ivr.emulator.formats import E164, flag
from ivr.emulator.leg import Leg
from ivr.emulator.life import live
from ivr.emulator.race import race
from ivr.emulator.signals import Ask, Events, HungUp
from ivr.emulator.verbs.dial import Dialled, star
from ivr.emulator.verbs.record import events
from ivr.emulator.verbs.registry import Value, anything, each_of, method, noun, one_of

WHISPER = frozenset({"Play", "Say", "Gather", "Hangup"})
NOT_IN_A_WHISPER = 13201
DEFAULT_TIMEOUT = 30.0
LONGEST = 14_400.0  # seconds
ATTRIBUTES = {
    **anything("url statusCallback byoc amdStatusCallback machineDetectionTimeout sendDigits"),
    **anything(
        "machineDetectionSpeechThreshold machineDetectionSpeechEndThreshold machineDetectionSilenceTimeout"
    ),
    "method": method(13221),
    "statusCallbackEvent": each_of("initiated", "ringing", "answered", "completed"),
    "statusCallbackMethod": method(),
    "amdStatusCallbackMethod": method(),
    "machineDetection": one_of("Enable", "DetectMessageEnd"),
    "sendDigits": Value(allowed=lambda text: set(text) <= set("0123456789ABCDWw#*"), code=13222),
}


@dataclass(kw_only=True, eq=False)
class Offer:
    """One phone that rings for the caller."""

    leg: Leg
    noun: Element
    picked: asyncio.Event = field(default_factory=asyncio.Event)
    chosen: asyncio.Event = field(default_factory=asyncio.Event)
    ready: asyncio.Event = field(default_factory=asyncio.Event)  # its whisper is over
    gone: asyncio.Event = field(default_factory=asyncio.Event)  # hung up, refused, or sent elsewhere


@noun("Number", ATTRIBUTES)
async def number(flow: Flow, work: Dialled) -> None:
    if not _may_show(flow, work.dial.get("callerId", flow.leg.from_)):
        flow.warn(13214, "Dial: Invalid callerId value")
        work.outcome["DialCallStatus"] = "failed"
        return
    offers: list[Offer] = []
    in_turn = flag(work.dial.get("sequential"))
    flow.leg.ears.hear("ringing")
    by = "line"
    try:
        winner = None
        for some in [(one,) for one in work.nouns] if in_turn else [work.nouns]:
            ringing = [_offer(flow, work, one) for one in some]
            offers += ringing
            if winner := await flow.wait(_first(ringing)):
                break
        if winner is None:
            work.outcome |= {"DialCallStatus": _verdict(offers), "DialBridged": "false"}
            work.outcome["DialCallSid"] = offers[-1].leg.sid
            return
        by = await _talk(flow, work, offers, winner)
    except HungUp:
        by = flow.leg.who
        work.outcome.setdefault("DialCallStatus", "canceled")
        raise
    finally:
        for one in offers:
            if not one.gone.is_set():
                one.leg.end(by)


def _may_show(flow: Flow, caller_id: str) -> bool:
    """A number of ours, or either number of this call; a client shows what it likes."""
    known = {flow.leg.from_, flow.leg.to}
    return caller_id in known or flow.world.number(caller_id) is not None or not E164.fullmatch(caller_id)


async def _talk(flow: Flow, work: Dialled, offers: list[Offer], winner: Offer) -> str:
    """Until one of them has enough; who it was that ended it."""
    leg = flow.leg
    for loser in offers:
        if loser is not winner:
            loser.leg.end("line")
    work.outcome |= {"DialCallStatus": "completed", "DialCallSid": winner.leg.sid, "DialBridged": "false"}
    if leg.answered is not None:
        leg.ears.hear("silence")
    winner.chosen.set()
    await flow.wait(race(winner.ready.wait(), winner.gone.wait()))
    bridge = Bridge(one=leg, other=winner.leg)
    by = winner.leg.who
    if winner.ready.is_set() and winner.leg.alive:
        work.outcome["DialBridged"] = "true"
        if leg.answered is None:
            leg.answer()
        bridge.open()
        tape = None
        if work.dial.get("record", "false") not in {"false", "do-not-record"}:
            tape = taping.begin(flow.world, "DialVerb", events(flow, work.dial), leg, winner.leg)
        try:
            limit = float(work.dial.get("timeLimit", str(LONGEST)))
            if await flow.wait(_ended(flow, winner, limit, flag(work.dial.get("hangupOnStar")))):
                by = leg.who
        finally:
            bridge.close()
            if tape:
                made = tape.stop()
                work.outcome |= {"RecordingSid": made.sid, "RecordingUrl": taping.address(flow.world, made)}
                work.outcome["RecordingDuration"] = str(made.duration)
    if winner.leg.alive and winner.gone.is_set():
        return by  # it was sent elsewhere: then there is no duration
    winner.leg.end(by)
    work.outcome["DialCallDuration"] = str(winner.leg.duration)
    return by


async def _ended(flow: Flow, winner: Offer, limit: float, on_star: bool) -> bool:
    """Whether it was the caller who ended the talk, by `*`."""
    with flow.leg.inbox() as inbox:
        late = flow.leg.exchange.clock.sleep(limit)
        return await race(winner.gone.wait(), late, *([star(inbox)] if on_star else [])) == 2


async def _first(offers: list[Offer]) -> Offer | None:
    waiting = {asyncio.ensure_future(race(one.picked.wait(), one.gone.wait())): one for one in offers}
    try:
        while waiting:
            done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                offer = waiting.pop(task)
                if offer.picked.is_set():
                    return offer
    finally:
        for task in waiting:
            task.cancel()
    return None


def _verdict(offers: list[Offer]) -> str:
    results = [one.leg.status for one in offers]
    return next((status for status in ("busy", "no-answer") if status in results), "failed")


def _offer(flow: Flow, work: Dialled, element: Element) -> Offer:
    exchange = flow.leg.exchange
    to = element.text if element.name in {"Number", "Sip"} else f"client:{element.text}"
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
    offer = Offer(leg=leg, noun=element)
    timeout = float(work.dial.get("timeout", str(DEFAULT_TIMEOUT)))
    exchange.spawn(live(flow.world, leg, partial(_child, flow, offer, timeout)))
    return offer


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
            await leg.wait(leg.exchange.clock.sleep(0.5 * len(digits)))
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
        detection = Detection(mode=mode, blocking=False, callback=callback if url else None)
        leg.exchange.spawn(detect_meanwhile(leg, detection))
