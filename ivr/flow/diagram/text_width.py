"""How wide words are before anybody sees them: rather too wide than too narrow, as every machine has letters of its own."""

from __future__ import annotations

import unicodedata

SIZE = 13.0  # px, of the letters in a picture
_NARROW, _WIDE = frozenset("fijlrtI.,:;'|!()[] "), frozenset("mwMW@%—…")


def width(words: str, *, bold: bool = False) -> float:
    """px, of one line in a sans-serif at SIZE."""
    return sum(_letter(one) for one in words) * SIZE * (1.08 if bold else 1)


def _letter(one: str) -> float:
    """In em."""
    if unicodedata.combining(one):
        return 0
    if unicodedata.east_asian_width(one) in "WF":
        return 1.05
    if one in _NARROW:
        return 0.38
    if one in _WIDE:
        return 1.0
    return 0.75 if one.isupper() or ord(one) > 0x17F else 0.6


def cut(words: str, room: float, *, bold: bool = False) -> str:
    """As much of the words as there is room for, "…" after what is cut off."""
    if width(words, bold=bold) <= room:
        return words
    room -= width("…", bold=bold)
    for n, one in enumerate(words):
        room -= width(one, bold=bold)
        if room < 0:
            return words[:n].rstrip() + "…"
    return words


def wrapped(words: str, room: float, most: int) -> list[str]:
    """In at most so many lines, between words where that can be."""
    lines: list[str] = []
    left = words.split()
    while left and len(lines) < most - 1:
        line = left.pop(0)
        while left and width(f"{line} {left[0]}") <= room:
            line += f" {left.pop(0)}"
        lines.append(cut(line, room))
    return [*lines, cut(" ".join(left), room)] if left else lines
