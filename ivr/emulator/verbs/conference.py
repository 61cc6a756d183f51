"""<Dial><Conference>: in the room until leaving it, being put out, or the room ending."""

import re
from functools import partial

from ivr.emulator.account.world import World
from ivr.emulator.calls import recording
from ivr.emulator.calls.conference import Conference, Participant
from ivr.emulator.calls.signals import Ask, Events, HungUp, Redirected
from ivr.emulator.calls.twiml_document import Element
from ivr.emulator.calls.twiml_runner import Flow
from ivr.emulator.runtime.formats import flag
from ivr.emulator.runtime.race import race
from ivr.emulator.verbs.dial import Dialled, star
from ivr.emulator.verbs.record_common import RECORDED, TRIMS, DialTape, events
from ivr.emulator.verbs.registry import Value, anything, boolean, each_of, method, noun, one_of, whole
from ivr.emulator.webhooks.sender import Hook

EVENTS = ["start", "end", "join", "leave", "mute", "hold", "modify", "speaker", "announcement"]
LONGEST = 14_400.0  # seconds
IN_USE = 16025
LABEL = Value(allowed=lambda text: len(text) <= 128 and "/" not in text, code=16023)
ATTRIBUTES = {
    **RECORDED,
    **anything("waitUrl statusCallback coach eventCallbackUrl"),
    "region": one_of("us1", "ie1", "de1", "sg1", "br1", "au1", "jp1", "us2"),
    "jitterBufferSize": one_of("small", "medium", "large", "off"),
    "trim": one_of(*TRIMS, "true", "false", code=13239),
    "muted": boolean(13230),
    "beep": one_of("true", "false", "onEnter", "onExit", code=13235),
    "startConferenceOnEnter": boolean(13232),
    "endConferenceOnExit": boolean(13231),
    "participantLabel": LABEL,
    "waitMethod": method(13234),
    "maxParticipants": whole(1, high=250),
    "record": one_of("do-not-record", "record-from-start", "true", "false"),
    "statusCallbackEvent": each_of(*EVENTS),
    "statusCallbackMethod": method(),
}
SID = re.compile(r"CF[0-9a-f]{32}")
LONGEST_NAME = 128
HEAD, RATE = 44, 8000  # bytes of a sound file and of each second in it


class Refused(Exception):
    """Not let into the room."""

    def __init__(self, code: int, why: str) -> None:
        super().__init__(why)
        self.code = code


@noun("Conference", ATTRIBUTES)
async def conference(flow: Flow, work: Dialled) -> None:
    element = work.nouns[0]
    try:
        room = _room(flow.world, element)
    except Refused as refusal:
        flow.warn(refusal.code, str(refusal))
        work.outcome["DialCallStatus"] = "failed"
        work.fell_through = refusal.code == IN_USE
        return
    work.outcome["DialCallStatus"] = "answered"
    settle(room, element, flow)
    tape = DialTape(flow=flow, dial=work.dial)
    tape.ringing()
    tape.answered()
    on_star, limit = flag(work.dial.get("hangupOnStar")), float(work.dial.get("timeLimit", str(LONGEST)))
    try:
        await stay(flow, room, participant(flow, element), hang_up_on_star=on_star, limit=limit)
    finally:
        work.outcome |= tape.finish()


async def stay(
    flow: Flow, room: Conference, member: Participant, *, hang_up_on_star: bool, limit: float = LONGEST
) -> None:
    """In the room until it is over for them, `limit` seconds at most."""
    room.join(member)
    with flow.leg.inbox() as inbox:
        late = flow.leg.exchange.clock.sleep(limit)
        ends = [member.left.wait(), late, *([star(inbox)] if hang_up_on_star else [])]
        try:
            await flow.wait(race(*ends))
        except HungUp:
            room.leave(member, "participant_hung_up")
            raise
        except Redirected:
            room.leave(member, "participant_updated_via_api")
            raise
    room.leave(member, "participant_hung_up")


def _room(world: World, element: Element) -> Conference:
    """The room of that name or SID. Raises Refused when nobody, or not this participant, can enter it."""
    name = element.text
    if not 1 <= len(name) <= LONGEST_NAME:
        raise Refused(13237, "Dial->Conference: Invalid Conference Name")
    if SID.fullmatch(name):
        room = world.conferences.get(name)
        if room is None or room.status == "completed":
            raise Refused(13236, f"Dial->Conference: Invalid Conference Sid {name}")
    else:
        room = world.conference(name)
    label, coached = element.get("participantLabel"), element.get("coach")
    if label and any(one.label == label for one in room.participants.values()):
        raise Refused(IN_USE, f"Participant label {label} is in use by another participant")
    if len(room.participants) >= int(element.get("maxParticipants", "250")):
        raise Refused(16020, "Conference is full")
    if coached and coached not in room.participants:
        raise Refused(13240, f"Invalid Whisper SID {coached}")
    return room


def settle(room: Conference, element: Element, flow: Flow) -> None:
    """The first participant decides where the room's events go."""
    if room.participants:
        return
    if element.get("record") in {"record-from-start", "true"}:
        wanted = events(flow, element)
        recording.of_room(flow.world, room, flow.leg, wanted)
        if not wanted and (url := element.get("eventCallbackUrl")):
            room.on_end.append(partial(_record_end, flow, room, flow.absolute(url)))
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


def _record_end(flow: Flow, room: Conference, url: str) -> None:
    flow.leg.exchange.spawn(_tell_record_end(flow.world, room, url))


async def _tell_record_end(world: World, room: Conference, url: str) -> None:
    """The old eventCallbackUrl: one request, once the recording of the conference is there."""
    exchange = world.exchange
    made = next((one for one in world.recordings.values() if one.conference_sid == room.sid), None)
    if made is None:
        return
    await exchange.clock.sleep(made.ready - exchange.now)
    params = {
        "AccountSid": exchange.account_sid,
        "ConferenceSid": room.sid,
        "FriendlyName": room.name,
        "EventName": "conference-record-end",
        "RecordingUrl": recording.address(world, made),
        "Duration": str(made.duration),
        "RecordingFileSize": str(HEAD + RATE * made.duration),
        "Timestamp": exchange.timestamp(),
    }
    exchange.callback(made.sid, Hook(url=url, params=params))
