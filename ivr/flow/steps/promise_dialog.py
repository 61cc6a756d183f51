"""What the promise dialogue asks to have done, and what it computes: windows, numbers, and how they are said."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

import phonenumbers

from ivr.domain import phone_numbers
from ivr.domain.records.promise import PromiseKind
from ivr.domain.speech import spoken_text
from ivr.flow.model import StepContext
from ivr.flow.turn import CallerContext, Effect, Prompt, SimulatedLine, SpokenPrompt

WINDOWS_PER_PAGE = 3
# A caller chooses among what they can remember; three pages are nine times.
MAX_WINDOWS = 9
LATER_KEY, OTHER_NUMBER_KEY = "4", "9"
# in the memo: a number was refused, and whose
REFUSED_NUMBER_KEY, OWN_NUMBER, ANOTHER_NUMBER = "refused", "own", "other"
UNVERIFIED_NUMBER_KEY = "unproved"  # in the memo: another number could not be confirmed
LIMITS_OF_ANY_NUMBER = frozenset({"line", "other"})  # bounds that no other number would get round
EXAMPLE_NUMBER = "2025550123"
EXAMPLE_WAIT = timedelta(minutes=20)

Window = tuple[datetime, datetime]


@dataclass(frozen=True, kw_only=True)
class MakePromise(Effect):
    """Owe the caller a call. RESULT: "made <until, ISO 8601>", "merged <until>", "refused" (not on disk: keep the caller) or
    "not_callable <why>" (the number may not be rung: "invalid", "country", "costly" or "ours") or "bounded <which>" (too often
    already: for this "number", to any "other" number than the caller's own, or on this "line").
    """

    queue: str
    kind: PromiseKind = PromiseKind.CALLBACK
    skills: tuple[str, ...] = ()
    since: datetime | None = None  # None = as soon as it is their turn, place kept
    until: datetime | None = None
    number: str = ""  # "" = the caller's own

    def list_results(self, caller: CallerContext) -> tuple[str, ...]:
        until = (caller.now + EXAMPLE_WAIT).isoformat()
        return f"made {until}", f"merged {until}", "refused", "not_callable country", "bounded line"

    def pretend(self, caller: CallerContext, line: SimulatedLine) -> str:
        del line
        until = self.until or (self.since or caller.now) + EXAMPLE_WAIT
        return f"made {until.isoformat()}" if self.number or caller.number else "not_callable"

    def destination(self, person_queue: str) -> str:
        return f"promise {self.queue or person_queue}"

    def reaches_goal(self, result: str, *, stage: str, before: bool) -> bool:
        del stage, before
        return result in {"made", "merged"}


@dataclass(frozen=True, kw_only=True)
class ChangePromise(Effect):
    """Decline what is owed, or move it to another time or number. RESULT: "done" or "refused"."""

    results: ClassVar[tuple[str, ...]] = ("done", "refused")

    promise: str
    decline: bool = False
    since: datetime | None = None  # moved to: None = as soon as it is their turn
    until: datetime | None = None
    number: str = ""  # "" = the number it was promised at

    def reaches_goal(self, result: str, *, stage: str, before: bool) -> bool:
        del stage, before
        return result == "done"


@dataclass(frozen=True, kw_only=True)
class WindowPage:
    index: int
    windows: tuple[Window, ...]
    has_more: bool


def dialog_params(memo: Mapping[str, str]) -> dict[str, str]:
    """What the dialogue was called with, without what was said in it."""
    return {
        key: value for key, value in memo.items() if key in {"queue", "skills", "next", "promise", "number"}
    }


def limit_windows(result: str) -> str:
    """The RESULT of FindWindows, shortened; '' when there are none or it cannot be read."""
    try:
        pairs = [(datetime.fromisoformat(a), datetime.fromisoformat(b)) for a, b in json.loads(result)]
    except (ValueError, TypeError):
        return ""
    return json.dumps([[a.isoformat(), b.isoformat()] for a, b in pairs[:MAX_WINDOWS]]) if pairs else ""


def current_page(memo: Mapping[str, str]) -> WindowPage:
    pairs = [(datetime.fromisoformat(a), datetime.fromisoformat(b)) for a, b in json.loads(memo["windows"])]
    index = int(memo.get("page", "0"))
    first = index * WINDOWS_PER_PAGE
    return WindowPage(
        index=index,
        windows=tuple(pairs[first : first + WINDOWS_PER_PAGE]),
        has_more=len(pairs) > first + WINDOWS_PER_PAGE,
    )


def page_prompts(context: StepContext, memo: Mapping[str, str]) -> tuple[Prompt, ...]:
    shown = current_page(memo)
    said: list[Prompt] = []
    for key, (since, until) in enumerate(shown.windows, start=1):
        window = _with_zone(context, spoken_text.between(since, until, context.language, context.now), since)
        said.append(context.phrase("promise.window", window=window, press=key))
    if shown.has_more:
        said.append(context.phrase("promise.later"))
    if may_give_other_number(memo):
        said.append(context.phrase("promise.other_number"))
    return tuple(said)


def may_give_other_number(memo: Mapping[str, str]) -> bool:
    """Whether they may be called at another number; once it could not be confirmed, that is that."""
    return "number" not in memo and UNVERIFIED_NUMBER_KEY not in memo


def parse_entered_number(digits: str, context: StepContext) -> str:
    """What the caller entered, as a number of their own country or the line's; '' when nobody can have it."""
    known = (context.caller.number, *context.flow.called_numbers)
    regions = [region for number in known if (region := _region_of(number))]
    try:
        parsed = phonenumbers.parse(digits, regions[0] if regions else "US")
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(parsed):
        return ""
    return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))


