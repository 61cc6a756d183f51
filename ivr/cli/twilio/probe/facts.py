"""Each fact about the network that the line rests on, as an experiment. Documented is what the line expects.

Sources: Twilio's documentation pages of the same name under https://www.twilio.com/docs/voice/twiml and /docs/voice/api,
https://www.twilio.com/docs/usage/webhooks and https://www.twilio.com/docs/api/errors.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from ivr.cli.twilio.probe.lab import LISTEN_TWIML, ErrorPage, Lab, ProbePage

Observation = tuple[bool, str]  # whether it is as documented, and what was seen


@dataclass(frozen=True, kw_only=True)
class ProbeFact:
    """`documented`: what the line expects. `observe`: begins the calls it needs and says what it saw."""

    name: str
    documented: str
    pages: dict[str, ProbePage]
    observe: Callable[[Lab], Observation]


FACTS: list[ProbeFact] = []


def fact(
    documented: str, **pages: ProbePage
) -> Callable[[Callable[[Lab], Observation]], Callable[[Lab], Observation]]:
    def register(look: Callable[[Lab], Observation]) -> Callable[[Lab], Observation]:
        name = look.__name__.replace("_", "-")
        FACTS.append(ProbeFact(name=name, documented=documented, pages=pages, observe=look))
        return look

    return register


def dial_conference(attributes: str = "", *, action: str = "left", dial: str = "") -> str:
    """In the room of this run, whose name is its own."""
    return f'<Dial action="{action}" {dial}><Conference beep="false" {attributes}>calor-probe</Conference></Dial>'


def _compare(seen: str, wanted: str) -> Observation:
    return seen == wanted, seen or "nothing"


# ---- webhooks


@fact("every webhook is signed over the public address and its sorted parameters", start=LISTEN_TWIML)
def signature(lab: Lab) -> Observation:
    lab.start_call()
    lab.wait_for_request("start")
    signed = [s.is_signed for s in lab.received]
    return all(signed), f"{sum(signed)} of {len(signed)} signatures fit"


@fact(
    "with rp=5xx in the fragment a 500 is asked again, with the same I-Twilio-Idempotency-Token",
    start=lambda nth: LISTEN_TWIML if nth else ErrorPage(500),
)
def retries(lab: Lab) -> Observation:
    lab.start_call("start#rc=1&rp=5xx")
    lab.wait_for_request("start", 2)
    tokens = {s.headers.get("I-Twilio-Idempotency-Token", "none") for s in lab.find_requests("start")}
    return len(tokens) == 1 and tokens != {
        "none"
    }, f"{len(lab.find_requests('start'))} requests, {len(tokens)} tokens"


@fact("without overrides a 500 is not asked again", start=ErrorPage(500), fallback=LISTEN_TWIML)
def no_retry_of_a_500(lab: Lab) -> Observation:
    lab.start_call(fallback_url=lab.page_url("fallback"))
    lab.wait_for_request("fallback")
    asked = len(lab.find_requests("start"))
    return asked == 1, f"{asked} requests before the fallback"


@fact("the fallback is told ErrorCode and ErrorUrl", start=ErrorPage(500), fallback=LISTEN_TWIML)
def fallback(lab: Lab) -> Observation:
    lab.start_call(fallback_url=lab.page_url("fallback"))
    params = lab.wait_for_request("fallback").params
    told = f"ErrorCode {params.get('ErrorCode')}, ErrorUrl {'given' if params.get('ErrorUrl') else 'missing'}"
    return _compare(told, "ErrorCode 11200, ErrorUrl given")


@fact(
    "StatusCallbackEvent is a list: all in one string is accepted and then silent",
    start="<Hangup/>",
    status="",
)
def events_in_one_string(lab: Lab) -> Observation:
    sid = lab.start_call(
        status_callback=lab.page_url("status"), status_callback_event=["initiated ringing answered completed"]
    )
    lab.wait_for_request("start")
    _wait_until_ended(lab, sid)
    lab.pass_time(5)
    return (
        _compare(", ".join(s.params.get("CallStatus", "") for s in lab.find_requests("status")), "")
        if (lab.find_requests("status"))
        else (True, "no event")
    )


@fact("the four events of a call arrive with a growing SequenceNumber", start="<Hangup/>", status="")
def sequence_numbers(lab: Lab) -> Observation:
    lab.start_call(
        status_callback=lab.page_url("status"),
        status_callback_event=["initiated", "ringing", "answered", "completed"],
    )
    lab.wait_for_request("status", 4)
    found = {s.params["CallStatus"]: int(s.params["SequenceNumber"]) for s in lab.find_requests("status")}
    return _compare(
        ", ".join(sorted(found, key=lambda name: found[name])), "initiated, ringing, in-progress, completed"
    )


# ---- input


@fact("a Gather without input requests its action when actionOnEmptyResult says so",
      start='<Gather action="got" actionOnEmptyResult="true" timeout="1"/>', got=LISTEN_TWIML)  # fmt: skip
def empty_gather(lab: Lab) -> Observation:
    lab.start_call()
    params = lab.wait_for_request("got").params
    return not params.get("Digits"), f"Digits {params.get('Digits', '')!r}"


@fact(
    "a key of the other side is a digit, and finishOnKey is not one of them",
    start='<Gather action="got" timeout="20"/>',
    got=LISTEN_TWIML,
    other='<Pause length="3"/><Play digits="12#"/>' + LISTEN_TWIML,
)
def keys(lab: Lab) -> Observation:
    lab.start_call()
    return _compare(lab.wait_for_request("got").params.get("Digits", ""), "12")


# ---- Dial, and what a redirect does to it


@fact(
    "a redirect during a Dial requests the old action first, as completed, and does not use its answer",
    start=dial_conference(),
    left="<Redirect>used</Redirect>",
    used=LISTEN_TWIML,
    next=LISTEN_TWIML,
)
def redirect_during_a_dial(lab: Lab) -> Observation:
    sid = lab.start_call()
    _wait_for_participants(lab, 1)
    lab.api.calls(sid).update(url=lab.page_url("next"), method="POST")
    lab.wait_for_request("next")
    lab.pass_time(3)
    order = [s.page for s in lab.received if s.page in {"left", "used", "next"}]
    status = (
        lab.find_requests("left")[0].params.get("DialCallStatus") if lab.find_requests("left") else "none"
    )
    return _compare(f"{', '.join(order)}; DialCallStatus {status}", "left, next; DialCallStatus completed")


@fact("a whisper that hangs up leaves DialCallStatus completed and DialBridged false",
      start='<Dial action="left" timeout="15"><Number url="whisper">{other}</Number></Dial>',
      whisper="<Hangup/>", left=LISTEN_TWIML)  # fmt: skip
def rejected_whisper(lab: Lab) -> Observation:
    lab.start_call()
    params = lab.wait_for_request("left", timeout_seconds=40).params
    told = f"{params.get('DialCallStatus')}, DialBridged {params.get('DialBridged')}"
    return _compare(told, "completed, DialBridged false")


@fact("redirecting a call that has ended is 21220", start="<Hangup/>")
def redirect_of_an_ended_call(lab: Lab) -> Observation:
    sid = lab.start_call()
    lab.wait_for_request("start")
    _wait_until_ended(lab, sid)
    code = lab.get_error_code(lambda: lab.api.calls(sid).update(url=lab.page_url("next"), method="POST"))
    return code == 21220, f"error {code}"


# ---- queues


@fact("the wait document is asked for again when it runs out", wait='<Pause length="1"/>',
      start='<Enqueue waitUrl="wait" action="left">calor-probe</Enqueue>', left=LISTEN_TWIML)  # fmt: skip
def wait_url_loops(lab: Lab) -> Observation:
    lab.start_call()
    lab.wait_for_request("wait", 3)
    return True, "asked at least 3 times"


@fact(
    "a Gather may run while waiting in a queue",
    start='<Enqueue waitUrl="wait" action="left">calor-probe</Enqueue>',
    wait='<Gather action="got" numDigits="1" timeout="20"/>',
    got=LISTEN_TWIML,
    other='<Pause length="3"/><Play digits="1"/>' + LISTEN_TWIML,
)
def gather_in_a_queue(lab: Lab) -> Observation:
    lab.start_call()
    return _compare(lab.wait_for_request("got").params.get("Digits", ""), "1")


@fact("Leave requests the action at once, with QueueResult leave", wait="<Leave/>",
      start='<Enqueue waitUrl="wait" action="left">calor-probe</Enqueue>', left=LISTEN_TWIML)  # fmt: skip
def leave(lab: Lab) -> Observation:
    lab.start_call()
    return _compare(lab.wait_for_request("left").params.get("QueueResult", ""), "leave")


@fact("a redirect out of a queue requests the action first, with QueueResult redirected", wait=LISTEN_TWIML, next=LISTEN_TWIML,
      start='<Enqueue waitUrl="wait" action="left">calor-probe</Enqueue>', left=LISTEN_TWIML)  # fmt: skip
def redirect_out_of_a_queue(lab: Lab) -> Observation:
    sid = lab.start_call()
    lab.wait_for_request("wait")
    lab.api.calls(sid).update(url=lab.page_url("next"), method="POST")
    lab.wait_for_request("next")
    order = ", ".join(s.page for s in lab.received if s.page in {"left", "next"})
    result = lab.find_requests("left")[0].params.get("QueueResult") if lab.find_requests("left") else "none"
    return _compare(f"{order}; QueueResult {result}", "left, next; QueueResult redirected")


@fact("a queue at its size says queue-full to the action", wait=LISTEN_TWIML,
      start='<Enqueue waitUrl="wait" action="left">calor-probe-full</Enqueue>', left=LISTEN_TWIML)  # fmt: skip
def full_queue(lab: Lab) -> Observation:
    queue = lab.api.queues.create(friendly_name="calor-probe-full", max_size=1)
    try:
        first = lab.start_call()
        lab.wait_for_request("wait", CallSid=first)
        lab.start_call()
        return _compare(lab.wait_for_request("left").params.get("QueueResult", ""), "queue-full")
    finally:
        for sid in lab.calls:
            lab.get_error_code(partial(lab.api.calls(sid).update, status="completed"))
        lab.pass_time(2)
        lab.get_error_code(lambda: lab.api.queues(queue.sid).delete())


# ---- conferences


@fact("when one with endConferenceOnExit leaves, the other goes on at the action, as answered",
      start=dial_conference('endConferenceOnExit="true"'), left=LISTEN_TWIML)  # fmt: skip
def end_conference_on_exit(lab: Lab) -> Observation:
    first, second = _start_two_calls(lab)
    lab.api.calls(first).update(status="completed")
    return _compare(lab.wait_for_request("left", CallSid=second).params.get("DialCallStatus", ""), "answered")


@fact("endConferenceOnExit of a held participant cannot be changed, and nothing says so",
      start=dial_conference('endConferenceOnExit="true"'), hold=LISTEN_TWIML, left=LISTEN_TWIML)  # fmt: skip
def change_while_held(lab: Lab) -> Observation:
    first, _ = _start_two_calls(lab)
    participant = lab.api.conferences(_get_conference_sid(lab)).participants(first)
    participant.update(hold=True, hold_url=lab.page_url("hold"))
    lab.wait_for_request("hold")
    participant.update(end_conference_on_exit=False)
    lab.pass_time(1)
    return _compare(str(participant.fetch().end_conference_on_exit), "True")


@fact("HoldMethod is GET unless it is given", start=dial_conference(), hold=LISTEN_TWIML, left=LISTEN_TWIML)
def hold_method(lab: Lab) -> Observation:
    first, _ = _start_two_calls(lab)
    lab.api.conferences(_get_conference_sid(lab)).participants(first).update(
        hold=True, hold_url=lab.page_url("hold")
    )
    return _compare(lab.wait_for_request("hold").method, "GET")


@fact(
    "AnnounceMethod is POST unless it is given",
    start=dial_conference(),
    words="<Say>One moment.</Say>",
    left=LISTEN_TWIML,
)
def announce_method(lab: Lab) -> Observation:
    first, _ = _start_two_calls(lab)
    lab.api.conferences(_get_conference_sid(lab)).participants(first).update(
        announce_url=lab.page_url("words")
    )
    return _compare(lab.wait_for_request("words").method, "POST")


@fact("taking somebody off hold is an event",
      start=dial_conference('statusCallback="events" statusCallbackEvent="start end join leave hold"'),
      events="", hold=LISTEN_TWIML, left=LISTEN_TWIML)  # fmt: skip
def unhold_is_an_event(lab: Lab) -> Observation:
    first, _ = _start_two_calls(lab)
    participant = lab.api.conferences(_get_conference_sid(lab)).participants(first)
    participant.update(hold=True, hold_url=lab.page_url("hold"))
    lab.wait_for_request("events", StatusCallbackEvent="participant-hold")
    participant.update(hold=False)
    seen = lab.wait_for_request("events", StatusCallbackEvent="participant-unhold")
    return seen.params.get("CallSid") == first, "participant-unhold"


@fact("the first participant fixes where events go", left=LISTEN_TWIML, first="", second="",
      start=dial_conference('statusCallback="first" statusCallbackEvent="start end join leave"'),
      later=dial_conference('statusCallback="second" statusCallbackEvent="start end join leave"'))  # fmt: skip
def first_fixes_events(lab: Lab) -> Observation:
    lab.start_call()
    lab.wait_for_request("first", StatusCallbackEvent="participant-join")
    lab.start_call("later")
    lab.wait_for_request("first", 2, StatusCallbackEvent="participant-join")
    lab.pass_time(2)
    return not lab.find_requests(
        "second"
    ), f"{len(lab.find_requests('second'))} events to the second's address"


@fact("a duplicate participantLabel adds nobody and falls to the next verb",
      start=dial_conference('participantLabel="caller"'), next=LISTEN_TWIML, left=LISTEN_TWIML,
      later=dial_conference('participantLabel="caller"', action="left") + "<Redirect>next</Redirect>")  # fmt: skip
def duplicate_label(lab: Lab) -> Observation:
    lab.start_call()
    _wait_for_participants(lab, 1)
    second = lab.start_call("later")
    went = lab.wait_for_request("next", CallSid=second)
    people = len(lab.api.conferences(_get_conference_sid(lab)).participants.list())
    return people == 1 and went is not None, f"next verb, {people} in the room"


@fact("the document of somebody on hold may not Gather: its action is never requested",
      start=dial_conference(), hold='<Gather action="got" numDigits="1" timeout="10"/>', got=LISTEN_TWIML, left=LISTEN_TWIML,
      other='<Pause length="10"/><Play digits="1"/>' + LISTEN_TWIML)  # fmt: skip
def no_gather_on_hold(lab: Lab) -> Observation:
    first, _ = _start_two_calls(lab)
    lab.api.conferences(_get_conference_sid(lab)).participants(first).update(
        hold=True, hold_url=lab.page_url("hold")
    )
    lab.wait_for_request("hold")
    lab.pass_time(15)
    return not lab.find_requests("got"), f"{len(lab.find_requests('got'))} requests of its action"


@fact("the star key leaves a room dialled with hangupOnStar, and the action says answered",
      start=dial_conference(dial='hangupOnStar="true"'), left=LISTEN_TWIML,
      other='<Pause length="5"/><Play digits="*"/>' + LISTEN_TWIML)  # fmt: skip
def star(lab: Lab) -> Observation:
    lab.start_call()
    return _compare(lab.wait_for_request("left").params.get("DialCallStatus", ""), "answered")


@fact("who has left a room is 20404", start=dial_conference(), next=LISTEN_TWIML, left=LISTEN_TWIML)
def participant_gone(lab: Lab) -> Observation:
    first, _ = _start_two_calls(lab)
    sid = _get_conference_sid(lab)
    lab.api.calls(first).update(status="completed")
    _wait_until_ended(lab, first)
    lab.pass_time(1)
    code = lab.get_error_code(lambda: lab.api.conferences(sid).participants(first).update(hold=True))
    return code == 20404, f"error {code}"


# ---- machines


@fact(
    "asynchronous detection reports the CallSid and AnsweredBy, and no numbers", start=LISTEN_TWIML, heard=""
)
def detection(lab: Lab) -> Observation:
    lab.start_call(
        machine_detection="Enable", async_amd="true", async_amd_status_callback=lab.page_url("heard")
    )
    params = lab.wait_for_request("heard", timeout_seconds=60).params
    numbers = sorted({"From", "To", "Caller", "Called"} & params.keys())
    has = {"CallSid", "AnsweredBy"} <= params.keys()
    return has and not numbers, f"{', '.join(sorted(params))}"


# ---- what several of them need


def _start_two_calls(lab: Lab) -> tuple[str, str]:
    """Two calls in the room."""
    first = lab.start_call()
    _wait_for_participants(lab, 1)
    second = lab.start_call()
    _wait_for_participants(lab, 2)
    return first, second


def _get_conference_sid(lab: Lab) -> str:
    """ConferenceSid of the room, which lists show a little late."""
    for _ in range(40):
        found = lab.api.conferences.list(friendly_name="calor-probe", status="in-progress", limit=1)
        found = found or lab.api.conferences.list(friendly_name="calor-probe", status="init", limit=1)
        if found:
            return str(found[0].sid)
        lab.pass_time(0.5)
    return ""


def _wait_for_participants(lab: Lab, count: int) -> None:
    for _ in range(60):
        sid = _get_conference_sid(lab)
        if sid and len(lab.api.conferences(sid).participants.list()) >= count:
            return
        lab.pass_time(0.5)


def _wait_until_ended(lab: Lab, sid: str) -> None:
    for _ in range(60):
        if lab.api.calls(sid).fetch().status in {"completed", "failed", "canceled", "busy", "no-answer"}:
            return
        lab.pass_time(0.5)
