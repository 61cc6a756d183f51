"""What speech recognition makes of words.

Nothing is misheard: the words come back as they were said, profanity aside. How sure the recognition is follows the
person's own `confidence`, if their script names one; else it is high for the language that is listened for and low for
another. A hint that was said makes it surer.
"""

import re

HIGH_CONFIDENCE, LOW_CONFIDENCE = 0.92, 0.35
PROFANE_WORDS = frozenset(
    {"fuck", "fucking", "fucked", "fucker", "shit", "bullshit", "bitch", "bastard", "asshole", "cunt"}
)
_WORD = re.compile(r"[^\W_]+")


def estimate_confidence(words: str, scripted: float | None, languages: tuple[str, str], hints: str) -> float:
    """Between 0 and 1. `languages`: what was spoken ("" for what is expected) and what is listened for."""
    spoken, expected = (one.split("-")[0].lower() for one in languages)
    sure = HIGH_CONFIDENCE if scripted is None else scripted
    if scripted is None and spoken and expected not in {spoken, "multi"}:
        sure = LOW_CONFIDENCE
    said = " ".join(_WORD.findall(words.lower()))
    phrases = (" ".join(_WORD.findall(hint.lower())) for hint in hints.split(","))
    if any(phrase and f" {phrase} " in f" {said} " for phrase in phrases):
        sure += (1 - sure) / 2
    return round(min(max(sure, 0.0), 1.0), 4)


def filter_profanity(words: str, *, enabled: bool) -> str:
    """With `f***` for what is profane, if that is asked for."""
    return _WORD.sub(_mask_profanity, words) if enabled else words


def _mask_profanity(match: re.Match[str]) -> str:
    word = match[0]
    return word[0] + "*" * (len(word) - 1) if word.lower() in PROFANE_WORDS else word
