"""<Dial> with <Number>, <Client>, <Sip>, <WhatsApp> or <Sim>: ring one phone or several; the first to pick up gets it.

Phones are known by `+1...`, `client:name`, `sip:...`, `whatsapp:+1...` and `sim:...`.
"""

import asyncio

from ivr.emulator.calls.bridge import Bridge
from ivr.emulator.calls.leg import Leg
from ivr.emulator.calls.signals import HungUp
from ivr.emulator.calls.twiml_runner import Flow
from ivr.emulator.runtime.formats import E164, flag
from ivr.emulator.runtime.race import race
from ivr.emulator.verbs import dial_party
from ivr.emulator.verbs.dial import Dialled, star
from ivr.emulator.verbs.dial_ringing import Offer, offered
from ivr.emulator.verbs.record_common import DialTape
from ivr.emulator.verbs.registry import noun

LONGEST = 14_400.0  # seconds
SIP_CODES = {"completed": "200", "busy": "486", "no-answer": "487", "canceled": "487", "failed": "404"}


@noun("Number", dial_party.NUMBER)
@noun("Client", dial_party.CLIENT, ("Identity", "Parameter"))
@noun("Sip", dial_party.SIP, ("Uri", "Headers"))
@noun("WhatsApp", dial_party.RUNG)
@noun("Sim", {})
async def number(flow: Flow, work: Dialled) -> None:
    if not _may_show(flow, work):
        flow.warn(13214, "Dial: Invalid callerId value")
        work.outcome["DialCallStatus"] = "failed"
        return
    offers: list[Offer] = []
    tape = DialTape(flow=flow, dial=work.dial)
    in_turn = flag(work.dial.get("sequential"))
    flow.leg.ears.hear("ringing", work.dial.get("ringTone"))
    by = "line"
    try:
        winner = None
        tape.ringing()
        for some in [(one,) for one in work.nouns] if in_turn else [work.nouns]:
            ringing = [made for one in some if (made := offered(flow, work, one))]
            offers += ringing
            if winner := await flow.wait(_first(ringing)):
                break
        if winner is None:
            work.outcome |= {"DialCallStatus": _verdict(offers), "DialBridged": "false"}
            if offers:
                work.outcome |= {"DialCallSid": offers[-1].leg.sid, **_sip(offers[-1].leg)}
            return
        by = await _talk(flow, work, offers, winner, tape)
    except HungUp:
        by = flow.leg.who
        work.outcome.setdefault("DialCallStatus", "canceled")
        raise
    finally:
        for one in offers:
            if not one.gone.is_set():
                one.leg.end(by)
        work.outcome |= tape.finish()


def _may_show(flow: Flow, work: Dialled) -> bool:
    """A number of ours, or either number of this call; to a client or a SIP phone one shows what one likes."""
    caller_id = work.dial.get("callerId", flow.leg.from_)
    if not any(one.name == "Number" for one in work.nouns):
        return True
    known = {flow.leg.from_, flow.leg.to}
    return caller_id in known or flow.world.number(caller_id) is not None or not E164.fullmatch(caller_id)


async def _talk(flow: Flow, work: Dialled, offers: list[Offer], winner: Offer, tape: DialTape) -> str:
    """Until one of them has enough; who it was that ended it."""
    leg = flow.leg
    for loser in offers:
        if loser is not winner:
            loser.leg.end("line")
    work.outcome |= {"DialCallStatus": "completed", "DialCallSid": winner.leg.sid, "DialBridged": "false"}
    work.outcome |= _sip(winner.leg)
    if leg.answered is not None:
        leg.ears.hear("silence")
    winner.leg.closing = tape.finish  # its last event tells of the recording
    winner.chosen.set()
    await flow.wait(race(winner.ready.wait(), winner.gone.wait()))
    bridge = Bridge(one=leg, other=winner.leg)
    by = winner.leg.who
    if winner.ready.is_set() and winner.leg.alive:
        work.outcome["DialBridged"] = "true"
        if leg.answered is None:
            leg.answer()
        bridge.open()
        tape.answered(winner.leg)
        try:
            limit = float(work.dial.get("timeLimit", str(LONGEST)))
            if await flow.wait(_ended(flow, winner, limit, flag(work.dial.get("hangupOnStar")))):
                by = leg.who
        finally:
            bridge.close()
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


def _sip(leg: Leg) -> dict[str, str]:
    """What the action is told of a SIP call besides."""
    if not leg.to.startswith("sip"):
        return {}
    code = SIP_CODES.get(leg.status, "200")
    return {"DialSipCallId": f"{leg.sid}@0.0.0.0", "DialSipResponseCode": code}
