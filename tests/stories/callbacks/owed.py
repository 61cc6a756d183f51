"""What stories of promises have in common: people who are owed a call, those who keep it, and what must always hold."""

from __future__ import annotations

import re
from datetime import datetime
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from ivr.cli.demo.stage import OUR_NUMBER, Stage
from ivr.domain.records.agent import Agent, AgentState
from ivr.domain.records.promise import ENDED, Promise, PromiseState
from ivr.store import keys
from ivr.store.queries import due_index
from tests.stories.people import (
    BRIDGED,
    HANG_UP,
    LORI,
    TAKES_IT,
    Script,
    listen,
    pause,
    press,
    promises,
    speak,
    texts_to,
    wraps_up,
)

NEW_YORK = ZoneInfo("America/New_York")
OTHER = "+12125550177"  # another telephone of hers
SUITCASE = "My suitcase did not arrive"

KEEPS_HER_PLACE: Script = [
    listen("Press 1 and we call you when it is your turn", 120),
    press("1"),
    listen("one sentence"),
    speak(SUITCASE),
]
"""A caller who waits and would rather be called."""

KEEPS_IT: Script = [*TAKES_IT, *wraps_up("Her suitcase is in Albany")]
"""An agent who takes the callback, and says afterwards that they spoke."""

PICKS_UP: Script = [listen("press 1 or say yes"), press("1"), BRIDGED, pause(20), HANG_UP]
"""A customer who is there when the phone rings."""


def the_promise(stage: Stage) -> Promise:
    (found,) = promises(stage)
    return found


def code_at(stage: Stage, number: str = OTHER) -> str:
    """The code that was texted there, once it has come."""
    assert stage.play(240, until=lambda: any("The code is" in t for t in texts_to(stage, number)))
    return str(re.findall(r"The code is (\d+)", " ".join(texts_to(stage, number)))[-1])


def enters(stage: Stage, sid: str, keys: str) -> None:
    """On the telephone of this call, now."""
    stage.call_control_api("POST", f"/emulator/legs/{sid}/press", {"keys": keys})


def state(stage: Stage) -> PromiseState:
    return the_promise(stage).state


def until(stage: Stage, seconds: float, *states: PromiseState) -> Promise:
    """Let time pass until the one promise is in one of these states."""
    came = stage.play(seconds, until=lambda: bool(promises(stage)) and state(stage) in states)
    assert came, [p.state for p in promises(stage)]
    return the_promise(stage)


def promised(stage: Stage, script: Script = KEEPS_HER_PLACE, *, number: str = LORI) -> Promise:
    """She rings while nobody is free, and is promised a call; her call is over."""
    sid = stage.call_line(number, script)
    assert stage.play(180, until=lambda: over(stage, sid))
    return next(p for p in promises(stage) if p.customer == number)


def skip_to(stage: Stage, at: float) -> None:
    """Hours in which little happens: from one thing that is due to the next."""
    while stage.now < at:
        stage.settle()
        coming = stage.call_control_api("GET", "/emulator/clock")["next"]
        due = stage.services.store.read(due_index.get_earliest())
        stage._move_clocks(min(at, *(max(t, stage.now + 0.01) for t in (coming, due) if t)))  # noqa: SLF001 - by leaps
    stage.settle()


def over(stage: Stage, sid: str) -> bool:
    leg = stage.call_control_api("GET", f"/emulator/legs/{sid}")
    return leg["status"] in ("completed", "busy", "failed", "no-answer", "canceled")


def agent(stage: Stage, name: str) -> Agent:
    found = stage.services.store.get(Agent, name)
    assert found is not None
    return found


def free(stage: Stage, *names: str) -> bool:
    return all(agent(stage, n).state is AgentState.AVAILABLE for n in names)


def clock(stage: Stage, at: float) -> datetime:
    return datetime.fromtimestamp(at, NEW_YORK)


def text(stage: Stage, words: str, *, number: str = LORI) -> None:
    stage.call_control_api("POST", "/emulator/texts", {"from": number, "to": OUR_NUMBER, "body": words})


def fault(stage: Stage, where: str, what: str, **more: Any) -> None:
    stage.call_control_api("POST", "/emulator/faults", {"where": where, "what": what, **more})


def journal(stage: Stage, event: str) -> list[dict[str, str]]:
    found: Any = stage.services.store.redis.xrange(keys.EVENT_LOG)
    return [told for _, told in found if told["event"] == event]


def calls_to(stage: Stage, number: str) -> list[tuple[float, float, str]]:
    """Every call that the line made to this number: from when, until when, and what became of it."""
    ends = {e["call"]: e for e in stage.read_emulator_log() if e["kind"] == "ended"}
    never = {"epoch": float("inf"), "status": "alive"}
    return [
        (e["epoch"], ends.get(e["call"], never)["epoch"], ends.get(e["call"], never)["status"])
        for e in stage.read_emulator_log()
        if e["kind"] == "dialled" and e["to"] == number and e["from"] == OUR_NUMBER
    ]


def rang_last(stage: Stage, number: str = LORI) -> tuple[float, float, str]:
    return calls_to(stage, number)[-1]


def rung(stage: Stage, number: str = LORI) -> int:
    return len(calls_to(stage, number))


def holds(stage: Stage) -> None:
    """What is true of promises at every moment (I2, I4), by our record and by the telephone network's own log."""
    waking = stage.services.store.read(due_index.list_scheduled())
    kept = {told["promise"]: float(told["at"]) for told in journal(stage, "promise kept")}
    for promise in promises(stage):
        assert (promise.key in waking) is (promise.state not in ENDED), promise
        calls = calls_to(stage, promise.number)
        for (_, ended, _), (began, _, _) in pairwise(calls):
            assert ended <= began, f"two calls at once: {calls}"
        if promise.id in kept and len(promises(stage)) == 1:
            assert all(began <= kept[promise.id] for began, _, _ in calls), f"rung after it was kept: {calls}"
