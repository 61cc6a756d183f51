"""What is documented of Enqueue, and of ways out of a queue."""

from __future__ import annotations

from functools import partial

from ivr.cli.twilio.probe.lab import LISTEN_TWIML, Lab
from ivr.cli.twilio.probe.probe_fact import FactList, Observation, compare

facts = FactList()


@facts.add("the wait document is asked for again when it runs out", wait='<Pause length="1"/>',
           start='<Enqueue waitUrl="wait" action="left">calor-probe</Enqueue>', left=LISTEN_TWIML)  # fmt: skip
def wait_url_loops(lab: Lab) -> Observation:
    lab.start_call()
    lab.wait_for_request("wait", 3)
    return True, "asked at least 3 times"


@facts.add(
    "a Gather may run while waiting in a queue",
    start='<Enqueue waitUrl="wait" action="left">calor-probe</Enqueue>',
    wait='<Gather action="got" numDigits="1" timeout="20"/>',
    got=LISTEN_TWIML,
    other='<Pause length="3"/><Play digits="1"/>' + LISTEN_TWIML,
)
def gather_in_a_queue(lab: Lab) -> Observation:
    lab.start_call()
    return compare(lab.wait_for_request("got").params.get("Digits", ""), "1")


@facts.add("Leave requests the action at once, with QueueResult leave", wait="<Leave/>",
           start='<Enqueue waitUrl="wait" action="left">calor-probe</Enqueue>', left=LISTEN_TWIML)  # fmt: skip
def leave(lab: Lab) -> Observation:
    lab.start_call()
    return compare(lab.wait_for_request("left").params.get("QueueResult", ""), "leave")


@facts.add("a redirect out of a queue requests the action first, with QueueResult redirected", wait=LISTEN_TWIML, next=LISTEN_TWIML,
           start='<Enqueue waitUrl="wait" action="left">calor-probe</Enqueue>', left=LISTEN_TWIML)  # fmt: skip
def redirect_out_of_a_queue(lab: Lab) -> Observation:
    sid = lab.start_call()
    lab.wait_for_request("wait")
    lab.api.calls(sid).update(url=lab.page_url("next"), method="POST")
    lab.wait_for_request("next")
    order = ", ".join(s.page for s in lab.received if s.page in {"left", "next"})
    result = lab.find_requests("left")[0].params.get("QueueResult") if lab.find_requests("left") else "none"
    return compare(f"{order}; QueueResult {result}", "left, next; QueueResult redirected")


@facts.add("a queue at its size says queue-full to the action", wait=LISTEN_TWIML,
           start='<Enqueue waitUrl="wait" action="left">calor-probe-full</Enqueue>', left=LISTEN_TWIML)  # fmt: skip
def full_queue(lab: Lab) -> Observation:
    queue = lab.api.queues.create(friendly_name="calor-probe-full", max_size=1)
    try:
        first = lab.start_call()
        lab.wait_for_request("wait", CallSid=first)
        lab.start_call()
        return compare(lab.wait_for_request("left").params.get("QueueResult", ""), "queue-full")
    finally:
        for sid in lab.calls:
            lab.get_error_code(partial(lab.api.calls(sid).update, status="completed"))
        lab.pass_time(2)
        lab.get_error_code(lambda: lab.api.queues(queue.sid).delete())
