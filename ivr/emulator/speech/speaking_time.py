"""How long words take to say, and which of them have been said at a moment."""

from bisect import bisect_right
from dataclasses import dataclass

WORDS_PER_SECOND = 2.7
_SLACK = 1e-6  # seconds: the sums of a float clock


def seconds(words: str) -> float:
    return len(words.split()) / WORDS_PER_SECOND


@dataclass(frozen=True, kw_only=True)
class Speech:
    words: tuple[str, ...]
    ends: tuple[float, ...]  # seconds from the beginning until each word has been said
    length: float  # seconds, the silence at the end included

    @property
    def text(self) -> str:
        return " ".join(self.words)

    def spoken(self, after: float) -> int:
        """How many words have been said after so many seconds."""
        return bisect_right(self.ends, after + _SLACK)


def plain(text: str) -> Speech:
    """Words at the speed of speech."""
    words = tuple(text.split())
    ends = tuple((index + 1) / WORDS_PER_SECOND for index in range(len(words)))
    return Speech(words=words, ends=ends, length=ends[-1] if ends else 0.0)
