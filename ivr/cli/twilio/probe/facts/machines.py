"""What is documented of answering machine detection."""

from __future__ import annotations

from ivr.cli.twilio.probe.lab import LISTEN_TWIML, Lab
from ivr.cli.twilio.probe.probe_fact import FactList, Observation

facts = FactList()


@facts.add(
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
