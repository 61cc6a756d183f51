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
from ivr.flow.turn import AudioPrompt, Listen, Prompt, SpokenPrompt

CONFERENCE_EVENTS = "start end join leave"
# https://www.w3.org/TR/xml/#charsets: one such character, in a name or in what was heard, and the whole answer is refused
_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_MARKUP = re.compile(r"<[^>]*>")


def remove_non_xml(text: str) -> str:
    """Without what XML cannot carry."""
    return _NOT_IN_XML.sub("", text)


@dataclass(frozen=True, kw_only=True)
class GatherInput:
    """Gather; whatever comes, silence too, goes to `action_url`."""

    listen: Listen
    action_url: str
    music_url: str = ""  # played while listening


@dataclass(frozen=True, kw_only=True)
class WaitInQueue:
    """Twilio's queue, only as a waiting room."""

    queue_name: str
    wait_url: str
    action_url: str


@dataclass(frozen=True, kw_only=True)
class JoinConference:
    """The conference that joins the legs."""

    conference_name: str
    action_url: str
    events_url: str
    label: str
    end_on_exit: bool = True
    leave_on_star: bool = False  # * leaves the conference (agents)
    wait_url: str = ""  # what is heard alone
    muted: bool = False
    coached_call_sid: str = ""  # CallSid of the one who hears them, alone


@dataclass(frozen=True, kw_only=True)
class DialNumber:
    """To somebody else's telephone; `action_url` comes when that call has ended or has come to nothing."""

    number: str
    caller_id: str
    action_url: str
    ring_seconds: int
    screening_url: str = ""  # what whoever picks up hears first, alone


@dataclass(frozen=True, kw_only=True)
class Redirect:
    """Back to us."""

    url: str
    pause_seconds: int = 0
    music_url: str = ""


@dataclass(frozen=True, kw_only=True)
class RecordSpeech:
    action_url: str
    max_seconds: int
    silence_url: str  # where an empty recording goes


@dataclass(frozen=True, kw_only=True)
class ConnectDialedParty:
    """Who was rung goes to whoever had them rung: the end of a screening document."""


@dataclass(frozen=True, kw_only=True)
class LeaveQueue:
    """Out of Twilio's waiting room: its action says where to."""


@dataclass(frozen=True, kw_only=True)
class SpeakOnly:
    """Nothing but the words: what is said into a conference takes no other verb."""


@dataclass(frozen=True, kw_only=True)
class HangUp:
    """After the words."""


Verb = (
    GatherInput
    | WaitInQueue
    | JoinConference
    | DialNumber
    | Redirect
    | RecordSpeech
    | LeaveQueue
    | SpeakOnly
    | HangUp
    | ConnectDialedParty
)


@dataclass(frozen=True, kw_only=True)
class Reply:
    verb: Verb
    prompts: Sequence[Prompt] = ()


VoiceOfLanguage = Callable[[str], Voice]


def _default_voice(language: str) -> Voice:
    return Voice(locale=spoken_text.get_voice_locale(language))


def render_twiml(reply: Reply, voice_of: VoiceOfLanguage = _default_voice) -> str:
    """TwiML. `voice_of`: the voice of a language; the account's own without it. https://www.twilio.com/docs/voice/twiml"""
    response = VoiceResponse()
    match reply.verb:
        case GatherInput() as hear:
            _append_gather(response, reply.prompts, hear, voice_of)
        case _:
            _append_prompts(response, reply.prompts, voice_of)
            _append_verb(response, reply)
    return str(response)


def _append_verb(response: VoiceResponse, reply: Reply) -> None:
    match reply.verb:
        case WaitInQueue(queue_name=name, wait_url=wait, action_url=action):
            response.enqueue(name, wait_url=wait, wait_url_method="POST", action=action, method="POST")
        case JoinConference() as room:
            response.append(_make_conference_dial(room))
        case DialNumber(
            number=number, caller_id=caller_id, action_url=action, ring_seconds=seconds, screening_url=screen
        ):
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
        case Redirect(url=url, pause_seconds=seconds, music_url=music):
            if music:
                response.play(music)
            elif seconds:
                response.pause(length=seconds)
            response.redirect(url, method="POST")
        case RecordSpeech(action_url=action, max_seconds=seconds, silence_url=otherwise):
            response.record(
                action=action, method="POST", max_length=seconds, timeout=4, finish_on_key="#", play_beep=True
            )
            response.redirect(otherwise, method="POST")  # an empty recording falls through
        case LeaveQueue():
            response.leave()
        case HangUp():
            response.hangup()


def _append_gather(
    response: VoiceResponse, prompts: Sequence[Prompt], gather_input: GatherInput, voice_of: VoiceOfLanguage
) -> None:
    listen = gather_input.listen
    language = next((said.language for said in prompts), "")
    speech = {
        "language": voice_of(language).locale or None,
        "speech_timeout": "auto",
        "hints": ",".join(listen.hints) or None,
    }
    gather = Gather(
        input="dtmf speech" if listen.speech else "dtmf",
        timeout=listen.seconds,
        num_digits=listen.max_digits or None,
        finish_on_key=listen.finish_key,
        action=gather_input.action_url,
        method="POST",
        action_on_empty_result=True,
        **(speech if listen.speech else {}),
    )
    _append_prompts(gather, prompts, voice_of)
    if gather_input.music_url:
        gather.play(gather_input.music_url)
    response.append(gather)


def _append_prompts(parent: TwiML, prompts: Sequence[Prompt], voice_of: VoiceOfLanguage) -> None:
    for said in prompts:
        if isinstance(said, AudioPrompt):
            parent.play(said.url)
        elif said.text:
            parent.append(_SayElement(said, voice_of(said.language)))


class _SayElement(TwiML):  # type: ignore[misc] # the SDK has no types
    """<Say> whose text may hold SSML; the words are escaped where they are made (ivr/flow/phrases)."""

    def __init__(self, prompt: SpokenPrompt, voice: Voice) -> None:
        # https://www.twilio.com/docs/voice/twiml/say#attributes-language
        super().__init__(language=voice.locale, **({"voice": voice.name} if voice.name else {}))
        self.name = "Say"
        self._text = prompt.text

    def xml(self) -> object:
        words = remove_non_xml(self._text)
        try:
            element = ET.fromstring(f"<Say>{words}</Say>")  # noqa: S314 - made by ivr/flow/phrases, escaped
        except ET.ParseError:  # plain words are better than a call that ends
            element = ET.Element("Say")
            element.text = _MARKUP.sub("", words)
        for key, value in self.attrs.items():
            element.set(key, str(value))
        return element


def _make_conference_dial(room: JoinConference) -> Dial:
    dial = Dial(action=room.action_url, method="POST", hangup_on_star=room.leave_on_star)
    dial.conference(
        room.conference_name,
        start_conference_on_enter=True,
        end_conference_on_exit=room.end_on_exit,
        beep=False,
        participant_label=room.label,
        wait_url=room.wait_url,
        muted=room.muted or None,
        coach=room.coached_call_sid or None,
        wait_method="POST",
        status_callback=room.events_url,
        status_callback_event=CONFERENCE_EVENTS,
        status_callback_method="POST",
    )
    return dial
