"""Who did something, and where: for the event log."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Channel(StrEnum):
    PAGE = "desk"  # a page; `id` is an account
    TERMINAL = "terminal"  # `id` is a login name of that machine
    CALL = "line"  # nobody: it followed from a call


@dataclass(frozen=True, kw_only=True)
class Actor:
    id: str = ""
    channel: Channel = Channel.CALL


SYSTEM = Actor()
