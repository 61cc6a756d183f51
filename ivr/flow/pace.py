"""How long words take to be spoken."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ivr.domain import spoken
from ivr.flow.turn import Audio, Says

# A recording's length is not known without fetching it, unless its author has said it.
AUDIO_SECONDS = 10.0

_TAG = re.compile(r"<[^>]*>")
_BREAK = re.compile(r'<break\s+time="(\d+)(m?s)"')


def seconds(says: Iterable[Says]) -> float:
    total = 0.0
    for said in says:
        if isinstance(said, Audio):
            total += AUDIO_SECONDS if said.seconds is None else said.seconds
            continue
        words = (w for w in _TAG.sub(" ", said.text).split() if any(c.isalnum() for c in w))
        total += sum(1 for _ in words) / spoken.pace(said.language)
        total += sum(int(n) / (1000 if unit == "ms" else 1) for n, unit in _BREAK.findall(said.text))
    return total
