"""The queues of `flows/queues.yaml`: who waits for whom, how long, and what is tried when a callback fails."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ivr.flow.yaml_source.entry import Ref, YamlEntry
from ivr.flow.yaml_source.fields import Field, field_names, get_field

FIELDS = (
    Field(name="skills", kind="words", description="What an agent of it must be able to do, all of it"),
    Field(
        name="threshold",
        kind="number",
        description="Seconds within which a call is answered well",
        default=20,
        minimum=1,
    ),
    Field(
        name="hold_max",
        kind="number",
        description="Seconds on hold before the caller is spoken to and given a choice",
        default=60,
        minimum=10,
        maximum=60,
    ),
    Field(
        name="widen",
        kind="number",
        description="Seconds of waiting after which extra skills are no longer asked for and the queue of `overflow` helps; 0: never",
        default=120,
    ),
    Field(
        name="music",
        kind="words",
        description="Addresses of recordings to wait by; without them, quiet between words",
    ),
    Field(
        name="wrap_up",
        kind="number",
        description="Seconds an agent has for notes after a call, before their telephone asks how it went",
        default=60,
        maximum=3600,
    ),
    Field(
        name="attempts",
        kind="numbers",
        description="Minutes between attempts at a call that we owe, like [5, 30, 120, 1440]",
        minimum=1,
    ),
    Field(name="overflow", kind="queue", description="The queue whose people help out after `widen` seconds"),
    Field(name="hours", kind="hours", description="When it is open; always without it"),
    Field(name="spoken", kind="named", description="By language, how it is called"),
    Field(
        name="handle_minutes",
        kind="number",
        description="Minutes that a call takes, until there is a history to know it from",
        default=6,
        minimum=1,
        maximum=240,
    ),
    Field(
        name="max_waiting",
        kind="number",
        description="When more than these wait, others hear a promise instead of music",
        default=500,
        minimum=1,
    ),
)
FIELD_NAMES = field_names(FIELDS)


@dataclass(frozen=True, kw_only=True)
class QueueSettings:
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

    def has_spoken_name(self, language: str) -> bool:
        return language in self.spoken or language.split("-", maxsplit=1)[0] in self.spoken

    def spoken_name(self, language: str) -> str:
        return self.spoken.get(language) or self.spoken.get(
            language.split("-", maxsplit=1)[0], self.name.replace("_", " ")
        )


def parse_queues(file: YamlEntry) -> dict[str, QueueSettings]:
    return {name: _parse_queue(name, file.get_entry(name, f'queue "{name}"')) for name in file.field_names()}


def _parse_queue(name: str, entry: YamlEntry) -> QueueSettings:
    entry.allow_only(FIELD_NAMES)
    spoken = entry.get_entry("spoken")
    overflow, hours = entry.get_ref("queue", "overflow", ""), entry.get_ref("hours", "hours", "")
    widen = entry.get_number(get_field(FIELDS, "widen"))
    if overflow.name and not widen:
        entry.add_fault(
            f'{entry.label}: "{overflow.name}" would never help out, as "widen" is 0; leave out one of them',
            overflow.location,
        )
    return QueueSettings(
        name=name,
        skills=entry.get_texts("skills"),
        threshold=entry.get_number(get_field(FIELDS, "threshold")),
        hold_max=entry.get_number(get_field(FIELDS, "hold_max")),
        widen=widen,
        music=entry.get_texts("music"),
        wrap_up=entry.get_number(get_field(FIELDS, "wrap_up")),
        attempts=_parse_attempts(entry),
        overflow=overflow.name,
        hours=hours.name,
        spoken={language: spoken.get_text(language) for language in spoken.field_names()},
        handle_minutes=entry.get_number(get_field(FIELDS, "handle_minutes")),
        max_waiting=entry.get_number(get_field(FIELDS, "max_waiting")),
        refs=tuple(ref for ref in (overflow, hours) if ref.name),
    )


def _parse_attempts(entry: YamlEntry) -> tuple[int, ...]:
    texts = entry.get_texts("attempts")
    if all(text.isdigit() and int(text) > 0 for text in texts):
        return tuple(int(text) for text in texts) or QueueSettings.attempts
    entry.add_fault(
        f'{entry.label}: "attempts" should be minutes between attempts, like [5, 30, 120, 1440]',
        entry.value_location("attempts"),
    )
    return QueueSettings.attempts
