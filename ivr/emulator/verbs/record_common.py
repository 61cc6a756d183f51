"""What the verbs and nouns that record have in common, and the recording of a <Dial>."""

from dataclasses import dataclass

from ivr.emulator.calls import recording
from ivr.emulator.calls.leg import CallLeg
from ivr.emulator.calls.recording import Recorder
from ivr.emulator.calls.signals import StatusCallback
from ivr.emulator.calls.twiml_document import Element
from ivr.emulator.calls.twiml_runner import TwimlRunner
from ivr.emulator.verbs.registry import any_values, each_of, method

RECORDING_ATTRIBUTES = {
    **any_values("recordingStatusCallback recordingConfigurationId"),
    "recordingStatusCallbackMethod": method(),
    "recordingStatusCallbackEvent": each_of("in-progress", "completed", "absent", code=13621),
}
TRACKS = ("inbound", "outbound", "both")
TRIMS = ("trim-silence", "do-not-trim")


def read_recording_callback(runner: TwimlRunner, element: Element) -> StatusCallback | None:
    """Who is told of a recording."""
    url = element.get("recordingStatusCallback")
    if not url:
        return None
    names = element.get("recordingStatusCallbackEvent", "completed").split()
    method_ = element.get("recordingStatusCallbackMethod", "POST").upper()
    return StatusCallback(url=runner.resolve_url(url), method=method_, events=frozenset(names))


@dataclass(kw_only=True)
class DialRecorder:
    """The recording of a <Dial>: from ringing or from the answer, of one side or both, if it is wished for."""

    runner: TwimlRunner
    dial: Element
    recorder: Recorder | None = None

    def on_ringing(self) -> None:
        if self._record_setting.startswith("record-from-ringing"):
            self._start()

    def on_answered(self, *others: CallLeg) -> None:
        """From here on the others are on it too."""
        if self._record_setting not in {"false", "do-not-record"}:
            self._start()
        if self.recorder and self._track != "inbound":
            for other in others:
                other.word_recorders.append(self.recorder.add_words)

    def finish(self) -> dict[str, str]:
        """What the action and the last status event are told; nothing where nothing was recorded."""
        if self.recorder is None:
            return {}
        made = self.recorder.stop()
        return {
            "RecordingSid": made.sid,
            "RecordingUrl": recording.recording_url(self.runner.world, made),
            "RecordingDuration": str(made.duration),
        }

    @property
    def _record_setting(self) -> str:
        return self.dial.get("record", "false")

    @property
    def _track(self) -> str:
        return self.dial.get("recordingTrack", "both")

    def _start(self) -> None:
        if self.recorder:
            return
        channels = 2 if self._record_setting.endswith("-dual") and self._track == "both" else 1
        wanted = read_recording_callback(self.runner, self.dial)
        leg = self.runner.leg
        self.recorder = recording.record_legs(self.runner.world, "DialVerb", wanted, leg, channels=channels)
        self.recorder.recording.track = self._track
        if self._track == "outbound":
            leg.word_recorders.remove(self.recorder.add_words)
