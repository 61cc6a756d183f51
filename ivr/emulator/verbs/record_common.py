"""What the verbs and nouns that record have in common, and the recording of a <Dial>."""

from dataclasses import dataclass

from ivr.emulator.calls import recording
from ivr.emulator.calls.leg import Leg
from ivr.emulator.calls.recording import Tape
from ivr.emulator.calls.signals import Events
from ivr.emulator.calls.twiml_document import Element
from ivr.emulator.calls.twiml_runner import Flow
from ivr.emulator.verbs.registry import anything, each_of, method

RECORDED = {
    **anything("recordingStatusCallback recordingConfigurationId"),
    "recordingStatusCallbackMethod": method(),
    "recordingStatusCallbackEvent": each_of("in-progress", "completed", "absent", code=13621),
}
TRACKS = ("inbound", "outbound", "both")
TRIMS = ("trim-silence", "do-not-trim")


def events(flow: Flow, element: Element) -> Events | None:
    """Who is told of a recording."""
    url = element.get("recordingStatusCallback")
    if not url:
        return None
    names = element.get("recordingStatusCallbackEvent", "completed").split()
    method_ = element.get("recordingStatusCallbackMethod", "POST").upper()
    return Events(url=flow.absolute(url), method=method_, names=frozenset(names))


@dataclass(kw_only=True)
class DialTape:
    """The recording of a <Dial>: from ringing or from the answer, of one side or both, if it is wished for."""

    flow: Flow
    dial: Element
    tape: Tape | None = None

    def ringing(self) -> None:
        if self._wish.startswith("record-from-ringing"):
            self._begin()

    def answered(self, *others: Leg) -> None:
        """From here on the others are on it too."""
        if self._wish not in {"false", "do-not-record"}:
            self._begin()
        if self.tape and self._track != "inbound":
            for other in others:
                other.tapes.append(self.tape.hear)

    def finish(self) -> dict[str, str]:
        """What the action and the last status event are told; nothing where nothing was recorded."""
        if self.tape is None:
            return {}
        made = self.tape.stop()
        return {
            "RecordingSid": made.sid,
            "RecordingUrl": recording.address(self.flow.world, made),
            "RecordingDuration": str(made.duration),
        }

    @property
    def _wish(self) -> str:
        return self.dial.get("record", "false")

    @property
    def _track(self) -> str:
        return self.dial.get("recordingTrack", "both")

    def _begin(self) -> None:
        if self.tape:
            return
        channels = 2 if self._wish.endswith("-dual") and self._track == "both" else 1
        wanted = events(self.flow, self.dial)
        leg = self.flow.leg
        self.tape = recording.begin(self.flow.world, "DialVerb", wanted, leg, channels=channels)
        self.tape.recording.track = self._track
        if self._track == "outbound":
            leg.tapes.remove(self.tape.hear)
