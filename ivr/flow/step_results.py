"""What a step answers. The engine turns moves into turns: it follows Go, counts Mistake and Silent, and adds what is true of
every step (0, *, #, a person after two failures).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ivr.flow.turn import Effect, Listen, Says

# memo, kept for the whole call:
BACK = "_back"  # the listening steps so far, newest last
REASON = "_reason"  # a reason was given, nobody is asked for it twice


@dataclass(frozen=True, kw_only=True)
class Ask:
    """Say something and listen."""

    says: tuple[Says, ...]
    listen: Listen
    stage: str = ""
    memo: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Do:
    """Say something and do one thing; its RESULT comes back to the same step."""

    effect: Effect
    says: tuple[Says, ...] = ()
    stage: str = ""
    memo: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Go:
    """Say something and enter another step, which finds `memo` there."""

    to: str
    says: tuple[Says, ...] = ()
    language: str = ""  # "" = unchanged
    memo: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Leave:
    """Say something and end the call."""

    says: tuple[Says, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Mistake:
    """What was heard means nothing here."""


@dataclass(frozen=True, kw_only=True)
class Silent:
    """Nothing was heard, and the step has no answer to that."""


Move = Ask | Do | Go | Leave | Mistake | Silent
