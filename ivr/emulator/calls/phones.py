"""The phones that people hold, and what those do when they ring."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

ScriptAction = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class AnsweringMachine:
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
    machine: AnsweringMachine | None = None
    script: Sequence[ScriptAction] = field(default_factory=tuple)

    @property
    def who(self) -> str:
        return self.name or self.number

    def as_attended(self) -> "Phone":
        """The same phone in somebody's hand: that person decides, not a script."""
        return replace(self, answers=False, busy=False, unreachable=False, machine=None, script=())


def phone_from_json(number: str, settings_json: Mapping[str, Any]) -> Phone:
    """Raises TypeError for a field that does not exist."""
    machine = settings_json.get("machine")
    settings = {**settings_json, "machine": AnsweringMachine(**machine) if machine else None}
    return Phone(number=number, **settings)
