"""<Say>: words at the speed of speech; SSML is read by `ssml`.

A mark that Twilio's SSML does not have, or in a place where it cannot be, is a schema warning; its words are said.
"""

import re

from ivr.emulator.calls.person_input import speak
from ivr.emulator.calls.signals import TrackSpeech
from ivr.emulator.calls.twiml_document import Element
from ivr.emulator.calls.twiml_runner import TwimlRunner
from ivr.emulator.speech import ssml
from ivr.emulator.speech.speaking_time import Speech
from ivr.emulator.verbs.registry import (
    ANY_VALUE,
    AttributeRule,
    ElementSchema,
    any_values,
    integer,
    one_of,
    register_part,
    verb,
)

MAX_LOOPS = 1000
VOICE = re.compile(r"man|woman|alice|(Polly|Google|ElevenLabs|Azure)\.\S+")
LANGUAGE = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*")
INLINE_TAGS = (
    "break",
    "emphasis",
    "phoneme",
    "prosody",
    "say-as",
    "sub",
    "w",
    "amazon:effect",
    "amazon:domain",
)
WORD_TAGS = (*INLINE_TAGS, "lang")
ALL_TAGS = (*WORD_TAGS, "p", "s", "amazon:auto-breaths")


def _attributes(voice: int, loop: int) -> dict[str, AttributeRule]:
    return {
        "voice": AttributeRule(is_allowed=lambda text: VOICE.fullmatch(text) is not None, code=voice),
        "language": AttributeRule(is_allowed=lambda text: LANGUAGE.fullmatch(text) is not None, code=13512),
        "loop": integer(0, loop),
    }


SCHEMA_IN_GATHER = ElementSchema(
    attributes=_attributes(13321, 13322), children=frozenset(ALL_TAGS)
)  # inside <Gather>

register_part(
    "break",
    {
        "strength": one_of(*ssml.BREAK_SECONDS_BY_STRENGTH),
        "time": AttributeRule(is_allowed=lambda text: ssml.parse_break_time(text) is not None),
    },
)
register_part("emphasis", {"level": one_of("strong", "moderate", "reduced", "none")}, WORD_TAGS)
register_part("lang", any_values("xml:lang"), ALL_TAGS)
register_part("p", {}, (*WORD_TAGS, "s"))
register_part("s", {}, WORD_TAGS)
register_part(
    "phoneme", {"alphabet": one_of("ipa", "x-sampa", "x-amazon-pinyin", "x-amazon-jyutping"), "ph": ANY_VALUE}
)
register_part(
    "prosody",
    {
        **any_values("volume pitch"),
        "rate": AttributeRule(is_allowed=lambda text: ssml.parse_rate(text) is not None, code=13513),
    },
    ALL_TAGS,
)
register_part("say-as", any_values("interpret-as format role"))
register_part("sub", any_values("alias"))
register_part("w", any_values("role"), INLINE_TAGS)
register_part("amazon:effect", any_values("name phonation vocal-tract-length"), ALL_TAGS)
register_part("amazon:domain", any_values("name"), ALL_TAGS)
register_part("amazon:auto-breaths", any_values("volume frequency duration"), ALL_TAGS)


@verb("Say", _attributes(13511, 13510), ALL_TAGS)
async def say(runner: TwimlRunner, element: Element) -> None:
    speech = ssml.time_speech(element)
    if not speech.seconds:
        runner.warn(13520, "Say: Invalid text")
        return
    for _ in range(int(element.get("loop", "1")) or MAX_LOOPS):
        await speak_words(runner, speech, element.get("language", "en-US"))


async def speak_words(runner: TwimlRunner, speech: Speech, language: str) -> None:
    leg = runner.leg
    begun = leg.hearing.begin_utterance(speech)
    if leg.peer:
        leg.exchange.spawn(speak(leg.peer, speech.text, language=language))
    complete = False
    with leg.notify_speech_listeners(
        TrackSpeech(track="outbound", words=speech.text, language=language)
    ) as said:
        try:
            await runner.run_interruptibly(leg.exchange.clock.sleep(speech.seconds))
            complete = True
        finally:
            heard = leg.hearing.finish_utterance(begun, complete=complete)
            said.words = heard
            leg.log("said", words=speech.text, heard=heard, complete=complete, began=round(begun.began_at, 3))
