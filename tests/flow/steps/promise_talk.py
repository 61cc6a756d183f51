"""A talk with the promise step."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from ivr.flow.turn import (
    CallerContext,
)
from tests.flow.caller import MONDAY_NOON, NUMBER, Talk, library

FLOW = """
  first: {menu: what, options: {1: {next: offer}, 2: {next: support}}}
  offer: {promise: soonest, queue: bookings, skills: [spanish], next: bye}
  bye: {goodbye: bye}
  support: {queue: support}
"""


UNTIL = "2026-11-23T15:40:00-05:00"


WINDOWS = [(MONDAY_NOON + timedelta(hours=n), MONDAY_NOON + timedelta(hours=n + 1)) for n in range(1, 6)]


FOUND = json.dumps([[a.isoformat(), b.isoformat()] for a, b in WINDOWS])


def talk(*, now: datetime = MONDAY_NOON, number: str = NUMBER, zones: tuple[str, ...] = ()) -> Talk:
    return Talk(library=library(FLOW), situation=CallerContext(now=now, number=number, zones=zones))
