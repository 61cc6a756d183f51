"""Everything that can break, drawn by a seed."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.endurance.chaos.house import CLOCKS, PARTS, WEBS, WORKERS, House
from tests.endurance.chaos.proxy import Proxy, Trap, When

Inject = Callable[[House, random.Random], str]


@dataclass(kw_only=True)
class Troubles:
    """Breaks things, and counts what was broken."""

    house: House
    draw: random.Random
    injected: Counter[str] = field(default_factory=Counter)
    story: list[str] = field(default_factory=list)  # what was done when, to read a failure by

    def make(self) -> None:
        kinds, weights = zip(*KINDS.items(), strict=True)
        (kind,) = self.draw.choices(kinds, weights)
        what = kind(self.house, self.draw)
        self.injected[what.split(":")[0]] += 1
        self.story.append(f"{self.house.time:.1f} {what}")


def killed(house: House, draw: random.Random) -> str:
    part = draw.choice([*PARTS, "redis"])
    house.kill(part)
    return f"kill -9: {part}"


def leader_killed(house: House, draw: random.Random) -> str:
    part = draw.choice([*WEBS, *WORKERS, *CLOCKS])
    house.kill(part, "leader")
    return f"kill -9 of the parent alone: {part}"


def children_killed(house: House, draw: random.Random) -> str:
    part = draw.choice(WEBS)
    house.kill(part, "children")
    return f"kill -9 of the children: {part}"


def all_killed(house: House, draw: random.Random) -> str:
    for part in (*WORKERS, *CLOCKS, "redis", *WEBS):
        house.kill(part)
    return "kill -9 of everything at once"


def frozen(house: House, draw: random.Random) -> str:
    part = draw.choice([*PARTS, "redis"])
    seconds = draw.uniform(0.3, 4.0)
    house.freeze(part, seconds)
    return f"SIGSTOP: {part} for {seconds:.1f} s"


def stalled(house: House, draw: random.Random) -> str:
    """Longer than the deadline between the intent and the POST."""
    part = draw.choice(list(WORKERS))
    house.freeze(part, 6.0)
    return f"SIGSTOP for 6 s: {part}"


def at_a_write(house: House, draw: random.Random) -> str:
    return _strike(house.to_record, house, draw, "write", most=12)


def at_a_post(house: House, draw: random.Random) -> str:
    chosen = {part: house.to_twilio[part] for part in WORKERS}
    return _strike(chosen, house, draw, "POST", most=3)


def _strike(proxies: dict[str, Proxy], house: House, draw: random.Random, what: str, most: int) -> str:
    part = draw.choice(list(proxies))
    when, how = draw.choice(list(When)), draw.choice(["kill", "cut", "delay"])
    trap = proxies[part].trap = Trap(
        at=draw.randint(1, most),
        when=when,
        act=house.kill if how == "kill" else lambda _: house.breaks(1.0),
        seconds=draw.uniform(0.5, 3.0) if how == "delay" else 0.0,
    )
    return f"{how} {when} a {what}: {part}, number {trap.at}"


def twilio_errs(house: House, draw: random.Random) -> str:
    what = draw.choice(["error", "error_after", "rate_limit", "lose_response", "drop", "slow"])
    match = draw.choice(["Calls.json$", "Calls.json$", "Calls/CA", "Messages.json$", "Participants", ""])
    _fault(house, "rest", what, match, times=draw.randint(1, 3), seconds=draw.uniform(1, 8))
    return f"Twilio's API, {what}: {match}"


def webhook_fails(house: House, draw: random.Random) -> str:
    what = draw.choice(["drop", "slow", "error", "lose_response", "twice"])
    _fault(house, "webhook", what, "", times=draw.randint(1, 3), seconds=draw.uniform(1, 5))
    return f"webhook, {what}: any"


def callback_fails(house: House, draw: random.Random) -> str:
    what = draw.choice(["drop", "twice", "late", "reorder", "lose_response"])
    match = draw.choice(["callback", "agent", "room", ""])
    _fault(house, "callback", what, match, times=draw.randint(1, 4), seconds=draw.uniform(1, 30))
    return f"status event, {what}: {match}"


def _fault(house: House, where: str, what: str, match: str, **more: Any) -> None:
    house.call_control_api("POST", "/emulator/faults", {"where": where, "what": what, "match": match, **more})


KINDS: dict[Inject, int] = {
    killed: 18,
    leader_killed: 6,
    children_killed: 4,
    all_killed: 2,
    frozen: 10,
    stalled: 2,
    at_a_write: 20,
    at_a_post: 10,
    twilio_errs: 12,
    webhook_fails: 6,
    callback_fails: 10,
}
