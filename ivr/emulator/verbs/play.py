"""<Play>: keys, or a sound.

Sounds on this machine are fetched, as Twilio does, so that a missing prompt shows; a WAV file lasts as long as it
lasts. Anything else takes five seconds, or what `seconds=` in its address says.
"""

import io
import re
import wave
from urllib.parse import urlsplit

from ivr.emulator.calls.person_input import press_keys
from ivr.emulator.calls.twiml_document import Element
from ivr.emulator.calls.twiml_runner import TwimlRunner
from ivr.emulator.runtime.faults import RequestKind
from ivr.emulator.verbs.registry import ElementSchema, integer, tones, verb

DEFAULT_SECONDS = 5.0
MAX_LOOPS = 1000
WRONG_TYPE, WRONG_TYPE_IN_GATHER = 13420, 13325
LOCAL_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})
SOUND_TYPES = frozenset(
    f"audio/{kind}"
    for kind in ["mpeg", "wav", "wave", "x-wav", "aiff", "x-aifc", "x-aiff", "x-gsm", "gsm", "ulaw"]
)
PAUSE_SECONDS = {"w": 0.5, "W": 1.0}  # seconds
TONE_SECONDS = 0.5  # seconds that a key takes
SCHEMA_IN_GATHER = ElementSchema(
    attributes={"loop": integer(0, 13410)}
)  # inside <Gather>, where no keys are played


def seconds_to_play_keys(keys: str) -> float:
    """Seconds that it takes to play keys and the pauses between them."""
    return sum(PAUSE_SECONDS.get(key, TONE_SECONDS) for key in keys)


@verb("Play", {"loop": integer(0, 13410), "digits": tones(13430)})
async def play(runner: TwimlRunner, element: Element, wrong_type: int = WRONG_TYPE) -> None:
    leg = runner.leg
    if digits := element.get("digits"):
        await runner.run_interruptibly(leg.exchange.clock.sleep(seconds_to_play_keys(digits)))
        leg.log("played", keys=digits)
        if leg.peer:
            leg.exchange.spawn(press_keys(leg.peer, digits.strip("wW")))
        return
    if not element.text:
        return
    url = runner.resolve_url(element.text)
    length = await _sound_seconds(runner, url, wrong_type)
    if length is None:
        return
    for _ in range(int(element.get("loop", "1")) or MAX_LOOPS):
        leg.hearing.set_sound("music", url)
        complete = False
        try:
            await runner.run_interruptibly(leg.exchange.clock.sleep(length))
            complete = True
        finally:
            leg.log("played", url=url, complete=complete)
            leg.hearing.end_sound("music", url)


async def _sound_seconds(runner: TwimlRunner, url: str, wrong_type: int) -> float | None:
    """Seconds; None when there is no such sound."""
    sounds = runner.world.sound_seconds
    if url in sounds or urlsplit(url).hostname not in LOCAL_HOSTS:
        return sounds.get(url, _seconds_from_url(url))
    hook = runner.leg.make_webhook(url, "GET", {})
    hook.kind = RequestKind.MEDIA
    answer = await runner.run_interruptibly(runner.world.send_webhook(hook))
    if answer.error_code:
        return None
    if answer.content_type not in SOUND_TYPES:
        runner.warn(wrong_type, f"Play: Invalid Content-Type {answer.content_type}")
        return None
    sounds[url] = _wav_seconds(answer.body) or _seconds_from_url(url)
    return sounds[url]


def _wav_seconds(body: bytes) -> float:
    try:
        with wave.open(io.BytesIO(body)) as file:
            return float(file.getnframes() / file.getframerate())
    except (wave.Error, EOFError):
        return 0.0


def _seconds_from_url(url: str) -> float:
    match = re.search(r"[?&]seconds=(\d+(?:\.\d+)?)", url)
    return float(match[1]) if match else DEFAULT_SECONDS
