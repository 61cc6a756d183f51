"""Times as a colleague types them, on Monday, 23 November 2026, at two in the afternoon in New York."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from ivr.domain.schedule.parse_time import parse_moment

NEW_YORK = ZoneInfo("America/New_York")
NOW = datetime(2026, 11, 23, 14, 0, tzinfo=NEW_YORK)


@pytest.mark.parametrize(
    ("words", "means"),
    [
        ("tomorrow 10:00", "2026-11-24 10:00"),
        ("Tomorrow at 10.30", "2026-11-24 10:30"),
        ("today 9:00", "2026-11-23 09:00"),  # over: whoever offers times refuses it
        ("15:30", "2026-11-23 15:30"),
        ("9:00", "2026-11-24 09:00"),
        ("3pm", "2026-11-23 15:00"),
        ("12 am", "2026-11-24 00:00"),
        ("mon 9am", "2026-11-30 09:00"),
        ("monday 15:00", "2026-11-23 15:00"),
        ("thu, 9:00", "2026-11-26 09:00"),
        ("2026-12-01 08:15", "2026-12-01 08:15"),
    ],
)
def test_a_time_is_the_next_one_that_is_meant(words: str, means: str) -> None:
    assert parse_moment(words, NOW) == datetime.strptime(means, "%Y-%m-%d %H:%M").replace(tzinfo=NEW_YORK)


@pytest.mark.parametrize(
    "words", ["", "soon", "9", "tomorrow", "25:00", "13pm", "0am", "10:60", "2026-02-30 10:00"]
)
def test_what_cannot_be_read_is_not_guessed(words: str) -> None:
    assert parse_moment(words, NOW) is None