def _region_of(number: str) -> str:
    try:
        return phonenumbers.region_code_for_number(phonenumbers.parse(number, None)) or ""
    except phonenumbers.NumberParseException:
        return ""


def promise_effect(
    context: StepContext, memo: Mapping[str, str], *, queue: str, skills: tuple[str, ...]
) -> MakePromise | ChangePromise:
    """At the chosen time; else at the next opening; else as soon as it is the caller's turn."""
    since = datetime.fromisoformat(memo["since"]) if memo.get("since") else None
    until = datetime.fromisoformat(memo["until"]) if memo.get("until") else None
    number = memo.get("number", "")
    if since is None and not context.is_open(queue):
        since = context.next_opening(queue)
    if memo.get("promise"):
        return ChangePromise(promise=memo["promise"], since=since, until=until, number=number)
    return MakePromise(queue=queue, skills=skills, since=since, until=until, number=number)


def agreement_prompt(context: StepContext, key: str, until: str) -> SpokenPrompt:
    """What was agreed: "We will call you at this number, ending 5 5 5, by twenty to four this afternoon"."""
    number = context.memo.get("number") or context.caller.number
    ending = spoken_text.number_ending(number, context.language)
    if key == "made" and context.memo.get("number"):
        key = "made_other"
    return context.phrase(f"promise.{key}", when=spoken_deadline(context, until), ending=ending)


def spoken_deadline(context: StepContext, until: str) -> str:
    try:
        at = datetime.fromisoformat(until)
    except ValueError:
        return ""
    return _with_zone(context, spoken_text.by_when(at, context.language, context.now), at)


def spoken_opening(context: StepContext, queue: str) -> str:
    """When the queue's people are back: "tomorrow at eight in the morning"; '' when nobody can tell."""
    at = context.next_opening(queue)
    return _with_zone(context, spoken_text.at_when(at, context.language, context.now), at) if at else ""


def spoken_estimate(context: StepContext, queue: str) -> str:
    seconds = context.caller.estimate.get(queue)
    return spoken_text.minutes(max(1, round(seconds / 60)), context.language) if seconds else ""


def _with_zone(context: StepContext, spoken_time: str, at: datetime) -> str:
    zone = context.spoken_zone(at, phone_numbers.time_zones(context.memo.get("number")))
    return f"{spoken_time}, {zone}" if zone else spoken_time
