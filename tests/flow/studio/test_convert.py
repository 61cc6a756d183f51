"""A Studio flow becomes a flow of ours: https://www.twilio.com/docs/studio/widget-library."""

from __future__ import annotations

import json
import random

import pytest

from ivr.flow.loader.library import parse_flows
from ivr.flow.studio import InvalidStudioExport, read_export
from tests.flow.caller import Talk
from tests.flow.studio.exports import (
    State,
    checked,
    export,
    gather,
    imported,
    menu,
    notes_about,
    queue,
    say,
    split,
    step,
    widget,
)


def test_a_gather_and_its_splits_become_one_menu() -> None:
    heard = split("said", "widgets.Main.SpeechResult", "sorry", billing="Bills", pharmacy="Pills")
    made = imported(
        gather("Main", "For bills, press 1.", keypress="keys", speech="said", timeout="sorry"),
        split("keys", "widgets.Main.Digits", "sorry", _1="Bills", _0="Desk"),
        heard,
        say("sorry", "Sorry, we did not hear you.", "Main"),
        queue("Bills"),
        queue("Pills"),
        queue("Desk"),
    )
    assert step(made, "main") == (
        "main:\nmenu: main\noptions:\n"
        '1: {words: ["billing"], next: bills}\n2: {words: ["pharmacy"], next: pills}'
    )
    assert 'main: "For bills, press 1. For pharmacy, press 2."' in made.files["prompts/en.yaml"]
    assert "here 0 leads to a person" in notes_about(made, "Main")
    assert parse_flows(made.files).flows["a_line"].person_queue == "desk"
    assert checked(made).is_sound


def test_what_was_imported_can_be_talked_with() -> None:
    made = imported(*menu("Main", "For bills, press 1.", _1="Bills"), queue("Bills"))
    talk = Talk(library=parse_flows(made.files))
    assert "For bills, press 1." in talk.heard
    talk.press("1")
    assert "bills" in str(talk.then)


@pytest.mark.parametrize(
    ("name", "label"), [("get_account_number", "account number"), ("gather_2", "number")]
)
def test_several_digits_are_asked_for_and_stand_in_the_brief(name: str, label: str) -> None:
    asks = widget(
        name,
        "gather-input-on-call",
        {"say": "Enter your account number.", "number_of_digits": 8},
        keypress="Desk",
    )
    made = imported(asks, queue("Desk"))
    assert f'ask: digits, prompt: {name}, digits: 8, label: "{label}", next: desk' in step(made, name)
    parse_flows(made.files)


def test_asking_for_a_number_to_call_is_a_promise() -> None:
    asks = widget("callback_number", "gather-input-on-call", {"finish_on_key": "#"}, keypress="Desk")
    made = imported(
        say("Ask", "Please enter your phone number for a callback.", "callback_number"), asks, queue("Desk")
    )
    assert step(made, "callback_number") == "callback_number: {promise: soonest}"
    assert checked(made).is_sound


def test_words_before_a_question_without_words_are_its_own() -> None:
    made = imported(say("Hello", "Welcome.", "Ask"), *menu("Ask", "", _1="Desk"), queue("Desk"))
    assert 'ask: "Welcome."' in made.files["prompts/en.yaml"]
    assert parse_flows(made.files).flows["a_line"].start == "ask"


def test_a_recording_is_played_and_speech_alone_is_the_reason() -> None:
    made = imported(
        widget("Jingle", "say-play", {"play": "https://example.com/hello.mp3"}, audioComplete="Why"),
        widget("Why", "gather-input-on-call", {"say": "What is it about?"}, speech="Desk"),
        queue("Desk"),
    )
    assert 'jingle: "https://example.com/hello.mp3"' in made.files["prompts/en.yaml"]
    assert step(made, "why") == "why: {ask: reason, prompt: why, next: desk}"


def test_opening_hours_become_a_branch_and_the_closed_end_a_promise() -> None:
    made = imported(
        widget("check", "run-function", {}, success="hours", fail=""),
        split("hours", "widgets.check.parsed.isOpen", "Closed", true="Desk"),
        say("Closed", "Our office is closed. Please call back during business hours. Goodbye!"),
        queue("Desk"),
    )
    assert step(made, "hours") == "hours:\nbranch:\n- when: {open: office}\nnext: desk\n- else: closed"
    assert step(made, "closed") == "closed: {say: closed, next: call_back}"
    assert 'closed: "Our office is closed."' in made.files["prompts/en.yaml"]
    assert "told people to call again" in notes_about(made, "Closed")
    assert "a promise to call back follows" in notes_about(made, "Closed")
    assert "no code runs in a call" in notes_about(made, "check")
    assert checked(made).is_sound


