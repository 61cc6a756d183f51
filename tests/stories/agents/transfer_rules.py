"""What a desk offers in a talk, and what must be true after every transfer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ivr.cli.demo.stage import Stage
from ivr.domain.errors import CalorError
from ivr.domain.records.agent_leg import LegKind
from ivr.domain.records.contact import Contact, ContactState
from ivr.domain.records.contact_parts import PartyLocation
from tests.stories.people import (
    LORI,
)
from tests.stories.watch import offers, state_of

OUTSIDE = "+12025550177"  # somebody who is none of ours


def fitting(contact: Contact) -> list[str]:
    """What a desk offers there."""
    there = (
        contact.conference.consult_leg
        and contact.conference.consult_leg_location is PartyLocation.IN_CONFERENCE
    )
    match contact.state:
        case ContactState.TALKING if there:
            return ["hand over", "promise"]
        case ContactState.TALKING:
            return ["hold", "consult", "consult", "blind", "done", "promise"]
        case ContactState.ON_HOLD if there:
            return ["back", "introduce", "introduce", "hand over", "hand over"]
        case ContactState.ON_HOLD:
            return ["back", "consult", "consult", "blind", "done"]
    return []


@contextmanager
def unless_over() -> Iterator[None]:
    """The line, or somebody else's hanging up, may have ended that leg in this very instant."""
    try:
        yield
    except CalorError as e:
        if "the call is over" not in str(e):
            raise


def goodbye_was_said(stage: Stage) -> None:
    """The caller's leg has ended: because they hung up, or after the line's last word to them."""
    theirs = [e for e in stage.read_emulator_log() if e.get("who") == LORI]
    if not any(e["kind"] == "hung_up" and e["by"] == LORI for e in theirs):
        said = [e["heard"] for e in theirs if e["kind"] == "said"]
        assert "oodbye" in said[-1], state_of(stage)


def who_came_in_had_said_yes(stage: Stage, clicked: set[str]) -> None:
    """I6: each leg of ours that came into a room had been told who calls, and a key or a click had said yes.

    A supervisor who wants to listen has said whom by a click: their key is the yes.
    """
    by_click = {o.call for o in offers(stage) if o.id in clicked}
    chosen = {o.call for o in offers(stage) if o.kind is LegKind.MONITOR}
    told: dict[str, list[str]] = {}
    keys: dict[str, str] = {}
    for e in stage.read_emulator_log():
        call = e.get("call") or ""
        match e["kind"]:
            case "said":
                told.setdefault(call, []).append(e["heard"])
            case "pressed":
                keys[call] = keys.get(call, "") + e["keys"]
            case "conference_join" if e["who"] != LORI and call not in by_click:
                heard = told.get(call, [])
                assert "1" in keys.get(call, ""), f"{e['who']} came in without a yes: {state_of(stage)}"
                assert len(heard) > 1 or e["who"] == OUTSIDE or call in chosen, (
                    f"{e['who']} was told nothing: {state_of(stage)}"
                )
