"""The TwiML of each kind of reply is what Twilio's pages ask for: https://www.twilio.com/docs/voice/twiml"""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.flow.phrases.phrasebook import InvalidPhrase, Ssml, parse_template
from ivr.flow.turn import AudioPrompt, Listen, SpokenPrompt
from ivr.telephony.reply import (
    GatherInput,
    HangUp,
    JoinConference,
    LeaveQueue,
    RecordSpeech,
    Redirect,
    Reply,
    WaitInQueue,
    render_twiml,
)

HELLO = SpokenPrompt(text="Hello.", language="en")
HOLA = SpokenPrompt(text="Hola.", language="es")
URL = "https://line.example.com/voice/x?a=1&b=2"


def parse(reply: Reply) -> ET.Element:
    root = ET.fromstring(render_twiml(reply))  # noqa: S314 - our own
    assert root.tag == "Response"
    return root


def only(reply: Reply, path: str) -> ET.Element:
    (found,) = parse(reply).findall(path)
    return found


def verbs(reply: Reply) -> list[str]:
    return [verb.tag for verb in parse(reply)]


def test_a_gather_sends_silence_too_so_that_there_is_always_a_next_request() -> None:
    """`actionOnEmptyResult`: otherwise an empty input falls through to the end of the document, and of the call."""
    hear = GatherInput(listen=Listen(max_digits=1, seconds=5, speech=False), action_url=URL)
    gather = only(Reply(prompts=(HELLO,), verb=hear), "Gather")
    assert gather.attrib | {"finishOnKey": ""} == {
        "input": "dtmf",
        "timeout": "5",
        "numDigits": "1",
        "action": URL,
        "method": "POST",
        "actionOnEmptyResult": "true",
        "finishOnKey": "",
    }
    assert [said.text for said in gather] == ["Hello."]


def test_a_gather_that_listens_to_words_says_in_which_language_and_which_words_to_expect() -> None:
    hear = GatherInput(
        listen=Listen(max_digits=1, seconds=5, speech=True, hints=("person", "agent")), action_url=URL
    )
    gather = only(Reply(prompts=(HOLA,), verb=hear), "Gather")
    assert gather.get("input") == "dtmf speech"
    assert gather.get("language") == "es-US"
    assert gather.get("speechTimeout") == "auto"
    assert gather.get("speechModel") is None  # with one, speechTimeout must be an integer
    assert gather.get("hints") == "person,agent"


def test_music_is_played_while_listening_so_that_a_key_interrupts_it() -> None:
    hear = GatherInput(
        listen=Listen(max_digits=1, seconds=1, speech=False), action_url=URL, music_url="https://x/hold.wav"
    )
    assert [e.tag for e in only(Reply(prompts=(HELLO,), verb=hear), "Gather")] == ["Say", "Play"]


def test_waiting_in_line_asks_us_what_to_play_and_where_to_go_afterwards() -> None:
    reply = Reply(
        prompts=(HELLO,), verb=WaitInQueue(queue_name="support-a", wait_url=URL, action_url=URL + "&c")
    )
    assert verbs(reply) == ["Say", "Enqueue"]
    enqueue = only(reply, "Enqueue")
    assert enqueue.text == "support-a"
    assert enqueue.attrib == {
        "waitUrl": URL,
        "waitUrlMethod": "POST",
        "action": URL + "&c",
        "method": "POST",
    }


@pytest.mark.parametrize("star", [True, False])
def test_a_room_ends_with_whoever_leaves_tells_us_all_and_rings_no_beep(star: bool) -> None:
    room = JoinConference(
        conference_name="c-1",
        action_url=URL,
        events_url=URL,
        label="caller",
        leave_on_star=star,
        wait_url=URL,
    )
    dial = only(Reply(verb=room), "Dial")
    assert dial.get("action") == URL
    assert dial.get("hangupOnStar") == str(star).lower()
    conference = only(Reply(verb=room), "Dial/Conference")
    assert conference.text == "c-1"
    assert conference.attrib == {
        "startConferenceOnEnter": "true",
        "endConferenceOnExit": "true",
        "beep": "false",
        "participantLabel": "caller",
        "waitUrl": URL,
        "waitMethod": "POST",
        "statusCallback": URL,
        "statusCallbackEvent": "start end join leave",
        "statusCallbackMethod": "POST",
    }


