"""Scripts of people, in words a test can be read by."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from ivr.cli.demo.stage import Stage
from ivr.domain.records.contact import Contact, ContactState
from ivr.domain.records.promise import Promise

Action = dict[str, Any]
Script = list[Action]

LORI = "+12025550155"
DIANE, VICKI, DANIELLE, BOSS = "+12025550111", "+12025550112", "+12025550113", "+12025550119"


def listen(words: str, within: float = 60) -> Action:
    return {"do": "listen", "for": words, "within": within}


def press(keys: str) -> Action:
    return {"do": "press", "keys": keys}


def speak(words: str) -> Action:
    return {"do": "say", "words": words}


def pause(seconds: float) -> Action:
    return {"do": "pause", "seconds": seconds}


HANG_UP: Action = {"do": "hang_up"}
BRIDGED: Action = {"do": "bridged", "within": 120}

TAKES_IT: Script = [listen("to hear it"), press("1"), listen("Press 1 to take it"), press("1"), BRIDGED]
"""An agent who hears the brief and says yes."""


AT_DESK: Script = [listen("Press 1"), press("1"), pause(3000)]
"""Somebody with the desk before them: they pick up, say by a key that they are there, and do the rest by clicks."""


def wraps_up(note: str = "All is well", word: str = "1") -> Script:
    """What an agent does when the caller has gone."""
    return [
        listen("How did it end", 600),
        press(word),
        listen("Say what you understood"),
        speak(note),
        listen("I wrote"),
        press("1"),
        listen("how many hours"),
        press("0#"),
    ]


def contacts(stage: Stage) -> list[Contact]:
    return stage.services.store.list_all(Contact)


def loris(stage: Stage) -> Contact:
    return next(c for c in contacts(stage) if c.caller.number == LORI)


def promises(stage: Stage) -> list[Promise]:
    return stage.services.store.list_all(Promise)


def all_ended(stage: Stage) -> bool:
    """Every contact has its outcome."""
    found = contacts(stage)
    return bool(found) and all(c.state is ContactState.ENDED for c in found)


def heard_by(stage: Stage, number: str) -> list[str]:
    """All that the line has said to the phone of this number, in order."""
    names = {number}
    for e in stage.read_emulator_log():
        if e.get("who") and number in (e.get("to"), e.get("from")):
            names.add(e["who"])
    return [e["words"] for e in stage.read_emulator_log() if e["kind"] == "said" and e.get("who") in names]


def texts_to(stage: Stage, number: str) -> list[str]:
    return [t["body"] for t in stage.call_control_api("GET", f"/emulator/texts?to={quote(number)}")["texts"]]
