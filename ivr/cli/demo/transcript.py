"""What happened on the telephones, as a text to be read: from the emulator's own log and the line's journal."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

Entry = dict[str, Any]

WIDTH = 104
GAP = 45.0  # seconds in which nobody says anything, worth a line of dots


class Transcript:
    """Feed it entries in order; it gives lines. `names`: people by number."""

    def __init__(self, zone: str, names: dict[str, str], line: str) -> None:
        self._zone = ZoneInfo(zone)
        self._names = names
        self._line = line
        self._last = 0.0
        self._shown = ""
        self._talkers: dict[str, list[str]] = {}

    def lines(self, entries: list[Entry]) -> Iterator[str]:
        for e in entries:
            kind = _KINDS.get(e["kind"])
            told = kind(self, e) if kind else None
            if told is None:
                continue
            epoch = float(e["epoch"])
            if self._last and epoch - self._last > GAP:
                minutes = (epoch - self._last) / 60
                yield (
                    f" {'.' * 62} {minutes:.0f} min pass"
                    if minutes >= 1.5
                    else f" {'.' * 62} a minute passes"
                )
            self._last = max(self._last, epoch)
            who, words = told
            yield from self._row(epoch, who, words)

    def _row(self, epoch: float, who: str, words: str) -> Iterator[str]:
        at = datetime.fromtimestamp(epoch, self._zone).strftime("%H:%M:%S")
        shown = at if at != self._shown else " " * 8
        self._shown = at
        head = f" {shown}  {who:<16} "
        yield from textwrap.wrap(
            words, WIDTH, initial_indent=head, subsequent_indent=" " * len(head), break_long_words=False
        ) or [head]

    def name(self, number: str) -> str:
        return self._names.get(number, number)

    def dialled(self, e: Entry) -> tuple[str, str] | None:
        if e.get("to") == self._line:
            return e["who"], f"calls {_spaced(self._line)}"
        return "", f"{e['who']}'s phone rings"

    def conference_join(self, e: Entry) -> tuple[str, str] | None:
        self._talkers.setdefault(e["conference"], []).append(e["who"])
        return None

    def conference_leave(self, e: Entry) -> tuple[str, str] | None:
        room = self._talkers.get(e["conference"], [])
        if e["who"] in room:
            room.remove(e["who"])
        return None

    def conference_start(self, e: Entry) -> tuple[str, str] | None:
        return "", "~ " + " and ".join(self._talkers.get(e["conference"], [])) + " are together ~"


def _said(_t: Transcript, e: Entry) -> tuple[str, str]:
    cut = "" if e.get("complete", True) else " —"
    return f"line -> {e['who']}", f"{e.get('heard') or e['words']}{cut}"


def _spoke(_t: Transcript, e: Entry) -> tuple[str, str]:
    return e["who"], f'"{e["words"]}"'


def _pressed(_t: Transcript, e: Entry) -> tuple[str, str] | None:
    return (e["who"], f"presses {e['keys']}") if e.get("keys") else None


def _texted(t: Transcript, e: Entry) -> tuple[str, str]:
    if e.get("to") == t._line:  # noqa: SLF001 - one thing in two halves
        return e["who"], f'texts "{e["body"]}"'
    return f"text -> {t.name(e['to'])}", f'"{e["body"]}"'


def _hung_up(_t: Transcript, e: Entry) -> tuple[str, str] | None:
    return (e["who"], "hangs up") if e.get("by") == e["who"] else None


def _told(_t: Transcript, e: Entry) -> tuple[str, str]:
    """A line of the journal, already in words."""
    return "  *", e["words"]


_KINDS: dict[str, Callable[[Transcript, Entry], tuple[str, str] | None]] = {
    "dialled": Transcript.dialled,
    "conference_join": Transcript.conference_join,
    "conference_leave": Transcript.conference_leave,
    "conference_start": Transcript.conference_start,
    "said": _said,
    "spoke": _spoke,
    "pressed": _pressed,
    "texted": _texted,
    "hung_up": _hung_up,
    "journal": _told,
}


def _spaced(number: str) -> str:
    return f"{number[:2]} {number[2:5]} {number[5:8]} {number[8:]}"
