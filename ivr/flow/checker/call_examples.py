"""What calls differ in, as far as a flow can tell: by one example of each hour, caller, count of calls and state of the line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import chain, product
from zoneinfo import ZoneInfo

from ivr.domain.schedule.opening_hours import list_open_spans
from ivr.domain.speech import spoken_text
from ivr.flow.conditions import BranchCondition
from ivr.flow.model import Flow, Library
from ivr.flow.steps.recall import RecallStep
from ivr.flow.turn import CallerContext, LastContact, OpenPromise

# A year holds every weekday, holiday and change of the clocks.
ONE_YEAR = timedelta(days=366)
EXAMPLE_NUMBER = "+12025550123"
LONG_WAIT_SECONDS = 5400  # seconds: "about an hour and a half" takes long to say


def flow_time_zone(flow: Flow, library: Library) -> ZoneInfo:
    hours = library.get_hours(flow.person_queue) or next(iter(library.hours.values()), None)
    return ZoneInfo(hours.zone if hours else "UTC")


def example_times(
    flow: Flow, library: Library, conditions: list[BranchCondition], since: datetime
) -> list[datetime]:
    """Choose instants that stand for all others of the year after `since`.

    Every combination of open and closed has at least one. Among the instants of a combination, some take longest to say when
    one of the closed hours opens, in one of the languages, and some when all of them open: the choice includes one of each.
    """
    named = {name for when in conditions for name in (when.open, when.closed) if name}
    queues = {ref.name for step in flow.steps.values() for ref in step.refs() if ref.kind == "queue"}
    hours = {h.name: h for name in (*named, *queues, flow.person_queue) if (h := library.get_hours(name))}
    spans = {name: list_open_spans(found, since, since + ONE_YEAR) for name, found in hours.items()}
    edges = {edge.astimezone(UTC) for found in spans.values() for span in found for edge in span}
    here = flow_time_zone(flow, library)
    words, nothing = _OpeningWordCounter(flow.languages, here), (0,) * len(flow.languages)
    at = dict.fromkeys(spans, 0)
    # By what is open: the numbers of words, and the first instant at which they are these.
    found: dict[tuple[bool, ...], dict[_WordCounts, datetime]] = {}
    for instant in sorted({since, *edges, *_iterate_midnights(since, here)}):
        state: list[bool] = []
        said: list[tuple[int, ...]] = []
        for name, theirs in spans.items():
            while at[name] < len(theirs) and theirs[at[name]][1] <= instant:
                at[name] += 1
            opens = theirs[at[name]][0] if at[name] < len(theirs) else None
            is_open = opens is not None and opens <= instant
            state.append(is_open)
            said.append(nothing if opens is None or is_open else words.count_words(opens, instant))
        found.setdefault(tuple(state), {}).setdefault(tuple(said), instant)
    return [instant for said in found.values() for instant in _choose_longest(said)]


def _iterate_midnights(since: datetime, zone: tzinfo) -> Iterator[datetime]:
    """The words change at midnight too: what opens "on Monday" opens "tomorrow" then."""
    first = since.astimezone(zone).date()
    for day in range(1, ONE_YEAR.days + 1):
        yield datetime.combine(first + timedelta(days=day), time(), zone).astimezone(UTC)


# Of each of the hours, in each language: how many words it takes to say when they open; 0 while they are open.
_WordCounts = tuple[tuple[int, ...], ...]


def _choose_longest(instants: Mapping[_WordCounts, datetime]) -> list[datetime]:
    """Choose few instants of one combination, so that each number of words, and their sum, has its greatest value at one."""
    values = {counts: [*chain(*counts), *map(sum, zip(*counts, strict=True))] for counts in instants}
    greatest = [max(column) for column in zip(*values.values(), strict=True)]
    left = set(range(len(greatest)))
    chosen = [max(instants, key=lambda counts: sum(map(max, counts)))]
    while left := {n for n in left if values[chosen[-1]][n] < greatest[n]}:
        chosen.append(max(instants, key=lambda counts: sum(values[counts][n] == greatest[n] for n in left)))
    return [instants[counts] for counts in chosen]


class _OpeningWordCounter:
    """How many words it takes to say when something opens."""

    def __init__(self, languages: Sequence[str], zone: tzinfo) -> None:
        self.languages, self.zone = languages, zone
        self._cache: dict[tuple[date, int, int, date], tuple[int, ...]] = {}

    def count_words(self, opens: datetime, now: datetime) -> tuple[int, ...]:
        """In each language."""
        now, opens = now.astimezone(self.zone), opens.astimezone(self.zone)
        key = (opens.date(), opens.hour, opens.minute, now.date())
        if key not in self._cache:
            said = (spoken_text.at_when(opens, language, now) for language in self.languages)
            self._cache[key] = tuple(len(words.split()) for words in said)
        return self._cache[key]


@dataclass(frozen=True)
class ExampleCaller:
    """Who calls, as far as we may say so: what can be true of somebody together (`usecases/customers/caller_context.py` decides it)."""

    shows_number: bool = True  # their number
    known_as: str = ""  # KNOWN_BY_NAME or TALKED_BEFORE; "" = a stranger, or somebody who may hear nothing
    promises: str = ""  # UNSURE_WHOSE, ONE_OF_THEIRS or SEVERAL_OF_THEIRS

    def make_context(self, now: datetime) -> CallerContext:
        until = now + timedelta(hours=1, minutes=40)  # "by twenty to four" takes longer than "by four"
        about = "your suitcase"
        last = LastContact(at=now - timedelta(days=1), agent="Danielle", subject=about, case="c1")
        unsure = OpenPromise(promise_id="p1", until=until)
        owed = (
            replace(unsure, agent="Danielle", subject=about, may_change=True)
            if self.promises != UNSURE_WHOSE
            else unsure
        )
        return CallerContext(
            now=now,
            number=EXAMPLE_NUMBER if self.shows_number else "",
            name="Lori" if self.known_as else "",
            known=bool(self.known_as),
            last_contact=last if self.known_as == TALKED_BEFORE else None,
            open_promise=owed if self.promises else None,
            other_promises=(replace(owed, promise_id="p2"),) if self.promises == SEVERAL_OF_THEIRS else (),
        )

    def __str__(self) -> str:
        parts = (
            "" if self.shows_number else "number hidden",
            _KNOWN_TEXT[self.known_as],
            _PROMISES_TEXT[self.promises],
        )
        return ", ".join(part for part in parts if part)


KNOWN_BY_NAME, TALKED_BEFORE = "named", "talked"
UNSURE_WHOSE, ONE_OF_THEIRS, SEVERAL_OF_THEIRS = "unsure", "theirs", "several"
_KNOWN_TEXT = {
    "": "",
    KNOWN_BY_NAME: "as somebody who is known by name only",
    TALKED_BEFORE: "as somebody who called yesterday",
}
_PROMISES_TEXT = {
    "": "",
    UNSURE_WHOSE: "from a telephone on which somebody is owed a call",
    ONE_OF_THEIRS: "owed a call",
    SEVERAL_OF_THEIRS: "owed two calls",
}


def example_callers(flow: Flow, conditions: list[BranchCondition]) -> list[ExampleCaller]:
    """Strangers alone where a flow asks nothing that tells others apart from them."""
    recalls = any(isinstance(step, RecallStep) for step in flow.steps.values())
    asks = recalls or any(when.caller or when.owed for when in conditions)
    known = ("", TALKED_BEFORE, KNOWN_BY_NAME) if asks else ("",)
    return [
        ExampleCaller(shown, who, owed)
        for who, owed, shown in product(
            known, ("", SEVERAL_OF_THEIRS, ONE_OF_THEIRS, UNSURE_WHOSE) if asks else ("",), (True, False)
        )
        if who or owed in {"", UNSURE_WHOSE}  # to a stranger we say of nothing that it is theirs
    ]


def example_free_agents(conditions: list[BranchCondition]) -> dict[str, list[int]]:
    """By queue, how many may be free."""
    found: dict[str, set[int]] = {}
    for when in conditions:
        if when.agents_free:
            found.setdefault(when.agents_free[0], {0}).add(when.agents_free[1])
    return {queue: sorted(values) for queue, values in found.items()}


def example_estimates(conditions: list[BranchCondition]) -> dict[str, list[int | None]]:
    """By queue, seconds on both sides of every bound; None: nobody is working."""
    found: dict[str, set[int]] = {}
    for when in conditions:
        if when.estimate:
            queue, at_least, at_most = when.estimate
            edges = found.setdefault(queue, set())
            edges.update(() if at_least is None else (max(0, at_least - 1), at_least))
            edges.update(() if at_most is None else (at_most, at_most + 1))
    return {queue: [None, *sorted(values)] for queue, values in found.items()}


def example_call_counts(conditions: list[BranchCondition]) -> list[int]:
    return sorted({1, *(when.calls_today for when in conditions if when.calls_today)})
