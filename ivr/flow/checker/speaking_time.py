"""How long words take to be spoken."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from ivr.domain.speech import spoken_text
from ivr.flow.turn import AudioPrompt, Prompt

# A recording's length is not known without fetching it, unless its author has said it.
DEFAULT_AUDIO_SECONDS = 10.0

_TAG = re.compile(r"<[^>]*>")
_BREAK = re.compile(r'<break\s+time="(\d+)(m?s)"')


def speaking_seconds(prompts: Iterable[Prompt]) -> float:
    return sum(_prompt_seconds(said) for said in prompts)


# A check hears the same words at the end of thousands of ways.
@lru_cache(maxsize=16384)
def _prompt_seconds(prompt: Prompt) -> float:
    if isinstance(prompt, AudioPrompt):
        return DEFAULT_AUDIO_SECONDS if prompt.seconds is None else prompt.seconds
    words = sum(any(c.isalnum() for c in word) for word in _TAG.sub(" ", prompt.text).split())
    breaks = sum(int(n) / (1000 if unit == "ms" else 1) for n, unit in _BREAK.findall(prompt.text))
    return words / spoken_text.get_words_per_second(prompt.language) + breaks
