"""What is documented of webhooks: signatures, retries, the fallback, status events."""

from __future__ import annotations

from ivr.cli.twilio.probe.lab import LISTEN_TWIML, ErrorPage, Lab
from ivr.cli.twilio.probe.probe_fact import FactList, Observation, compare

facts = FactList()


@facts.add("every webhook is signed over the public address and its sorted parameters", start=LISTEN_TWIML)
def signature(lab: Lab) -> Observation:
    lab.start_call()
    lab.wait_for_request("start")
    signed = [s.is_signed for s in lab.received]
    return all(signed), f"{sum(signed)} of {len(signed)} signatures fit"


@facts.add(
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


@facts.add("without overrides a 500 is not asked again", start=ErrorPage(500), fallback=LISTEN_TWIML)
def no_retry_of_a_500(lab: Lab) -> Observation:
    lab.start_call(fallback_url=lab.page_url("fallback"))
    lab.wait_for_request("fallback")
    asked = len(lab.find_requests("start"))
    return asked == 1, f"{asked} requests before the fallback"


@facts.add("the fallback is told ErrorCode and ErrorUrl", start=ErrorPage(500), fallback=LISTEN_TWIML)
def fallback(lab: Lab) -> Observation:
    lab.start_call(fallback_url=lab.page_url("fallback"))
    params = lab.wait_for_request("fallback").params
    told = f"ErrorCode {params.get('ErrorCode')}, ErrorUrl {'given' if params.get('ErrorUrl') else 'missing'}"
    return compare(told, "ErrorCode 11200, ErrorUrl given")


@facts.add(
    "StatusCallbackEvent is a list: all in one string is accepted and then silent",
    start="<Hangup/>",
    status="",
)
def events_in_one_string(lab: Lab) -> Observation:
    sid = lab.start_call(
        status_callback=lab.page_url("status"), status_callback_event=["initiated ringing answered completed"]
    )
    lab.wait_for_request("start")
    lab.wait_until_ended(sid)
    lab.pass_time(5)
    return (
        compare(", ".join(s.params.get("CallStatus", "") for s in lab.find_requests("status")), "")
        if (lab.find_requests("status"))
        else (True, "no event")
    )


@facts.add("the four events of a call arrive with a growing SequenceNumber", start="<Hangup/>", status="")
def sequence_numbers(lab: Lab) -> Observation:
    lab.start_call(
        status_callback=lab.page_url("status"),
        status_callback_event=["initiated", "ringing", "answered", "completed"],
    )
    lab.wait_for_request("status", 4)
    found = {s.params["CallStatus"]: int(s.params["SequenceNumber"]) for s in lab.find_requests("status")}
    return compare(
        ", ".join(sorted(found, key=lambda name: found[name])), "initiated, ringing, in-progress, completed"
    )