def test_a_split_on_being_closed_asks_the_other_way_round() -> None:
    made = imported(
        split("holiday", "flow.variables.is_holiday", "Desk", true="Closed"),
        say("Closed", "Closed."),
        queue("Desk"),
    )
    assert "- when: {closed: office}\nnext: closed\n- else: desk" in step(made, "holiday")


def test_after_a_recording_there_is_a_goodbye_and_elsewhere_a_person() -> None:
    made = imported(
        *menu("Main", "Press 1 or 2.", timeout="Bye", _1="Leave", _2="Hours"),
        say("Leave", "Leave a message after the tone.", "Tape"),
        widget("Tape", "record-voicemail", {"max_length": 90}, recordingComplete="notify"),
        widget("notify", "make-http-request", {}, success="Thanks"),
        say("Thanks", "Thank you. Goodbye."),
        say("Hours", "We are here from nine to five. Goodbye."),
        say("Bye", "Goodbye."),
    )
    assert step(made, "leave") == "leave: {message: leave, seconds: 90, next: notify}"
    assert step(made, "thanks") == "thanks: {goodbye: thanks}"
    assert step(made, "hours") == "hours: {say: hours, next: a_person}"
    assert 'hours: "We are here from nine to five."' in made.files["prompts/en.yaml"]
    assert step(made, "bye") == "bye: {goto: a_person}"
    assert checked(made).is_sound


def test_a_recording_that_was_put_into_a_queue_is_a_promise_and_needs_none() -> None:
    made = imported(widget("Tape", "record-voicemail", {}, recordingComplete="Desk"), queue("Desk"))
    assert step(made, "tape") == "tape: {message: tape}"


def test_the_way_back_to_a_menu_is_cut_with_the_words_that_offer_it() -> None:
    words = "For hours, press 1. To hear this again, press 9."
    made = imported(
        *menu("Main", words, _1="Sub", _9="Main"),
        *menu("Sub", "For a person, press 1, or press 2 to go back. We are here.", _1="Desk", _2="Main"),
        queue("Desk"),
    )
    assert 'main: "For hours, press 1."' in made.files["prompts/en.yaml"]
    assert 'sub: "For a person, press 1. We are here."' in made.files["prompts/en.yaml"]
    assert "# goes one step back" in notes_about(made, "Sub")
    assert checked(made).is_sound


def test_a_number_is_dialled_and_whom_nobody_answers_goes_on() -> None:
    made = imported(
        widget(
            "Shop",
            "connect-call-to",
            {"noun": "number", "to": "1 (202) 555-0144", "timeout": 30},
            callCompleted="how",
        ),
        split("how", "widgets.Shop.DialCallStatus", "", completed="", busy="Tape"),
        widget("Tape", "record-voicemail", {}, recordingComplete=""),
    )
    assert step(made, "shop") == 'shop: {transfer: "+12025550144", seconds: 30, next: tape}'


def test_who_cannot_be_dialled_is_told_and_a_person_answers() -> None:
    made = imported(widget("Sip", "connect-call-to", {"noun": "sip", "to": "sip:a@b"}, callCompleted=""))
    assert step(made, "sip") == "sip: {goto: a_person}"
    assert "Make whoever answers there an agent" in notes_about(made, "Sip")
    parse_flows(made.files)


def test_texts_go_to_the_caller_only() -> None:
    own = {"to": "{{contact.channel.address}}", "body": "1 Harbor Road"}
    other = {"to": "+12025550177", "body": "Somebody is at the gate"}
    made = imported(
        widget("own", "send-message", own, sent="other", failed="other"),
        widget("other", "send-message", other, sent="Desk", failed="Desk"),
        queue("Desk"),
    )
    assert step(made, "own") == "own: {text: own, next: other}"
    assert step(made, "other") == "other: {goto: desk}"
    assert "who is not the caller" in notes_about(made, "other")


def test_variables_become_fields_or_their_sentence_is_left_out() -> None:
    words = "Hello {{flow.variables.first_name}}. You call from {{trigger.call.From}}. [Hold] {% if a %}on{% endif %}."
    made = imported(say("Hello", words, "Desk"), queue("Desk"))
    assert 'hello: "Hello[ {caller.name}]. (Hold) on."' in made.files["prompts/en.yaml"]
    assert "You call from {{trigger.call.From}}." in notes_about(made, "Hello")


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
