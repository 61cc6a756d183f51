"""Two legs that hear each other."""

from collections.abc import Sequence
from dataclasses import dataclass

from ivr.emulator.calls.leg import Leg


@dataclass(kw_only=True, eq=False)
class Bridge:
    one: Leg
    other: Leg

    def open(self) -> None:
        for leg, far in ((self.one, self.other), (self.other, self.one)):
            leg.room = self
            leg.ears.hear("bridge", far.who)
            leg.log("bridged", to=far.sid, other=far.who)

    def close(self) -> None:
        for leg in (self.one, self.other):
            if leg.room is self:
                leg.room = None
                leg.ears.hear("silence")

    def hearers(self, leg: Leg) -> Sequence[Leg]:
        return [self.other if leg is self.one else self.one]

    def speaks(self, leg: Leg, words: str, *, began: bool) -> None:
        """Nobody asked to know."""
