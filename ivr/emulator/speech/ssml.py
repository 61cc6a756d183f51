"""Speech with marks: https://www.twilio.com/docs/voice/twiml/say/text-speech#ssml

Pauses take their time and a slower voice takes longer; an alias is said in place of what it stands for, and what is
to be spelt is heard character by character. Emphasis, accent and pronunciation cannot be heard in words.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from ivr.emulator.calls.twiml_document import Element
from ivr.emulator.speech.speaking_time import WORDS_PER_SECOND, Speech

LONGEST_BREAK = 10.0  # seconds
STRENGTHS = {"none": 0.0, "x-weak": 0.0, "weak": 0.2, "medium": 0.3, "strong": 0.6, "x-strong": 1.0}
RATES = {"x-slow": 0.5, "slow": 0.75, "medium": 1.0, "default": 1.0, "fast": 1.25, "x-fast": 1.5}
SPELT = frozenset({"characters", "spell-out", "digits", "telephone", "verbatim"})
_TIME = re.compile(r"\+?(\d+(?:\.\d+)?)(m?s)")
_PERCENT = re.compile(r"\+?(\d+(?:\.\d+)?)%")


def pause(time: str) -> float | None:
    """Seconds of `500ms` or `1.5s`; None for anything else."""
    match = _TIME.fullmatch(time.strip())
    if match is None:
        return None
    return min(float(match[1]) / (1000 if match[2] == "ms" else 1), LONGEST_BREAK)


def pace(rate: str) -> float | None:
    """How much faster than usual; None for what is no rate. Voices go from a fifth to twice the usual speed."""
    if rate in RATES:
        return RATES[rate]
    match = _PERCENT.fullmatch(rate)
    return float(match[1]) / 100 if match and 20 <= float(match[1]) <= 200 else None


def speech(element: Element) -> Speech:
    """What a <Say> sounds like."""
    script = _Script()
    script.read(element, 1.0)
    script.end_word()
    return Speech(words=tuple(script.words), ends=tuple(script.ends), length=script.at)


@dataclass
class _Script:
    words: list[str] = field(default_factory=list)
    ends: list[float] = field(default_factory=list)
    at: float = 0.0  # seconds
    _word: str = ""  # the one under way: marks need not stand between words
    _rate: float = 1.0

    def read(self, element: Element, rate: float) -> None:
        for part in element.content:
            if isinstance(part, Element):
                MARKS.get(part.name, _through)(self, part, rate)
            else:
                self.say(part, rate)

    def say(self, text: str, rate: float) -> None:
        for piece in re.findall(r"\s+|\S+", text):
            if piece.isspace():
                self.end_word()
            else:
                self._rate = self._rate if self._word else rate
                self._word += piece

    def end_word(self) -> None:
        if self._word:
            self.at += 1 / (WORDS_PER_SECOND * self._rate)
            self.words.append(self._word)
            self.ends.append(self.at)
            self._word = ""

    def rest(self, length: float) -> None:
        self.end_word()
        self.at += length


Mark = Callable[[_Script, Element, float], None]


def _through(script: _Script, element: Element, rate: float) -> None:
    script.read(element, rate)


def _break(script: _Script, element: Element, _rate: float) -> None:
    time = pause(element.get("time")) if "time" in element.attributes else None
    script.rest(STRENGTHS[element.get("strength", "medium")] if time is None else time)


def _prosody(script: _Script, element: Element, rate: float) -> None:
    script.read(element, rate * (pace(element.get("rate", "medium")) or 1.0))


def _sub(script: _Script, element: Element, rate: float) -> None:
    script.say(element.get("alias", element.text), rate)


def _say_as(script: _Script, element: Element, rate: float) -> None:
    kind = element.get("interpret-as")
    if kind == "expletive":
        script.say("beep", rate)
    elif kind in SPELT:
        script.end_word()
        spelt = [
            one
            for one in element.text
            if one.isalnum() or (kind in {"characters", "spell-out"} and one > " ")
        ]
        script.say(" ".join(spelt), rate)
    else:
        script.read(element, rate)


def _ended_by(strength: str) -> Mark:
    def mark(script: _Script, element: Element, rate: float) -> None:
        script.end_word()
        script.read(element, rate)
        script.rest(STRENGTHS[strength])

    return mark


MARKS: dict[str, Mark] = {
    "break": _break,
    "prosody": _prosody,
    "sub": _sub,
    "say-as": _say_as,
    "p": _ended_by("x-strong"),
    "s": _ended_by("strong"),
}
