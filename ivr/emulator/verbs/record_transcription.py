"""The words of a <Record> as text: transcribe and transcribeCallback."""

from ivr.emulator.account.resources import Recording
from ivr.emulator.calls import recording
from ivr.emulator.calls.twiml_document import Element
from ivr.emulator.calls.twiml_runner import TwimlRunner
from ivr.emulator.runtime.exchange import API_VERSION
from ivr.emulator.runtime.formats import parse_flag

MAX_RECORDING_SECONDS, MAX_TRANSCRIBED_SECONDS = 3600, 120  # seconds of a recording unless it says otherwise
MIN_TRANSCRIBED_SECONDS = 2  # seconds that a recording must exceed for its words to be written down
TRANSCRIPTION_SECONDS = 5.0  # seconds


def wants_transcription(element: Element) -> bool:
    return parse_flag(element.get("transcribe"))


def max_length_seconds(element: Element) -> float:
    """Seconds that a recording lasts at most."""
    usual = MAX_TRANSCRIBED_SECONDS if wants_transcription(element) else MAX_RECORDING_SECONDS
    return float(element.get("maxLength", str(usual)))


def request_transcription(runner: TwimlRunner, element: Element, finished_recording: Recording) -> None:
    """Have the recording transcribed, if that is wished for and can be."""
    if not wants_transcription(element):
        return
    if max_length_seconds(element) > MAX_TRANSCRIBED_SECONDS:
        runner.warn(13615, "Record: maxLength too high for transcription")
    elif not MIN_TRANSCRIBED_SECONDS < finished_recording.duration < MAX_TRANSCRIBED_SECONDS:
        runner.warn(13617, "Record: Recording length is out of range for transcription")
    else:
        runner.leg.exchange.spawn(_transcribe(runner, element, finished_recording))


async def _transcribe(runner: TwimlRunner, element: Element, finished_recording: Recording) -> None:
    leg, world = runner.leg, runner.world
    exchange = leg.exchange
    url = element.get("transcribeCallback") and runner.resolve_url(element.get("transcribeCallback"))
    await exchange.clock.sleep(finished_recording.ready_at - exchange.now + TRANSCRIPTION_SECONDS)
    sid, words = exchange.sids.new("TR"), " ".join(finished_recording.words)
    leg.log("transcribed", transcription=sid, recording=finished_recording.sid, words=words)
    if not url:
        return
    params = {
        **leg.request_params(),
        "TranscriptionSid": sid,
        "TranscriptionText": words,
        "TranscriptionStatus": "completed",
        "TranscriptionUrl": f"{world.url}/{API_VERSION}/Accounts/{exchange.account_sid}/Transcriptions/{sid}",
        "RecordingSid": finished_recording.sid,
        "RecordingUrl": recording.recording_url(world, finished_recording),
    }
    leg.send_callback(url, "POST", params)
