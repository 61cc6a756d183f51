"""What a turn hangs on: a caller context that notes what is looked at.

Whatever was not looked at cannot have made a difference: one turn stands for all calls of which the same is true.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, cast

from ivr.flow.checker.call_space import ObservedFact
from ivr.flow.turn import CallerContext

# What only the words of a promise hang on. How long they take does not matter: who hears them is being promised something.
WORDING_FACTS = {"now", "estimate"}


class ObservedContext:
    """Everything of a `CallerContext`; each look is added to `facts`."""

    def __init__(self, caller: CallerContext, is_open: Callable[[str], bool]) -> None:
        self._context = caller
        self._is_open = is_open
        self.facts: set[ObservedFact] = set()

    def __getattr__(self, name: str) -> Any:
        if name in {"agents_free", "estimate"}:
            what = "free" if name == "agents_free" else name
            return _ObservedQueues(getattr(self._context, name), what, self.facts)
        self.facts.add(_FACTS.get(name, ("caller", name)))
        return getattr(self._context, name)

    def is_open(self, name: str, check: Callable[[str, datetime], bool]) -> bool:
        del check  # it would find the same, a thousand times
        self.facts.add(("open", name))
        return self._is_open(name)

    def as_caller_context(self) -> CallerContext:
        return cast("CallerContext", self)


_FACTS: Mapping[str, ObservedFact] = {"now": ("now", ""), "calls_today": ("calls", "")}


class _ObservedQueues:
    """What is known by queue, of which steps ask with `get`."""

    def __init__(self, known: Mapping[str, int | None], fact_kind: str, facts: set[ObservedFact]) -> None:
        self._known, self._fact_kind, self._facts = known, fact_kind, facts

    def get(self, queue: str, default: int | None = None) -> int | None:
        self._facts.add((self._fact_kind, queue))
        return self._known.get(queue, default)