def test_again_comes_back_at_once_after_a_pause_or_after_music() -> None:
    assert verbs(Reply(verb=Redirect(url=URL))) == ["Redirect"]
    assert verbs(Reply(verb=Redirect(url=URL, pause_seconds=3))) == ["Pause", "Redirect"]
    assert verbs(Reply(verb=Redirect(url=URL, pause_seconds=3, music_url="https://x/y.wav"))) == [
        "Play",
        "Redirect",
    ]
    assert only(Reply(verb=Redirect(url=URL)), "Redirect").attrib == {"method": "POST"}


def test_a_recording_that_is_empty_falls_through_to_the_next_request() -> None:
    """`<Record>` does not request its action after silence; what follows it is reached then."""
    reply = Reply(
        prompts=(HELLO,), verb=RecordSpeech(action_url=URL, max_seconds=120, silence_url=URL + "&s")
    )
    assert verbs(reply) == ["Say", "Record", "Redirect"]
    record = only(reply, "Record")
    assert (record.get("maxLength"), record.get("playBeep"), record.get("finishOnKey")) == (
        "120",
        "true",
        "#",
    )
    assert only(reply, "Redirect").text == URL + "&s"


def test_leaving_the_line_and_hanging_up_come_after_the_words() -> None:
    assert verbs(Reply(prompts=(HELLO,), verb=LeaveQueue())) == ["Say", "Leave"]
    assert verbs(Reply(prompts=(HELLO,), verb=HangUp())) == ["Say", "Hangup"]


def test_words_are_said_in_their_own_language_and_recordings_are_played() -> None:
    says = (
        HELLO,
        AudioPrompt(url="https://x/y.mp3?a=1&b=2", language="en"),
        HOLA,
        SpokenPrompt(text="", language="en"),
    )
    root = parse(Reply(prompts=says, verb=HangUp()))
    assert [e.get("language") for e in root.iter("Say")] == ["en-US", "es-US"]
    assert [e.text for e in root.iter("Play")] == ["https://x/y.mp3?a=1&b=2"]


NASTY = 'Tom & Jerry <Dial>+1900</Dial> "O\'Neil" ]]> &amp; <break/> {name} [x] ñ 日本 🙂'


def spoken_text(words: str) -> str:
    (say,) = parse(Reply(prompts=(SpokenPrompt(text=words, language="en"),), verb=HangUp())).iter("Say")
    assert len(say) == 0  # nothing in it became markup
    return "".join(say.itertext())


def test_what_somebody_is_called_or_said_is_spoken_and_never_obeyed() -> None:
    words = parse_template("This is {name}, about {reason}.").render({"name": NASTY, "reason": NASTY})
    assert spoken_text(words) == f"This is {NASTY}, about {NASTY}."


@given(name=st.text(st.characters(exclude_categories=("Cs", "Cc", "Cn", "Co")), min_size=1))
def test_any_name_is_spoken_as_it_is(name: str) -> None:
    assert spoken_text(parse_template("This is {name}.").render({"name": name})) == f"This is {name}."


@given(name=st.text())
def test_no_text_at_all_breaks_the_answer(name: str) -> None:
    """Not even what XML cannot carry: an agent's page or a file may have brought it past the webhooks' own sieve."""
    words = SpokenPrompt(text=parse_template("Hello {name}.").render({"name": name}), language="en")
    assert verbs(Reply(prompts=(words,), verb=HangUp())) == ["Say", "Hangup"]


def test_markup_in_a_prompt_is_markup() -> None:
    words = parse_template('One moment <break time="500ms"/> & then {digits}.').render(
        {"digits": Ssml('<say-as interpret-as="digits">123</say-as>')}
    )
    (say,) = parse(Reply(prompts=(SpokenPrompt(text=words, language="en"),), verb=HangUp())).iter("Say")
    assert [child.tag for child in say] == ["break", "say-as"]
    assert "".join(say.itertext()) == "One moment  & then 123."


def test_markup_that_does_not_close_never_reaches_a_call() -> None:
    with pytest.raises(InvalidPhrase):
        parse_template("One <emphasis>moment")
    broken: Any = SpokenPrompt(text="One <emphasis>moment & more", language="en")
    assert "".join(parse(Reply(prompts=(broken,), verb=HangUp())).itertext()).startswith("One ")
