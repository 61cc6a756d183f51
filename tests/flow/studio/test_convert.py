"""A Studio flow becomes a flow of ours: https://www.twilio.com/docs/studio/widget-library."""

from __future__ import annotations

import pytest

from ivr.flow.loader.library import parse_flows
from tests.flow.caller import Talk
from tests.flow.studio.exports import (
    checked,
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
