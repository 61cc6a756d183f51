"""<Start><Recording>: the call is recorded from here to its end, or to a <Stop> that names it."""

from dataclasses import dataclass

from ivr.emulator.calls import recording as call_recording
from ivr.emulator.calls.leg import Leg
from ivr.emulator.calls.recording import Tape
from ivr.emulator.calls.signals import Said
from ivr.emulator.calls.twiml_document import Element
from ivr.emulator.calls.twiml_runner import Flow
from ivr.emulator.verbs.record_common import RECORDED, TRACKS, TRIMS, events
from ivr.emulator.verbs.registry import anything, one_of, starts

SOURCE = "StartCallRecordingAPI"  # the API's list of sources has no other for it
ATTRIBUTES = {
    **RECORDED,
    **anything("name"),
    "trim": one_of(*TRIMS),
    "track": one_of(*TRACKS),
    "channels": one_of("mono", "dual"),
}


@dataclass(kw_only=True, eq=False)
class Taping:
    """Both sides of the call on one tape, or one of them."""

    leg: Leg
    tape: Tape
    key: tuple[str, str]

    def began(self, said: Said) -> None:
        """Words go on the tape when they have been said."""

    def ended(self, said: Said) -> None:
        if self.tape.recording.track in {said.track, "both"} and said.words:
            self.tape.hear(said.words)

    def stop(self) -> None:
        if self in self.leg.listeners:
            self.leg.listeners.remove(self)
            self.leg.running.pop(self.key)
            self.tape.stop()


@starts("Recording", ATTRIBUTES)
def recording(flow: Flow, element: Element) -> None:
    leg, track = flow.leg, element.get("track", "both")
    channels = 2 if element.get("channels", "dual") == "dual" and track == "both" else 1
    tape = call_recording.made_for(flow.world, SOURCE, events(flow, element), leg.sid, channels=channels)
    tape.recording.track = track
    key = ("Recording", element.get("name") or tape.recording.sid)
    running = Taping(leg=leg, tape=tape, key=key)
    leg.listeners.append(running)
    leg.running[key] = running
