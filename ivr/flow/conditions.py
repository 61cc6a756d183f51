"""Conditions of a `branch`: structured, so that they can be checked. All that is written under `when` must be true."""

from __future__ import annotations

from dataclasses import dataclass

from ivr.flow.model import StepContext
from ivr.flow.yaml_source.entry import Ref, YamlEntry, comma_separated, did_you_mean
from ivr.flow.yaml_source.fields import Field, field_names, get_field

CALLER_CHOICES = ("known", "unknown")
OWED_CHOICES = ("promise", "nothing")
_AT_LEAST_FIELD = Field(name="at_least", kind="number", description="So many or more", default=1, minimum=1)
_QUEUE_FIELD = Field(name="queue", kind="queue", description="Of which queue", required=True)
_MIN_SECONDS_FIELD = Field(name="at_least", kind="number", description="So many seconds or more")
_MAX_SECONDS_FIELD = Field(name="at_most", kind="number", description="So many seconds or fewer")
FIELDS = (
    Field(name="open", kind="hours", description="These hours hold now"),
    Field(name="closed", kind="hours", description="These hours do not hold now"),
    Field(name="caller", kind="text", description="Whether we know who calls", choices=CALLER_CHOICES),
    Field(name="language", kind="language", description="What is spoken"),
    Field(name="owed", kind="text", description="Whether we owe them a call", choices=OWED_CHOICES),
    Field(
        name="calls_today",
        kind="group",
        description="How often they have called today, this call counted",
        fields=(_AT_LEAST_FIELD,),
    ),
    Field(
        name="agents_free",
        kind="group",
        description="How many agents are free now",
        fields=(_QUEUE_FIELD, _AT_LEAST_FIELD),
    ),
    Field(
        name="estimate",
        kind="group",
        description="How long a caller would wait; where nobody is working, there is no end to it",
        fields=(_QUEUE_FIELD, _MIN_SECONDS_FIELD, _MAX_SECONDS_FIELD),
        schema_rules={"anyOf": [{"required": ["at_least"]}, {"required": ["at_most"]}]},
    ),
)
FIELD_NAMES = field_names(FIELDS)


@dataclass(frozen=True, kw_only=True)
class BranchCondition:
    """Empty and None fields ask for nothing."""

    open: str = ""  # name of hours or of a queue
    closed: str = ""
    caller: str = ""  # known, unknown
    language: str = ""
    owed: str = ""  # promise, nothing
    calls_today: int | None = None  # at least so many, this one counted
    agents_free: tuple[str, int] | None = None  # queue, at least
    estimate: tuple[str, int | None, int | None] | None = None  # queue, at least and at most so many seconds
    refs: tuple[Ref, ...] = ()

    def holds(self, context: StepContext) -> bool:
        now = context.caller
        return (
            (not self.open or context.is_open(self.open))
            and (not self.closed or not context.is_open(self.closed))
            and (not self.caller or now.known == (self.caller == "known"))
            and (not self.language or context.language == self.language)
            and (not self.owed or (now.open_promise is not None) == (self.owed == "promise"))
            and (self.calls_today is None or now.calls_today >= self.calls_today)
            and (
                self.agents_free is None or now.agents_free.get(self.agents_free[0], 0) >= self.agents_free[1]
            )
            and (
                self.estimate is None
                or self._is_wait_within(now.estimate.get(self.estimate[0]), *self.estimate[1:])
            )
        )

    def describe(self) -> str:
        """In words, as short as they get: "support closed, caller known"."""
        free, wait = self.agents_free, self.estimate
        parts = (
            self.open and f"{self.open} open",
            self.closed and f"{self.closed} closed",
            self.caller and f"caller {self.caller}",
            self.language and f"language {self.language}",
            self.owed and f"owed a {self.owed}".replace("a nothing", "nothing"),
            "" if self.calls_today is None else f"{self.calls_today}+ calls today",
            f"{free[1]} free in {free[0]}" if free else "",
            f"wait in {wait[0]} {_describe_bounds(*wait[1:])}" if wait else "",
        )
        return ", ".join(part for part in parts if part)

    @staticmethod
    def _is_wait_within(seconds: int | None, at_least: int | None, at_most: int | None) -> bool:
        """Nobody working is an endless wait."""
        if seconds is None:
            return at_most is None
        return (at_least is None or seconds >= at_least) and (at_most is None or seconds <= at_most)


def _describe_bounds(at_least: int | None, at_most: int | None) -> str:
    """Of seconds."""
    least = "" if at_least is None else f"from {at_least} s"
    return " ".join(part for part in (least, "" if at_most is None else f"up to {at_most} s") if part)


def parse_condition(entry: YamlEntry) -> BranchCondition:
    entry.allow_only(FIELD_NAMES)
    if not entry.field_names():
        entry.add_fault(f"{entry.label} asks for nothing; expected one of: {comma_separated(FIELD_NAMES)}")
    refs: list[Ref] = []
    for kind, key in (("hours", "open"), ("hours", "closed"), ("language", "language")):
        if key in entry:
            refs.append(entry.get_ref(kind, key))
    free = _parse_group(entry, "agents_free", refs)
    estimate = _parse_group(entry, "estimate", refs)
    if estimate and not {"at_least", "at_most"} & set(estimate.field_names()):
        entry.add_fault('"estimate" needs "at_most" or "at_least" seconds', estimate.location)
    calls = entry.get_entry("calls_today") if "calls_today" in entry else None
    if calls:
        calls.allow_only((_AT_LEAST_FIELD.name,))
    return BranchCondition(
        open=entry.get_text("open", ""),
        closed=entry.get_text("closed", ""),
        caller=_parse_choice(entry, "caller", CALLER_CHOICES),
        language=entry.get_text("language", ""),
        owed=_parse_choice(entry, "owed", OWED_CHOICES),
        calls_today=calls.get_number(_AT_LEAST_FIELD) if calls else None,
        agents_free=(free.get_text("queue", ""), free.get_number(_AT_LEAST_FIELD)) if free else None,
        estimate=(
            estimate.get_text("queue", ""),
            _parse_seconds(estimate, _MIN_SECONDS_FIELD),
            _parse_seconds(estimate, _MAX_SECONDS_FIELD),
        )
        if estimate
        else None,
        refs=tuple(refs),
    )


def _parse_group(entry: YamlEntry, key: str, refs: list[Ref]) -> YamlEntry | None:
    if key not in entry:
        return None
    group = entry.get_entry(key)
    group.allow_only(field_names(get_field(FIELDS, key).fields))
    refs.append(group.get_ref("queue", "queue"))
    return group


def _parse_seconds(entry: YamlEntry, field: Field) -> int | None:
    return entry.get_number(field) if field.name in entry else None


def _parse_choice(entry: YamlEntry, key: str, choices: tuple[str, ...]) -> str:
    value = entry.get_text(key, "")
    if value and value not in choices:
        entry.add_fault(
            f'"{key}" should be one of: {comma_separated(choices)}; not "{value}".{did_you_mean(value, choices)}',
            entry.value_location(key),
        )
    return value
