"""Every kind of call a flow can tell apart: each class of hour, of caller and of line, by one example."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import product
from zoneinfo import ZoneInfo

from ivr.domain.hours import open_spans
from ivr.flow.conditions import Condition
from ivr.flow.model import Flow, Library
from ivr.flow.steps.branch import Branch
from ivr.flow.steps.recall import Recall
from ivr.flow.turn import LastContact, Owed, Situation

# A year holds every weekday, holiday and change of the clocks.
A_YEAR = timedelta(days=366)
NUMBER = "+12025550123"


@dataclass(frozen=True, kw_only=True)
class CallClass:
    """An example, and how somebody could make that call."""

    situation: Situation
    language: str
    told: str


def call_classes(flow: Flow, library: Library, since: datetime) -> Iterator[CallClass]:
    """All combinations of what this flow's steps look at."""
    conditions = [
        case.when for step in flow.steps.values() if isinstance(step, Branch) for case in step.cases
    ]
    for at, language in product(_times(flow, library, conditions, since), flow.languages):
        zone = _zone(flow, library)
        now = at.astimezone(zone)
        for caller, line in product(_callers(flow, conditions, now), _lines(conditions)):
            situation, who = caller
            made = replace(situation, agents_free=line.free, estimate=line.estimate)
            for calls in _calls_today(conditions):
                told = [
                    f"call in at {now:%A %H:%M}",
                    who,
                    line.told,
                    f"call number {calls} today" if calls > 1 else "",
                ]
                yield CallClass(
                    situation=replace(made, calls_today=calls),
                    language=language,
                    told=", ".join(part for part in told if part),
                )


def _zone(flow: Flow, library: Library) -> ZoneInfo:
    hours = library.opening(flow.person) or next(iter(library.hours.values()), None)
    return ZoneInfo(hours.zone if hours else "UTC")


def _times(flow: Flow, library: Library, conditions: list[Condition], since: datetime) -> list[datetime]:
    """One instant for every combination of open and closed that the year holds."""
    named = {name for when in conditions for name in (when.open, when.closed) if name}
    queues = {ref.name for step in flow.steps.values() for ref in step.refs() if ref.kind == "queue"}
    hours = {h.name: h for name in (*named, *queues, flow.person) if (h := library.opening(name))}
    spans = {name: open_spans(found, since, since + A_YEAR) for name, found in hours.items()}
    edges = sorted(
        {since, *(edge.astimezone(UTC) for found in spans.values() for span in found for edge in span)}
    )
    open_at = dict.fromkeys(spans, 0)
    seen: dict[tuple[bool, ...], datetime] = {}
    for edge in edges:
        state = []
        for name, found in spans.items():
            while open_at[name] < len(found) and found[open_at[name]][1] <= edge:
                open_at[name] += 1
            at = open_at[name]
            state.append(at < len(found) and found[at][0] <= edge)
        seen.setdefault(tuple(state), edge)
    return list(seen.values())


def _callers(flow: Flow, conditions: list[Condition], now: datetime) -> list[tuple[Situation, str]]:
    new = Situation(now=now, number=NUMBER)
    hidden = replace(new, number="")
    found = [(new, ""), (hidden, "number hidden")]
    recalls = any(isinstance(step, Recall) for step in flow.steps.values())
    if recalls or any(when.caller or when.owed for when in conditions):
        last = LastContact(at=now - timedelta(days=1), agent="Danielle", about="your suitcase", case="c1")
        owed = Owed(
            promise="p1",
            until=now + timedelta(hours=2),
            by="Danielle",
            about="your suitcase",
            may_change=True,
        )
        known = replace(new, known=True, name="Lori", last=last)
        found += [
            (known, "as somebody who called yesterday"),
            (
                replace(known, owed=owed, also=(replace(owed, promise="p2"),)),
                "as somebody who is owed a call",
            ),
            (
                replace(hidden, owed=Owed(promise="p1", until=owed.until)),
                "number hidden, and owed a call",
            ),
        ]
    return found


@dataclass(frozen=True, kw_only=True)
class _Line:
    free: Mapping[str, int]
    estimate: Mapping[str, int | None]
    told: str


def _lines(conditions: list[Condition]) -> Iterator[_Line]:
    free: dict[str, set[int]] = {}
    estimate: dict[str, set[int | None]] = {}
    for when in conditions:
        if when.agents_free:
            free.setdefault(when.agents_free[0], {0}).add(when.agents_free[1])
        if when.estimate:
            queue, at_least, at_most = when.estimate
            edges = {max(0, n + d) for n in (at_least, at_most) if n is not None for d in (-1, 0, 1)}
            estimate.setdefault(queue, {None}).update(edges)
    for values in product(*(sorted(v) for v in free.values())):
        for waits in product(*(sorted(v, key=lambda n: -1 if n is None else n) for v in estimate.values())):
            told = [f"{n} free in {q}" for q, n in zip(free, values, strict=True)]
            told += [
                f"{'no' if n is None else f'{n} s'} estimate in {q}"
                for q, n in zip(estimate, waits, strict=True)
            ]
            yield _Line(
                free=dict(zip(free, values, strict=True)),
                estimate=dict(zip(estimate, waits, strict=True)),
                told=", ".join(told),
            )


def _calls_today(conditions: list[Condition]) -> list[int]:
    edges = {n for when in conditions if when.calls_today for n in (when.calls_today - 1, when.calls_today)}
    return sorted({1, *(n for n in edges if n >= 1)})
