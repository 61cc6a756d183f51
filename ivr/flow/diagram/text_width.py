"""How wide words are before anybody sees them: rather too wide than too narrow, as every machine has letters of its own."""

from __future__ import annotations

import unicodedata

FONT_SIZE = 13.0  # px, of the letters in a picture
_NARROW, _WIDE = frozenset("fijlrtI.,:;'|!()[] "), frozenset("mwMW@%—…")


def text_width(words: str, *, bold: bool = False) -> float:
    """px, of one line in a sans-serif at FONT_SIZE."""
    return sum(_letter_width(one) for one in words) * FONT_SIZE * (1.08 if bold else 1)


def _letter_width(letter: str) -> float:
    """In em."""
    if unicodedata.combining(letter):
        return 0
    if unicodedata.east_asian_width(letter) in "WF":
        return 1.05
    if letter in _NARROW:
        return 0.38
    if letter in _WIDE:
        return 1.0
    return 0.75 if letter.isupper() or ord(letter) > 0x17F else 0.6


def truncate(words: str, max_width: float, *, bold: bool = False) -> str:
    """As much of the words as there is room for, "…" after what is cut off."""
    if text_width(words, bold=bold) <= max_width:
        return words
    max_width -= text_width("…", bold=bold)
    for n, one in enumerate(words):
        max_width -= text_width(one, bold=bold)
        if max_width < 0:
            return words[:n].rstrip() + "…"
    return words


def wrap(words: str, max_width: float, max_lines: int) -> list[str]:
    """In at most so many lines, between words where that can be."""
    lines: list[str] = []
    left = words.split()
    while left and len(lines) < max_lines - 1:
        line = left.pop(0)
        while left and text_width(f"{line} {left[0]}") <= max_width:
            line += f" {left.pop(0)}"
        lines.append(truncate(line, max_width))
    return [*lines, truncate(" ".join(left), max_width)] if left else lines
