"""How long words take to be spoken."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from ivr.domain.speech import spoken_text
from ivr.flow.turn import Audio, Says

# A recording's length is not known without fetching it, unless its author has said it.
AUDIO_SECONDS = 10.0

_TAG = re.compile(r"<[^>]*>")
_BREAK = re.compile(r'<break\s+time="(\d+)(m?s)"')


def seconds(says: Iterable[Says]) -> float:
    return sum(_seconds(said) for said in says)


# A check hears the same words at the end of thousands of ways.
@lru_cache(maxsize=16384)
def _seconds(said: Says) -> float:
    if isinstance(said, Audio):
        return AUDIO_SECONDS if said.seconds is None else said.seconds
    words = sum(any(c.isalnum() for c in word) for word in _TAG.sub(" ", said.text).split())
    breaks = sum(int(n) / (1000 if unit == "ms" else 1) for n, unit in _BREAK.findall(said.text))
    return words / spoken_text.pace(said.language) + breaks
