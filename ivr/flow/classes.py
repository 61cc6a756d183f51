"""What calls differ in, as far as a flow can tell: by one example of each hour, caller, count of calls and state of the line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import product
from zoneinfo import ZoneInfo

from ivr.domain import spoken
from ivr.domain.hours import open_spans
from ivr.flow.conditions import Condition
from ivr.flow.model import Flow, Library
from ivr.flow.steps.recall import Recall
from ivr.flow.turn import LastContact, Owed, Situation

# A year holds every weekday, holiday and change of the clocks.
A_YEAR = timedelta(days=366)
NUMBER = "+12025550123"
LONG_WAIT = 5400  # seconds: "about an hour and a half" takes long to say


def zone(flow: Flow, library: Library) -> ZoneInfo:
    hours = library.opening(flow.person) or next(iter(library.hours.values()), None)
    return ZoneInfo(hours.zone if hours else "UTC")


def times(flow: Flow, library: Library, conditions: list[Condition], since: datetime) -> list[datetime]:
    """One instant for every combination of open and closed that the year holds: of those, one at which it takes longest to say when
    whatever is closed opens again.
    """
    named = {name for when in conditions for name in (when.open, when.closed) if name}
    queues = {ref.name for step in flow.steps.values() for ref in step.refs() if ref.kind == "queue"}
    hours = {h.name: h for name in (*named, *queues, flow.person) if (h := library.opening(name))}
    spans = {name: open_spans(found, since, since + A_YEAR) for name, found in hours.items()}
    edges = sorted(
        {since, *(edge.astimezone(UTC) for found in spans.values() for span in found for edge in span)}
    )
    words = _Words(flow.languages)
    at = dict.fromkeys(spans, 0)
    best: dict[tuple[bool, ...], tuple[int, datetime]] = {}
    for edge in edges:
        state, said = [], 0
        for name, found in spans.items():
            while at[name] < len(found) and found[at[name]][1] <= edge:
                at[name] += 1
            opens = found[at[name]][0] if at[name] < len(found) else None
            is_open = opens is not None and opens <= edge
            state.append(is_open)
            if opens and not is_open:
                said += words.until(opens, edge)
        if said > best.get(tuple(state), (-1, edge))[0]:
            best[tuple(state)] = (said, edge)
    return [edge for _, edge in best.values()]


class _Words:
    """How many words it takes to say when something opens."""

    def __init__(self, languages: Sequence[str]) -> None:
        self.languages = languages
        self._known: dict[tuple[int, int, int, int], int] = {}

    def until(self, opens: datetime, now: datetime) -> int:
        here = now.astimezone(opens.tzinfo)
        key = ((opens.date() - here.date()).days, opens.weekday(), opens.hour, opens.minute)
        if key not in self._known:
            said = (spoken.at_when(opens, language, here) for language in self.languages)
            self._known[key] = max(len(words.split()) for words in said)
        return self._known[key]


@dataclass(frozen=True)
class Caller:
    """Who calls, as far as we may say so: what can be true of somebody together (`usecases/known.py` decides it)."""

    shown: bool = True  # their number
    known: str = ""  # NAMED or TALKED; "" = a stranger, or somebody who may hear nothing
    owed: str = ""  # UNSURE, THEIRS or SEVERAL

    def situation(self, now: datetime) -> Situation:
        until = now + timedelta(hours=1, minutes=40)  # "by twenty to four" takes longer than "by four"
        about = "your suitcase"
        last = LastContact(at=now - timedelta(days=1), agent="Danielle", about=about, case="c1")
        unsure = Owed(promise="p1", until=until)
        owed = replace(unsure, by="Danielle", about=about, may_change=True) if self.owed != UNSURE else unsure
        return Situation(
            now=now,
            number=NUMBER if self.shown else "",
            name="Lori" if self.known else "",
            known=bool(self.known),
            last=last if self.known == TALKED else None,
            owed=owed if self.owed else None,
            also=(replace(owed, promise="p2"),) if self.owed == SEVERAL else (),
        )

    def __str__(self) -> str:
        parts = ("" if self.shown else "number hidden", _KNOWN[self.known], _OWED[self.owed])
        return ", ".join(part for part in parts if part)


NAMED, TALKED = "named", "talked"
UNSURE, THEIRS, SEVERAL = "unsure", "theirs", "several"
_KNOWN = {"": "", NAMED: "as somebody who is known by name only", TALKED: "as somebody who called yesterday"}
_OWED = {
    "": "",
    UNSURE: "from a telephone on which somebody is owed a call",
    THEIRS: "owed a call",
    SEVERAL: "owed two calls",
}


def callers(flow: Flow, conditions: list[Condition]) -> list[Caller]:
    """Strangers alone where a flow asks nothing that tells others apart from them."""
    recalls = any(isinstance(step, Recall) for step in flow.steps.values())
    asks = recalls or any(when.caller or when.owed for when in conditions)
    known = ("", TALKED, NAMED) if asks else ("",)
    return [
        Caller(shown, who, owed)
        for who, owed, shown in product(
            known, ("", SEVERAL, THEIRS, UNSURE) if asks else ("",), (True, False)
        )
        if who or owed in {"", UNSURE}  # to a stranger we say of nothing that it is theirs
    ]


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
