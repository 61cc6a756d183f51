"""<Dial><Conference>: in the room until leaving it, being put out, or the room ending."""

from ivr.emulator import taping
from ivr.emulator.conference import Conference, Participant
from ivr.emulator.document import Element
from ivr.emulator.flow import Flow
from ivr.emulator.formats import flag
from ivr.emulator.race import race
from ivr.emulator.signals import Ask, Events, HungUp, Redirected
from ivr.emulator.verbs.dial import Dialled, star
from ivr.emulator.verbs.record import events
from ivr.emulator.verbs.registry import Value, anything, boolean, each_of, method, noun, one_of

EVENTS = ["start", "end", "join", "leave", "mute", "hold", "modify", "speaker", "announcement"]
SIZES = Value(allowed=lambda text: text.isdigit() and 1 <= int(text) <= 250)
LABEL = Value(allowed=lambda text: len(text) <= 128 and "/" not in text, code=16023)
ATTRIBUTES = {
    **anything("waitUrl statusCallback coach region trim recordingStatusCallback jitterBufferSize"),
    **anything("recordingStatusCallbackEvent eventCallbackUrl recordingConfigurationId"),
    "muted": boolean(13230),
    "beep": one_of("true", "false", "onEnter", "onExit", code=13235),
    "startConferenceOnEnter": boolean(13232),
    "endConferenceOnExit": boolean(13231),
    "participantLabel": LABEL,
    "waitMethod": method(13234),
    "maxParticipants": SIZES,
    "record": one_of("do-not-record", "record-from-start", "true", "false"),
    "statusCallbackEvent": each_of(*EVENTS),
    "statusCallbackMethod": method(),
    "recordingStatusCallbackMethod": method(),
}


@noun("Conference", ATTRIBUTES)
async def conference(flow: Flow, work: Dialled) -> None:
    element = work.nouns[0]
    room = flow.world.conference(element.text)
    refusal = _refusal(room, element)
    if refusal:
        flow.leg.exchange.journal.error(*refusal, call=flow.leg.sid)
        work.outcome["DialCallStatus"] = "failed"
        work.fell_through = refusal[0] == 16025
        return
    work.outcome["DialCallStatus"] = "answered"
    settle(room, element, flow)
    await stay(flow, room, participant(flow, element), hang_up_on_star=flag(work.dial.get("hangupOnStar")))


async def stay(flow: Flow, room: Conference, member: Participant, *, hang_up_on_star: bool) -> None:
    """In the room until it is over for them."""
    room.join(member)
    with flow.leg.inbox() as inbox:
        ends = [member.left.wait(), *([star(inbox)] if hang_up_on_star else [])]
        try:
            await flow.wait(race(*ends))
        except HungUp:
            room.leave(member, "participant_hung_up")
            raise
        except Redirected:
            room.leave(member, "participant_updated_via_api")
            raise
    room.leave(member, "participant_hung_up")


def _refusal(room: Conference, element: Element) -> tuple[int, str] | None:
    label = element.get("participantLabel")
    if label and any(one.label == label for one in room.participants.values()):
        return 16025, f"Participant label {label} is in use by another participant"
    if len(room.participants) >= int(element.get("maxParticipants", "250")):
        return 16020, "Conference is full"
    if (coached := element.get("coach")) and coached not in room.participants:
        return 13240, f"Invalid Whisper SID {coached}"
    return None


def settle(room: Conference, element: Element, flow: Flow) -> None:
    """The first participant decides where the room's events go."""
    if room.participants:
        return
    if element.get("record") in {"record-from-start", "true"}:
        taping.of_room(flow.world, room, flow.leg, events(flow, element))
    if not element.get("statusCallback"):
        return
    room.events = Events(
        url=flow.absolute(element.get("statusCallback")),
        method=element.get("statusCallbackMethod", "POST").upper(),
        names=frozenset(element.get("statusCallbackEvent").split()),
    )


def participant(flow: Flow, element: Element) -> Participant:
    member = Participant(
        leg=flow.leg,
        label=element.get("participantLabel"),
        muted=flag(element.get("muted")),
        coaching=element.get("coach"),
        start=flag(element.get("startConferenceOnEnter", "true")),
        end=flag(element.get("endConferenceOnExit")),
        beep=element.get("beep", "true"),
    )
    if "waitUrl" in element.attributes:
        url = element.get("waitUrl")
        method_ = element.get("waitMethod", "POST").upper()
        member.wait = Ask(url=flow.absolute(url), method=method_) if url else None
    return member
