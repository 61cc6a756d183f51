"""<Dial><Conference>: in the room until leaving it, being put out, or the room ending."""

import re
from functools import partial

from ivr.emulator.account.world import World
from ivr.emulator.calls import recording
from ivr.emulator.calls.conference import Conference, Participant
from ivr.emulator.calls.signals import HungUp, Redirected, StatusCallback, TwimlSource
from ivr.emulator.calls.twiml_document import Element
from ivr.emulator.calls.twiml_runner import TwimlRunner
from ivr.emulator.runtime.formats import parse_flag
from ivr.emulator.runtime.race import race
from ivr.emulator.verbs.dial import DialState, wait_for_star
from ivr.emulator.verbs.record_common import (
    RECORDING_ATTRIBUTES,
    TRIMS,
    DialRecorder,
    read_recording_callback,
)
from ivr.emulator.verbs.registry import (
    AttributeRule,
    any_values,
    boolean,
    each_of,
    integer,
    method,
    noun,
    one_of,
)
from ivr.emulator.webhooks.request import WebhookRequest

CONFERENCE_EVENTS = ["start", "end", "join", "leave", "mute", "hold", "modify", "speaker", "announcement"]
MAX_SECONDS = 14_400.0  # seconds
LABEL_IN_USE = 16025
LABEL_RULE = AttributeRule(is_allowed=lambda text: len(text) <= 128 and "/" not in text, code=16023)
ATTRIBUTES = {
    **RECORDING_ATTRIBUTES,
    **any_values("waitUrl statusCallback coach eventCallbackUrl"),
    "region": one_of("us1", "ie1", "de1", "sg1", "br1", "au1", "jp1", "us2"),
    "jitterBufferSize": one_of("small", "medium", "large", "off"),
    "trim": one_of(*TRIMS, "true", "false", code=13239),
    "muted": boolean(13230),
    "beep": one_of("true", "false", "onEnter", "onExit", code=13235),
    "startConferenceOnEnter": boolean(13232),
    "endConferenceOnExit": boolean(13231),
    "participantLabel": LABEL_RULE,
    "waitMethod": method(13234),
    "maxParticipants": integer(1, high=250),
    "record": one_of("do-not-record", "record-from-start", "true", "false"),
    "statusCallbackEvent": each_of(*CONFERENCE_EVENTS),
    "statusCallbackMethod": method(),
}
CONFERENCE_SID = re.compile(r"CF[0-9a-f]{32}")
MAX_NAME_CHARACTERS = 128
WAV_HEADER_BYTES, WAV_BYTES_PER_SECOND = 44, 8000  # bytes of a sound file and of each second in it


class ConferenceEntryRefused(Exception):
    """Not let into the room."""

    def __init__(self, code: int, why: str) -> None:
        super().__init__(why)
        self.code = code


@noun("Conference", ATTRIBUTES)
async def conference(runner: TwimlRunner, state: DialState) -> None:
    element = state.nouns[0]
    try:
        room = _find_conference(runner.world, element)
    except ConferenceEntryRefused as refusal:
        runner.warn(refusal.code, str(refusal))
        state.outcome["DialCallStatus"] = "failed"
        state.fell_through = refusal.code == LABEL_IN_USE
        return
    state.outcome["DialCallStatus"] = "answered"
    configure_conference(room, element, runner)
    tape = DialRecorder(runner=runner, dial=state.dial)
    tape.on_ringing()
    tape.on_answered()
    on_star, limit = (
        parse_flag(state.dial.get("hangupOnStar")),
        float(state.dial.get("timeLimit", str(MAX_SECONDS))),
    )
    try:
        await stay_in_conference(
            runner, room, make_participant(runner, element), hang_up_on_star=on_star, max_seconds=limit
        )
    finally:
        state.outcome |= tape.finish()


