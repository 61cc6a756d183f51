"""What is documented of a call's input, of Dial, and of what a redirect does to it."""

from __future__ import annotations

from ivr.cli.twilio.probe.conference import dial_conference, wait_for_participants
from ivr.cli.twilio.probe.lab import LISTEN_TWIML, Lab
from ivr.cli.twilio.probe.probe_fact import FactList, Observation, compare

facts = FactList()


# ---- input


@facts.add("a Gather without input requests its action when actionOnEmptyResult says so",
           start='<Gather action="got" actionOnEmptyResult="true" timeout="1"/>', got=LISTEN_TWIML)  # fmt: skip
def empty_gather(lab: Lab) -> Observation:
    lab.start_call()
    params = lab.wait_for_request("got").params
    return not params.get("Digits"), f"Digits {params.get('Digits', '')!r}"


@facts.add(
    "a key of the other side is a digit, and finishOnKey is not one of them",
    start='<Gather action="got" timeout="20"/>',
    got=LISTEN_TWIML,
    other='<Pause length="3"/><Play digits="12#"/>' + LISTEN_TWIML,
)
def keys(lab: Lab) -> Observation:
    lab.start_call()
    return compare(lab.wait_for_request("got").params.get("Digits", ""), "12")


# ---- Dial, and what a redirect does to it


@facts.add(
    "a redirect during a Dial requests the old action first, as completed, and does not use its answer",
    start=dial_conference(),
    left="<Redirect>used</Redirect>",
    used=LISTEN_TWIML,
    next=LISTEN_TWIML,
)
def redirect_during_a_dial(lab: Lab) -> Observation:
    sid = lab.start_call()
    wait_for_participants(lab, 1)
    lab.api.calls(sid).update(url=lab.page_url("next"), method="POST")
    lab.wait_for_request("next")
    lab.pass_time(3)
    order = [s.page for s in lab.received if s.page in {"left", "used", "next"}]
    status = (
        lab.find_requests("left")[0].params.get("DialCallStatus") if lab.find_requests("left") else "none"
    )
    return compare(f"{', '.join(order)}; DialCallStatus {status}", "left, next; DialCallStatus completed")


@facts.add("a whisper that hangs up leaves DialCallStatus completed and DialBridged false",
           start='<Dial action="left" timeout="15"><Number url="whisper">{other}</Number></Dial>',
           whisper="<Hangup/>", left=LISTEN_TWIML)  # fmt: skip
def rejected_whisper(lab: Lab) -> Observation:
    lab.start_call()
    params = lab.wait_for_request("left", timeout_seconds=40).params
    told = f"{params.get('DialCallStatus')}, DialBridged {params.get('DialBridged')}"
    return compare(told, "completed, DialBridged false")


@facts.add("redirecting a call that has ended is 21220", start="<Hangup/>")
def redirect_of_an_ended_call(lab: Lab) -> Observation:
    sid = lab.start_call()
    lab.wait_for_request("start")
    lab.wait_until_ended(sid)
    code = lab.get_error_code(lambda: lab.api.calls(sid).update(url=lab.page_url("next"), method="POST"))
    return code == 21220, f"error {code}"
