"""What calls differ in, as far as a flow can tell: by one example of each hour, caller, count of calls and state of the line."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from ivr.domain.hours import open_spans
from ivr.flow.conditions import Condition
from ivr.flow.model import Flow, Library
from ivr.flow.steps.recall import Recall
from ivr.flow.turn import LastContact, Owed, Situation

# A year holds every weekday, holiday and change of the clocks.
A_YEAR = timedelta(days=366)
NUMBER = "+12025550123"


def zone(flow: Flow, library: Library) -> ZoneInfo:
    hours = library.opening(flow.person) or next(iter(library.hours.values()), None)
    return ZoneInfo(hours.zone if hours else "UTC")


def times(flow: Flow, library: Library, conditions: list[Condition], since: datetime) -> list[datetime]:
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


def callers(flow: Flow, conditions: list[Condition]) -> list[str]:
    """What is said of each after the hour of the call; "" of somebody new."""
    recalls = any(isinstance(step, Recall) for step in flow.steps.values())
    known = recalls or any(when.caller or when.owed for when in conditions)
    return ["", HIDDEN, *((KNOWN, OWED, HIDDEN_OWED) if known else ())]


HIDDEN, KNOWN, OWED = "number hidden", "as somebody who called yesterday", "as somebody who is owed a call"
HIDDEN_OWED = "number hidden, and owed a call"


def caller(which: str, now: datetime) -> Situation:
    new = Situation(now=now, number="" if which in {HIDDEN, HIDDEN_OWED} else NUMBER)
    until = now + timedelta(hours=2)
    if which == HIDDEN_OWED:
        return replace(new, owed=Owed(promise="p1", until=until))
    if which not in {KNOWN, OWED}:
        return new
    last = LastContact(at=now - timedelta(days=1), agent="Danielle", about="your suitcase", case="c1")
    known = replace(new, known=True, name="Lori", last=last)
    owed = Owed(promise="p1", until=until, by="Danielle", about="your suitcase", may_change=True)
    return known if which == KNOWN else replace(known, owed=owed, also=(replace(owed, promise="p2"),))


def free(conditions: list[Condition]) -> dict[str, list[int]]:
    """By queue, how many may be free."""
    found: dict[str, set[int]] = {}
    for when in conditions:
        if when.agents_free:
            found.setdefault(when.agents_free[0], {0}).add(when.agents_free[1])
    return {queue: sorted(values) for queue, values in found.items()}


def estimates(conditions: list[Condition]) -> dict[str, list[int | None]]:
    """By queue, seconds on both sides of every bound; None: nobody is working."""
    found: dict[str, set[int]] = {}
    for when in conditions:
        if when.estimate:
            queue, at_least, at_most = when.estimate
            edges = found.setdefault(queue, set())
            edges.update(() if at_least is None else (max(0, at_least - 1), at_least))
            edges.update(() if at_most is None else (at_most, at_most + 1))
    return {queue: [None, *sorted(values)] for queue, values in found.items()}


def calls_today(conditions: list[Condition]) -> list[int]:
    return sorted({1, *(when.calls_today for when in conditions if when.calls_today)})
