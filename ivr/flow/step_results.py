"""What a step answers. The engine turns moves into turns: it follows Go, counts Mistake and Silent, and adds what is true of
every step (0, *, #, a person after two failures).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ivr.flow.turn import Effect, Listen, Prompt

# memo, kept for the whole call:
STEP_HISTORY_KEY = "_back"  # the listening steps so far, newest last
REASON_GIVEN_KEY = "_reason"  # a reason was given, nobody is asked for it twice


@dataclass(frozen=True, kw_only=True)
class AskCaller:
    """Say something and listen."""

    prompts: tuple[Prompt, ...]
    listen: Listen
    stage: str = ""
    memo: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class RunEffect:
    """Say something and do one thing; its RESULT comes back to the same step."""

    effect: Effect
    prompts: tuple[Prompt, ...] = ()
    stage: str = ""
    memo: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class GoTo:
    """Say something and enter another step, which finds `memo` there."""

    to: str
    prompts: tuple[Prompt, ...] = ()
    language: str = ""  # "" = unchanged
    memo: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class EndCall:
    """Say something and end the call."""

    prompts: tuple[Prompt, ...] = ()


@dataclass(frozen=True, kw_only=True)
class InvalidInput:
    """What was heard means nothing here."""


@dataclass(frozen=True, kw_only=True)
class NoInput:
    """Nothing was heard, and the step has no answer to that."""


StepResult = AskCaller | RunEffect | GoTo | EndCall | InvalidInput | NoInput
