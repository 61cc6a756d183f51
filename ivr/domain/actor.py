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


class RequestChannel(StrEnum):
    """By which way it was asked; it stands in the event log."""

    KEY = "key"
    TEXT = "text"
    PAGE = "page"
    TERMINAL = "staff"  # a colleague at a terminal
    DESK = "desk"  # a colleague on a page


STAFF_CHANNELS = frozenset({RequestChannel.TERMINAL, RequestChannel.DESK})
