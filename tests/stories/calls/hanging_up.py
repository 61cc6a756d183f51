"""What the stories of hang-ups have in common."""

from __future__ import annotations

from ivr.cli.demo.stage import Stage
from tests.stories.people import (
    Script,
    pause,
)
from tests.stories.watch import (
    Seen,
    live_legs,
)

PATIENT: Script = [pause(3000)]


def in_the_middle_of(words: str, number: str) -> Seen:
    """The line is saying that to this phone just now."""

    def seen(stage: Stage) -> bool:
        return any(words in leg["hears"]["detail"] for leg in live_legs(stage, number))

    return seen
