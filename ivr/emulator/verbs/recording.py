"""<Start><Recording>: the call is recorded from here to its end, or to a <Stop> that names it."""

from dataclasses import dataclass

from ivr.emulator.calls import recording as call_recording
from ivr.emulator.calls.leg import CallLeg
from ivr.emulator.calls.recording import Recorder
from ivr.emulator.calls.signals import TrackSpeech
from ivr.emulator.calls.twiml_document import Element
from ivr.emulator.calls.twiml_runner import TwimlRunner
from ivr.emulator.verbs.record_common import RECORDING_ATTRIBUTES, TRACKS, TRIMS, read_recording_callback
from ivr.emulator.verbs.registry import any_values, one_of, start_noun

RECORDING_SOURCE = "StartCallRecordingAPI"  # the API's list of sources has no other for it
ATTRIBUTES = {
    **RECORDING_ATTRIBUTES,
    **any_values("name"),
    "trim": one_of(*TRIMS),
    "track": one_of(*TRACKS),
    "channels": one_of("mono", "dual"),
}


@dataclass(kw_only=True, eq=False)
class StartedRecording:
    """Both sides of the call on one tape, or one of them."""

    leg: CallLeg
    recorder: Recorder
    noun_key: tuple[str, str]

    def on_speech_began(self, speech: TrackSpeech) -> None:
        """Words go on the tape when they have been said."""

    def on_speech_ended(self, speech: TrackSpeech) -> None:
        if self.recorder.recording.track in {speech.track, "both"} and speech.words:
            self.recorder.add_words(speech.words)

    def stop(self) -> None:
        if self in self.leg.listeners:
            self.leg.listeners.remove(self)
            self.leg.started_nouns.pop(self.noun_key)
            self.recorder.stop()


@start_noun("Recording", ATTRIBUTES)
def recording(runner: TwimlRunner, element: Element) -> None:
    leg, track = runner.leg, element.get("track", "both")
    channels = 2 if element.get("channels", "dual") == "dual" and track == "both" else 1
    tape = call_recording.start_recorder(
        runner.world, RECORDING_SOURCE, read_recording_callback(runner, element), leg.sid, channels=channels
    )
    tape.recording.track = track
    key = ("Recording", element.get("name") or tape.recording.sid)
    running = StartedRecording(leg=leg, recorder=tape, noun_key=key)
    leg.listeners.append(running)
    leg.started_nouns[key] = running
