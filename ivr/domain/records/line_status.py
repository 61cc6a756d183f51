"""What stands for the whole line at this moment: which version of the flows is published, and what everybody hears first."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

from ivr.domain.record import Record

EVERY_NUMBER = "*"


@dataclass(frozen=True, kw_only=True)
class Announcement:
    """An announcement that is spoken before anything else. `words`: by language; the first is for whoever speaks none of them."""

    texts: Mapping[str, str]
    since: float
    by: str = ""

    def in_language(self, language: str) -> tuple[str, str]:
        """The language that it is said in, and the words."""
        spoken = language if language in self.texts else next(iter(self.texts))
        return spoken, self.texts[spoken]


@dataclass(frozen=True, kw_only=True)
class LineStatus(Record):
    record_type: ClassVar[str] = "line_status"

    id: str = "line"
    flow_version: str = ""  # of the flows; "" = none was published yet, the files are followed
    stored_announcements: str = ""  # JSON: our number -> [words by language, since, by]; "*" = every number

    @property
    def announcements(self) -> Mapping[str, Announcement]:
        """By number."""
        told = json.loads(self.stored_announcements or "{}")
        return {
            line: Announcement(texts=words, since=since, by=by) for line, (words, since, by) in told.items()
        }

    def announcement_on(self, our_number: str) -> Announcement | None:
        """What is said on a number: its own, else that of every number."""
        if not self.stored_announcements:
            return None
        found = self.announcements
        return found.get(our_number) or found.get(EVERY_NUMBER)

    def with_announcement(self, our_number: str, announcement: Announcement | None) -> LineStatus:
        """The same with another announcement on that number, or with none."""
        kept = {name: one for name, one in self.announcements.items() if name != our_number}
        if announcement is not None:
            kept[our_number] = announcement
        told = {name: [dict(one.texts), one.since, one.by] for name, one in kept.items()}
        return replace(self, stored_announcements=json.dumps(told, ensure_ascii=False) if told else "")
