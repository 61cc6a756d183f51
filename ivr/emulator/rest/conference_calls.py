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
from ivr.emulator.calls.leg import Leg
from ivr.emulator.calls.leg_lifecycle import limit, live
from ivr.emulator.calls.ringing import Detection, Outbound, detect_meanwhile, ring, turn
from ivr.emulator.calls.signals import Ask, Events
from ivr.emulator.calls.twiml_runner import End, Flow
from ivr.emulator.rest import outgoing_calls
from ivr.emulator.rest.form import Form, Refusal
from ivr.emulator.verbs.conference import EVENTS, stay

RECORDED = outgoing_calls.RECORDED | {"failed"}
SID = re.compile(r"CF[0-9a-f]{32}")
LONGEST_LABEL = 128  # characters
RECORD = frozenset({"true", "false", "record-from-start", "do-not-record"})


def invite(world: World, name: str, form: Form) -> tuple[Conference, Participant]:
    """Call somebody into the room of that SID or name, which makes it if need be."""
    room = world.conferences.get(name)
    if room is None and SID.fullmatch(name):
        raise Refusal(404, 20404, f"The requested resource {name} was not found")
    if room and room.status == "completed":
        raise Refusal(400, 16022, "Conference does not exist or is completed")
    _check_room(room or world.rooms.get(name), form)
    plan = Outbound(
        ask=Ask(),
        timeout=outgoing_calls.timeout(form),
        time_limit=outgoing_calls.time_limit(form),
        detection=_detection(form),
        record=form.flag("Record"),
        recorded=outgoing_calls.events(world, form, RECORDED, "RecordingStatusCallback"),
    )
    told = _events(world, form)
    taped = outgoing_calls.events(world, form, RECORDED, "ConferenceRecordingStatusCallback")
    record = form.one_of("ConferenceRecord", RECORD)
    progress = outgoing_calls.events(world, form, outgoing_calls.EVENTS, "StatusCallback")
    member_of, most = _member(form), form.whole("MaxParticipants", 250, 2, 250)
    leg = outgoing_calls.new_call(world, form.text("To"), form.text("From"))
    leg.events = progress
    room = room or world.conference(name)
    if not room.everybody():
        room.events = told
        room.most = most
        if record in {"true", "record-from-start"}:
            recording.of_room(world, room, leg, taped)
    member = member_of(leg)
    room.expected[leg.sid] = member
    world.exchange.spawn(live(world, leg, partial(_come, world, room, plan, member)))
    return room, member


def _check_room(room: Conference | None, form: Form) -> None:
    label = form.text("Label")
    if len(label) > LONGEST_LABEL or "/" in label:
        raise Refusal(400, 16023, f"Participant label is not valid: {label}")
    everybody = room.everybody() if room and room.status != "completed" else []
    if label and any(one.label == label for one in everybody):
        raise Refusal(400, 16026, "Participant label is in use by another participant")
    if room and len(everybody) >= room.most:
        raise Refusal(400, 16020, "Conference is full")


async def _come(world: World, room: Conference, plan: Outbound, member: Participant) -> End:
    leg = member.leg
    try:
        await leg.wait(turn(world, leg))
        if not await ring(world, leg, plan.timeout) or room.status == "completed":
            return End.HUNG_UP
    finally:
        room.expected.pop(leg.sid, None)
    world.exchange.spawn(limit(leg, plan.time_limit))
    if plan.record:
        recording.until_over(world, leg, "OutboundAPI", plan.recorded)
    if plan.detection:
        world.exchange.spawn(detect_meanwhile(leg, plan.detection))
    await stay(Flow(world=world, leg=leg), room, member, hang_up_on_star=False)
    return End.RAN_OUT


def _member(form: Form) -> Callable[[Leg], Participant]:
    """What they will be in the room, once there is a call; whatever is wrong with the wish is said before."""
    coached = form.text("CallSidToCoach")
    url, method = form.url("WaitUrl"), form.method("WaitMethod")
    given = partial(
        Participant,
        label=form.text("Label"),
        muted=form.flag("Muted"),
        coaching=coached if form.flag("Coaching", default=bool(coached)) else "",
        start=form.flag("StartConferenceOnEnter", default=True),
        end=form.flag("EndConferenceOnExit"),
        beep=form.one_of("Beep", {"true", "false", "onEnter", "onExit"}, "true"),
    )
    if form.has("WaitUrl"):
        given = partial(given, wait=Ask(url=url, method=method) if url else None)
    return lambda leg: given(leg=leg)


def _detection(form: Form) -> Detection | None:
    mode, patience = outgoing_calls.detection_mode(form)
    url, method = form.url("AmdStatusCallback", code=21609), form.method("AmdStatusCallbackMethod")
    callback = Events(url=url, method=method) if url else None
    return Detection(mode=mode, blocking=False, timeout=patience, callback=callback) if mode else None


def _events(world: World, form: Form) -> Events | None:
    told = outgoing_calls.events(world, form, frozenset(EVENTS), "ConferenceStatusCallback")
    if told and not form.all("ConferenceStatusCallbackEvent"):
        return replace(told, names=frozenset({"start", "end"}))
    return told
