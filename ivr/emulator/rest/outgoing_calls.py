"""Calls that the API makes: what it may ask for, and what Twilio would not even try.

https://www.twilio.com/docs/voice/api/call-resource#create-a-call-resource
"""

import re

from ivr.emulator.account.resources import Application
from ivr.emulator.account.world import World
from ivr.emulator.calls.leg import CallLeg
from ivr.emulator.calls.ringing import MachineDetection, OutboundCall, start_outgoing
from ivr.emulator.calls.signals import StatusCallback, TwimlSource
from ivr.emulator.rest.form import INVALID_PARAMETER, Form, RestApiError
from ivr.emulator.runtime.formats import CLIENT_OR_SIP_ADDRESS, E164

CALL_EVENTS = frozenset({"initiated", "ringing", "answered", "completed"})
RECORDING_EVENTS = frozenset({"in-progress", "completed", "absent"})
MAX_TIME_LIMIT_SECONDS = 86_400  # seconds a call may be allowed to take; without a word about it, 4 hours
DEFAULT_TIME_LIMIT_SECONDS = 14_400
TIMEOUT_DEFAULT_AND_MAX = 60, 600  # seconds of ringing: what is usual, and the most
MAX_TWIML_CHARACTERS = 4000  # characters
SEND_DIGITS = re.compile(r"[0-9A-Da-d*#wW]{1,32}")
# What machine detection can be told: the usual value, the least and the most. The first is seconds, the others
# are milliseconds (https://www.twilio.com/docs/voice/answering-machine-detection).
DETECTION_LIMITS = {
    "MachineDetectionTimeout": (30, 3, 59),
    "MachineDetectionSpeechThreshold": (2400, 1000, 6000),
    "MachineDetectionSpeechEndThreshold": (1200, 500, 5000),
    "MachineDetectionSilenceTimeout": (5000, 2000, 10_000),
}


def create_call(world: World, form: Form) -> CallLeg:
    application = _find_application(world, form)
    ask = (
        TwimlSource(url=application.get("voice_url"), method=application.get("voice_method") or "POST")
        if application
        else read_twiml(form)
    )
    plan = OutboundCall(
        twiml=ask,
        timeout=read_timeout(form),
        time_limit=read_time_limit(form),
        detection=_read_detection(form),
        record=form.flag("Record"),
        recording_callback=read_status_callback(world, form, RECORDING_EVENTS, "RecordingStatusCallback"),
    )
    keys = form.text("SendDigits")
    if keys and not SEND_DIGITS.fullmatch(keys):
        raise RestApiError(400, 21206, f"SendDigits may hold 0-9, *, #, A-D and w, 32 at most: {keys}")
    form.one_of("RecordingChannels", {"mono", "dual"})
    form.one_of("RecordingTrack", {"inbound", "outbound", "both"})
    form.one_of("Trim", {"trim-silence", "do-not-trim"})
    fallback = TwimlSource(url=form.url("FallbackUrl"), method=form.method("FallbackMethod"))
    told = read_status_callback(world, form, CALL_EVENTS, "StatusCallback")
    leg = add_call_leg(world, form.text("To"), form.text("From"))
    leg.fallback, leg.status_callback = fallback, told
    if application:
        _apply_application(leg, application)
    if keys:
        leg.on_answer.append(lambda: leg.log("sent_digits", keys=keys))
    start_outgoing(world, leg, plan)
    return leg


def add_call_leg(world: World, to: str, from_: str, direction: str = "outbound-api") -> CallLeg:
    """A call to be made. Raises RestApiError when Twilio would not even try."""
    if not to:
        raise RestApiError(400, 21201, "No 'To' number is specified")
    if not from_:
        raise RestApiError(400, 21213, "No 'From' number is specified")
    if not E164.fullmatch(to) and not CLIENT_OR_SIP_ADDRESS.fullmatch(to):
        raise RestApiError(400, 21211, f"Invalid 'To' Phone Number: {to}")
    if not E164.fullmatch(from_) and not CLIENT_OR_SIP_ADDRESS.fullmatch(from_):
        raise RestApiError(400, 21212, f"Invalid 'From' Phone Number: {from_}")
    own = world.find_number(from_)
    if own is None and not CLIENT_OR_SIP_ADDRESS.fullmatch(from_):
        raise RestApiError(
            400, 21210, f"The source phone number provided, {from_}, is not yet verified for your account."
        )
    phone = world.find_phone(to)
    if phone.refused:
        raise RestApiError(400, phone.refused, f"{to} cannot be called")
    exchange = world.exchange
    leg = CallLeg(
        exchange=exchange,
        sid=exchange.sids.new("CA"),
        from_=from_,
        to=to,
        direction=direction,
        created_at=exchange.now,
        phone=phone,
        number_sid=own.sid if own else None,
    )
    world.calls[leg.sid] = leg
    return leg


