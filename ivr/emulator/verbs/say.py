"""<Say>: words at the speed of speech; SSML is read by `ssml`.

A mark that Twilio's SSML does not have, or in a place where it cannot be, is a schema warning; its words are said.
"""

import re

from ivr.emulator.calls.signals import Said
from ivr.emulator.calls.twiml_document import Element
from ivr.emulator.calls.twiml_runner import Flow
from ivr.emulator.speech import ssml
from ivr.emulator.speech.speaking_time import Speech
from ivr.emulator.verbs.registry import ANY, Shape, Value, anything, one_of, part, verb, whole

MOST_LOOPS = 1000
VOICE = re.compile(r"man|woman|alice|(Polly|Google|ElevenLabs|Azure)\.\S+")
LANGUAGE = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*")
INLINE = ("break", "emphasis", "phoneme", "prosody", "say-as", "sub", "w", "amazon:effect", "amazon:domain")
WORDS = (*INLINE, "lang")
EVERYTHING = (*WORDS, "p", "s", "amazon:auto-breaths")


def _attributes(voice: int, loop: int) -> dict[str, Value]:
    return {
        "voice": Value(allowed=lambda text: VOICE.fullmatch(text) is not None, code=voice),
        "language": Value(allowed=lambda text: LANGUAGE.fullmatch(text) is not None, code=13512),
        "loop": whole(0, loop),
    }


GATHERED = Shape(attributes=_attributes(13321, 13322), children=frozenset(EVERYTHING))  # inside <Gather>

part(
    "break",
    {
        "strength": one_of(*ssml.STRENGTHS),
        "time": Value(allowed=lambda text: ssml.pause(text) is not None),
    },
)
part("emphasis", {"level": one_of("strong", "moderate", "reduced", "none")}, WORDS)
part("lang", anything("xml:lang"), EVERYTHING)
part("p", {}, (*WORDS, "s"))
part("s", {}, WORDS)
part("phoneme", {"alphabet": one_of("ipa", "x-sampa", "x-amazon-pinyin", "x-amazon-jyutping"), "ph": ANY})
part(
    "prosody",
    {**anything("volume pitch"), "rate": Value(allowed=lambda text: ssml.pace(text) is not None, code=13513)},
    EVERYTHING,
)
part("say-as", anything("interpret-as format role"))
part("sub", anything("alias"))
part("w", anything("role"), INLINE)
part("amazon:effect", anything("name phonation vocal-tract-length"), EVERYTHING)
part("amazon:domain", anything("name"), EVERYTHING)
part("amazon:auto-breaths", anything("volume frequency duration"), EVERYTHING)


@verb("Say", _attributes(13511, 13510), EVERYTHING)
async def say(flow: Flow, element: Element) -> None:
    speech = ssml.speech(element)
    if not speech.length:
        flow.warn(13520, "Say: Invalid text")
        return
    for _ in range(int(element.get("loop", "1")) or MOST_LOOPS):
        await speak(flow, speech, element.get("language", "en-US"))


async def speak(flow: Flow, speech: Speech, language: str) -> None:
    leg = flow.leg
    begun = leg.ears.begin(speech)
    if leg.far:
        leg.exchange.spawn(leg.far.say(speech.text, language=language))
    complete = False
    with leg.followed(Said(track="outbound", words=speech.text, language=language)) as said:
        try:
            await flow.wait(leg.exchange.clock.sleep(speech.length))
            complete = True
        finally:
            heard = leg.ears.finish(begun, complete=complete)
            said.words = heard
            leg.log("said", words=speech.text, heard=heard, complete=complete, began=round(begun.began, 3))
