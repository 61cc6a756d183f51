"""Who rings in on a day, when, for how long, and who is there to answer."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from tests.stories.people import BRIDGED, HANG_UP, Action, Script, listen, pause, press, speak

AREAS = (
    201, 202, 203, 205, 206, 207, 208, 209, 210, 212, 213, 214, 215, 216, 217, 218, 219, 224, 225, 228, 229, 231,
    234, 239, 240, 248, 251, 252, 253, 254, 256, 260, 262, 267, 269, 270, 276, 281, 301, 302, 304, 305, 307, 308,
    309, 310, 312, 313, 314, 315, 316, 317, 318, 319, 320, 321, 323, 325, 330, 334, 336, 337, 339, 347, 351, 352,
    360, 361, 386, 401, 402, 404, 405, 406, 407, 408, 409, 410, 412, 413, 414, 415, 417, 419, 423, 425, 432, 434,
    435, 440, 443, 456, 469, 478, 479, 480, 484, 501, 502, 503, 504, 505, 507, 508, 509, 510, 512, 513, 515, 516,
)  # fmt: skip
AGENTS_AREA = 303
# How busy each hour is, from eight in the morning: two humps, as inbound lines have them.
HOURS = (0.6, 0.9, 1.25, 1.35, 1.2, 0.95, 1.05, 1.25, 1.2, 1.0, 0.7, 0.55)
TALK_MEDIAN, TALK_SPREAD = 150.0, 0.6  # seconds; lognormal: a mean of 180
PATIENCE = 240.0  # seconds that people wait on average
REASONS = ("My suitcase did not arrive", "I cannot reach my flight", "My card was charged twice")


@dataclass(frozen=True, kw_only=True)
class Caller:
    at: float  # seconds after opening
    number: str
    script: Script
    phone: dict[str, object] = field(default_factory=dict)  # how it behaves when it is called


def callers(draw: random.Random, how_many: int, hours: float) -> list[Caller]:
    """A Poisson process whose rate follows HOURS, in the order in which they ring."""
    times: list[float] = []
    while len(times) < how_many:
        at = draw.uniform(0, hours * 3600)
        if draw.random() < HOURS[int(at // 3600) % len(HOURS)] / max(HOURS):
            times.append(at)
    numbers = draw.sample([f"+1{area}55501{n:02d}" for area in AREAS for n in range(100)], how_many)
    return [
        Caller(at=at, number=number, script=_script(draw), phone=_phone(draw))
        for at, number in zip(sorted(times), numbers, strict=True)
    ]


def _script(draw: random.Random) -> Script:
    """Most want a person; some say why when they are asked; some would rather be called."""
    patience, talk = draw.expovariate(1 / PATIENCE) + 20, draw.lognormvariate(0, TALK_SPREAD) * TALK_MEDIAN
    person: Script = [{**BRIDGED, "within": patience, "else": [HANG_UP]}, pause(talk), HANG_UP]
    match draw.random():
        case p if p < 0.3:
            return [_if(listen("one sentence", 15)), speak(draw.choice(REASONS)), *person]
        case p if p < 0.4:
            asked = {**listen("Press 1 and we call you when it is your turn", 60), "else": person}
            return [
                asked,
                press("1"),
                listen("one sentence", 30),
                speak(draw.choice(REASONS)),
                pause(40),
                HANG_UP,
            ]
    return person


def _if(action: Action) -> Action:
    return {**action, "else": [pause(0)]}


def _phone(draw: random.Random) -> dict[str, object]:
    if draw.random() < 0.1:
        return {"answers": False}
    said: Script = [{**listen("press 1 or say yes", 30), "else": [HANG_UP]}, press("1")]
    talk = [
        {**BRIDGED, "within": 90, "else": [HANG_UP]},
        pause(draw.lognormvariate(0, TALK_SPREAD) * TALK_MEDIAN),
    ]
    return {"script": [*said, *talk, HANG_UP], "after": draw.uniform(1, 10)}


def agents(draw: random.Random, how_many: int) -> list[tuple[str, str, Script]]:
    """(name, phone, what they do when it rings)."""
    return [(f"Agent {n:02d}", f"+1{AGENTS_AREA}55501{n:02d}", _work(draw)) for n in range(how_many)]


def _work(draw: random.Random) -> Script:
    """Hears the brief, takes the call, and says afterwards how it ended."""
    takes = [listen("to hear it|to take it"), press("1"), listen("1 to take it", 90), press("1"), BRIDGED]
    after = [
        listen("How did it end", 3600),
        press("1"),
        listen("Say what you understood"),
        speak("All is well now"),
    ]
    done = [
        listen("I wrote", 90),
        press("1"),
        listen("how many hours"),
        press("0#"),
        pause(draw.uniform(1, 15)),
    ]
    return [
        {**a, "else": [HANG_UP]} if a["do"] in {"listen", "bridged"} else a for a in [*takes, *after, *done]
    ]
