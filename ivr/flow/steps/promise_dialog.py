"""What the promise dialogue computes: windows, numbers, and how they are said."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import phonenumbers

from ivr.domain import phone_numbers
from ivr.domain.speech import spoken_text
from ivr.flow.model import Scene
from ivr.flow.turn import ChangePromise, MakePromise, Says, Words

A_PAGE = 3
# A caller chooses among what they can remember; three pages are nine times.
MOST_WINDOWS = 9
LATER, OTHER_NUMBER = "4", "9"
# in the memo: a number was refused, and whose
REFUSED, OWN, OTHER = "refused", "own", "other"
UNPROVED = "unproved"  # in the memo: another number could not be confirmed
NO_NUMBER_HELPS = frozenset({"line", "other"})  # bounds that no other number would get round
EXAMPLE_NUMBER = "2025550123"

Window = tuple[datetime, datetime]


@dataclass(frozen=True, kw_only=True)
class Page:
    index: int
    windows: tuple[Window, ...]
    more: bool


def params(memo: Mapping[str, str]) -> dict[str, str]:
    """What the dialogue was called with, without what was said in it."""
    return {
        key: value for key, value in memo.items() if key in {"queue", "skills", "next", "promise", "number"}
    }


def kept_windows(result: str) -> str:
    """The RESULT of FindWindows, shortened; '' when there are none or it cannot be read."""
    try:
        pairs = [(datetime.fromisoformat(a), datetime.fromisoformat(b)) for a, b in json.loads(result)]
    except (ValueError, TypeError):
        return ""
    return json.dumps([[a.isoformat(), b.isoformat()] for a, b in pairs[:MOST_WINDOWS]]) if pairs else ""


def page(memo: Mapping[str, str]) -> Page:
    pairs = [(datetime.fromisoformat(a), datetime.fromisoformat(b)) for a, b in json.loads(memo["windows"])]
    index = int(memo.get("page", "0"))
    first = index * A_PAGE
    return Page(index=index, windows=tuple(pairs[first : first + A_PAGE]), more=len(pairs) > first + A_PAGE)


def read_page(scene: Scene, memo: Mapping[str, str]) -> tuple[Says, ...]:
    shown = page(memo)
    said: list[Says] = []
    for key, (since, until) in enumerate(shown.windows, start=1):
        window = _with_zone(scene, spoken_text.between(since, until, scene.language, scene.now), since)
        said.append(scene.word("promise.window", window=window, press=key))
    if shown.more:
        said.append(scene.word("promise.later"))
    if may_be_another(memo):
        said.append(scene.word("promise.other_number"))
    return tuple(said)


def may_be_another(memo: Mapping[str, str]) -> bool:
    """Whether they may be called at another number; once it could not be confirmed, that is that."""
    return "number" not in memo and UNPROVED not in memo


def e164(keys: str, scene: Scene) -> str:
    """What the caller entered, as a number of their own country or the line's; '' when nobody can have it."""
    known = (scene.situation.number, *scene.flow.lines)
    regions = [region for number in known if (region := _region(number))]
    try:
        parsed = phonenumbers.parse(keys, regions[0] if regions else "US")
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(parsed):
        return ""
    return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))


def _region(number: str) -> str:
    try:
        return phonenumbers.region_code_for_number(phonenumbers.parse(number, None)) or ""
    except phonenumbers.NumberParseException:
        return ""


def effect(
    scene: Scene, memo: Mapping[str, str], *, queue: str, skills: tuple[str, ...]
) -> MakePromise | ChangePromise:
    """At the chosen time; else at the next opening; else as soon as it is the caller's turn."""
    since = datetime.fromisoformat(memo["since"]) if memo.get("since") else None
    until = datetime.fromisoformat(memo["until"]) if memo.get("until") else None
    number = memo.get("number", "")
    if since is None and not scene.is_open(queue):
        since = scene.opening(queue)
    if memo.get("promise"):
        return ChangePromise(promise=memo["promise"], since=since, until=until, number=number)
    return MakePromise(queue=queue, skills=skills, since=since, until=until, number=number)


def said(scene: Scene, key: str, until: str) -> Words:
    """What was agreed: "We will call you at this number, ending 5 5 5, by twenty to four this afternoon"."""
    number = scene.memo.get("number") or scene.situation.number
    ending = spoken_text.ending(number, scene.language)
    if key == "made" and scene.memo.get("number"):
        key = "made_other"
    return scene.word(f"promise.{key}", when=by_when(scene, until), ending=ending)


def by_when(scene: Scene, until: str) -> str:
    try:
        at = datetime.fromisoformat(until)
    except ValueError:
        return ""
    return _with_zone(scene, spoken_text.by_when(at, scene.language, scene.now), at)


def opening(scene: Scene, queue: str) -> str:
    """When the queue's people are back: "tomorrow at eight in the morning"; '' when nobody can tell."""
    at = scene.opening(queue)
    return _with_zone(scene, spoken_text.at_when(at, scene.language, scene.now), at) if at else ""


def estimate(scene: Scene, queue: str) -> str:
    seconds = scene.situation.estimate.get(queue)
    return spoken_text.minutes(max(1, round(seconds / 60)), scene.language) if seconds else ""


def _with_zone(scene: Scene, words: str, at: datetime) -> str:
    zone = scene.zone(at, phone_numbers.zones(scene.memo.get("number")))
    return f"{words}, {zone}" if zone else words
