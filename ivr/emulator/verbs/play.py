"""<Play>: keys, or a sound.

Sounds on this machine are fetched, as Twilio does, so that a missing prompt shows; a WAV file lasts as long as it
lasts. Anything else takes five seconds, or what `seconds=` in its address says.
"""

import io
import re
import wave
from urllib.parse import urlsplit

from ivr.emulator.calls.twiml_document import Element
from ivr.emulator.calls.twiml_runner import Flow
from ivr.emulator.runtime.faults import Where
from ivr.emulator.verbs.registry import Shape, tones, verb, whole

LENGTH = 5.0
MOST_LOOPS = 1000
WRONG_TYPE, WRONG_TYPE_IN_GATHER = 13420, 13325
LOCAL = frozenset({"127.0.0.1", "localhost", "::1"})
SOUNDS = frozenset(
    f"audio/{kind}"
    for kind in ["mpeg", "wav", "wave", "x-wav", "aiff", "x-aifc", "x-aiff", "x-gsm", "gsm", "ulaw"]
)
PAUSES = {"w": 0.5, "W": 1.0}  # seconds
TONE = 0.5  # seconds that a key takes
GATHERED = Shape(attributes={"loop": whole(0, 13410)})  # inside <Gather>, where no keys are played


def lasting(keys: str) -> float:
    """Seconds that it takes to play keys and the pauses between them."""
    return sum(PAUSES.get(key, TONE) for key in keys)


@verb("Play", {"loop": whole(0, 13410), "digits": tones(13430)})
async def play(flow: Flow, element: Element, wrong_type: int = WRONG_TYPE) -> None:
    leg = flow.leg
    if digits := element.get("digits"):
        await flow.wait(leg.exchange.clock.sleep(lasting(digits)))
        leg.log("played", keys=digits)
        if leg.far:
            leg.exchange.spawn(leg.far.press(digits.strip("wW")))
        return
    if not element.text:
        return
    url = flow.absolute(element.text)
    length = await _length(flow, url, wrong_type)
    if length is None:
        return
    for _ in range(int(element.get("loop", "1")) or MOST_LOOPS):
        leg.ears.hear("music", url)
        complete = False
        try:
            await flow.wait(leg.exchange.clock.sleep(length))
            complete = True
        finally:
            leg.log("played", url=url, complete=complete)
            leg.ears.stop("music", url)


async def _length(flow: Flow, url: str, wrong_type: int) -> float | None:
    """Seconds; None when there is no such sound."""
    sounds = flow.world.sounds
    if url in sounds or urlsplit(url).hostname not in LOCAL:
        return sounds.get(url, _hinted(url))
    hook = flow.leg.hook(url, "GET", {})
    hook.where = Where.MEDIA
    answer = await flow.wait(flow.world.sent(hook))
    if answer.error:
        return None
    if answer.content_type not in SOUNDS:
        flow.warn(wrong_type, f"Play: Invalid Content-Type {answer.content_type}")
        return None
    sounds[url] = _wav(answer.body) or _hinted(url)
    return sounds[url]


def _wav(body: bytes) -> float:
    try:
        with wave.open(io.BytesIO(body)) as file:
            return float(file.getnframes() / file.getframerate())
    except (wave.Error, EOFError):
        return 0.0


def _hinted(url: str) -> float:
    match = re.search(r"[?&]seconds=(\d+(?:\.\d+)?)", url)
    return float(match[1]) if match else LENGTH
