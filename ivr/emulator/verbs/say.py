"""<Say>: words at the speed of speech. What SSML says about how is not heard."""

from ivr.emulator.document import Element
from ivr.emulator.ears import seconds
from ivr.emulator.flow import Flow
from ivr.emulator.verbs.registry import ANY, verb, whole

SSML = [
    "break",
    "emphasis",
    "lang",
    "p",
    "phoneme",
    "prosody",
    "s",
    "say-as",
    "sub",
    "w",
    "amazon:effect",
    "amazon:domain",
    "amazon:auto-breaths",
]
MOST_LOOPS = 1000


@verb("Say", {"voice": ANY, "language": ANY, "loop": whole(0, 13510)}, SSML)
async def say(flow: Flow, element: Element) -> None:
    if not element.text:
        flow.warn(13520, "Say: Invalid text")
        return
    for _ in range(int(element.get("loop", "1")) or MOST_LOOPS):
        await speak(flow, element.text)


async def speak(flow: Flow, words: str) -> None:
    leg = flow.leg
    begun = leg.ears.begin(words)
    complete = False
    try:
        await flow.wait(leg.exchange.clock.sleep(seconds(words)))
        complete = True
    finally:
        heard = leg.ears.finish(begun, complete=complete)
        leg.log("said", words=words, heard=heard, complete=complete, began=round(begun.began, 3))
