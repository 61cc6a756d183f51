"""A leg from its first ring to its end: calls in, calls out, and playing TwiML to somebody in a room."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

from ivr.emulator.conference import Participant
from ivr.emulator.document import Element
from ivr.emulator.flow import End, Flow
from ivr.emulator.leg import Ask, HungUp, Leg, Redirected
from ivr.emulator.person import perform
from ivr.emulator.phones import Action
from ivr.emulator.world import World

MUSIC = frozenset({"Play", "Say", "Pause", "Redirect"})
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


def incoming(world: World, leg: Leg, ask: Ask, script: tuple[Action, ...]) -> None:
    """Somebody dials one of our numbers."""
    leg.started = leg.exchange.now
    leg.log("dialled", to=leg.to)
    leg.ring()
    leg.ears.hear("ringing")
    talking = Talking(world, leg, script)
    flow = Flow(world=world, leg=leg, sorry=True, on_document=partial(_answer_unless_rejected, leg, talking))
    world.exchange.spawn(live(world, leg, partial(flow.run, ask)))


def _answer_unless_rejected(leg: Leg, talking: "Talking", document: Element) -> None:
    """Twilio answers at the first verb that is not Reject (or a Dial that answers on its bridge)."""
    first = document.children[0] if document.children else None
    if leg.answered is not None or (first and first.name == "Reject"):
        return
    if first and first.name == "Dial" and first.get("answerOnBridge") == "true":
        leg.exchange.spawn(_talk_later(leg, talking))
        return
    leg.answer()
    talking.start()


async def _talk_later(leg: Leg, talking: "Talking") -> None:
    await leg.picked_up.wait()
    talking.start()


class Talking:
    """The person's side of a leg, as far as it is scripted."""

    def __init__(self, world: World, leg: Leg, script: tuple[Action, ...]) -> None:
        self._world, self._leg, self._script = world, leg, script

    def start(self) -> None:
        if self._script:
            task = self._world.exchange.spawn(perform(self._world, self._leg, self._script))
            self._world.exchange.spawn(self._stop(task))

    async def _stop(self, task: "asyncio.Task[None]") -> None:
        over = asyncio.ensure_future(self._leg.over.wait())
        await asyncio.wait({task, over}, return_when=asyncio.FIRST_COMPLETED)
        task.cancel()
        over.cancel()


async def play(world: World, participant: Participant, ask: Ask, _fatal: bool) -> bool:
    """TwiML for one who waits, is held or is spoken to in a conference. Whether there was any to play."""
    flow = Flow(world=world, leg=participant.leg, allowed=MUSIC, code=13238, main=False)
    return await flow.run(ask) is not End.FAILED
