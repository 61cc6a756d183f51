"""Times as the staff's pages write them: in words of the line's clock, and stretches of time."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from ivr.domain.speech import spoken_text


def format_time(epoch: float, zone: str, now: float) -> str:
    """2:25 pm; tomorrow at 8:00 am. "" for 0, which is no time."""
    if not epoch:
        return ""
    there = ZoneInfo(zone)
    return spoken_text.written_for_text(
        datetime.fromtimestamp(epoch, there), "en", datetime.fromtimestamp(now, there)
    )


def format_duration(seconds: float) -> str:
    """40 s, 12 min, 3 h 5 min, 4 days: as much of it as one acts upon."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    minutes = whole // 60
    if minutes < 60:
        return f"{minutes} min"
    hours, rest = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {rest} min" if rest else f"{hours} h"
    return f"{hours // 24} days"


def format_percent(rate: float | None) -> str:
    """Rounded down: 99.6 % is not all."""
    return "–" if rate is None else f"{int(rate * 100 + 1e-9)} %"
