"""The conference in which the calls of an experiment meet: the TwiML that leads there, and who is in it."""

from __future__ import annotations

from ivr.cli.twilio.probe.lab import Lab


def dial_conference(attributes: str = "", *, action: str = "left", dial: str = "") -> str:
    """In the room of this run, whose name is its own."""
    return f'<Dial action="{action}" {dial}><Conference beep="false" {attributes}>calor-probe</Conference></Dial>'


def start_two_calls(lab: Lab) -> tuple[str, str]:
    """Two calls in the room."""
    first = lab.start_call()
    wait_for_participants(lab, 1)
    second = lab.start_call()
    wait_for_participants(lab, 2)
    return first, second


def get_conference_sid(lab: Lab) -> str:
    """ConferenceSid of the room, which lists show a little late."""
    for _ in range(40):
        found = lab.api.conferences.list(friendly_name="calor-probe", status="in-progress", limit=1)
        found = found or lab.api.conferences.list(friendly_name="calor-probe", status="init", limit=1)
        if found:
            return str(found[0].sid)
        lab.pass_time(0.5)
    return ""


def wait_for_participants(lab: Lab, count: int) -> None:
    for _ in range(60):
        sid = get_conference_sid(lab)
        if sid and len(lab.api.conferences(sid).participants.list()) >= count:
            return
        lab.pass_time(0.5)
