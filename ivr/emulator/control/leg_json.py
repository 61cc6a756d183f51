"""A leg as the control API tells of it: state, times, what it hears and what its person says."""

from ivr.emulator.calls.leg import CallLeg
from ivr.emulator.control.common import Json
from ivr.emulator.runtime.formats import format_rfc2822


def leg_to_json(leg: CallLeg) -> Json:
    return {
        "sid": leg.sid,
        "who": leg.who,
        "from": leg.from_,
        "to": leg.to,
        "direction": leg.direction,
        "parent": leg.parent_call_sid,
        "status": leg.status,
        "created": leg.created_at,
        "answered": leg.answered_at,
        "ended": leg.ended_at,
        "started": format_rfc2822(leg.started_at),
        "duration": leg.duration,
        "hears": {
            "sound": leg.hearing.sound,
            "detail": leg.hearing.detail,
            "since": leg.hearing.since,
        },
        "silent_since": leg.silent_since,
        "saying": leg.hearing.utterance.as_json() if leg.hearing.utterance else None,  # the line, to this leg
        "speaking": _utterance_to_json(leg),
    }


def _utterance_to_json(leg: CallLeg) -> Json | None:
    """What the person is saying, and the legs that hear it."""
    if leg.utterance is None or not leg.is_alive:
        return None
    return {**leg.utterance.as_json(), "to": [one.sid for one in leg.list_hearers()]}
