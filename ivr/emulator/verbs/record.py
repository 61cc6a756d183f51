"""<Record>: what the person says, until a key, a silence, the longest time, or the end of the call."""

from ivr.emulator import taping
from ivr.emulator.document import Element
from ivr.emulator.flow import Flow
from ivr.emulator.formats import flag
from ivr.emulator.race import race
from ivr.emulator.resources import Recording
from ivr.emulator.signals import Ask, Events, HungUp, Inbox, Key, SpeechBegan, SpeechEnded
from ivr.emulator.verbs.registry import Value, anything, boolean, method, one_of, verb, whole

EVERY_KEY = "1234567890*#"
BEEP = 0.5  # seconds
ATTRIBUTES = {
    **anything("action recordingStatusCallback recordingStatusCallbackEvent transcribeCallback"),
    **anything("recordingConfigurationId transcriptionConfigurationId"),
    "method": method(13610),
    "timeout": whole(1, 13611),
    "maxLength": whole(1, 13612),
    "finishOnKey": Value(allowed=lambda text: set(text) <= set(EVERY_KEY), code=13613),
    "transcribe": boolean(13614),
    "playBeep": boolean(13616),
    "recordingTrack": one_of("inbound", "outbound", "both", code=13622),
    "recordingStatusCallbackMethod": method(),
    "trim": one_of("trim-silence", "do-not-trim", code=13699),
}


@verb("Record", ATTRIBUTES)
async def record(flow: Flow, element: Element) -> Ask | None:
    leg, clock = flow.leg, flow.leg.exchange.clock
    if flag(element.get("playBeep", "true")):
        await flow.wait(clock.sleep(BEEP))
        leg.log("played", url="beep", complete=True)
    tape = taping.begin(flow.world, "RecordVerb", events(flow, element), leg)
    key = ""
    try:
        with leg.inbox() as inbox:
            key = await flow.wait(_listen(flow, element, inbox))
    except HungUp:
        if tape.words:
            await flow.tell(element, _facts(flow, tape.stop(), "hangup"))
        raise
    finally:
        leg.tapes.remove(tape.hear)
    if not tape.words:
        leg.log("recorded", words="", duration=0, recording=None)
        return None
    return flow.action(element, _facts(flow, tape.stop(), key))


async def _listen(flow: Flow, element: Element, inbox: Inbox) -> str:
    """The key that ended it, or nothing."""
    clock = flow.leg.exchange.clock
    silence, longest = float(element.get("timeout", "5")), float(element.get("maxLength", "3600"))
    keys = element.get("finishOnKey", EVERY_KEY)
    until = clock.now() + longest
    speaking = False
    while (left := until - clock.now()) > 0:
        arrivals: list[Key | SpeechBegan | SpeechEnded] = []

        async def arrive(to: list[Key | SpeechBegan | SpeechEnded] = arrivals) -> None:
            to.append(await inbox.get())

        if await race(arrive(), clock.sleep(left if speaking else min(left, silence))) == 1:
            return ""
        match arrivals[0]:
            case Key(key=key) if key in keys:
                return key
            case SpeechBegan():
                speaking = True
            case SpeechEnded():
                speaking = False
    return ""


def events(flow: Flow, element: Element) -> Events | None:
    url = element.get("recordingStatusCallback")
    if not url:
        return None
    names = element.get("recordingStatusCallbackEvent", "completed").split()
    method_ = element.get("recordingStatusCallbackMethod", "POST")
    return Events(url=flow.absolute(url), method=method_, names=frozenset(names))


def _facts(flow: Flow, recording: Recording, key: str) -> dict[str, str]:
    return {
        "RecordingUrl": taping.address(flow.world, recording),
        "RecordingSid": recording.sid,
        "RecordingDuration": str(recording.duration),
        "Digits": key,
    }
