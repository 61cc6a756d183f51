"""The pages of the flows: written with checks, tried, published. What each does at the terminal is `ivr flows`."""

from __future__ import annotations

from ivr.web.staff.pages.flows import editor, hours, queues, replay, simulator, versions
from ivr.web.staff.pages.flows.common import routes

__all__ = ["editor", "hours", "queues", "replay", "routes", "simulator", "versions"]
