"""What happened on the telephones, as a text to be read: from the emulator's own log and the line's journal."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

TranscriptEntry = dict[str, Any]

LINE_WIDTH = 104
GAP_SECONDS = 45.0  # seconds in which nobody says anything, worth a line of dots


class Transcript:
    """Feed it entries in order; it gives lines. `names`: people by number."""

    def __init__(self, zone: str, names: dict[str, str], our_number: str) -> None:
        self._zone = ZoneInfo(zone)
        self._names = names
        self.our_number = our_number
        self._last_epoch = 0.0
        self._last_time_text = ""
        self._participants: dict[str, list[str]] = {}

    def lines(self, entries: list[TranscriptEntry]) -> Iterator[str]:
        for e in entries:
            kind = _DESCRIBE_BY_KIND.get(e["kind"])
            told = kind(self, e) if kind else None
            if told is None:
                continue
            epoch = float(e["epoch"])
            if self._last_epoch and epoch - self._last_epoch > GAP_SECONDS:
                minutes = (epoch - self._last_epoch) / 60
                yield (
                    f" {'.' * 62} {minutes:.0f} min pass"
                    if minutes >= 1.5
                    else f" {'.' * 62} a minute passes"
                )
            self._last_epoch = max(self._last_epoch, epoch)
            who, words = told
            yield from self._format_entry(epoch, who, words)

    def _format_entry(self, epoch: float, who: str, words: str) -> Iterator[str]:
        at = datetime.fromtimestamp(epoch, self._zone).strftime("%H:%M:%S")
        shown = at if at != self._last_time_text else " " * 8
        self._last_time_text = at
        head = f" {shown}  {who:<16} "
        yield from textwrap.wrap(
            words, LINE_WIDTH, initial_indent=head, subsequent_indent=" " * len(head), break_long_words=False
        ) or [head]

    def name_of(self, number: str) -> str:
        return self._names.get(number, number)

    def describe_call(self, e: TranscriptEntry) -> tuple[str, str] | None:
        if e.get("to") == self.our_number:
            return e["who"], f"calls {_format_number(self.our_number)}"
        return "", f"{e['who']}'s phone rings"

    def add_participant(self, e: TranscriptEntry) -> tuple[str, str] | None:
        self._participants.setdefault(e["conference"], []).append(e["who"])
        return None

    def remove_participant(self, e: TranscriptEntry) -> tuple[str, str] | None:
        present = self._participants.get(e["conference"], [])
        if e["who"] in present:
            present.remove(e["who"])
        return None

    def describe_conference_start(self, e: TranscriptEntry) -> tuple[str, str] | None:
        return "", "~ " + " and ".join(self._participants.get(e["conference"], [])) + " are together ~"


def _describe_prompt(_t: Transcript, e: TranscriptEntry) -> tuple[str, str]:
    cut = "" if e.get("complete", True) else " —"
    return f"line -> {e['who']}", f"{e.get('heard') or e['words']}{cut}"


def _describe_speech(_t: Transcript, e: TranscriptEntry) -> tuple[str, str]:
    return e["who"], f'"{e["words"]}"'


def _describe_keys(_t: Transcript, e: TranscriptEntry) -> tuple[str, str] | None:
    return (e["who"], f"presses {e['keys']}") if e.get("keys") else None


def _describe_text(t: Transcript, e: TranscriptEntry) -> tuple[str, str]:
    if e.get("to") == t.our_number:
        return e["who"], f'texts "{e["body"]}"'
    return f"text -> {t.name_of(e['to'])}", f'"{e["body"]}"'


def _describe_hangup(_t: Transcript, e: TranscriptEntry) -> tuple[str, str] | None:
    return (e["who"], "hangs up") if e.get("by") == e["who"] else None


def _describe_event(_t: Transcript, e: TranscriptEntry) -> tuple[str, str]:
    """A line of the journal, already in words."""
    return "  *", e["words"]


_DESCRIBE_BY_KIND: dict[str, Callable[[Transcript, TranscriptEntry], tuple[str, str] | None]] = {
    "dialled": Transcript.describe_call,
    "conference_join": Transcript.add_participant,
    "conference_leave": Transcript.remove_participant,
    "conference_start": Transcript.describe_conference_start,
    "said": _describe_prompt,
    "spoke": _describe_speech,
    "pressed": _describe_keys,
    "texted": _describe_text,
    "hung_up": _describe_hangup,
    "journal": _describe_event,
}


def _format_number(number: str) -> str:
    return f"{number[:2]} {number[2:5]} {number[5:8]} {number[8:]}"
