"""The people of the play: callers who are promised a call and live their lives until it comes, and those who keep promises."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from enum import StrEnum

from ivr.cli.demo.stage import OUR_NUMBER
from tests.endurance.chaos.house import House
from tests.stories.people import BRIDGED, HANG_UP, Action, Script, listen, pause, press, speak

AREAS = ("202", "212", "305", "312", "415", "602", "713", "206")
AGENTS = {
    "Diane": "+12025550111",
    "Vicki": "+12025550112",
    "Danielle": "+12025550113",
    "Olu": "+12025550114",
    "Sam": "+12025550115",
    "Ines": "+12025550116",
}
BOSS = ("Martha", "+12025550119")
REASONS = ("My suitcase did not arrive", "I cannot reach my flight", "My card was charged twice")


class Habit(StrEnum):
    KEEPER = "answers when called"
    QUITTER = "hangs up while waiting"
    ELUSIVE = "does not answer at first"
    MACHINE = "has a machine at first"
    TEXTER = "texts NO"
    RETURNER = "rings in again"


HABITS = [Habit.KEEPER] * 9 + [Habit.QUITTER] * 4 + [Habit.ELUSIVE] * 3 + [Habit.MACHINE] * 2
HABITS += [Habit.TEXTER] * 2 + [Habit.RETURNER] * 3


@dataclass(kw_only=True)
class Customer:
    number: str
    habit: Habit
    calls: list[str] = field(default_factory=list)  # CallSids of the calls they made
    acted: bool = False  # did what is their habit


def patient(*script: Action) -> Script:
    """Whoever waits for something in vain hangs up."""
    return [{**a, "else": [HANG_UP]} if a["do"] in ("listen", "bridged") else a for a in script]


def keeps_it(draw: random.Random) -> Script:
    """An agent who takes it, talks as long as the caller does, and says how it ended."""
    return [
        *patient(
            listen("to hear it|to take it"), press("1"), listen("1 to take it", 90), press("1"), BRIDGED
        ),
        *patient(listen("How did it end", 900), press("1"), listen("Say what you understood")),
        *patient(speak("All is well now"), listen("I wrote", 90), press("1"), listen("how many hours")),
        *patient(press("0#"), pause(draw.uniform(1, 5))),
    ]


def picks_up(draw: random.Random) -> Script:
    said = patient(listen("press 1 or say yes", 30), press("1"), {**BRIDGED, "within": 60})
    return [*said, pause(draw.uniform(8, 40)), HANG_UP]


def waits(draw: random.Random) -> Script:
    """A caller who would rather be called."""
    asked = patient(listen("Press 1 and we call you when it is your turn", 150), press("1"))
    return [*asked, listen("one sentence", 30), speak(draw.choice(REASONS)), pause(60), HANG_UP]


def customers(draw: random.Random, how_many: int) -> list[Customer]:
    numbers = [f"+1{area}55501{n:02d}" for area in AREAS for n in range(20, 100)]
    numbers = [n for n in numbers if n not in ("+12025550171", "+12025550172")]
    return [Customer(number=n, habit=draw.choice(HABITS)) for n in draw.sample(numbers, how_many)]


def rings_us(house: House, one: Customer, draw: random.Random) -> None:
    """Their first call, and how their phone behaves when it is called."""
    script = waits(draw)
    if one.habit is Habit.QUITTER:
        script = [pause(draw.uniform(35, 120)), HANG_UP]
    phone: dict[str, object] = {"script": picks_up(draw), "after": draw.uniform(1, 10)}
    if one.habit is Habit.ELUSIVE:
        phone = draw.choice([{"busy": True}, {"answers": False}])
    elif one.habit is Habit.MACHINE:
        phone = {"machine": {"greeting": "We are not at home. Please leave a message after the tone."}}
    house.set_phone(one.number, name=one.number, **phone)
    one.calls.append(house.call_line(one.number, script))


def lives_on(house: House, one: Customer, draw: random.Random) -> None:
    """What they do later, once."""
    one.acted = True
    if one.habit in (Habit.ELUSIVE, Habit.MACHINE):
        house.set_phone(one.number, name=one.number, script=picks_up(draw), after=draw.uniform(1, 10))
    elif one.habit is Habit.TEXTER:
        house.call_control_api(
            "POST", "/emulator/texts", {"from": one.number, "to": OUR_NUMBER, "body": "NO"}
        )
    elif one.habit is Habit.RETURNER:
        talk = patient({**BRIDGED, "within": 300})
        one.calls.append(house.call_line(one.number, [*talk, pause(draw.uniform(8, 40)), HANG_UP]))


def come_to_work(house: House, draw: random.Random, how_many: int) -> None:
    for name, number in list(AGENTS.items())[:how_many]:
        house.add_agent(name, number, keeps_it(draw))
    name, number = BOSS
    house.add_agent(name, number, keeps_it(draw), supervisor=True)
