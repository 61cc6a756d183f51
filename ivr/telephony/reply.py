"""What a leg does next, and its TwiML. Use cases answer with a `Reply`; nothing above this file writes TwiML."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from twilio.twiml import TwiML
from twilio.twiml.voice_response import Dial, Gather, VoiceResponse

from ivr.domain.speech import spoken_text
from ivr.flow.phrases.phrasebook import Voice
from ivr.flow.turn import Audio, Listen, Says, Words

ROOM_EVENTS = "start end join leave"
# https://www.w3.org/TR/xml/#charsets: one such character, in a name or in what was heard, and the whole answer is refused
_UNSPEAKABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_MARKUP = re.compile(r"<[^>]*>")


def speakable(text: str) -> str:
    """Without what XML cannot carry."""
    return _UNSPEAKABLE.sub("", text)


@dataclass(frozen=True, kw_only=True)
class Hear:
    """Gather; whatever comes, silence too, goes to `action`."""

    listen: Listen
    action: str
    music: str = ""  # played while listening


@dataclass(frozen=True, kw_only=True)
class WaitInLine:
    """Twilio's queue, only as a waiting room."""

    name: str
    wait: str
    action: str


@dataclass(frozen=True, kw_only=True)
class Room:
    """The conference that joins the legs."""

    name: str
    action: str
    events: str
    label: str
    end_on_exit: bool = True
    star: bool = False  # * leaves the room (agents)
    wait: str = ""  # what is heard alone
    muted: bool = False
    coach: str = ""  # CallSid of the one who hears them, alone


@dataclass(frozen=True, kw_only=True)
class Through:
    """To somebody else's telephone; `action` comes when that call has ended or has come to nothing."""

    number: str
    caller_id: str
    action: str
    seconds: int
    screen: str = ""  # what whoever picks up hears first, alone


@dataclass(frozen=True, kw_only=True)
class Again:
    """Back to us."""

    url: str
    seconds: int = 0
    music: str = ""


@dataclass(frozen=True, kw_only=True)
class Record:
    action: str
    seconds: int
    after_silence: str  # where an empty recording goes


@dataclass(frozen=True, kw_only=True)
class Joined:
    """Who was rung goes to whoever had them rung: the end of a screening document."""


@dataclass(frozen=True, kw_only=True)
class LeaveLine:
    """Out of Twilio's waiting room: its action says where to."""


@dataclass(frozen=True, kw_only=True)
class Only:
    """Nothing but the words: what is said into a room takes no other verb."""


@dataclass(frozen=True, kw_only=True)
class HangUp:
    """After the words."""


@dataclass(frozen=True, kw_only=True)
class Reply:
    then: Hear | WaitInLine | Room | Through | Again | Record | LeaveLine | Only | HangUp | Joined
    says: Sequence[Says] = ()


Voices = Callable[[str], Voice]


def _any_voice(language: str) -> Voice:
    return Voice(locale=spoken_text.locale(language))


def render(reply: Reply, voices: Voices = _any_voice) -> str:
    """TwiML. `voices`: by language; the account's own without it. https://www.twilio.com/docs/voice/twiml"""
    response = VoiceResponse()
    match reply.then:
        case Hear() as hear:
            _gather(response, reply.says, hear, voices)
        case _:
            _say(response, reply.says, voices)
            _go_on(response, reply)
    return str(response)


def _go_on(response: VoiceResponse, reply: Reply) -> None:
    match reply.then:
        case WaitInLine(name=name, wait=wait, action=action):
            response.enqueue(name, wait_url=wait, wait_url_method="POST", action=action, method="POST")
        case Room() as room:
            response.append(_dial(room))
        case Through(number=number, caller_id=caller_id, action=action, seconds=seconds, screen=screen):
            # the caller hears ringing while the other is asked: https://www.twilio.com/docs/voice/twiml/number#attributes-url
            dial = response.dial(
                caller_id=caller_id,
                timeout=seconds,
                action=action,
                method="POST",
                hangup_on_star=True,
                answer_on_bridge=True if screen else None,
            )
            dial.number(number, **({"url": screen, "method": "POST"} if screen else {}))
        case Again(url=url, seconds=seconds, music=music):
            if music:
                response.play(music)
            elif seconds:
                response.pause(length=seconds)
            response.redirect(url, method="POST")
        case Record(action=action, seconds=seconds, after_silence=otherwise):
            response.record(
                action=action, method="POST", max_length=seconds, timeout=4, finish_on_key="#", play_beep=True
            )
            response.redirect(otherwise, method="POST")  # an empty recording falls through
        case LeaveLine():
            response.leave()
        case HangUp():
            response.hangup()


def _gather(response: VoiceResponse, says: Sequence[Says], hear: Hear, voices: Voices) -> None:
    listen = hear.listen
    language = next((said.language for said in says), "")
    speech = {
        "language": voices(language).locale or None,
        "speech_timeout": "auto",
        "hints": ",".join(listen.hints) or None,
    }
    gather = Gather(
        input="dtmf speech" if listen.speech else "dtmf",
        timeout=listen.seconds,
        num_digits=listen.digits or None,
        finish_on_key=listen.finish,
        action=hear.action,
        method="POST",
        action_on_empty_result=True,
        **(speech if listen.speech else {}),
    )
    _say(gather, says, voices)
    if hear.music:
        gather.play(hear.music)
    response.append(gather)


def _say(parent: TwiML, says: Sequence[Says], voices: Voices) -> None:
    for said in says:
        if isinstance(said, Audio):
            parent.play(said.url)
        elif said.text:
            parent.append(_Spoken(said, voices(said.language)))


class _Spoken(TwiML):  # type: ignore[misc] # the SDK has no types
    """<Say> whose text may hold SSML; the words are escaped where they are made (flow.book)."""

    def __init__(self, words: Words, voice: Voice) -> None:
        # https://www.twilio.com/docs/voice/twiml/say#attributes-language
        super().__init__(language=voice.locale, **({"voice": voice.name} if voice.name else {}))
        self.name = "Say"
        self._text = words.text

    def xml(self) -> object:
        words = speakable(self._text)
        try:
            element = ET.fromstring(f"<Say>{words}</Say>")  # noqa: S314 - made by flow.book, escaped
        except ET.ParseError:  # plain words are better than a call that ends
            element = ET.Element("Say")
            element.text = _MARKUP.sub("", words)
        for key, value in self.attrs.items():
            element.set(key, str(value))
        return element


def _dial(room: Room) -> Dial:
    dial = Dial(action=room.action, method="POST", hangup_on_star=room.star)
    dial.conference(
        room.name,
        start_conference_on_enter=True,
        end_conference_on_exit=room.end_on_exit,
        beep=False,
        participant_label=room.label,
        wait_url=room.wait,
        muted=room.muted or None,
        coach=room.coach or None,
        wait_method="POST",
        status_callback=room.events,
        status_callback_event=ROOM_EVENTS,
        status_callback_method="POST",
    )
    return dial
