"""Studio flows for tests, in the shape that Studio exports."""

from __future__ import annotations

import json
from typing import Any

from ivr.flow.checker.check import FlowReport, check_flows
from ivr.flow.loader.library import parse_flows
from ivr.flow.studio import ConvertedFlow, convert_export, read_export

State = dict[str, Any]


def widget(name: str, kind: str, properties: dict[str, Any] | None = None, **ways: str) -> State:
    """`ways`: event -> the widget it leads to; '' = Studio hangs up."""
    transitions = [{"event": event, **({"next": to} if to else {})} for event, to in ways.items()]
    return {"name": name, "type": kind, "properties": properties or {}, "transitions": transitions}


def say(name: str, words: str, to: str = "") -> State:
    return widget(name, "say-play", {"say": words}, audioComplete=to)


def gather(name: str, words: str, **ways: str) -> State:
    return widget(name, "gather-input-on-call", {"say": words, "number_of_digits": 1}, **ways)


def split(name: str, subject: str, otherwise: str = "", **matches: str) -> State:
    """`matches`: "_1" or a word -> the widget it leads to."""
    made = widget(name, "split-based-on", {"input": f"{{{{{subject}}}}}"}, noMatch=otherwise)
    for value, to in matches.items():
        condition = {
            "type": "equal_to",
            "value": value.removeprefix("_"),
            "arguments": [f"{{{{{subject}}}}}"],
            "friendly_name": f"If value equal_to {value}",
        }
        made["transitions"].append({"event": "match", "next": to, "conditions": [condition]})
    return made


def menu(name: str, words: str, otherwise: str = "", timeout: str = "", **keys: str) -> list[State]:
    """A gather and the split behind it."""
    return [
        gather(name, words, keypress=f"{name}_keys", speech="", timeout=timeout),
        split(f"{name}_keys", f"widgets.{name}.Digits", otherwise, **keys),
    ]


def queue(name: str) -> State:
    return widget(name, "enqueue-call", {"queue_name": name}, callComplete="", failedToEnqueue="")


def export(*states: State, start: str = "") -> str:
    trigger = widget("Trigger", "trigger", incomingMessage="", incomingCall=start or states[0]["name"])
    return json.dumps({"description": "A line", "states": [trigger, *states], "initial_state": "Trigger"})


def imported(*states: State) -> ConvertedFlow:
    return convert_export(read_export(export(*states)))


def checked(made: ConvertedFlow) -> FlowReport:
    """Raises FlowFaults when it cannot even be read."""
    (report,) = check_flows(parse_flows(made.files))
    return report


def step(made: ConvertedFlow, name: str) -> str:
    """The step's lines, without what is told above it."""
    lines = made.files["main.yaml"].splitlines()
    at = next(i for i, line in enumerate(lines) if line.startswith(f"  {name}:"))
    end = next((i for i in range(at, len(lines)) if not lines[i].strip()), len(lines))
    return "\n".join(line.strip() for line in lines[at:end])


def notes_about(made: ConvertedFlow, name: str) -> str:
    return " | ".join(note.message for note in made.notes if note.widget == name)
