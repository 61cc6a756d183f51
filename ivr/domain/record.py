"""What every durable record has in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, kw_only=True)
class Record:
    """A value with an identity. Times in records are epoch seconds (float); 0 means "not yet".

    `rev` counts the writes: a change is stored only on top of the revision that it was decided on.
    """

    noun: ClassVar[str]

    id: str
    rev: int = 0

    @property
    def member(self) -> str:
        """How sets and lines name this record: `contact:k3x9`."""
        return f"{self.noun}:{self.id}"
