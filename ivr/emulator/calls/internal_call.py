"""A call from one number of the account to another: two legs, each the person at the other's end.

What one of them is told by its TwiML, the other hears as a person speaking; the keys that one plays, the other has
pressed. What others in a room say does not come through.
"""

from ivr.emulator.account.world import World
from ivr.emulator.calls.incoming import create_incoming_call, has_voice_webhook
from ivr.emulator.calls.leg import CallLeg
from ivr.emulator.runtime.race import race


def connect_own_number(world: World, leg: CallLeg) -> None:
    """Let an app answer this outgoing call, if it goes to a number of the account that is no phone."""
    if leg.to in world.phones or not has_voice_webhook(world, leg.to):
        return
    far = create_incoming_call(world, from_=leg.from_, to=leg.to)
    leg.peer, far.peer = far, leg
    far.on_answer.append(leg.picked_up.set)
    world.exchange.spawn(_end_together(leg, far))


async def _end_together(leg: CallLeg, peer: CallLeg) -> None:
    """Neither outlives the other."""
    if await race(leg.finished.wait(), peer.finished.wait()) == 0:
        peer.end(leg.who)
    else:
        leg.hang_up()
