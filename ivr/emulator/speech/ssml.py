"""Speech with marks: https://www.twilio.com/docs/voice/twiml/say/text-speech#ssml

Pauses take their time and a slower voice takes longer; an alias is said in place of what it stands for, and what is
to be spelt is heard character by character. Emphasis, accent and pronunciation cannot be heard in words.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from ivr.emulator.calls.twiml_document import Element
from ivr.emulator.speech.speaking_time import WORDS_PER_SECOND, Speech

MAX_BREAK_SECONDS = 10.0  # seconds
BREAK_SECONDS_BY_STRENGTH = {
    "none": 0.0,
    "x-weak": 0.0,
    "weak": 0.2,
    "medium": 0.3,
    "strong": 0.6,
    "x-strong": 1.0,
}
RATE_FACTORS = {"x-slow": 0.5, "slow": 0.75, "medium": 1.0, "default": 1.0, "fast": 1.25, "x-fast": 1.5}
SPELLED_INTERPRETATIONS = frozenset({"characters", "spell-out", "digits", "telephone", "verbatim"})
_TIME = re.compile(r"\+?(\d+(?:\.\d+)?)(m?s)")
_PERCENT = re.compile(r"\+?(\d+(?:\.\d+)?)%")


def parse_break_time(time: str) -> float | None:
    """Seconds of `500ms` or `1.5s`; None for anything else."""
    match = _TIME.fullmatch(time.strip())
    if match is None:
        return None
    return min(float(match[1]) / (1000 if match[2] == "ms" else 1), MAX_BREAK_SECONDS)


def parse_rate(rate: str) -> float | None:
    """How much faster than usual; None for what is no rate. Voices go from a fifth to twice the usual speed."""
    if rate in RATE_FACTORS:
        return RATE_FACTORS[rate]
    match = _PERCENT.fullmatch(rate)
    return float(match[1]) / 100 if match and 20 <= float(match[1]) <= 200 else None


def time_speech(element: Element) -> Speech:
    """What a <Say> sounds like."""
    script = _SpeechTimer()
    script.read(element, 1.0)
    script.end_word()
    return Speech(words=tuple(script.words), word_ends=tuple(script.ends), seconds=script.elapsed_seconds)


@dataclass
class _SpeechTimer:
    words: list[str] = field(default_factory=list)
    ends: list[float] = field(default_factory=list)
    elapsed_seconds: float = 0.0  # seconds
    _word: str = ""  # the one under way: marks need not stand between words
    _rate: float = 1.0

    def read(self, element: Element, rate: float) -> None:
        for part in element.content:
            if isinstance(part, Element):
                TAG_READERS.get(part.name, _read_content)(self, part, rate)
            else:
                self.add_text(part, rate)

    def add_text(self, text: str, rate: float) -> None:
        for piece in re.findall(r"\s+|\S+", text):
            if piece.isspace():
                self.end_word()
            else:
                self._rate = self._rate if self._word else rate
                self._word += piece

    def end_word(self) -> None:
        if self._word:
            self.elapsed_seconds += 1 / (WORDS_PER_SECOND * self._rate)
            self.words.append(self._word)
            self.ends.append(self.elapsed_seconds)
            self._word = ""

    def add_silence(self, length: float) -> None:
        self.end_word()
        self.elapsed_seconds += length


TagReader = Callable[[_SpeechTimer, Element, float], None]


def _read_content(script: _SpeechTimer, element: Element, rate: float) -> None:
    script.read(element, rate)


def _read_break(script: _SpeechTimer, element: Element, _rate: float) -> None:
    time = parse_break_time(element.get("time")) if "time" in element.attributes else None
    script.add_silence(BREAK_SECONDS_BY_STRENGTH[element.get("strength", "medium")] if time is None else time)


def _read_prosody(script: _SpeechTimer, element: Element, rate: float) -> None:
    script.read(element, rate * (parse_rate(element.get("rate", "medium")) or 1.0))


def _read_sub(script: _SpeechTimer, element: Element, rate: float) -> None:
    script.add_text(element.get("alias", element.text), rate)


def _read_say_as(script: _SpeechTimer, element: Element, rate: float) -> None:
    kind = element.get("interpret-as")
    if kind == "expletive":
        script.add_text("beep", rate)
    elif kind in SPELLED_INTERPRETATIONS:
        script.end_word()
        spelt = [
            one
            for one in element.text
            if one.isalnum() or (kind in {"characters", "spell-out"} and one > " ")
        ]
        script.add_text(" ".join(spelt), rate)
    else:
        script.read(element, rate)


def _make_pause_reader(strength: str) -> TagReader:
    def mark(script: _SpeechTimer, element: Element, rate: float) -> None:
        script.end_word()
        script.read(element, rate)
        script.add_silence(BREAK_SECONDS_BY_STRENGTH[strength])

    return mark


TAG_READERS: dict[str, TagReader] = {
    "break": _read_break,
    "prosody": _read_prosody,
    "sub": _read_sub,
    "say-as": _read_say_as,
    "p": _make_pause_reader("x-strong"),
    "s": _make_pause_reader("strong"),
}
