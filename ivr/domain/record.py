"""What every durable record has in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, kw_only=True)
class Record:
    """A value with an identity. Times in records are epoch seconds (float); 0 means "not yet".

    `version` counts the writes: a change is stored only on top of the version that it was decided on.
    """

    record_type: ClassVar[str]
    is_as_stored: ClassVar[bool] = False
    """Whether the database has exactly this, so that a change needs to write only what differs from it. Set by `ivr.store` on
    what it has read or written; what `replace` makes of such a record is not as it was stored."""

    id: str
    version: int = 0

    @property
    def key(self) -> str:
        """How sets and queues name this record: `contact:k3x9`."""
        return f"{self.record_type}:{self.id}"

    def mark_as_stored(self) -> None:
        """For `ivr.store`: the database has exactly this."""
        object.__setattr__(self, "is_as_stored", True)
