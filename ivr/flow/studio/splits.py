"""Studio's split: what was pressed or said, whether it is open, how a dialed call ended; the rest has no counterpart."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from ivr.flow.studio.draft import (
    CASE_SLOT,
    ELSE_SLOT,
    NEXT_SLOT,
    OFFICE_HOURS,
    Conversion,
    DraftExit,
    StepDraft,
)
from ivr.flow.studio.export import HANG_UP, StudioCondition, Transition, Widget
from ivr.flow.studio.notes import one_line

SPLIT_TYPE = "split-based-on"
ANSWER_CONDITION_TYPES = {"equal_to", "matches_any_of", "contains", "starts_with"}
_ASKS_ABOUT_TIME = re.compile(
    r"[\"']now[\"']|\bhour|weekday|day_?of_?week|is_?open|is_?closed|business|holiday|schedule|office",
    re.IGNORECASE,
)
_MEANS_CLOSED = re.compile(
    r"clos|after[ _-]?hours|out[ _-]?of|outside|holiday|night|weekend|not[ _-]?open", re.IGNORECASE
)
_MEANS_OPEN = re.compile(r"open|business|within|working|during|day", re.IGNORECASE)


@dataclass(kw_only=True)
class SplitAnswers:
    """What a split makes of one gather: where each key and each word leads."""

    keys: dict[str, str] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)
    unsupported: list[str] = field(default_factory=list)  # conditions that have no counterpart
    no_match: str = HANG_UP


def parse_answers(split: Widget) -> SplitAnswers:
    found = SplitAnswers(no_match=split.next_on("noMatch"))
    for transition in split.transitions:
        if not transition.conditions:
            continue
        condition = transition.conditions[0]
        if len(transition.conditions) > 1 or condition.type not in ANSWER_CONDITION_TYPES:
            found.unsupported.append(_describe_transition(transition))
            continue
        spoken = "SpeechResult" in condition.subject or (
            "Digits" not in condition.subject and "SpeechResult" in split.get_text("input")
        )
        for value in _condition_values(condition):
            if value.isdecimal() or value in {"*", "#"}:
                found.keys.setdefault(value, transition.next)
            elif spoken:
                found.words.setdefault(value.lower(), transition.next)
    return found


def is_about_gather(split: Widget | None, gather: str) -> bool:
    """Whether it is about what was pressed or said at that gather. What people typed by hand is sometimes misspelt."""
    if split is None or split.type != SPLIT_TYPE:
        return False
    subjects = [split.get_text("input"), *(c.subject for t in split.transitions for c in t.conditions)]
    return any(
        f"widgets.{gather}." in subject and ("Digits" in subject or "SpeechResult" in subject)
        for subject in subjects
    )


def _condition_values(condition: StudioCondition) -> list[str]:
    parts = condition.value.split(",") if condition.type == "matches_any_of" else [condition.value]
    return [value for part in parts if (value := part.strip())]


def _describe_transition(transition: Transition) -> str:
    return one_line(" and ".join(f"{c.subject} {c.type} {c.value}" for c in transition.conditions), 90)


def find_unanswered_target(split: Widget) -> str:
    """Where a split on how a dialed call ended sends a call that nobody answered."""
    for transition in split.transitions:
        for condition in transition.conditions:
            if re.search(r"no-answer|busy|failed|canceled", condition.value):
                return transition.next
    return split.next_on("noMatch")


def is_about_dialing(split: Widget | None) -> bool:
    return split is not None and split.type == SPLIT_TYPE and "DialCallStatus" in split.get_text("input")


def convert_split(widget: Widget, conversion: Conversion) -> StepDraft:
    subjects = [widget.get_text("input"), *(c.subject for t in widget.transitions for c in t.conditions)]
    types = {c.type for t in widget.transitions for c in t.conditions}
    if any(_ASKS_ABOUT_TIME.search(subject) for subject in subjects) or types & {
        "is_before_time",
        "is_after_time",
        "is_before_date",
        "is_after_date",
    }:
        return _draft_hours_branch(widget, conversion)
    to = widget.next_on("noMatch") or widget.first_next("match")
    asked = one_line(widget.get_text("input"), 60) or "nothing"
    others = sorted({t.next for t in widget.transitions if t.next and t.next != to})
    dropped = (
        f" The other ways ({', '.join(one_line(o, 40) for o in others)}) are not taken." if others else ""
    )
    conversion.add_note(
        widget.name,
        f"a split on {asked} has no counterpart; callers go on as if nothing matched.{dropped}"
        " A branch can ask whether it is open, who calls, what is owed, calls today, agents free and the wait.",
    )
    return StepDraft(name=widget.name, kind="goto", exits=[DraftExit(slot=NEXT_SLOT, to=to)])


def _draft_hours_branch(widget: Widget, conversion: Conversion) -> StepDraft:
    ways: list[DraftExit] = []
    for transition in widget.transitions:
        if not transition.conditions:
            continue
        when = _open_or_closed(transition)
        if any(way.when == when for way in ways):
            conversion.add_note(
                widget.name,
                f"{_describe_transition(transition)} is left out: one line for {when} is enough; own days stand in hours.yaml",
            )
            continue
        ways.append(DraftExit(slot=CASE_SLOT, to=transition.next, when=when))
    conversion.add_note(
        widget.name,
        f"asks about the time: here it asks whether {OFFICE_HOURS} is open. Write your hours into hours.yaml, and look whether open and closed lead the right way.",
    )
    return StepDraft(
        name=widget.name,
        kind="branch",
        exits=[*ways, DraftExit(slot=ELSE_SLOT, to=widget.next_on("noMatch"))],
    )


def _open_or_closed(transition: Transition) -> str:
    condition = transition.conditions[0]
    text = f"{condition.label} {condition.value} {transition.next}"
    negated = condition.type.startswith(("not_", "does_not")) or condition.value.lower() in {
        "false",
        "0",
        "no",
    }
    about_closed = bool(re.search(r"clos|holiday", condition.subject, re.IGNORECASE))
    if condition.value.lower() in {"true", "false", "0", "1", "yes", "no"}:
        return "closed" if about_closed != negated else "open"
    if _MEANS_CLOSED.search(text):
        return "open" if condition.type.startswith(("not_", "does_not")) else "closed"
    return "closed" if negated and _MEANS_OPEN.search(text) else "open"