def read_twiml(form: Form) -> TwimlSource:
    """`Url`, which wins over `Twiml`."""
    twiml, url, method = form.text("Twiml"), form.url("Url"), form.method("Method")
    if len(twiml) > MAX_TWIML_CHARACTERS:
        raise RestApiError(
            400, INVALID_PARAMETER, f"Twiml has {len(twiml)} characters, the most is {MAX_TWIML_CHARACTERS}"
        )
    if not url and not twiml:
        raise RestApiError(400, 21205, "Url parameter is required")
    return TwimlSource(url=url, method=method) if url else TwimlSource(document=twiml)


def read_status_callback(
    world: World, form: Form, known_events: frozenset[str], name: str
) -> StatusCallback | None:
    """A status callback. Events come as repeated values.

    One string with spaces names several of them, except in a call's StatusCallbackEvent, where it names none at all.
    """
    url, method = form.url(name, code=21609), form.method(f"{name}Method")
    if not url:
        return None
    given = form.values(f"{name}Event")
    if known_events is not CALL_EVENTS:
        given = " ".join(given).split()
    wrong = [one for one in given if one not in known_events]
    if wrong:
        world.exchange.event_log.write_error(21626, f"Invalid statusCallbackEvents: {wrong}", url=url)
    return StatusCallback(url=url, method=method, events=frozenset(given or ["completed"]))


def read_timeout(form: Form) -> float:
    usual, most = TIMEOUT_DEFAULT_AND_MAX
    return form.integer("Timeout", usual, 0, most, code=21208)


def read_time_limit(form: Form) -> float:
    return form.integer("TimeLimit", DEFAULT_TIME_LIMIT_SECONDS, 1, MAX_TIME_LIMIT_SECONDS)


def read_detection_mode(form: Form) -> tuple[str, float]:
    """What is looked for (nothing, `Enable` or `DetectMessageEnd`), and for how many seconds."""
    patience = {name: form.integer(name, *limits, code=21234) for name, limits in DETECTION_LIMITS.items()}
    mode = form.one_of("MachineDetection", {"Enable", "DetectMessageEnd"}, code=21234)
    return mode, patience["MachineDetectionTimeout"]


def _read_detection(form: Form) -> MachineDetection | None:
    mode, patience = read_detection_mode(form)
    if form.text("SendDigits"):
        return None  # then MachineDetection is ignored
    name = "AsyncAmdStatusCallback"
    url, method, blocking = (
        form.url(name, code=21609),
        form.method(f"{name}Method"),
        not form.flag("AsyncAmd"),
    )
    callback = StatusCallback(url=url, method=method) if url and not blocking else None
    return (
        MachineDetection(mode=mode, blocks_webhook=blocking, timeout=patience, callback=callback)
        if mode
        else None
    )


def _find_application(world: World, form: Form) -> Application | None:
    sid = form.text("ApplicationSid")
    if not sid:
        return None
    found = world.applications.get(sid)
    if found is None or not found.get("voice_url"):
        raise RestApiError(400, 21218, f"Invalid ApplicationSid: {sid}")
    return found


def _apply_application(leg: CallLeg, application: Application) -> None:
    """Its fallback and status callback; those of the request are ignored."""
    leg.fallback = TwimlSource(
        url=application.get("voice_fallback_url"), method=application.get("voice_fallback_method") or "POST"
    )
    url = application.get("status_callback")
    method = application.get("status_callback_method") or "POST"
    leg.status_callback = StatusCallback(url=url, method=method) if url else None
