"""What a Studio import passes by, changes and refuses."""

from __future__ import annotations

import json
import random

import pytest

from ivr.flow.loader.library import parse_flows
from ivr.flow.studio import InvalidStudioExport, read_export
from tests.flow.studio.exports import (
    State,
    checked,
    export,
    imported,
    menu,
    notes_about,
    queue,
    say,
    split,
    widget,
)


@pytest.mark.parametrize(
    "kind",
    [
        "run-function",
        "set-variables",
        "capture-payments",
        "connect-virtual-agent-v2",
        "run-subflow",
        "new-one",
    ],
)
def test_what_has_no_counterpart_is_told_and_passed_by(kind: str) -> None:
    made = imported(widget("Odd", kind, {}, success="Desk"), queue("Desk"))
    (note,) = [note for note in made.notes if note.widget == "Odd"]
    assert note.type == kind
    assert f"# {note.message}" in made.files["main.yaml"]
    parse_flows(made.files)


def test_what_nothing_leads_to_any_more_stands_in_comments() -> None:
    made = imported(
        split("vip", "trigger.call.From", "Desk", _12025550100="Red"),
        say("Red", "One moment.", "Desk"),
        queue("Desk"),
    )
    assert "# red: {say: red, next: desk}" in made.files["main.yaml"]
    assert '# red: "One moment."' in made.files["prompts/en.yaml"]
    assert "The other ways (Red) are not taken" in notes_about(made, "vip")


def test_what_nothing_leads_to_brings_along_what_it_leads_to_itself() -> None:
    made = imported(
        *menu("Main", "Press 1.", otherwise="sorry", _1="vip"),
        split("vip", "trigger.call.From", "Desk", _12025550100="Red"),
        widget("Red", "run-function", {}, success="sorry"),
        say("sorry", "That is no answer.", "Main"),
        queue("Desk"),
    )
    assert "# red: {goto: sorry}" in made.files["main.yaml"]
    assert "# sorry: {say: sorry, next: main}" in made.files["main.yaml"]


def test_characters_that_no_file_can_hold_are_changed() -> None:
    made = imported(say("Hello", "Hi \ud800 there\x00\x85, {you} <b [x]", "Desk"), queue("Desk"))
    assert 'hello: "Hi? there, you b (x)"' in made.files["prompts/en.yaml"]
    parse_flows(made.files)


def test_names_that_mean_something_are_changed_and_none_is_there_twice() -> None:
    made = imported(
        say("true", "A", "Main Menu!"),
        say("Main Menu!", "B", "mainMenu"),
        say("mainMenu", "C", "9"),
        queue("9"),
    )
    parse_flows(made.files)
    steps = parse_flows(made.files).flows["a_line"].steps
    assert list(steps) == ["true_step", "main_menu", "main_menu_2", "step_9"]


def bad(**changes: object) -> str:
    return json.dumps(json.loads(export(say("A", "a"))) | changes)


def without(state: State, key: str) -> State:
    return {name: value for name, value in state.items() if name != key}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("hello", "not JSON (line 1, column 1)"),
        ("[" * 100_000, "not JSON"),
        ("{}", "not a Studio flow"),
        ("[1, 2]", "not a Studio flow"),
        (bad(states=[]), "no widgets"),
        (bad(states=[{"type": "trigger"}]), "widget 1 has no name"),
        (bad(states=[without(say("A", "a"), "type")]), 'the widget "A" has no type'),
        (bad(states=[without(say("A", "a"), "transitions")]), "no list of transitions"),
        (bad(states=[say("A", "a")], initial_state=""), "no trigger"),
        (bad(states=[widget("T", "trigger", incomingMessage="A"), say("A", "a")], initial_state="T"), "messages only"),
        (export(say("@person", "a")), 'begins with "@"'),
        (export(say("A", "a", "B")), '"A" leads to "B"'),
        (export(say("A", "a"), say("A", "b")), 'two widgets are called "A"'),
        (export(say("A", "a", "B"), say("B", "b", "A")), "goes round without end, whatever the caller does: A > B > A"),
        (export(*(say(f"w{n}", "a") for n in range(3000))), "3001 widgets; Studio allows 1000"),
    ],
)  # fmt: skip
def test_what_is_no_studio_flow_is_refused_in_one_sentence(text: str, why: str) -> None:
    with pytest.raises(InvalidStudioExport) as refused:
        read_export(text)
    assert why in str(refused.value)


def test_as_many_widgets_as_studio_allows_are_read() -> None:
    made = imported(*(say(f"w{n}", "a", f"w{n + 1}") for n in range(998)), queue("w998"))
    assert len(parse_flows(made.files).flows["a_line"].steps) == 999


KINDS = [
    "say-play",
    "gather",
    "split",
    "hours",
    "record-voicemail",
    "enqueue-call",
    "send-message",
    "run-function",
    "sip",
]


def scribble(seed: int) -> list[State]:
    """A flow as nobody would draw it: everything leads anywhere."""
    draw = random.Random(seed)
    names = [f"w{n}" for n in range(draw.randint(3, 12))]

    def anywhere() -> str:
        return draw.choice([*names, *names, ""])

    states: list[State] = []
    for name in names:
        match draw.choice(KINDS):
            case "gather":
                states += menu(
                    name, "Press 1, or press 9.", anywhere(), anywhere(), _1=anywhere(), _9=anywhere()
                )
            case "split":
                states.append(split(name, "flow.variables.a", anywhere(), b=anywhere()))
            case "hours":
                states.append(split(name, "flow.variables.is_open", anywhere(), true=anywhere()))
            case "sip":
                states.append(widget(name, "connect-call-to", {"noun": "sip"}, callCompleted=anywhere()))
            case "say-play":
                states.append(say(name, "Hello there.", anywhere()))
            case kind:
                states.append(
                    widget(name, kind, {"body": "A"}, success=anywhere(), recordingComplete=anywhere())
                )
    return states


@pytest.mark.parametrize("seed", [8, 23, 41, 55])
def test_whatever_is_imported_traps_nobody(seed: int) -> None:
    made = imported(*scribble(seed))
    faults = [fault.message for fault in checked(made).faults]
    assert not [
        fault for fault in faults if not fault.startswith("it takes ")
    ]  # too long is for its author to mend
