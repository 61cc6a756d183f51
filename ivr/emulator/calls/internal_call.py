"""A call from one number of the account to another: two legs, each the person at the other's end.

What one of them is told by its TwiML, the other hears as a person speaking; the keys that one plays, the other has
pressed. What others in a room say does not come through.
"""

from ivr.emulator.account.world import World
from ivr.emulator.calls.incoming import answered, arrive
from ivr.emulator.calls.leg import Leg
from ivr.emulator.runtime.race import race


def between_ours(world: World, leg: Leg) -> None:
    """Let an app answer this outgoing call, if it goes to a number of the account that is no phone."""
    if leg.to in world.phones or not answered(world, leg.to):
        return
    far = arrive(world, from_=leg.from_, to=leg.to)
    leg.far, far.far = far, leg
    far.on_answer.append(leg.picked_up.set)
    world.exchange.spawn(_together(leg, far))


async def _together(leg: Leg, far: Leg) -> None:
    """Neither outlives the other."""
    if await race(leg.over.wait(), far.over.wait()) == 0:
        far.end(leg.who)
    else:
        leg.hang_up()
