"""Two legs that hear each other."""

from collections.abc import Sequence
from dataclasses import dataclass

from ivr.emulator.calls.leg import CallLeg


@dataclass(kw_only=True, eq=False)
class Bridge:
    one: CallLeg
    other: CallLeg

    def open(self) -> None:
        for leg, far in ((self.one, self.other), (self.other, self.one)):
            leg.connection = self
            leg.hearing.set_sound("bridge", far.who)
            leg.log("bridged", to=far.sid, other=far.who)

    def close(self) -> None:
        for leg in (self.one, self.other):
            if leg.connection is self:
                leg.connection = None
                leg.hearing.set_sound("silence")

    def list_hearers(self, leg: CallLeg) -> Sequence[CallLeg]:
        return [self.other if leg is self.one else self.one]

    def on_speech(self, leg: CallLeg, words: str, *, began: bool) -> None:
        """Nobody asked to know."""
