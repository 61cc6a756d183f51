"""A fact about the network as an experiment, and the list that a module of experiments fills."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ivr.cli.twilio.probe.lab import Lab, ProbePage

Observation = tuple[bool, str]  # whether it is as documented, and what was seen


@dataclass(frozen=True, kw_only=True)
class ProbeFact:
    """`documented`: what the line expects. `observe`: begins the calls it needs and says what it saw."""

    name: str
    documented: str
    pages: dict[str, ProbePage]
    observe: Callable[[Lab], Observation]


class FactList(list[ProbeFact]):
    """The facts about one subject, in the order in which they are written."""

    def add(
        self, documented: str, **pages: ProbePage
    ) -> Callable[[Callable[[Lab], Observation]], Callable[[Lab], Observation]]:
        def register(look: Callable[[Lab], Observation]) -> Callable[[Lab], Observation]:
            name = look.__name__.replace("_", "-")
            self.append(ProbeFact(name=name, documented=documented, pages=pages, observe=look))
            return look

        return register


def compare(seen: str, wanted: str) -> Observation:
    return seen == wanted, seen or "nothing"
