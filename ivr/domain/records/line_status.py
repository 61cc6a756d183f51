"""What stands for the whole line at this moment: which version of the flows is published, and what everybody hears first."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

from ivr.domain.record import Record

EVERY_LINE = "*"


@dataclass(frozen=True, kw_only=True)
class Emergency:
    """A notice that is spoken before anything else. `words`: by language; the first is for whoever speaks none of them."""

    words: Mapping[str, str]
    since: float
    by: str = ""

    def said_in(self, language: str) -> tuple[str, str]:
        """The language that it is said in, and the words."""
        spoken = language if language in self.words else next(iter(self.words))
        return spoken, self.words[spoken]


@dataclass(frozen=True, kw_only=True)
class Standing(Record):
    noun: ClassVar[str] = "line_status"

    id: str = "line"
    version: str = ""  # of the flows; "" = none was published yet, the files are followed
    notices: str = ""  # JSON: line -> [words by language, since, by]; "*" = every line

    @property
    def emergencies(self) -> Mapping[str, Emergency]:
        """By line."""
        told = json.loads(self.notices or "{}")
        return {line: Emergency(words=words, since=since, by=by) for line, (words, since, by) in told.items()}

    def emergency(self, line: str) -> Emergency | None:
        """What is said on a line: its own, else that of every line."""
        if not self.notices:
            return None
        found = self.emergencies
        return found.get(line) or found.get(EVERY_LINE)

    def with_emergency(self, line: str, emergency: Emergency | None) -> Standing:
        """The same with another notice on that line, or with none."""
        kept = {name: one for name, one in self.emergencies.items() if name != line}
        if emergency is not None:
            kept[line] = emergency
        told = {name: [dict(one.words), one.since, one.by] for name, one in kept.items()}
        return replace(self, notices=json.dumps(told, ensure_ascii=False) if told else "")
