"""The pages of the flows: written with checks, tried, published. What each does at the terminal is `ivr flows`."""

from __future__ import annotations

from ivr.web.staff.flows import editor, hours, queues, rehearsal, talking, versions
from ivr.web.staff.flows.common import routes

__all__ = ["editor", "hours", "queues", "rehearsal", "routes", "talking", "versions"]
