"""Calls that the API makes: what it may ask for, and what Twilio would not even try.

https://www.twilio.com/docs/voice/api/call-resource#create-a-call-resource
"""

import re

from ivr.emulator.account.resources import Application
from ivr.emulator.account.world import World
from ivr.emulator.calls.leg import Leg
from ivr.emulator.calls.ringing import Detection, Outbound, outgoing
from ivr.emulator.calls.signals import Ask, Events
from ivr.emulator.rest.form import WRONG, Form, Refusal
from ivr.emulator.runtime.formats import ADDRESS, E164

EVENTS = frozenset({"initiated", "ringing", "answered", "completed"})
RECORDED = frozenset({"in-progress", "completed", "absent"})
LONGEST = 86_400  # seconds a call may be allowed to take; without a word about it, 4 hours
USUAL = 14_400
RINGING = 60, 600  # seconds of ringing: what is usual, and the most
LONGEST_TWIML = 4000  # characters
DIGITS = re.compile(r"[0-9A-Da-d*#wW]{1,32}")
# What machine detection can be told: the usual value, the least and the most. The first is seconds, the others
# are milliseconds (https://www.twilio.com/docs/voice/answering-machine-detection).
PATIENCE = {
    "MachineDetectionTimeout": (30, 3, 59),
    "MachineDetectionSpeechThreshold": (2400, 1000, 6000),
    "MachineDetectionSpeechEndThreshold": (1200, 500, 5000),
    "MachineDetectionSilenceTimeout": (5000, 2000, 10_000),
}


def call(world: World, form: Form) -> Leg:
    application = _application(world, form)
    ask = (
        Ask(url=application.get("voice_url"), method=application.get("voice_method") or "POST")
        if application
        else instructions(form)
    )
    plan = Outbound(
        ask=ask,
        timeout=timeout(form),
        time_limit=time_limit(form),
        detection=_detection(form),
        record=form.flag("Record"),
        recorded=events(world, form, RECORDED, "RecordingStatusCallback"),
    )
    keys = form.text("SendDigits")
    if keys and not DIGITS.fullmatch(keys):
        raise Refusal(400, 21206, f"SendDigits may hold 0-9, *, #, A-D and w, 32 at most: {keys}")
    form.one_of("RecordingChannels", {"mono", "dual"})
    form.one_of("RecordingTrack", {"inbound", "outbound", "both"})
    form.one_of("Trim", {"trim-silence", "do-not-trim"})
    fallback = Ask(url=form.url("FallbackUrl"), method=form.method("FallbackMethod"))
    told = events(world, form, EVENTS, "StatusCallback")
    leg = new_call(world, form.text("To"), form.text("From"))
    leg.fallback, leg.events = fallback, told
    if application:
        _as_application_says(leg, application)
    if keys:
        leg.on_answer.append(lambda: leg.log("sent_digits", keys=keys))
    outgoing(world, leg, plan)
    return leg


def new_call(world: World, to: str, from_: str, direction: str = "outbound-api") -> Leg:
    """A call to be made. Raises Refusal when Twilio would not even try."""
    if not to:
        raise Refusal(400, 21201, "No 'To' number is specified")
    if not from_:
        raise Refusal(400, 21213, "No 'From' number is specified")
    if not E164.fullmatch(to) and not ADDRESS.fullmatch(to):
        raise Refusal(400, 21211, f"Invalid 'To' Phone Number: {to}")
    if not E164.fullmatch(from_) and not ADDRESS.fullmatch(from_):
        raise Refusal(400, 21212, f"Invalid 'From' Phone Number: {from_}")
    own = world.number(from_)
    if own is None and not ADDRESS.fullmatch(from_):
        raise Refusal(
            400, 21210, f"The source phone number provided, {from_}, is not yet verified for your account."
        )
    phone = world.phone(to)
    if phone.refused:
        raise Refusal(400, phone.refused, f"{to} cannot be called")
    exchange = world.exchange
    leg = Leg(
        exchange=exchange,
        sid=exchange.sids.new("CA"),
        from_=from_,
        to=to,
        direction=direction,
        created=exchange.now,
        phone=phone,
        number_sid=own.sid if own else None,
    )
    world.calls[leg.sid] = leg
    return leg


def instructions(form: Form) -> Ask:
    """`Url`, which wins over `Twiml`."""
    twiml, url, method = form.text("Twiml"), form.url("Url"), form.method("Method")
    if len(twiml) > LONGEST_TWIML:
        raise Refusal(400, WRONG, f"Twiml has {len(twiml)} characters, the most is {LONGEST_TWIML}")
    if not url and not twiml:
        raise Refusal(400, 21205, "Url parameter is required")
    return Ask(url=url, method=method) if url else Ask(document=twiml)


def events(world: World, form: Form, known: frozenset[str], name: str) -> Events | None:
    """A status callback. Events come as repeated values.

    One string with spaces names several of them, except in a call's StatusCallbackEvent, where it names none at all.
    """
    url, method = form.url(name, code=21609), form.method(f"{name}Method")
    if not url:
        return None
    given = form.all(f"{name}Event")
    if known is not EVENTS:
        given = " ".join(given).split()
    wrong = [one for one in given if one not in known]
    if wrong:
        world.exchange.journal.error(21626, f"Invalid statusCallbackEvents: {wrong}", url=url)
    return Events(url=url, method=method, names=frozenset(given or ["completed"]))


def timeout(form: Form) -> float:
    usual, most = RINGING
    return form.whole("Timeout", usual, 0, most, code=21208)


def time_limit(form: Form) -> float:
    return form.whole("TimeLimit", USUAL, 1, LONGEST)


def detection_mode(form: Form) -> tuple[str, float]:
    """What is looked for (nothing, `Enable` or `DetectMessageEnd`), and for how many seconds."""
    patience = {name: form.whole(name, *limits, code=21234) for name, limits in PATIENCE.items()}
    mode = form.one_of("MachineDetection", {"Enable", "DetectMessageEnd"}, code=21234)
    return mode, patience["MachineDetectionTimeout"]


def _detection(form: Form) -> Detection | None:
    mode, patience = detection_mode(form)
    if form.text("SendDigits"):
        return None  # then MachineDetection is ignored
    name = "AsyncAmdStatusCallback"
    url, method, blocking = (
        form.url(name, code=21609),
        form.method(f"{name}Method"),
        not form.flag("AsyncAmd"),
    )
    callback = Events(url=url, method=method) if url and not blocking else None
    return Detection(mode=mode, blocking=blocking, timeout=patience, callback=callback) if mode else None


def _application(world: World, form: Form) -> Application | None:
    sid = form.text("ApplicationSid")
    if not sid:
        return None
    found = world.applications.get(sid)
    if found is None or not found.get("voice_url"):
        raise Refusal(400, 21218, f"Invalid ApplicationSid: {sid}")
    return found


def _as_application_says(leg: Leg, application: Application) -> None:
    """Its fallback and status callback; those of the request are ignored."""
    leg.fallback = Ask(
        url=application.get("voice_fallback_url"), method=application.get("voice_fallback_method") or "POST"
    )
    url = application.get("status_callback")
    method = application.get("status_callback_method") or "POST"
    leg.events = Events(url=url, method=method) if url else None
