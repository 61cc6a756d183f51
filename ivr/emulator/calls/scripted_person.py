"""People with a script: what they listen for, press, say, and when they hang up."""

from collections.abc import Awaitable, Callable, Sequence

from ivr.emulator.account import messages
from ivr.emulator.account.world import World
from ivr.emulator.calls.leg import Leg
from ivr.emulator.calls.phones import Action

REACTION = 0.5  # seconds from hearing to doing something
PATIENCE = 60.0

Do = Callable[[World, Leg, Action], Awaitable[bool]]


async def perform(world: World, leg: Leg, script: Sequence[Action]) -> None:
    """One action after another. One that fails is written down; then its `else`, or the rest."""
    for action in script:
        if not leg.alive:
            return
        kind = str(action.get("do"))
        if kind not in ACTIONS:
            leg.log("script_failed", action=dict(action), why=f"nobody knows how to {kind}")
            continue
        if await ACTIONS[kind](world, leg, action):
            continue
        if instead := action.get("else"):
            await perform(world, leg, instead)
        else:
            leg.log("script_failed", action=dict(action), why="it did not happen in time")


async def _listen(_world: World, leg: Leg, action: Action) -> bool:
    if not await leg.ears.until(action["for"], float(action.get("within", PATIENCE))):
        return False
    await leg.exchange.clock.sleep(float(action.get("react", REACTION)))
    return True


async def _press(_world: World, leg: Leg, action: Action) -> bool:
    await leg.press(str(action["keys"]))
    return True


async def _say(_world: World, leg: Leg, action: Action) -> bool:
    confidence = action.get("confidence")
    await leg.say(
        action["words"],
        confidence=None if confidence is None else float(confidence),
        language=str(action.get("language", "")),
    )
    return True


async def _pause(_world: World, leg: Leg, action: Action) -> bool:
    await leg.exchange.clock.sleep(float(action["seconds"]))
    return True


async def _hang_up(_world: World, leg: Leg, _action: Action) -> bool:
    leg.hang_up()
    return True


async def _bridged(_world: World, leg: Leg, action: Action) -> bool:
    return await leg.ears.until_sound({"conference", "bridge"}, float(action.get("within", PATIENCE)))


async def _alone(_world: World, leg: Leg, action: Action) -> bool:
    wanted = {"silence", "music", "speech"}
    return await leg.ears.until_sound(wanted, float(action.get("within", PATIENCE)))


async def _text(world: World, leg: Leg, action: Action) -> bool:
    messages.receive(world, from_=leg.phone.number, to=action["to"], body=action["body"])
    return True


ACTIONS: dict[str, Do] = {
    "listen": _listen,
    "press": _press,
    "say": _say,
    "pause": _pause,
    "hang_up": _hang_up,
    "bridged": _bridged,
    "alone": _alone,
    "text": _text,
}
