"""People with a script: what they listen for, press, say, and when they hang up."""

from collections.abc import Awaitable, Callable, Sequence

from ivr.emulator.account import messages
from ivr.emulator.account.world import World
from ivr.emulator.calls.leg import CallLeg
from ivr.emulator.calls.person_input import press_keys, speak
from ivr.emulator.calls.phones import ScriptAction

REACTION_SECONDS = 0.5  # seconds from hearing to doing something
DEFAULT_WAIT_SECONDS = 60.0

ActionRunner = Callable[[World, CallLeg, ScriptAction], Awaitable[bool]]


async def perform_script(world: World, leg: CallLeg, script: Sequence[ScriptAction]) -> None:
    """One action after another. One that fails is written down; then its `else`, or the rest."""
    for action in script:
        if not leg.is_alive:
            return
        kind = str(action.get("do"))
        if kind not in ACTIONS:
            leg.log("script_failed", action=dict(action), why=f"nobody knows how to {kind}")
            continue
        if await ACTIONS[kind](world, leg, action):
            continue
        if instead := action.get("else"):
            await perform_script(world, leg, instead)
        else:
            leg.log("script_failed", action=dict(action), why="it did not happen in time")


async def _listen(_world: World, leg: CallLeg, action: ScriptAction) -> bool:
    if not await leg.hearing.wait_for_words(action["for"], float(action.get("within", DEFAULT_WAIT_SECONDS))):
        return False
    await leg.exchange.clock.sleep(float(action.get("react", REACTION_SECONDS)))
    return True


async def _press(_world: World, leg: CallLeg, action: ScriptAction) -> bool:
    await press_keys(leg, str(action["keys"]))
    return True


async def _say(_world: World, leg: CallLeg, action: ScriptAction) -> bool:
    confidence = action.get("confidence")
    await speak(
        leg,
        action["words"],
        confidence=None if confidence is None else float(confidence),
        language=str(action.get("language", "")),
    )
    return True


async def _pause(_world: World, leg: CallLeg, action: ScriptAction) -> bool:
    await leg.exchange.clock.sleep(float(action["seconds"]))
    return True


async def _hang_up(_world: World, leg: CallLeg, _action: ScriptAction) -> bool:
    leg.hang_up()
    return True


async def _wait_until_bridged(_world: World, leg: CallLeg, action: ScriptAction) -> bool:
    return await leg.hearing.wait_for_sound(
        {"conference", "bridge"}, float(action.get("within", DEFAULT_WAIT_SECONDS))
    )


async def _wait_until_alone(_world: World, leg: CallLeg, action: ScriptAction) -> bool:
    wanted = {"silence", "music", "speech"}
    return await leg.hearing.wait_for_sound(wanted, float(action.get("within", DEFAULT_WAIT_SECONDS)))


async def _send_text(world: World, leg: CallLeg, action: ScriptAction) -> bool:
    messages.receive_message(world, from_=leg.phone.number, to=action["to"], body=action["body"])
    return True


ACTIONS: dict[str, ActionRunner] = {
    "listen": _listen,
    "press": _press,
    "say": _say,
    "pause": _pause,
    "hang_up": _hang_up,
    "bridged": _wait_until_bridged,
    "alone": _wait_until_alone,
    "text": _send_text,
}
