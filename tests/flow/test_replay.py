"""A call that was made, through other flows: the same wish, whichever key it has there."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from ivr.flow.loader.library import files_in, read_flows
from ivr.flow.model import Library
from ivr.flow.replay import Call, Did, Pair, rehearse
from ivr.flow.turn import Situation

NOON = datetime(2026, 11, 23, 12, tzinfo=ZoneInfo("America/New_York"))
FILES = files_in(Path("flows"))
LIVE = read_flows(FILES)


def changed(*changes: tuple[str, str], file: str = "main.yaml") -> Library:
    text = FILES[file]
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return read_flows({**FILES, file: text})


def made(*did: str, at: datetime = NOON, free: int = 0) -> Call:
    return Call(
        id="c1",
        line="+12025550100",
        language="en",
        situation=Situation(now=at, number="+12025550155", agents_free={"support": free}),
        did=tuple(Did(step=d.split("=")[0], what=d.split("=")[1]) for d in did),
    )


def went(draft: Library, *did: str, at: datetime = NOON, free: int = 0) -> Pair:
    return rehearse(LIVE, draft, made(*did, at=at, free=free))


def test_the_same_flows_lead_to_the_same_place() -> None:
    pair = went(LIVE, "menu=1", "reason_bookings=words")
    assert pair.live == pair.draft
    assert (pair.live.end, pair.live.keys) == ("person bookings", 1)
    assert pair.live.path == "earlier > greeting > menu > reason_bookings > bookings"


def test_a_key_that_moved_is_followed() -> None:
    pair = went(changed(("      1: {words: {en: [booking,", "      3: {words: {en: [booking,")), "menu=1")
    assert (pair.draft.end, pair.draft.keys) == ("person bookings", 1)
    assert not pair.elsewhere


def test_what_was_said_is_said_again_and_is_no_key() -> None:
    pair = went(
        changed(("      1: {words: {en: [booking,", "      3: {words: {en: [booking,")), "menu=words:1"
    )
    assert (pair.draft.end, pair.draft.keys) == ("person bookings", 0)


def test_who_chose_bookings_goes_elsewhere_when_bookings_does() -> None:
    pair = went(changed(("bookings: {queue: bookings}", "bookings: {queue: support}")), "menu=1")
    assert (pair.live.end, pair.draft.end) == ("person bookings", "person support")
    assert pair.elsewhere


def test_at_a_step_they_never_met_they_say_nothing_and_it_is_told() -> None:
    first = (
        "  menu:\n    menu: welcome\n",
        "  menu:\n    menu: which\n    silence: menu_two\n    options: {2: {words: [other], next: menu_two}}\n  menu_two:\n    menu: welcome\n",
    )
    text = FILES["main.yaml"].replace(*first)
    files = {**FILES, "main.yaml": text}
    for language in ("en", "es"):
        files[f"prompts/{language}.yaml"] += '\nwhich: "Which?"\n'
    pair = rehearse(LIVE, read_flows(files), made("menu=silence", "reason=words"))
    assert pair.draft.guessed == ("menu_two",)
    assert pair.draft.seconds > pair.live.seconds
    assert not pair.elsewhere


def test_other_hours_send_the_evening_to_a_person() -> None:
    evening = NOON.replace(hour=21)
    longer = (
        changed(('"8:00-20:00"', '"8:00-22:00"'), file="hours.yaml")
        if '"8:00-20:00"' in FILES["hours.yaml"]
        else None
    )
    assert longer is not None, FILES["hours.yaml"]
    pair = went(longer, "closed=silence", at=evening)
    assert (pair.live.end, pair.draft.end) == ("promise support", "person support")


def test_words_that_take_longer_cost_seconds() -> None:
    prompts = FILES["prompts/en.yaml"].replace(
        "For bookings, press 1", "It is so very good of you to call us today. For bookings, press 1"
    )
    pair = rehearse(LIVE, read_flows({**FILES, "prompts/en.yaml": prompts}), made("menu=1"))
    assert pair.sooner < -2
    assert not pair.elsewhere
