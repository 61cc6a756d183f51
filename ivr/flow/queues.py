"""The queues of `flows/queues.yaml`: who waits for whom, how long, and what is tried when a callback fails."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ivr.flow.source import Entry, Ref

ALLOWED = (
    "skills", "threshold", "hold_max", "widen", "music", "wrap_up", "attempts", "overflow",
    "hours", "spoken", "handle_minutes", "max_waiting",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Queue:
    name: str
    skills: tuple[str, ...] = ()  # an agent needs all of them
    threshold: int = 20  # seconds; answered within it counts towards the service level
    hold_max: int = 60  # seconds on hold before the caller is spoken to and given a choice
    widen: int = 120  # seconds of waiting after which extra skills are no longer asked for; 0 = never
    music: tuple[str, ...] = ()  # audio URLs; none = quiet pauses between words
    wrap_up: int = 60  # seconds for the agent's notes after a call
    attempts: tuple[int, ...] = (5, 30, 120, 1440)  # minutes between attempts at a callback
    overflow: str = ""  # queue that helps out
    hours: str = ""  # name in hours.yaml; "" = always open
    spoken: Mapping[str, str] = field(default_factory=dict)  # by language: "support", "bookings"
    handle_minutes: int = 6  # an average call, until history knows better
    max_waiting: int = 500  # more than these hear a promise instead of music
    refs: tuple[Ref, ...] = ()

    def is_spoken_in(self, language: str) -> bool:
        return language in self.spoken or language.split("-", maxsplit=1)[0] in self.spoken

    def spoken_in(self, language: str) -> str:
        return self.spoken.get(language) or self.spoken.get(
            language.split("-", maxsplit=1)[0], self.name.replace("_", " ")
        )


def parse_queues(file: Entry) -> dict[str, Queue]:
    return {name: _queue(name, file.entry(name, f'queue "{name}"')) for name in file.names()}


def _queue(name: str, entry: Entry) -> Queue:
    entry.only(ALLOWED)
    spoken = entry.entry("spoken")
    overflow, hours = entry.ref("queue", "overflow", ""), entry.ref("hours", "hours", "")
    return Queue(
        name=name,
        skills=entry.texts("skills"),
        threshold=entry.number("threshold", 20, least=1),
        hold_max=entry.number("hold_max", 60, least=10, most=60),
        widen=entry.number("widen", 120),
        music=entry.texts("music"),
        wrap_up=entry.number("wrap_up", 60, most=3600),
        attempts=_attempts(entry),
        overflow=overflow.name,
        hours=hours.name,
        spoken={language: spoken.text(language) for language in spoken.names()},
        handle_minutes=entry.number("handle_minutes", 6, least=1, most=240),
        max_waiting=entry.number("max_waiting", 500, least=1),
        refs=tuple(ref for ref in (overflow, hours) if ref.name),
    )


def _attempts(entry: Entry) -> tuple[int, ...]:
    texts = entry.texts("attempts")
    if all(text.isdigit() and int(text) > 0 for text in texts):
        return tuple(int(text) for text in texts) or Queue.attempts
    entry.fault(
        f'{entry.what}: "attempts" should be minutes between attempts, like [5, 30, 120, 1440]',
        entry.value_place("attempts"),
    )
    return Queue.attempts
