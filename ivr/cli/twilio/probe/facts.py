"""Each fact about the network that the line rests on, as an experiment. Documented is what the line expects.

Sources: Twilio's documentation pages of the same name under https://www.twilio.com/docs/voice/twiml and /docs/voice/api,
https://www.twilio.com/docs/usage/webhooks and https://www.twilio.com/docs/api/errors.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from ivr.cli.twilio.probe.lab import QUIET, Fails, Lab, Page

Observed = tuple[bool, str]  # whether it is as documented, and what was seen


@dataclass(frozen=True, kw_only=True)
class Fact:
    """`documented`: what the line expects. `look`: begins the calls it needs and says what it saw."""

    name: str
    documented: str
    pages: dict[str, Page]
    look: Callable[[Lab], Observed]


FACTS: list[Fact] = []


def fact(documented: str, **pages: Page) -> Callable[[Callable[[Lab], Observed]], Callable[[Lab], Observed]]:
    def register(look: Callable[[Lab], Observed]) -> Callable[[Lab], Observed]:
        name = look.__name__.replace("_", "-")
        FACTS.append(Fact(name=name, documented=documented, pages=pages, look=look))
        return look

    return register


def room(attributes: str = "", *, action: str = "left", dial: str = "") -> str:
    """In the room of this run, whose name is its own."""
    return f'<Dial action="{action}" {dial}><Conference beep="false" {attributes}>calor-probe</Conference></Dial>'


def _is(seen: str, wanted: str) -> Observed:
    return seen == wanted, seen or "nothing"


# ---- webhooks


@fact("every webhook is signed over the public address and its sorted parameters", start=QUIET)
def signature(lab: Lab) -> Observed:
    lab.call()
    lab.wait("start")
    signed = [s.signed for s in lab.seen]
    return all(signed), f"{sum(signed)} of {len(signed)} signatures fit"


@fact(
    "with rp=5xx in the fragment a 500 is asked again, with the same I-Twilio-Idempotency-Token",
    start=lambda nth: QUIET if nth else Fails(500),
)
def retries(lab: Lab) -> Observed:
    lab.call("start#rc=1&rp=5xx")
    lab.wait("start", 2)
    tokens = {s.headers.get("I-Twilio-Idempotency-Token", "none") for s in lab.requests("start")}
    return len(tokens) == 1 and tokens != {
        "none"
    }, f"{len(lab.requests('start'))} requests, {len(tokens)} tokens"


@fact("without overrides a 500 is not asked again", start=Fails(500), fallback=QUIET)
def no_retry_of_a_500(lab: Lab) -> Observed:
    lab.call(fallback_url=lab.page("fallback"))
    lab.wait("fallback")
    asked = len(lab.requests("start"))
    return asked == 1, f"{asked} requests before the fallback"


@fact("the fallback is told ErrorCode and ErrorUrl", start=Fails(500), fallback=QUIET)
def fallback(lab: Lab) -> Observed:
    lab.call(fallback_url=lab.page("fallback"))
    params = lab.wait("fallback").params
    told = f"ErrorCode {params.get('ErrorCode')}, ErrorUrl {'given' if params.get('ErrorUrl') else 'missing'}"
    return _is(told, "ErrorCode 11200, ErrorUrl given")


@fact(
    "StatusCallbackEvent is a list: all in one string is accepted and then silent",
    start="<Hangup/>",
    status="",
)
def events_in_one_string(lab: Lab) -> Observed:
    sid = lab.call(
        status_callback=lab.page("status"), status_callback_event=["initiated ringing answered completed"]
    )
    lab.wait("start")
    _ended(lab, sid)
    lab.pass_time(5)
    return (
        _is(", ".join(s.params.get("CallStatus", "") for s in lab.requests("status")), "")
        if (lab.requests("status"))
        else (True, "no event")
    )


@fact("the four events of a call arrive with a growing SequenceNumber", start="<Hangup/>", status="")
def sequence_numbers(lab: Lab) -> Observed:
    lab.call(
        status_callback=lab.page("status"),
        status_callback_event=["initiated", "ringing", "answered", "completed"],
    )
    lab.wait("status", 4)
    found = {s.params["CallStatus"]: int(s.params["SequenceNumber"]) for s in lab.requests("status")}
    return _is(
        ", ".join(sorted(found, key=lambda name: found[name])), "initiated, ringing, in-progress, completed"
    )


# ---- input


@fact("a Gather without input requests its action when actionOnEmptyResult says so",
      start='<Gather action="got" actionOnEmptyResult="true" timeout="1"/>', got=QUIET)  # fmt: skip
def empty_gather(lab: Lab) -> Observed:
    lab.call()
    params = lab.wait("got").params
    return not params.get("Digits"), f"Digits {params.get('Digits', '')!r}"


@fact(
    "a key of the other side is a digit, and finishOnKey is not one of them",
    start='<Gather action="got" timeout="20"/>',
    got=QUIET,
    other='<Pause length="3"/><Play digits="12#"/>' + QUIET,
)
def keys(lab: Lab) -> Observed:
    lab.call()
    return _is(lab.wait("got").params.get("Digits", ""), "12")


# ---- Dial, and what a redirect does to it


@fact(
    "a redirect during a Dial requests the old action first, as completed, and does not use its answer",
    start=room(),
    left="<Redirect>used</Redirect>",
    used=QUIET,
    next=QUIET,
)
def redirect_during_a_dial(lab: Lab) -> Observed:
    sid = lab.call()
    _in_room(lab, 1)
    lab.api.calls(sid).update(url=lab.page("next"), method="POST")
    lab.wait("next")
    lab.pass_time(3)
    order = [s.page for s in lab.seen if s.page in {"left", "used", "next"}]
    status = lab.requests("left")[0].params.get("DialCallStatus") if lab.requests("left") else "none"
    return _is(f"{', '.join(order)}; DialCallStatus {status}", "left, next; DialCallStatus completed")


@fact("a whisper that hangs up leaves DialCallStatus completed and DialBridged false",
      start='<Dial action="left" timeout="15"><Number url="whisper">{other}</Number></Dial>',
      whisper="<Hangup/>", left=QUIET)  # fmt: skip
def rejected_whisper(lab: Lab) -> Observed:
    lab.call()
    params = lab.wait("left", within=40).params
    told = f"{params.get('DialCallStatus')}, DialBridged {params.get('DialBridged')}"
    return _is(told, "completed, DialBridged false")


@fact("redirecting a call that has ended is 21220", start="<Hangup/>")
def redirect_of_an_ended_call(lab: Lab) -> Observed:
    sid = lab.call()
    lab.wait("start")
    _ended(lab, sid)
    code = lab.refused(lambda: lab.api.calls(sid).update(url=lab.page("next"), method="POST"))
    return code == 21220, f"error {code}"


# ---- queues


@fact("the wait document is asked for again when it runs out", wait='<Pause length="1"/>',
      start='<Enqueue waitUrl="wait" action="left">calor-probe</Enqueue>', left=QUIET)  # fmt: skip
def wait_url_loops(lab: Lab) -> Observed:
    lab.call()
    lab.wait("wait", 3)
    return True, "asked at least 3 times"


@fact(
    "a Gather may run while waiting in a queue",
    start='<Enqueue waitUrl="wait" action="left">calor-probe</Enqueue>',
    wait='<Gather action="got" numDigits="1" timeout="20"/>',
    got=QUIET,
    other='<Pause length="3"/><Play digits="1"/>' + QUIET,
)
def gather_in_a_queue(lab: Lab) -> Observed:
    lab.call()
    return _is(lab.wait("got").params.get("Digits", ""), "1")


@fact("Leave requests the action at once, with QueueResult leave", wait="<Leave/>",
      start='<Enqueue waitUrl="wait" action="left">calor-probe</Enqueue>', left=QUIET)  # fmt: skip
def leave(lab: Lab) -> Observed:
    lab.call()
    return _is(lab.wait("left").params.get("QueueResult", ""), "leave")


@fact("a redirect out of a queue requests the action first, with QueueResult redirected", wait=QUIET, next=QUIET,
      start='<Enqueue waitUrl="wait" action="left">calor-probe</Enqueue>', left=QUIET)  # fmt: skip
def redirect_out_of_a_queue(lab: Lab) -> Observed:
    sid = lab.call()
    lab.wait("wait")
    lab.api.calls(sid).update(url=lab.page("next"), method="POST")
    lab.wait("next")
    order = ", ".join(s.page for s in lab.seen if s.page in {"left", "next"})
    result = lab.requests("left")[0].params.get("QueueResult") if lab.requests("left") else "none"
    return _is(f"{order}; QueueResult {result}", "left, next; QueueResult redirected")


@fact("a queue at its size says queue-full to the action", wait=QUIET,
      start='<Enqueue waitUrl="wait" action="left">calor-probe-full</Enqueue>', left=QUIET)  # fmt: skip
def full_queue(lab: Lab) -> Observed:
    queue = lab.api.queues.create(friendly_name="calor-probe-full", max_size=1)
    try:
        first = lab.call()
        lab.wait("wait", CallSid=first)
        lab.call()
        return _is(lab.wait("left").params.get("QueueResult", ""), "queue-full")
    finally:
        for sid in lab.calls:
            lab.refused(partial(lab.api.calls(sid).update, status="completed"))
        lab.pass_time(2)
        lab.refused(lambda: lab.api.queues(queue.sid).delete())


# ---- conferences


@fact("when one with endConferenceOnExit leaves, the other goes on at the action, as answered",
      start=room('endConferenceOnExit="true"'), left=QUIET)  # fmt: skip
def end_conference_on_exit(lab: Lab) -> Observed:
    first, second = _two(lab)
    lab.api.calls(first).update(status="completed")
    return _is(lab.wait("left", CallSid=second).params.get("DialCallStatus", ""), "answered")


@fact("endConferenceOnExit of a held participant cannot be changed, and nothing says so",
      start=room('endConferenceOnExit="true"'), hold=QUIET, left=QUIET)  # fmt: skip
def change_while_held(lab: Lab) -> Observed:
    first, _ = _two(lab)
    participant = lab.api.conferences(_room(lab)).participants(first)
    participant.update(hold=True, hold_url=lab.page("hold"))
    lab.wait("hold")
    participant.update(end_conference_on_exit=False)
    lab.pass_time(1)
    return _is(str(participant.fetch().end_conference_on_exit), "True")


@fact("HoldMethod is GET unless it is given", start=room(), hold=QUIET, left=QUIET)
def hold_method(lab: Lab) -> Observed:
    first, _ = _two(lab)
    lab.api.conferences(_room(lab)).participants(first).update(hold=True, hold_url=lab.page("hold"))
    return _is(lab.wait("hold").method, "GET")


@fact("AnnounceMethod is POST unless it is given", start=room(), words="<Say>One moment.</Say>", left=QUIET)
def announce_method(lab: Lab) -> Observed:
    first, _ = _two(lab)
    lab.api.conferences(_room(lab)).participants(first).update(announce_url=lab.page("words"))
    return _is(lab.wait("words").method, "POST")


@fact("taking somebody off hold is an event",
      start=room('statusCallback="events" statusCallbackEvent="start end join leave hold"'),
      events="", hold=QUIET, left=QUIET)  # fmt: skip
def unhold_is_an_event(lab: Lab) -> Observed:
    first, _ = _two(lab)
    participant = lab.api.conferences(_room(lab)).participants(first)
    participant.update(hold=True, hold_url=lab.page("hold"))
    lab.wait("events", StatusCallbackEvent="participant-hold")
    participant.update(hold=False)
    seen = lab.wait("events", StatusCallbackEvent="participant-unhold")
    return seen.params.get("CallSid") == first, "participant-unhold"


@fact("the first participant fixes where events go", left=QUIET, first="", second="",
      start=room('statusCallback="first" statusCallbackEvent="start end join leave"'),
      later=room('statusCallback="second" statusCallbackEvent="start end join leave"'))  # fmt: skip
def first_fixes_events(lab: Lab) -> Observed:
    lab.call()
    lab.wait("first", StatusCallbackEvent="participant-join")
    lab.call("later")
    lab.wait("first", 2, StatusCallbackEvent="participant-join")
    lab.pass_time(2)
    return not lab.requests("second"), f"{len(lab.requests('second'))} events to the second's address"


@fact("a duplicate participantLabel adds nobody and falls to the next verb",
      start=room('participantLabel="caller"'), next=QUIET, left=QUIET,
      later=room('participantLabel="caller"', action="left") + "<Redirect>next</Redirect>")  # fmt: skip
def duplicate_label(lab: Lab) -> Observed:
    lab.call()
    _in_room(lab, 1)
    second = lab.call("later")
    went = lab.wait("next", CallSid=second)
    people = len(lab.api.conferences(_room(lab)).participants.list())
    return people == 1 and went is not None, f"next verb, {people} in the room"


@fact("the document of somebody on hold may not Gather: its action is never requested",
      start=room(), hold='<Gather action="got" numDigits="1" timeout="10"/>', got=QUIET, left=QUIET,
      other='<Pause length="10"/><Play digits="1"/>' + QUIET)  # fmt: skip
def no_gather_on_hold(lab: Lab) -> Observed:
    first, _ = _two(lab)
    lab.api.conferences(_room(lab)).participants(first).update(hold=True, hold_url=lab.page("hold"))
    lab.wait("hold")
    lab.pass_time(15)
    return not lab.requests("got"), f"{len(lab.requests('got'))} requests of its action"


@fact("the star key leaves a room dialled with hangupOnStar, and the action says answered",
      start=room(dial='hangupOnStar="true"'), left=QUIET,
      other='<Pause length="5"/><Play digits="*"/>' + QUIET)  # fmt: skip
def star(lab: Lab) -> Observed:
    lab.call()
    return _is(lab.wait("left").params.get("DialCallStatus", ""), "answered")


@fact("who has left a room is 20404", start=room(), next=QUIET, left=QUIET)
def participant_gone(lab: Lab) -> Observed:
    first, _ = _two(lab)
    sid = _room(lab)
    lab.api.calls(first).update(status="completed")
    _ended(lab, first)
    lab.pass_time(1)
    code = lab.refused(lambda: lab.api.conferences(sid).participants(first).update(hold=True))
    return code == 20404, f"error {code}"


# ---- machines


@fact("asynchronous detection reports the CallSid and AnsweredBy, and no numbers", start=QUIET, heard="")
def detection(lab: Lab) -> Observed:
    lab.call(machine_detection="Enable", async_amd="true", async_amd_status_callback=lab.page("heard"))
    params = lab.wait("heard", within=60).params
    numbers = sorted({"From", "To", "Caller", "Called"} & params.keys())
    has = {"CallSid", "AnsweredBy"} <= params.keys()
    return has and not numbers, f"{', '.join(sorted(params))}"


# ---- what several of them need


def _two(lab: Lab) -> tuple[str, str]:
    """Two calls in the room."""
    first = lab.call()
    _in_room(lab, 1)
    second = lab.call()
    _in_room(lab, 2)
    return first, second


def _room(lab: Lab) -> str:
    """ConferenceSid of the room, which lists show a little late."""
    for _ in range(40):
        found = lab.api.conferences.list(friendly_name="calor-probe", status="in-progress", limit=1)
        found = found or lab.api.conferences.list(friendly_name="calor-probe", status="init", limit=1)
        if found:
            return str(found[0].sid)
        lab.pass_time(0.5)
    return ""


def _in_room(lab: Lab, how_many: int) -> None:
    for _ in range(60):
        sid = _room(lab)
        if sid and len(lab.api.conferences(sid).participants.list()) >= how_many:
            return
        lab.pass_time(0.5)


def _ended(lab: Lab, sid: str) -> None:
    for _ in range(60):
        if lab.api.calls(sid).fetch().status in {"completed", "failed", "canceled", "busy", "no-answer"}:
            return
        lab.pass_time(0.5)
