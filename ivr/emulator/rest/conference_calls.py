"""Calls that the API makes into a conference.

https://www.twilio.com/docs/voice/api/conference-participant-resource#create-a-participant
"""

import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from ivr.emulator.account.world import World
from ivr.emulator.calls import recording
from ivr.emulator.calls.conference import Conference, Participant
from ivr.emulator.calls.leg import CallLeg
from ivr.emulator.calls.leg_lifecycle import end_after, run_leg
from ivr.emulator.calls.ringing import (
    MachineDetection,
    OutboundCall,
    detect_machine_async,
    ring_phone,
    wait_for_call_rate,
)
from ivr.emulator.calls.signals import StatusCallback, TwimlSource
from ivr.emulator.calls.twiml_runner import TwimlEnd, TwimlRunner
from ivr.emulator.rest import outgoing_calls
from ivr.emulator.rest.form import Form, RestApiError
from ivr.emulator.verbs.conference import CONFERENCE_EVENTS, stay_in_conference

RECORDING_EVENTS = outgoing_calls.RECORDING_EVENTS | {"failed"}
CONFERENCE_SID = re.compile(r"CF[0-9a-f]{32}")
MAX_LABEL_CHARACTERS = 128  # characters
RECORD_VALUES = frozenset({"true", "false", "record-from-start", "do-not-record"})


def add_participant(world: World, sid_or_name: str, form: Form) -> tuple[Conference, Participant]:
    """Call somebody into the room of that SID or name, which makes it if need be."""
    room = world.conferences.get(sid_or_name)
    if room is None and CONFERENCE_SID.fullmatch(sid_or_name):
        raise RestApiError(404, 20404, f"The requested resource {sid_or_name} was not found")
    if room and room.status == "completed":
        raise RestApiError(400, 16022, "Conference does not exist or is completed")
    _check_conference(room or world.conferences_by_name.get(sid_or_name), form)
    plan = OutboundCall(
        twiml=TwimlSource(),
        timeout=outgoing_calls.read_timeout(form),
        time_limit=outgoing_calls.read_time_limit(form),
        detection=_read_detection(form),
        record=form.flag("Record"),
        recording_callback=outgoing_calls.read_status_callback(
            world, form, RECORDING_EVENTS, "RecordingStatusCallback"
        ),
    )
    told = _read_conference_callback(world, form)
    taped = outgoing_calls.read_status_callback(
        world, form, RECORDING_EVENTS, "ConferenceRecordingStatusCallback"
    )
    record = form.one_of("ConferenceRecord", RECORD_VALUES)
    progress = outgoing_calls.read_status_callback(world, form, outgoing_calls.CALL_EVENTS, "StatusCallback")
    member_of, most = _make_participant_factory(form), form.integer("MaxParticipants", 250, 2, 250)
    leg = outgoing_calls.add_call_leg(world, form.text("To"), form.text("From"))
    leg.status_callback = progress
    room = room or world.open_conference(sid_or_name)
    if not room.list_participants():
        room.status_callback = told
        room.max_participants = most
        if record in {"true", "record-from-start"}:
            recording.record_conference(world, room, leg, taped)
    member = member_of(leg)
    room.invited[leg.sid] = member
    world.exchange.spawn(run_leg(world, leg, partial(_run_participant, world, room, plan, member)))
    return room, member


def _check_conference(conference: Conference | None, form: Form) -> None:
    label = form.text("Label")
    if len(label) > MAX_LABEL_CHARACTERS or "/" in label:
        raise RestApiError(400, 16023, f"Participant label is not valid: {label}")
    everybody = conference.list_participants() if conference and conference.status != "completed" else []
    if label and any(one.label == label for one in everybody):
        raise RestApiError(400, 16026, "Participant label is in use by another participant")
    if conference and len(everybody) >= conference.max_participants:
        raise RestApiError(400, 16020, "Conference is full")


async def _run_participant(
    world: World, conference: Conference, call: OutboundCall, participant: Participant
) -> TwimlEnd:
    leg = participant.leg
    try:
        await leg.run_interruptibly(wait_for_call_rate(world, leg))
        if not await ring_phone(world, leg, call.timeout) or conference.status == "completed":
            return TwimlEnd.HUNG_UP
    finally:
        conference.invited.pop(leg.sid, None)
    world.exchange.spawn(end_after(leg, call.time_limit))
    if call.record:
        recording.record_call(world, leg, "OutboundAPI", call.recording_callback)
    if call.detection:
        world.exchange.spawn(detect_machine_async(leg, call.detection))
    await stay_in_conference(
        TwimlRunner(world=world, leg=leg), conference, participant, hang_up_on_star=False
    )
    return TwimlEnd.NO_MORE_VERBS


def _make_participant_factory(form: Form) -> Callable[[CallLeg], Participant]:
    """What they will be in the room, once there is a call; whatever is wrong with the wish is said before."""
    coached = form.text("CallSidToCoach")
    url, method = form.url("WaitUrl"), form.method("WaitMethod")
    given = partial(
        Participant,
        label=form.text("Label"),
        muted=form.flag("Muted"),
        coached_call_sid=coached if form.flag("Coaching", default=bool(coached)) else "",
        starts_on_enter=form.flag("StartConferenceOnEnter", default=True),
        ends_on_exit=form.flag("EndConferenceOnExit"),
        beep=form.one_of("Beep", {"true", "false", "onEnter", "onExit"}, "true"),
    )
    if form.is_given("WaitUrl"):
        given = partial(given, wait_twiml=TwimlSource(url=url, method=method) if url else None)
    return lambda leg: given(leg=leg)


def _read_detection(form: Form) -> MachineDetection | None:
    mode, patience = outgoing_calls.read_detection_mode(form)
    url, method = form.url("AmdStatusCallback", code=21609), form.method("AmdStatusCallbackMethod")
    callback = StatusCallback(url=url, method=method) if url else None
    return (
        MachineDetection(mode=mode, blocks_webhook=False, timeout=patience, callback=callback)
        if mode
        else None
    )


def _read_conference_callback(world: World, form: Form) -> StatusCallback | None:
    told = outgoing_calls.read_status_callback(
        world, form, frozenset(CONFERENCE_EVENTS), "ConferenceStatusCallback"
    )
    if told and not form.values("ConferenceStatusCallbackEvent"):
        return replace(told, events=frozenset({"start", "end"}))
    return told
