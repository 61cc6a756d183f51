"""A leg from its first ring to its end: calls in, calls out, and playing TwiML to somebody in a room."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from ivr.emulator.account.world import World
from ivr.emulator.calls.conference import Participant
from ivr.emulator.calls.leg import CallLeg
from ivr.emulator.calls.phones import ScriptAction
from ivr.emulator.calls.scripted_person import perform_script
from ivr.emulator.calls.signals import HungUp, Redirected, TwimlSource
from ivr.emulator.calls.twiml_document import Element
from ivr.emulator.calls.twiml_runner import TwimlEnd, TwimlRunner
from ivr.emulator.runtime.formats import parse_flag
from ivr.emulator.runtime.race import race

WAIT_AND_HOLD_VERBS = frozenset({"Play", "Say", "Pause", "Redirect"})
DEFAULT_TIME_LIMIT_SECONDS = 14_400.0  # seconds that a call lasts at most, unless it says less
FirstStep = Callable[[], Awaitable[TwimlEnd]]


async def run_leg(world: World, leg: CallLeg, first_step: FirstStep) -> None:
    """Run the leg until it ends; every redirect begins a new flow."""
    step = first_step
    try:
        while True:
            try:
                end = await step()
                break
            except Redirected as order:
                flow = TwimlRunner(world=world, leg=leg, uses_fallback=True)
                step = partial(flow.run, order.twiml)
    except HungUp:
        return
    if leg.is_alive:
        leg.end("line", *_final_status(leg, end))


def _final_status(leg: CallLeg, end: TwimlEnd) -> tuple[str, int]:
    if leg.answered_at is None and end is TwimlEnd.REJECTED_BUSY:
        return "busy", 486
    if leg.answered_at is None and end is TwimlEnd.REJECTED:
        return "no-answer", 603
    return "completed", 200


def start_incoming(world: World, leg: CallLeg, source: TwimlSource, script: Sequence[ScriptAction]) -> None:
    """Somebody dials one of our numbers."""
    leg.started_at = leg.exchange.now
    leg.log("dialled", to=leg.to, **{"from": leg.from_})
    leg.start_ringing()
    leg.hearing.set_sound("ringing")
    leg.on_answer.append(partial(run_script, world, leg, script))
    leg.on_answer.append(lambda: world.exchange.spawn(end_after(leg, DEFAULT_TIME_LIMIT_SECONDS)))
    flow = TwimlRunner(
        world=world, leg=leg, uses_fallback=True, on_document=partial(_answer_unless_rejected, leg)
    )
    world.exchange.spawn(run_leg(world, leg, partial(flow.run, source)))


def _answer_unless_rejected(leg: CallLeg, document: Element) -> None:
    """Twilio answers at the first verb, unless that is Reject, a Pause, or a Dial that answers on its bridge."""
    first = document.children[0] if document.children else None
    later = first and (
        first.name in {"Reject", "Pause"}
        or (first.name == "Dial" and parse_flag(first.get("answerOnBridge")))
    )
    if leg.answered_at is None and not later:
        leg.answer()


async def end_after(leg: CallLeg, max_seconds: float) -> None:
    if await race(leg.finished.wait(), leg.exchange.clock.sleep(max_seconds)) == 1:
        leg.end("line")


def run_script(world: World, leg: CallLeg, script: Sequence[ScriptAction]) -> None:
    """The person's side of a leg, as far as it is scripted, until the leg ends."""
    if script:
        task = world.exchange.spawn(perform_script(world, leg, script))
        world.exchange.spawn(_cancel_when_finished(task, leg))


async def _cancel_when_finished(task: "asyncio.Task[None]", leg: CallLeg) -> None:
    await race(task, leg.finished.wait())


async def play_in_conference(
    world: World, participant: Participant, source: TwimlSource, _fatal: bool
) -> bool:
    """TwiML for one who waits, is held or is spoken to in a conference. Whether there was any to play."""
    flow = TwimlRunner(
        world=world,
        leg=participant.leg,
        allowed_verbs=WAIT_AND_HOLD_VERBS,
        not_allowed_code=13238,
        interruptible=False,
    )
    return await flow.run(source) is not TwimlEnd.FAILED
