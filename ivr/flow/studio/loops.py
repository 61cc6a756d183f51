"""Circles. Here nobody may go round without meeting a person or a promise, so the last way of each circle is cut."""

from __future__ import annotations

from ivr.flow.studio.draft import (
    NEXT_SLOT,
    OPTION_SLOT,
    PERSON_STEP,
    SILENCE_SLOT,
    Conversion,
    DraftExit,
    StepDraft,
)
from ivr.flow.studio.notes import one_line
from ivr.flow.studio.phrases import remove_key


def cut_loops(conversion: Conversion, start: str) -> None:
    """Afterwards no step leads back to itself."""
    under: set[str] = {start}  # on the way from the start to here
    done: set[str] = set()
    work = [(start, list(conversion.drafts[start].exits))]
    while work:
        name, ways = work[-1]
        if not ways:
            work.pop()
            _demote_empty_menu(conversion.drafts[name])
            under.discard(name)
            done.add(name)
            continue
        way = ways.pop(0)
        if way.to in under:
            _cut_exit(conversion, conversion.drafts[name], way)
        elif way.to in conversion.drafts and way.to not in done:
            under.add(way.to)
            work.append((way.to, list(conversion.drafts[way.to].exits)))


def _cut_exit(conversion: Conversion, draft: StepDraft, exit_: DraftExit) -> None:
    to = one_line(exit_.to, 40)
    if exit_.slot == OPTION_SLOT:
        draft.exits.remove(exit_)
        draft.prompt = remove_key(draft.prompt, exit_.key)
        conversion.add_note(
            draft.name,
            f"key {exit_.key} led back to {to}: left out. # goes one step back and * says it again, at every step",
        )
    elif exit_.slot == SILENCE_SLOT:
        draft.exits.remove(exit_)
        conversion.add_note(
            draft.name, f"silence led back to {to}; here it is asked again, and then there is a person"
        )
    else:
        exit_.to = PERSON_STEP
        conversion.add_note(draft.name, f"led back to {to}, and so round and round; now a person follows")


def _demote_empty_menu(draft: StepDraft) -> None:
    """A question without answers is only words."""
    if draft.kind == "menu" and not any(way.slot == OPTION_SLOT for way in draft.exits):
        silence = draft.get_exit(SILENCE_SLOT)
        draft.kind, draft.settings = "say", {}
        draft.exits = [DraftExit(slot=NEXT_SLOT, to=silence.to if silence else PERSON_STEP)]
