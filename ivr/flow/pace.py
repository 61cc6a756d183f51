"""How long words take to be spoken."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ivr.flow.turn import Audio, Says

# Words a second of an unhurried voice. Spanish words are shorter in meaning and quicker in the mouth.
PACE = {"en": 2.7, "es": 2.9}
SLOWEST = 2.4  # for languages nobody has measured here
# A recording's length is not known without fetching it.
AUDIO_SECONDS = 10.0

_TAG = re.compile(r"<[^>]*>")
_BREAK = re.compile(r'<break\s+time="(\d+)(m?s)"')


def seconds(says: Iterable[Says]) -> float:
    total = 0.0
    for said in says:
        if isinstance(said, Audio):
            total += AUDIO_SECONDS
            continue
        total += len(_TAG.sub(" ", said.text).split()) / PACE.get(said.language, SLOWEST)
        total += sum(int(n) / (1000 if unit == "ms" else 1) for n, unit in _BREAK.findall(said.text))
    return total
