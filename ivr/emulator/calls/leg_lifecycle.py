"""A leg from its first ring to its end: calls in, calls out, and playing TwiML to somebody in a room."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from ivr.emulator.account.world import World
from ivr.emulator.calls.conference import Participant
from ivr.emulator.calls.leg import Leg
from ivr.emulator.calls.phones import Action
from ivr.emulator.calls.scripted_person import perform
from ivr.emulator.calls.signals import Ask, HungUp, Redirected
from ivr.emulator.calls.twiml_document import Element
from ivr.emulator.calls.twiml_runner import End, Flow
from ivr.emulator.runtime.formats import flag
from ivr.emulator.runtime.race import race

MUSIC = frozenset({"Play", "Say", "Pause", "Redirect"})
LONGEST = 14_400.0  # seconds that a call lasts at most, unless it says less
Opening = Callable[[], Awaitable[End]]


async def live(world: World, leg: Leg, opening: Opening) -> None:
    """Run the leg until it ends; every redirect begins a new flow."""
    step = opening
    try:
        while True:
            try:
                end = await step()
                break
            except Redirected as order:
                flow = Flow(world=world, leg=leg, sorry=True)
                step = partial(flow.run, order.ask)
    except HungUp:
        return
    if leg.alive:
        leg.end("line", *_rejected(leg, end))


def _rejected(leg: Leg, end: End) -> tuple[str, int]:
    if leg.answered is None and end is End.REJECTED_BUSY:
        return "busy", 486
    if leg.answered is None and end is End.REJECTED:
        return "no-answer", 603
    return "completed", 200


def incoming(world: World, leg: Leg, ask: Ask, script: Sequence[Action]) -> None:
    """Somebody dials one of our numbers."""
    leg.started = leg.exchange.now
    leg.log("dialled", to=leg.to, **{"from": leg.from_})
    leg.ring()
    leg.ears.hear("ringing")
    leg.on_answer.append(partial(talk, world, leg, script))
    leg.on_answer.append(lambda: world.exchange.spawn(limit(leg, LONGEST)))
    flow = Flow(world=world, leg=leg, sorry=True, on_document=partial(_answer_unless_rejected, leg))
    world.exchange.spawn(live(world, leg, partial(flow.run, ask)))


def _answer_unless_rejected(leg: Leg, document: Element) -> None:
    """Twilio answers at the first verb, unless that is Reject, a Pause, or a Dial that answers on its bridge."""
    first = document.children[0] if document.children else None
    later = first and (
        first.name in {"Reject", "Pause"} or (first.name == "Dial" and flag(first.get("answerOnBridge")))
    )
    if leg.answered is None and not later:
        leg.answer()


async def limit(leg: Leg, longest: float) -> None:
    if await race(leg.over.wait(), leg.exchange.clock.sleep(longest)) == 1:
        leg.end("line")


def talk(world: World, leg: Leg, script: Sequence[Action]) -> None:
    """The person's side of a leg, as far as it is scripted, until the leg ends."""
    if script:
        task = world.exchange.spawn(perform(world, leg, script))
        world.exchange.spawn(_stop(task, leg))


async def _stop(task: "asyncio.Task[None]", leg: Leg) -> None:
    await race(task, leg.over.wait())


async def play(world: World, participant: Participant, ask: Ask, _fatal: bool) -> bool:
    """TwiML for one who waits, is held or is spoken to in a conference. Whether there was any to play."""
    flow = Flow(world=world, leg=participant.leg, allowed=MUSIC, code=13238, main=False)
    return await flow.run(ask) is not End.FAILED
