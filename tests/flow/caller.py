"""A caller in a test: presses, speaks, says nothing, and remembers what was said."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from ivr.flow.engine import apply_input, start_at_step, start_flow
from ivr.flow.loader.library import load_flows, parse_flows
from ivr.flow.model import Flow, Library
from ivr.flow.turn import AudioPrompt, CallerContext, EndOfCall, FlowInput, FlowInputKind, Turn, TurnAction

NEW_YORK = ZoneInfo("America/New_York")
MONDAY_NOON = datetime(2026, 11, 23, 12, 0, tzinfo=NEW_YORK)
MONDAY_NIGHT = datetime(2026, 11, 23, 22, 0, tzinfo=NEW_YORK)
NUMBER = "+12025550123"
SHIPPED = Path(__file__).parents[2] / "flows"

HOURS = """
support:
  zone: America/New_York
  weekdays: "8:00-20:00"
"""
QUEUES = """
support: {hours: support}
bookings: {hours: support, skills: [bookings]}
"""
PROMPTS = """
welcome: "Welcome."
what: "One or two?"
bye: "Goodbye."
"""
MAIN = """
flow: main
lines: ["*"]
languages: [en]
person: support
steps:
"""


def shipped() -> Library:
    return load_flows(SHIPPED)


def files(steps: str, *, header: str = MAIN, **others: str) -> dict[str, str]:
    """Files of a small folder; `steps` as they stand under "steps:"."""
    made = {
        "main.yaml": f"{header.lstrip()}{steps}",
        "hours.yaml": HOURS,
        "queues.yaml": QUEUES,
        "prompts/en.yaml": PROMPTS,
    }
    return made | {
        name.replace("_yaml", ".yaml").replace("prompts_", "prompts/"): text for name, text in others.items()
    }


def library(steps: str, *, header: str = MAIN, **others: str) -> Library:
    return parse_flows(files(steps, header=header, **others))


@dataclass(kw_only=True)
class Talk:
    library: Library
    situation: CallerContext = field(default_factory=lambda: CallerContext(now=MONDAY_NOON, number=NUMBER))
    language: str = "en"
    flow: Flow = field(init=False)
    turn: Turn = field(init=False)

    def __post_init__(self) -> None:
        self.flow = self.library.get_flow_for_number("+12025550100")
        self.turn = start_flow(self.flow, self.library, self.situation, self.language)

    def at(self, step: str, **params: str) -> Talk:
        self.turn = start_at_step(self.flow, self.library, self.situation, self.language, step, params)
        return self

    def input(self, kind: FlowInputKind, value: str = "") -> Talk:
        heard = FlowInput(kind=kind, value=value)
        self.turn = apply_input(self.flow, self.library, self.turn.position, self.situation, heard)
        return self

    def press(self, *keys: str) -> Talk:
        for key in keys:
            self.input(FlowInputKind.KEYS, key)
        return self

    def hangs_up(self) -> bool:
        return isinstance(self.turn.action, EndOfCall)

    def says(self, words: str) -> Talk:
        return self.input(FlowInputKind.WORDS, words)

    def nothing(self) -> Talk:
        return self.input(FlowInputKind.SILENCE)

    def result(self, value: str) -> Talk:
        return self.input(FlowInputKind.RESULT, value)

    @property
    def heard(self) -> str:
        return " ".join(
            said.url if isinstance(said, AudioPrompt) else said.text for said in self.turn.prompts
        )

    @property
    def then(self) -> TurnAction:
        return self.turn.action

    @property
    def step(self) -> str:
        return self.turn.position.step
