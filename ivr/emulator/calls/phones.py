"""The phones that people hold, and what those do when they ring."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

Action = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Machine:
    greeting: str = "Please leave a message after the tone."
    beep: bool = True
    stays: float = 60.0  # seconds it listens after its greeting


@dataclass(frozen=True, kw_only=True)
class Phone:
    number: str
    name: str = ""
    answers: bool = False
    after: float = 2.0  # seconds of ringing
    busy: bool = False
    unreachable: bool = False  # the call fails
    refused: int | None = None  # Twilio's error code for not even trying, such as 13225
    opted_out: bool = False  # of texts
    machine: Machine | None = None
    script: Sequence[Action] = field(default_factory=tuple)

    @property
    def who(self) -> str:
        return self.name or self.number

    def held(self) -> "Phone":
        """The same phone in somebody's hand: that person decides, not a script."""
        return replace(self, answers=False, busy=False, unreachable=False, machine=None, script=())


def from_json(number: str, given: Mapping[str, Any]) -> Phone:
    """Raises TypeError for a field that does not exist."""
    machine = given.get("machine")
    settings = {**given, "machine": Machine(**machine) if machine else None}
    return Phone(number=number, **settings)
