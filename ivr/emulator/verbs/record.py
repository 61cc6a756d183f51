"""<Record>: what the person says, until a key, a silence, the longest time, or the end of the call.

Where nothing was said there is no recording and the next verb follows, as apps have relied on for years; today's page
says that Twilio keeps silent recordings unless the account asks it not to.
"""

from dataclasses import dataclass

from ivr.emulator.account.resources import Recording
from ivr.emulator.calls import recording
from ivr.emulator.calls.recording import Tape
from ivr.emulator.calls.signals import Ask, HungUp, Inbox, Input, Key, SpeechBegan, SpeechEnded
from ivr.emulator.calls.twiml_document import Element
from ivr.emulator.calls.twiml_runner import Flow
from ivr.emulator.runtime.formats import flag
from ivr.emulator.runtime.race import race
from ivr.emulator.speech.speaking_time import plain
from ivr.emulator.verbs import record_transcription
from ivr.emulator.verbs.record_common import RECORDED, TRACKS, TRIMS, events
from ivr.emulator.verbs.registry import Value, anything, boolean, method, one_of, verb, whole

EVERY_KEY = "1234567890*#"
BEEP = 0.5  # seconds
SILENT = "16102"  # Voice Recording: Unavailable because recording is silent
ATTRIBUTES = {
    **RECORDED,
    **anything("action transcribeCallback transcriptionConfigurationId"),
    "method": method(13610),
    "timeout": whole(0, 13611),
    "maxLength": whole(1, 13612),
    "finishOnKey": Value(allowed=lambda text: set(text) <= set(EVERY_KEY), code=13613),
    "transcribe": boolean(13614),
    "playBeep": boolean(13616),
    "recordingTrack": one_of(*TRACKS, code=13622),
    "trim": one_of(*TRIMS, code=13699),
}


@dataclass(kw_only=True)
class Heard:
    """When the person spoke, epoch seconds, and the key that ended it."""

    first: float = 0.0
    last: float = 0.0
    key: str = ""
    speaking: str = ""  # what is being said
    since: float = 0.0

    def cut(self, tape: Tape, now: float) -> None:
        """The recording ends in the middle of their words: those said so far are on it."""
        speech = plain(self.speaking)
        if count := speech.spoken(now - self.since):
            tape.hear(" ".join(speech.words[:count]))
            self.last = now


@verb("Record", ATTRIBUTES)
async def record(flow: Flow, element: Element) -> Ask | None:
    leg, clock = flow.leg, flow.leg.exchange.clock
    if flag(element.get("playBeep", "true")):
        await flow.wait(clock.sleep(BEEP))
        leg.log("played", url="beep", complete=True)
    tape = recording.begin(flow.world, "RecordVerb", events(flow, element), leg)
    heard = Heard()
    try:
        with leg.inbox() as inbox:
            await flow.wait(_listen(flow, element, inbox, heard))
    except HungUp:
        heard.cut(tape, clock.now())
        if tape.words:
            heard.key = "hangup"
            await flow.tell(element, _made(flow, element, tape, heard))
        raise
    finally:
        leg.tapes.remove(tape.hear)
    heard.cut(tape, clock.now())
    if not tape.words:
        leg.log("recorded", words="", duration=0, recording=None)
        tape.recording.ended = tape.recording.created
        recording.tell(flow.world, tape.recording, {"RecordingDuration": "0", "ErrorCode": SILENT})
        return None
    return flow.action(element, _made(flow, element, tape, heard))


async def _listen(flow: Flow, element: Element, inbox: Inbox, heard: Heard) -> None:
    clock = flow.leg.exchange.clock
    silence = float(element.get("timeout", "5")) or float("inf")
    keys = element.get("finishOnKey", EVERY_KEY)
    until = clock.now() + record_transcription.longest(element)
    while (left := until - clock.now()) > 0:
        arrivals: list[Input] = []

        async def arrive(to: list[Input] = arrivals) -> None:
            to.append(await inbox.get())

        if await race(arrive(), clock.sleep(left if heard.speaking else min(left, silence))) == 1:
            return
        match arrivals[0]:
            case Key(key=key) if key in keys:
                heard.key = key
                return
            case SpeechBegan(words=words):
                heard.speaking, heard.since = words, clock.now()
                heard.first = heard.first or clock.now()
            case SpeechEnded():
                heard.speaking = ""
                heard.last = clock.now()


def _made(flow: Flow, element: Element, tape: Tape, heard: Heard) -> dict[str, str]:
    """What the action is told; the length before any silence is cut off."""
    made = tape.stop()
    facts = {
        "RecordingUrl": recording.address(flow.world, made),
        "RecordingSid": made.sid,
        "RecordingDuration": str(made.duration),
        "Digits": heard.key,
    }
    record_transcription.ask(flow, element, made)
    if element.get("trim", "trim-silence") == "trim-silence":
        _trim(made, heard)
    return facts


def _trim(made: Recording, heard: Heard) -> None:
    """Without the silence before the first word and after the last, a second at least."""
    whole_length = (made.ended or made.created) - made.created
    spoken = max(heard.last - heard.first, 1.0)
    made.skipped += max(0.0, whole_length - spoken - made.skipped)