async def stay_in_conference(
    runner: TwimlRunner,
    conference: Conference,
    participant: Participant,
    *,
    hang_up_on_star: bool,
    max_seconds: float = MAX_SECONDS,
) -> None:
    """In the room until it is over for them, `max_seconds` seconds at most."""
    conference.join(participant)
    with runner.leg.open_inbox() as inbox:
        late = runner.leg.exchange.clock.sleep(max_seconds)
        ends = [participant.departed.wait(), late, *([wait_for_star(inbox)] if hang_up_on_star else [])]
        try:
            await runner.run_interruptibly(race(*ends))
        except HungUp:
            conference.leave(participant, "participant_hung_up")
            raise
        except Redirected:
            conference.leave(participant, "participant_updated_via_api")
            raise
    conference.leave(participant, "participant_hung_up")


def _find_conference(world: World, element: Element) -> Conference:
    """The room of that name or SID. Raises ConferenceEntryRefused when nobody, or not this participant, can enter it."""
    name = element.text
    if not 1 <= len(name) <= MAX_NAME_CHARACTERS:
        raise ConferenceEntryRefused(13237, "Dial->Conference: Invalid Conference Name")
    if CONFERENCE_SID.fullmatch(name):
        room = world.conferences.get(name)
        if room is None or room.status == "completed":
            raise ConferenceEntryRefused(13236, f"Dial->Conference: Invalid Conference Sid {name}")
    else:
        room = world.open_conference(name)
    label, coached = element.get("participantLabel"), element.get("coach")
    if label and any(one.label == label for one in room.participants.values()):
        raise ConferenceEntryRefused(
            LABEL_IN_USE, f"Participant label {label} is in use by another participant"
        )
    if len(room.participants) >= int(element.get("maxParticipants", "250")):
        raise ConferenceEntryRefused(16020, "Conference is full")
    if coached and coached not in room.participants:
        raise ConferenceEntryRefused(13240, f"Invalid Whisper SID {coached}")
    return room


def configure_conference(conference: Conference, element: Element, runner: TwimlRunner) -> None:
    """The first participant decides where the room's events go."""
    if conference.participants:
        return
    if element.get("record") in {"record-from-start", "true"}:
        wanted = read_recording_callback(runner, element)
        recording.record_conference(runner.world, conference, runner.leg, wanted)
        if not wanted and (url := element.get("eventCallbackUrl")):
            conference.on_end.append(partial(_spawn_record_end, runner, conference, runner.resolve_url(url)))
    if not element.get("statusCallback"):
        return
    conference.status_callback = StatusCallback(
        url=runner.resolve_url(element.get("statusCallback")),
        method=element.get("statusCallbackMethod", "POST").upper(),
        events=frozenset(element.get("statusCallbackEvent").split()),
    )


def make_participant(runner: TwimlRunner, element: Element) -> Participant:
    member = Participant(
        leg=runner.leg,
        label=element.get("participantLabel"),
        muted=parse_flag(element.get("muted")),
        coached_call_sid=element.get("coach"),
        starts_on_enter=parse_flag(element.get("startConferenceOnEnter", "true")),
        ends_on_exit=parse_flag(element.get("endConferenceOnExit")),
        beep=element.get("beep", "true"),
    )
    if "waitUrl" in element.attributes:
        url = element.get("waitUrl")
        method_ = element.get("waitMethod", "POST").upper()
        member.wait_twiml = TwimlSource(url=runner.resolve_url(url), method=method_) if url else None
    return member


def _spawn_record_end(runner: TwimlRunner, conference: Conference, url: str) -> None:
    runner.leg.exchange.spawn(_send_record_end(runner.world, conference, url))


async def _send_record_end(world: World, conference: Conference, url: str) -> None:
    """The old eventCallbackUrl: one request, once the recording of the conference is there."""
    exchange = world.exchange
    made = next((one for one in world.recordings.values() if one.conference_sid == conference.sid), None)
    if made is None:
        return
    await exchange.clock.sleep(made.ready_at - exchange.now)
    params = {
        "AccountSid": exchange.account_sid,
        "ConferenceSid": conference.sid,
        "FriendlyName": conference.name,
        "EventName": "conference-record-end",
        "RecordingUrl": recording.recording_url(world, made),
        "Duration": str(made.duration),
        "RecordingFileSize": str(WAV_HEADER_BYTES + WAV_BYTES_PER_SECOND * made.duration),
        "Timestamp": exchange.timestamp(),
    }
    exchange.send_callback(made.sid, WebhookRequest(url=url, params=params))
