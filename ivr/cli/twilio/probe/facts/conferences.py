"""What is documented of conferences: leaving, hold, announcements, events, labels."""

from __future__ import annotations

from ivr.cli.twilio.probe.conference import (
    dial_conference,
    get_conference_sid,
    start_two_calls,
    wait_for_participants,
)
from ivr.cli.twilio.probe.lab import LISTEN_TWIML, Lab
from ivr.cli.twilio.probe.probe_fact import FactList, Observation, compare

facts = FactList()


@facts.add("when one with endConferenceOnExit leaves, the other goes on at the action, as answered",
           start=dial_conference('endConferenceOnExit="true"'), left=LISTEN_TWIML)  # fmt: skip
def end_conference_on_exit(lab: Lab) -> Observation:
    first, second = start_two_calls(lab)
    lab.api.calls(first).update(status="completed")
    return compare(lab.wait_for_request("left", CallSid=second).params.get("DialCallStatus", ""), "answered")


@facts.add("endConferenceOnExit of a held participant cannot be changed, and nothing says so",
           start=dial_conference('endConferenceOnExit="true"'), hold=LISTEN_TWIML, left=LISTEN_TWIML)  # fmt: skip
def change_while_held(lab: Lab) -> Observation:
    first, _ = start_two_calls(lab)
    participant = lab.api.conferences(get_conference_sid(lab)).participants(first)
    participant.update(hold=True, hold_url=lab.page_url("hold"))
    lab.wait_for_request("hold")
    participant.update(end_conference_on_exit=False)
    lab.pass_time(1)
    return compare(str(participant.fetch().end_conference_on_exit), "True")


@facts.add(
    "HoldMethod is GET unless it is given", start=dial_conference(), hold=LISTEN_TWIML, left=LISTEN_TWIML
)
def hold_method(lab: Lab) -> Observation:
    first, _ = start_two_calls(lab)
    lab.api.conferences(get_conference_sid(lab)).participants(first).update(
        hold=True, hold_url=lab.page_url("hold")
    )
    return compare(lab.wait_for_request("hold").method, "GET")


@facts.add(
    "AnnounceMethod is POST unless it is given",
    start=dial_conference(),
    words="<Say>One moment.</Say>",
    left=LISTEN_TWIML,
)
def announce_method(lab: Lab) -> Observation:
    first, _ = start_two_calls(lab)
    lab.api.conferences(get_conference_sid(lab)).participants(first).update(
        announce_url=lab.page_url("words")
    )
    return compare(lab.wait_for_request("words").method, "POST")


@facts.add("taking somebody off hold is an event",
           start=dial_conference('statusCallback="events" statusCallbackEvent="start end join leave hold"'),
           events="", hold=LISTEN_TWIML, left=LISTEN_TWIML)  # fmt: skip
def unhold_is_an_event(lab: Lab) -> Observation:
    first, _ = start_two_calls(lab)
    participant = lab.api.conferences(get_conference_sid(lab)).participants(first)
    participant.update(hold=True, hold_url=lab.page_url("hold"))
    lab.wait_for_request("events", StatusCallbackEvent="participant-hold")
    participant.update(hold=False)
    seen = lab.wait_for_request("events", StatusCallbackEvent="participant-unhold")
    return seen.params.get("CallSid") == first, "participant-unhold"


@facts.add("the first participant fixes where events go", left=LISTEN_TWIML, first="", second="",
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


@facts.add("a duplicate participantLabel adds nobody and falls to the next verb",
           start=dial_conference('participantLabel="caller"'), next=LISTEN_TWIML, left=LISTEN_TWIML,
           later=dial_conference('participantLabel="caller"', action="left") + "<Redirect>next</Redirect>")  # fmt: skip
def duplicate_label(lab: Lab) -> Observation:
    lab.start_call()
    wait_for_participants(lab, 1)
    second = lab.start_call("later")
    went = lab.wait_for_request("next", CallSid=second)
    people = len(lab.api.conferences(get_conference_sid(lab)).participants.list())
    return people == 1 and went is not None, f"next verb, {people} in the room"


@facts.add("the document of somebody on hold may not Gather: its action is never requested",
           start=dial_conference(), hold='<Gather action="got" numDigits="1" timeout="10"/>', got=LISTEN_TWIML, left=LISTEN_TWIML,
           other='<Pause length="10"/><Play digits="1"/>' + LISTEN_TWIML)  # fmt: skip
def no_gather_on_hold(lab: Lab) -> Observation:
    first, _ = start_two_calls(lab)
    lab.api.conferences(get_conference_sid(lab)).participants(first).update(
        hold=True, hold_url=lab.page_url("hold")
    )
    lab.wait_for_request("hold")
    lab.pass_time(15)
    return not lab.find_requests("got"), f"{len(lab.find_requests('got'))} requests of its action"


@facts.add("the star key leaves a room dialled with hangupOnStar, and the action says answered",
           start=dial_conference(dial='hangupOnStar="true"'), left=LISTEN_TWIML,
           other='<Pause length="5"/><Play digits="*"/>' + LISTEN_TWIML)  # fmt: skip
def star(lab: Lab) -> Observation:
    lab.start_call()
    return compare(lab.wait_for_request("left").params.get("DialCallStatus", ""), "answered")


@facts.add("who has left a room is 20404", start=dial_conference(), next=LISTEN_TWIML, left=LISTEN_TWIML)
def participant_gone(lab: Lab) -> Observation:
    first, _ = start_two_calls(lab)
    sid = get_conference_sid(lab)
    lab.api.calls(first).update(status="completed")
    lab.wait_until_ended(first)
    lab.pass_time(1)
    code = lab.get_error_code(lambda: lab.api.conferences(sid).participants(first).update(hold=True))
    return code == 20404, f"error {code}"
