"""<Dial> with <Number>, <Client>, <Sip>, <WhatsApp> or <Sim>: ring one phone or several; the first to pick up gets it.

Phones are known by `+1...`, `client:name`, `sip:...`, `whatsapp:+1...` and `sim:...`.
"""

import asyncio

from ivr.emulator.calls.bridge import Bridge
from ivr.emulator.calls.leg import CallLeg
from ivr.emulator.calls.signals import HungUp
from ivr.emulator.calls.twiml_runner import TwimlRunner
from ivr.emulator.runtime.formats import E164, parse_flag
from ivr.emulator.runtime.race import race
from ivr.emulator.verbs import dial_party
from ivr.emulator.verbs.dial import DialState, wait_for_star
from ivr.emulator.verbs.dial_ringing import RingingParty, ring_party
from ivr.emulator.verbs.record_common import DialRecorder
from ivr.emulator.verbs.registry import noun

MAX_SECONDS = 14_400.0  # seconds
SIP_CODES = {"completed": "200", "busy": "486", "no-answer": "487", "canceled": "487", "failed": "404"}


@noun("Number", dial_party.NUMBER_ATTRIBUTES)
@noun("Client", dial_party.CLIENT_ATTRIBUTES, ("Identity", "Parameter"))
@noun("Sip", dial_party.SIP_ATTRIBUTES, ("Uri", "Headers"))
@noun("WhatsApp", dial_party.PARTY_ATTRIBUTES)
@noun("Sim", {})
async def number(runner: TwimlRunner, state: DialState) -> None:
    if not _is_caller_id_allowed(runner, state):
        runner.warn(13214, "Dial: Invalid callerId value")
        state.outcome["DialCallStatus"] = "failed"
        return
    offers: list[RingingParty] = []
    tape = DialRecorder(runner=runner, dial=state.dial)
    in_turn = parse_flag(state.dial.get("sequential"))
    runner.leg.hearing.set_sound("ringing", state.dial.get("ringTone"))
    by = "line"
    try:
        winner = None
        tape.on_ringing()
        for some in [(one,) for one in state.nouns] if in_turn else [state.nouns]:
            ringing = [made for one in some if (made := ring_party(runner, state, one))]
            offers += ringing
            if winner := await runner.run_interruptibly(_wait_for_pickup(ringing)):
                break
        if winner is None:
            state.outcome |= {"DialCallStatus": _failed_dial_status(offers), "DialBridged": "false"}
            if offers:
                state.outcome |= {"DialCallSid": offers[-1].leg.sid, **_sip_params(offers[-1].leg)}
            return
        by = await _run_bridge(runner, state, offers, winner, tape)
    except HungUp:
        by = runner.leg.who
        state.outcome.setdefault("DialCallStatus", "canceled")
        raise
    finally:
        for one in offers:
            if not one.finished.is_set():
                one.leg.end(by)
        state.outcome |= tape.finish()


def _is_caller_id_allowed(runner: TwimlRunner, state: DialState) -> bool:
    """A number of ours, or either number of this call; to a client or a SIP phone one shows what one likes."""
    caller_id = state.dial.get("callerId", runner.leg.from_)
    if not any(one.name == "Number" for one in state.nouns):
        return True
    known = {runner.leg.from_, runner.leg.to}
    return (
        caller_id in known or runner.world.find_number(caller_id) is not None or not E164.fullmatch(caller_id)
    )


async def _run_bridge(
    runner: TwimlRunner,
    state: DialState,
    parties: list[RingingParty],
    winner: RingingParty,
    recorder: DialRecorder,
) -> str:
    """Until one of them has enough; who it was that ended it."""
    leg = runner.leg
    for loser in parties:
        if loser is not winner:
            loser.leg.end("line")
    state.outcome |= {"DialCallStatus": "completed", "DialCallSid": winner.leg.sid, "DialBridged": "false"}
    state.outcome |= _sip_params(winner.leg)
    if leg.answered_at is not None:
        leg.hearing.set_sound("silence")
    winner.leg.final_params = recorder.finish  # its last event tells of the recording
    winner.chosen.set()
    await runner.run_interruptibly(race(winner.whisper_finished.wait(), winner.finished.wait()))
    bridge = Bridge(one=leg, other=winner.leg)
    by = winner.leg.who
    if winner.whisper_finished.is_set() and winner.leg.is_alive:
        state.outcome["DialBridged"] = "true"
        if leg.answered_at is None:
            leg.answer()
        bridge.open()
        recorder.on_answered(winner.leg)
        try:
            limit = float(state.dial.get("timeLimit", str(MAX_SECONDS)))
            if await runner.run_interruptibly(
                _wait_for_end(runner, winner, limit, parse_flag(state.dial.get("hangupOnStar")))
            ):
                by = leg.who
        finally:
            bridge.close()
    if winner.leg.is_alive and winner.finished.is_set():
        return by  # it was sent elsewhere: then there is no duration
    winner.leg.end(by)
    state.outcome["DialCallDuration"] = str(winner.leg.duration)
    return by


async def _wait_for_end(
    runner: TwimlRunner, winner: RingingParty, max_seconds: float, hang_up_on_star: bool
) -> bool:
    """Whether it was the caller who ended the talk, by `*`."""
    with runner.leg.open_inbox() as inbox:
        late = runner.leg.exchange.clock.sleep(max_seconds)
        return (
            await race(winner.finished.wait(), late, *([wait_for_star(inbox)] if hang_up_on_star else []))
            == 2
        )


async def _wait_for_pickup(parties: list[RingingParty]) -> RingingParty | None:
    waiting = {asyncio.ensure_future(race(one.picked_up.wait(), one.finished.wait())): one for one in parties}
    try:
        while waiting:
            done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                offer = waiting.pop(task)
                if offer.picked_up.is_set():
                    return offer
    finally:
        for task in waiting:
            task.cancel()
    return None


def _failed_dial_status(parties: list[RingingParty]) -> str:
    results = [one.leg.status for one in parties]
    return next((status for status in ("busy", "no-answer") if status in results), "failed")


def _sip_params(leg: CallLeg) -> dict[str, str]:
    """What the action is told of a SIP call besides."""
    if not leg.to.startswith("sip"):
        return {}
    code = SIP_CODES.get(leg.status, "200")
    return {"DialSipCallId": f"{leg.sid}@0.0.0.0", "DialSipResponseCode": code}
