"""The words of a <Record> as text: transcribe and transcribeCallback."""

from ivr.emulator.account.resources import Recording
from ivr.emulator.calls import recording
from ivr.emulator.calls.twiml_document import Element
from ivr.emulator.calls.twiml_runner import Flow
from ivr.emulator.runtime.exchange import API_VERSION
from ivr.emulator.runtime.formats import flag

LONGEST, LONGEST_TRANSCRIBED = 3600, 120  # seconds of a recording unless it says otherwise
SHORTEST = 2  # seconds that a recording must exceed for its words to be written down
TAKES = 5.0  # seconds


def wished(element: Element) -> bool:
    return flag(element.get("transcribe"))


def longest(element: Element) -> float:
    """Seconds that a recording lasts at most."""
    usual = LONGEST_TRANSCRIBED if wished(element) else LONGEST
    return float(element.get("maxLength", str(usual)))


def ask(flow: Flow, element: Element, made: Recording) -> None:
    """Have the recording transcribed, if that is wished for and can be."""
    if not wished(element):
        return
    if longest(element) > LONGEST_TRANSCRIBED:
        flow.warn(13615, "Record: maxLength too high for transcription")
    elif not SHORTEST < made.duration < LONGEST_TRANSCRIBED:
        flow.warn(13617, "Record: Recording length is out of range for transcription")
    else:
        flow.leg.exchange.spawn(_transcribe(flow, element, made))


async def _transcribe(flow: Flow, element: Element, made: Recording) -> None:
    leg, world = flow.leg, flow.world
    exchange = leg.exchange
    url = element.get("transcribeCallback") and flow.absolute(element.get("transcribeCallback"))
    await exchange.clock.sleep(made.ready - exchange.now + TAKES)
    sid, words = exchange.sids.new("TR"), " ".join(made.words)
    leg.log("transcribed", transcription=sid, recording=made.sid, words=words)
    if not url:
        return
    params = {
        **leg.params(),
        "TranscriptionSid": sid,
        "TranscriptionText": words,
        "TranscriptionStatus": "completed",
        "TranscriptionUrl": f"{world.url}/{API_VERSION}/Accounts/{exchange.account_sid}/Transcriptions/{sid}",
        "RecordingSid": made.sid,
        "RecordingUrl": recording.address(world, made),
    }
    leg.callback(url, "POST", params)
