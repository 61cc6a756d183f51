"""A call that was made, through other flows: the same wish, whichever key it has there."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from ivr.flow.loader.library import parse_flows, read_flow_files
from ivr.flow.model import Library
from ivr.flow.replay import CallerAction, RecordedCall, ReplayComparison, compare_replays
from ivr.flow.turn import CallerContext

NOON = datetime(2026, 11, 23, 12, tzinfo=ZoneInfo("America/New_York"))
FILES = read_flow_files(Path("flows"))
LIVE = parse_flows(FILES)


def changed(*changes: tuple[str, str], file: str = "main.yaml") -> Library:
    text = FILES[file]
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return parse_flows({**FILES, file: text})


def made(*did: str, at: datetime = NOON, free: int = 0) -> RecordedCall:
    return RecordedCall(
        id="c1",
        called_number="+12025550100",
        language="en",
        caller=CallerContext(now=at, number="+12025550155", agents_free={"support": free}),
        actions=tuple(CallerAction(step=d.split("=")[0], action=d.split("=")[1]) for d in did),
    )


def went(draft: Library, *did: str, at: datetime = NOON, free: int = 0) -> ReplayComparison:
    return compare_replays(LIVE, draft, made(*did, at=at, free=free))


def test_the_same_flows_lead_to_the_same_place() -> None:
    pair = went(LIVE, "menu=1", "reason_bookings=words")
    assert pair.published == pair.draft
    assert (pair.published.destination, pair.published.keys) == ("person bookings", 1)
    assert pair.published.path == "earlier > greeting > menu > reason_bookings > bookings"


def test_a_key_that_moved_is_followed() -> None:
    pair = went(changed(("      1: {words: {en: [booking,", "      3: {words: {en: [booking,")), "menu=1")
    assert (pair.draft.destination, pair.draft.keys) == ("person bookings", 1)
    assert not pair.has_other_destination


def test_what_was_said_is_said_again_and_is_no_key() -> None:
    pair = went(
        changed(("      1: {words: {en: [booking,", "      3: {words: {en: [booking,")), "menu=words:1"
    )
    assert (pair.draft.destination, pair.draft.keys) == ("person bookings", 0)


def test_who_chose_bookings_goes_elsewhere_when_bookings_does() -> None:
    pair = went(changed(("bookings: {queue: bookings}", "bookings: {queue: support}")), "menu=1")
    assert (pair.published.destination, pair.draft.destination) == ("person bookings", "person support")
    assert pair.has_other_destination


def test_at_a_step_they_never_met_they_say_nothing_and_it_is_told() -> None:
    first = (
        "  menu:\n    menu: welcome\n",
        "  menu:\n    menu: which\n    silence: menu_two\n    options: {2: {words: [other], next: menu_two}}\n  menu_two:\n    menu: welcome\n",
    )
    text = FILES["main.yaml"].replace(*first)
    files = {**FILES, "main.yaml": text}
    for language in ("en", "es"):
        files[f"prompts/{language}.yaml"] += '\nwhich: "Which?"\n'
    pair = compare_replays(LIVE, parse_flows(files), made("menu=silence", "reason=words"))
    assert pair.draft.guessed_steps == ("menu_two",)
    assert pair.draft.seconds > pair.published.seconds
    assert not pair.has_other_destination


def test_other_hours_send_the_evening_to_a_person() -> None:
    evening = NOON.replace(hour=21)
    longer = (
        changed(('"8:00-20:00"', '"8:00-22:00"'), file="hours.yaml")
        if '"8:00-20:00"' in FILES["hours.yaml"]
        else None
    )
    assert longer is not None, FILES["hours.yaml"]
    pair = went(longer, "closed=silence", at=evening)
    assert (pair.published.destination, pair.draft.destination) == ("promise support", "person support")


def test_words_that_take_longer_cost_seconds() -> None:
    prompts = FILES["prompts/en.yaml"].replace(
        "For bookings, press 1", "It is so very good of you to call us today. For bookings, press 1"
    )
    pair = compare_replays(LIVE, parse_flows({**FILES, "prompts/en.yaml": prompts}), made("menu=1"))
    assert pair.seconds_saved < -2
    assert not pair.has_other_destination
