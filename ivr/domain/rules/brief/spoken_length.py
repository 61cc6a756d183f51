"""How many words fit before the accept prompt, how many a text has when it is said, and how it is cut short."""

from __future__ import annotations

import re

SECONDS_BEFORE_ACCEPT = 8.0
# 160 words a minute, the middle of what voices and newsreaders do.
WORDS_PER_SECOND = 2.7
MAX_WORDS = int(SECONDS_BEFORE_ACCEPT * WORDS_PER_SECOND)
# Less than this of a reason says nothing.
MIN_WORDS = 4
_LETTERS_PER_SPOKEN_WORD = 12
_TOKEN = re.compile(r"\d|[^\W\d]+")


def count_spoken_words(text: str) -> int:
    """How many words a voice needs: digits are said one by one, very long words count as several."""
    return sum(-(-len(token) // _LETTERS_PER_SPOKEN_WORD) for token in _TOKEN.findall(text))


def shorten(sentence: str, max_words: int) -> str:
    """As many whole words of the sentence as `max_words` spoken ones allow; "" when that would say nothing."""
    kept: list[str] = []
    for word in sentence.split():
        if count_spoken_words(" ".join([*kept, word])) > max_words:
            break
        kept.append(word)
    if len(kept) < MIN_WORDS:
        return ""
    cut = " ".join(kept).rstrip(".,;:\"'»")
    closing = " »" if "« " in cut else "»" if "«" in cut else '"' if '"' in cut else ""
    return f"{cut} …{closing}"
