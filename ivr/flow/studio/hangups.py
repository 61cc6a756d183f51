"""What follows what: words that belong to the question behind them, recordings that need nothing more, and hang-ups."""

from __future__ import annotations

import re

from ivr.flow.studio.draft import (
    CALL_BACK_STEP,
    GOODBYE_STEP,
    NEXT_SLOT,
    PERSON_STEP,
    Conversion,
    DraftExit,
    StepDraft,
    list_reachable,
)
from ivr.flow.studio.export import HANG_UP
from ivr.flow.studio.phrases import remove_goodbye

_MEANS_CLOSED = re.compile(
    r"clos(ed|ing)|after[ _-]?hours|(office|business|opening) hours|not open|holiday|cerrad|horario",
    re.IGNORECASE,
)


def merge_prompts(conversion: Conversion, start: str) -> str:
    """A widget that speaks before a question without words of its own becomes one step with it. Returns the start.

    A promise asks in the line's own words, so those before it are not needed.
    """
    for name in list_reachable(conversion.drafts, start):
        draft = conversion.drafts[name]
        to = draft.exits[0].to if draft.kind == "say" else HANG_UP
        asks = conversion.drafts.get(to)
        if asks is None or asks.prompt or asks.kind not in {"menu", "ask", "promise"}:
            continue
        asks.prompt = draft.prompt
        conversion.merged_widgets.add(name)
        for other in conversion.drafts.values():
            for way in other.exits:
                way.to = to if way.to == name and other is not draft else way.to
        start = to if name == start else start
    return start


def replace_hangups(conversion: Conversion, start: str) -> None:
    """Gives every way that ends the call somewhere to lead, and tells it."""
    for draft in conversion.drafts.values():
        if draft.kind == "message" and draft.exits and _leads_to_queue(conversion, draft.exits[0].to):
            draft.exits = []
            conversion.add_note(
                draft.name, "the recording was put into a queue; here it is a promise, which agents keep"
            )
    met = list_reachable(conversion.drafts, start)
    promised = _steps_after_message(conversion, met, start)
    for name, draft in conversion.drafts.items():
        if draft.kind == "say" and name in promised and all(way.to == HANG_UP for way in draft.exits):
            draft.kind, draft.exits = "goodbye", []
            continue
        for way in draft.exits:
            if way.to == HANG_UP and name in promised:
                way.to = GOODBYE_STEP
            elif way.to == HANG_UP:
                _replace_hangup(conversion, draft, way, add_note=name in met)


def _replace_hangup(conversion: Conversion, draft: StepDraft, exit_: DraftExit, *, add_note: bool) -> None:
    closed = exit_.when == "closed" or _MEANS_CLOSED.search(
        f"{draft.name} {draft.prompt}" if draft.kind == "say" else ""
    )
    exit_.to = CALL_BACK_STEP if closed else PERSON_STEP
    if exit_.slot == NEXT_SLOT and draft.kind == "transfer":
        return  # nobody answers there: a person here; told with the transfer already
    before, draft.prompt = draft.prompt, remove_goodbye(draft.prompt) if draft.kind == "say" else draft.prompt
    changed = "; its goodbye is left out" if before != draft.prompt else ""
    what = "a promise to call back" if closed else "a person"
    if add_note and draft.kind != "goto":
        conversion.add_note(draft.name, f"the call ended there; now {what} follows{changed}")


def _leads_to_queue(conversion: Conversion, to: str) -> bool:
    seen: set[str] = set()
    while to != HANG_UP and to not in seen and conversion.drafts[to].kind == "goto":
        seen.add(to)
        to = conversion.drafts[to].exits[0].to
    return to != HANG_UP and conversion.drafts[to].kind == "queue"


def _steps_after_message(conversion: Conversion, reached: list[str], start: str) -> set[str]:
    """Steps that are come to only from a message that was taken: it is a promise."""
    before: dict[str, set[str]] = {name: set() for name in reached}
    for name in reached:
        for way in conversion.drafts[name].exits:
            if way.to in before:
                before[way.to].add(name)
    inside = {name for name in reached if name != start}
    while True:
        left = {
            name
            for name in inside
            if all(o in inside or conversion.drafts[o].kind == "message" for o in before[name])
        }
        left = {name for name in left if before[name]}
        if left == inside:
            return left
        inside = left
