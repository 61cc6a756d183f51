"""What calls differ in, as far as a flow can tell: by one example of each hour, caller, count of calls and state of the line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import chain, product
from zoneinfo import ZoneInfo

from ivr.domain.schedule.opening_hours import open_spans
from ivr.domain.speech import spoken_text
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
    """Choose instants that stand for all others of the year after `since`.

    Every combination of open and closed has at least one. Among the instants of a combination, some take longest to say when
    one of the closed hours opens, in one of the languages, and some when all of them open: the choice includes one of each.
    """
    named = {name for when in conditions for name in (when.open, when.closed) if name}
    queues = {ref.name for step in flow.steps.values() for ref in step.refs() if ref.kind == "queue"}
    hours = {h.name: h for name in (*named, *queues, flow.person) if (h := library.opening(name))}
    spans = {name: open_spans(found, since, since + A_YEAR) for name, found in hours.items()}
    edges = {edge.astimezone(UTC) for found in spans.values() for span in found for edge in span}
    here = zone(flow, library)
    words, nothing = _Words(flow.languages, here), (0,) * len(flow.languages)
    at = dict.fromkeys(spans, 0)
    # By what is open: the numbers of words, and the first instant at which they are these.
    found: dict[tuple[bool, ...], dict[_Counts, datetime]] = {}
    for instant in sorted({since, *edges, *_midnights(since, here)}):
        state: list[bool] = []
        said: list[tuple[int, ...]] = []
        for name, theirs in spans.items():
            while at[name] < len(theirs) and theirs[at[name]][1] <= instant:
                at[name] += 1
            opens = theirs[at[name]][0] if at[name] < len(theirs) else None
            is_open = opens is not None and opens <= instant
            state.append(is_open)
            said.append(nothing if opens is None or is_open else words.until(opens, instant))
        found.setdefault(tuple(state), {}).setdefault(tuple(said), instant)
    return [instant for said in found.values() for instant in _longest(said)]


def _midnights(since: datetime, here: tzinfo) -> Iterator[datetime]:
    """The words change at midnight too: what opens "on Monday" opens "tomorrow" then."""
    first = since.astimezone(here).date()
    for day in range(1, A_YEAR.days + 1):
        yield datetime.combine(first + timedelta(days=day), time(), here).astimezone(UTC)


# Of each of the hours, in each language: how many words it takes to say when they open; 0 while they are open.
_Counts = tuple[tuple[int, ...], ...]


def _longest(said: Mapping[_Counts, datetime]) -> list[datetime]:
    """Choose few instants of one combination, so that each number of words, and their sum, has its greatest value at one."""
    values = {counts: [*chain(*counts), *map(sum, zip(*counts, strict=True))] for counts in said}
    greatest = [max(column) for column in zip(*values.values(), strict=True)]
    left = set(range(len(greatest)))
    chosen = [max(said, key=lambda counts: sum(map(max, counts)))]
    while left := {n for n in left if values[chosen[-1]][n] < greatest[n]}:
        chosen.append(max(said, key=lambda counts: sum(values[counts][n] == greatest[n] for n in left)))
    return [said[counts] for counts in chosen]


class _Words:
    """How many words it takes to say when something opens."""

    def __init__(self, languages: Sequence[str], here: tzinfo) -> None:
        self.languages, self.here = languages, here
        self._known: dict[tuple[date, int, int, date], tuple[int, ...]] = {}

    def until(self, opens: datetime, now: datetime) -> tuple[int, ...]:
        """In each language."""
        now, opens = now.astimezone(self.here), opens.astimezone(self.here)
        key = (opens.date(), opens.hour, opens.minute, now.date())
        if key not in self._known:
            said = (spoken_text.at_when(opens, language, now) for language in self.languages)
            self._known[key] = tuple(len(words.split()) for words in said)
        return self._known[key]


@dataclass(frozen=True)
class Caller:
    """Who calls, as far as we may say so: what can be true of somebody together (`usecases/customers/caller_context.py` decides it)."""

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
