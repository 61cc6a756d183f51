"""<Record>: what the person says, until a key, a silence, the longest time, or the end of the call.

Where nothing was said there is no recording and the next verb follows, as apps have relied on for years; today's page
says that Twilio keeps silent recordings unless the account asks it not to.
"""

from dataclasses import dataclass

from ivr.emulator.account.resources import Recording
from ivr.emulator.calls import recording
from ivr.emulator.calls.recording import Recorder
from ivr.emulator.calls.signals import (
    CallInput,
    HungUp,
    InputQueue,
    Key,
    SpeechBegan,
    SpeechEnded,
    TwimlSource,
)
from ivr.emulator.calls.twiml_document import Element
from ivr.emulator.calls.twiml_runner import TwimlRunner
from ivr.emulator.runtime.formats import parse_flag
from ivr.emulator.runtime.race import race
from ivr.emulator.speech.speaking_time import time_words
from ivr.emulator.verbs import record_transcription
from ivr.emulator.verbs.record_common import RECORDING_ATTRIBUTES, TRACKS, TRIMS, read_recording_callback
from ivr.emulator.verbs.registry import AttributeRule, any_values, boolean, integer, method, one_of, verb

ALL_KEYS = "1234567890*#"
BEEP_SECONDS = 0.5  # seconds
SILENT_RECORDING = "16102"  # Voice Recording: Unavailable because recording is silent
ATTRIBUTES = {
    **RECORDING_ATTRIBUTES,
    **any_values("action transcribeCallback transcriptionConfigurationId"),
    "method": method(13610),
    "timeout": integer(0, 13611),
    "maxLength": integer(1, 13612),
    "finishOnKey": AttributeRule(is_allowed=lambda text: set(text) <= set(ALL_KEYS), code=13613),
    "transcribe": boolean(13614),
    "playBeep": boolean(13616),
    "recordingTrack": one_of(*TRACKS, code=13622),
    "trim": one_of(*TRIMS, code=13699),
}


@dataclass(kw_only=True)
class RecordedSpeech:
    """When the person spoke, epoch seconds, and the key that ended it."""

    first_at: float = 0.0
    last_at: float = 0.0
    end_key: str = ""
    speaking: str = ""  # what is being said
    speaking_since: float = 0.0

    def add_unfinished_words(self, recorder: Recorder, now: float) -> None:
        """The recording ends in the middle of their words: those said so far are on it."""
        speech = time_words(self.speaking)
        if count := speech.count_spoken(now - self.speaking_since):
            recorder.add_words(" ".join(speech.words[:count]))
            self.last_at = now


@verb("Record", ATTRIBUTES)
async def record(runner: TwimlRunner, element: Element) -> TwimlSource | None:
    leg, clock = runner.leg, runner.leg.exchange.clock
    if parse_flag(element.get("playBeep", "true")):
        await runner.run_interruptibly(clock.sleep(BEEP_SECONDS))
        leg.log("played", url="beep", complete=True)
    tape = recording.record_legs(runner.world, "RecordVerb", read_recording_callback(runner, element), leg)
    heard = RecordedSpeech()
    try:
        with leg.open_inbox() as inbox:
            await runner.run_interruptibly(_collect_speech(runner, element, inbox, heard))
    except HungUp:
        heard.add_unfinished_words(tape, clock.now())
        if tape.words:
            heard.end_key = "hangup"
            await runner.send_final_action(element, _finish_recording(runner, element, tape, heard))
        raise
    finally:
        leg.word_recorders.remove(tape.add_words)
    heard.add_unfinished_words(tape, clock.now())
    if not tape.words:
        leg.log("recorded", words="", duration=0, recording=None)
        tape.recording.ended_at = tape.recording.created_at
        recording.send_recording_status(
            runner.world, tape.recording, {"RecordingDuration": "0", "ErrorCode": SILENT_RECORDING}
        )
        return None
    return runner.get_action_source(element, _finish_recording(runner, element, tape, heard))


async def _collect_speech(
    runner: TwimlRunner, element: Element, inbox: InputQueue, speech: RecordedSpeech
) -> None:
    clock = runner.leg.exchange.clock
    silence = float(element.get("timeout", "5")) or float("inf")
    keys = element.get("finishOnKey", ALL_KEYS)
    until = clock.now() + record_transcription.max_length_seconds(element)
    while (left := until - clock.now()) > 0:
        arrivals: list[CallInput] = []

        async def arrive(to: list[CallInput] = arrivals) -> None:
            to.append(await inbox.get())

        if await race(arrive(), clock.sleep(left if speech.speaking else min(left, silence))) == 1:
            return
        match arrivals[0]:
            case Key(key=key) if key in keys:
                speech.end_key = key
                return
            case SpeechBegan(words=words):
                speech.speaking, speech.speaking_since = words, clock.now()
                speech.first_at = speech.first_at or clock.now()
            case SpeechEnded():
                speech.speaking = ""
                speech.last_at = clock.now()


def _finish_recording(
    runner: TwimlRunner, element: Element, recorder: Recorder, speech: RecordedSpeech
) -> dict[str, str]:
    """What the action is told; the length before any silence is cut off."""
    made = recorder.stop()
    facts = {
        "RecordingUrl": recording.recording_url(runner.world, made),
        "RecordingSid": made.sid,
        "RecordingDuration": str(made.duration),
        "Digits": speech.end_key,
    }
    record_transcription.request_transcription(runner, element, made)
    if element.get("trim", "trim-silence") == "trim-silence":
        _trim_silence(made, speech)
    return facts


def _trim_silence(finished_recording: Recording, speech: RecordedSpeech) -> None:
    """Without the silence before the first word and after the last, a second at least."""
    whole_length = (
        finished_recording.ended_at or finished_recording.created_at
    ) - finished_recording.created_at
    spoken = max(speech.last_at - speech.first_at, 1.0)
    finished_recording.skipped_seconds += max(0.0, whole_length - spoken - finished_recording.skipped_seconds)
