"""What somebody must know or do after an import."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class ConversionNote:
    widget: str  # its name in Studio; "" = the flow as a whole
    type: str  # its type in Studio
    message: str  # one sentence or two, on one line

    def __str__(self) -> str:
        return f"{self.widget} ({self.type}): {self.message}" if self.widget else self.message


def one_line(text: str, max_length: int = 0) -> str:
    """Printable and on one line, so that it can stand in a comment and on a terminal; cut after `max_length` characters, 0 = never."""
    shown = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return shown if not max_length or len(shown) <= max_length else shown[: max_length - 1].rstrip() + "…"
