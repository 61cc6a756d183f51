"""Who did something, and where: for the journal."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Where(StrEnum):
    DESK = "desk"  # a page; `who` is an account
    TERMINAL = "terminal"  # `who` is a login name of that machine
    LINE = "line"  # nobody: it followed from a call


@dataclass(frozen=True, kw_only=True)
class By:
    who: str = ""
    where: Where = Where.LINE


THE_LINE = By()
