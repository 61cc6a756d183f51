"""By whose clock a time is told. A number's zone may be in doubt, and several zones may keep the same time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo
from zoneinfo import ZoneInfo


def choose_zone(zones: Sequence[str], at: datetime, default: tzinfo) -> tzinfo:
    """The clock of whoever may be in any of `zones`, when they leave no doubt about it."""
    shown = {at.astimezone(ZoneInfo(zone)).utcoffset() for zone in zones}
    return ZoneInfo(zones[0]) if len(shown) == 1 else default


def is_ambiguous(zones: Sequence[str], at: datetime, shown_zone: tzinfo) -> bool:
    """Whether somebody's clock shows another time than the one that is told: then its zone is named."""
    told = at.astimezone(shown_zone).utcoffset()
    return any(at.astimezone(ZoneInfo(zone)).utcoffset() != told for zone in zones)
