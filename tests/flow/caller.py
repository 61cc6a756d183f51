"""A caller in a test: presses, speaks, says nothing, and remembers what was said."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from ivr.flow.engine import begin, begin_at, hear
from ivr.flow.loader.library import load_flows, read_flows
from ivr.flow.model import Flow, Library
from ivr.flow.turn import Audio, End, Heard, HeardKind, Situation, Then, Turn

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
    return read_flows(files(steps, header=header, **others))


@dataclass(kw_only=True)
class Talk:
    library: Library
    situation: Situation = field(default_factory=lambda: Situation(now=MONDAY_NOON, number=NUMBER))
    language: str = "en"
    flow: Flow = field(init=False)
    turn: Turn = field(init=False)

    def __post_init__(self) -> None:
        self.flow = self.library.for_line("+12025550100")
        self.turn = begin(self.flow, self.library, self.situation, self.language)

    def at(self, step: str, **params: str) -> Talk:
        self.turn = begin_at(self.flow, self.library, self.situation, self.language, step, params)
        return self

    def hear(self, kind: HeardKind, value: str = "") -> Talk:
        heard = Heard(kind=kind, value=value)
        self.turn = hear(self.flow, self.library, self.turn.position, self.situation, heard)
        return self

    def press(self, *keys: str) -> Talk:
        for key in keys:
            self.hear(HeardKind.KEYS, key)
        return self

    def hangs_up(self) -> bool:
        return isinstance(self.turn.then, End)

    def says(self, words: str) -> Talk:
        return self.hear(HeardKind.WORDS, words)

    def nothing(self) -> Talk:
        return self.hear(HeardKind.SILENCE)

    def result(self, value: str) -> Talk:
        return self.hear(HeardKind.RESULT, value)

    @property
    def heard(self) -> str:
        return " ".join(said.url if isinstance(said, Audio) else said.text for said in self.turn.says)

    @property
    def then(self) -> Then:
        return self.turn.then

    @property
    def step(self) -> str:
        return self.turn.position.step
