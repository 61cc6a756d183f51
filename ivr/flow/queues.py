"""The queues of `flows/queues.yaml`: who waits for whom, how long, and what is tried when a callback fails."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ivr.flow.yaml_source.entry import Entry, Ref
from ivr.flow.yaml_source.fields import Field, named, names

FIELDS = (
    Field(name="skills", kind="words", about="What an agent of it must be able to do, all of it"),
    Field(
        name="threshold",
        kind="number",
        about="Seconds within which a call is answered well",
        default=20,
        least=1,
    ),
    Field(
        name="hold_max",
        kind="number",
        about="Seconds on hold before the caller is spoken to and given a choice",
        default=60,
        least=10,
        most=60,
    ),
    Field(
        name="widen",
        kind="number",
        about="Seconds of waiting after which extra skills are no longer asked for and the queue of `overflow` helps; 0: never",
        default=120,
    ),
    Field(
        name="music",
        kind="words",
        about="Addresses of recordings to wait by; without them, quiet between words",
    ),
    Field(
        name="wrap_up",
        kind="number",
        about="Seconds an agent has for notes after a call, before their telephone asks how it went",
        default=60,
        most=3600,
    ),
    Field(
        name="attempts",
        kind="numbers",
        about="Minutes between attempts at a call that we owe, like [5, 30, 120, 1440]",
        least=1,
    ),
    Field(name="overflow", kind="queue", about="The queue whose people help out after `widen` seconds"),
    Field(name="hours", kind="hours", about="When it is open; always without it"),
    Field(name="spoken", kind="named", about="By language, how it is called"),
    Field(
        name="handle_minutes",
        kind="number",
        about="Minutes that a call takes, until there is a history to know it from",
        default=6,
        least=1,
        most=240,
    ),
    Field(
        name="max_waiting",
        kind="number",
        about="When more than these wait, others hear a promise instead of music",
        default=500,
        least=1,
    ),
)
ALLOWED = names(FIELDS)


@dataclass(frozen=True, kw_only=True)
class Queue:
    name: str
    skills: tuple[str, ...] = ()  # an agent needs all of them
    threshold: int = 20  # seconds; answered within it counts towards the service level
    hold_max: int = 60  # seconds on hold before the caller is spoken to and given a choice
    widen: int = (
        120  # seconds of waiting after which extra skills are not asked for, and others help; 0 = never
    )
    music: tuple[str, ...] = ()  # audio URLs; none = quiet pauses between words
    wrap_up: int = 60  # seconds for the agent's notes after a call
    attempts: tuple[int, ...] = (5, 30, 120, 1440)  # minutes between attempts at a callback
    overflow: str = ""  # queue whose people help out then
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
    widen = entry.number(named(FIELDS, "widen"))
    if overflow.name and not widen:
        entry.fault(
            f'{entry.what}: "{overflow.name}" would never help out, as "widen" is 0; leave out one of them',
            overflow.place,
        )
    return Queue(
        name=name,
        skills=entry.texts("skills"),
        threshold=entry.number(named(FIELDS, "threshold")),
        hold_max=entry.number(named(FIELDS, "hold_max")),
        widen=widen,
        music=entry.texts("music"),
        wrap_up=entry.number(named(FIELDS, "wrap_up")),
        attempts=_attempts(entry),
        overflow=overflow.name,
        hours=hours.name,
        spoken={language: spoken.text(language) for language in spoken.names()},
        handle_minutes=entry.number(named(FIELDS, "handle_minutes")),
        max_waiting=entry.number(named(FIELDS, "max_waiting")),
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
