"""How long words take to say, and which of them have been said at a moment."""

from bisect import bisect_right
from dataclasses import dataclass

WORDS_PER_SECOND = 2.7
_CLOCK_TOLERANCE_SECONDS = 1e-6  # seconds: the sums of a float clock


def seconds_to_say(words: str) -> float:
    return len(words.split()) / WORDS_PER_SECOND


@dataclass(frozen=True, kw_only=True)
class Speech:
    words: tuple[str, ...]
    word_ends: tuple[float, ...]  # seconds from the beginning until each word has been said
    seconds: float  # seconds, the silence at the end included

    @property
    def text(self) -> str:
        return " ".join(self.words)

    def count_spoken(self, elapsed_seconds: float) -> int:
        """How many words have been said after so many seconds."""
        return bisect_right(self.word_ends, elapsed_seconds + _CLOCK_TOLERANCE_SECONDS)


def time_words(text: str) -> Speech:
    """Words at the speed of speech."""
    words = tuple(text.split())
    ends = tuple((index + 1) / WORDS_PER_SECOND for index in range(len(words)))
    return Speech(words=words, word_ends=ends, seconds=ends[-1] if ends else 0.0)
