"""What a turn hangs on: a situation that notes what is looked at.

Whatever was not looked at cannot have made a difference: one turn stands for all calls of which the same is true.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, cast

from ivr.flow.checker.call_space import Fact
from ivr.flow.turn import Situation


class Watched:
    """Everything of a `Situation`; each look is added to `facts`."""

    def __init__(self, situation: Situation, is_open: Callable[[str], bool]) -> None:
        self._is = situation
        self._is_open = is_open
        self.facts: set[Fact] = set()

    def __getattr__(self, name: str) -> Any:
        if name in {"agents_free", "estimate"}:
            what = "free" if name == "agents_free" else name
            return _WatchedQueues(getattr(self._is, name), what, self.facts)
        self.facts.add(_FACTS.get(name, ("caller", name)))
        return getattr(self._is, name)

    def is_open(self, name: str, look: Callable[[str, datetime], bool]) -> bool:
        del look  # it would find the same, a thousand times
        self.facts.add(("open", name))
        return self._is_open(name)

    def as_situation(self) -> Situation:
        return cast("Situation", self)


_FACTS: Mapping[str, Fact] = {"now": ("now", ""), "calls_today": ("calls", "")}


class _WatchedQueues:
    """What is known by queue, of which steps ask with `get`."""

    def __init__(self, known: Mapping[str, int | None], what: str, facts: set[Fact]) -> None:
        self._known, self._what, self._facts = known, what, facts

    def get(self, queue: str, default: int | None = None) -> int | None:
        self._facts.add((self._what, queue))
        return self._known.get(queue, default)
