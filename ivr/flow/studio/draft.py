"""A step in the making: its ways on still lead to widgets by Studio's names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ivr.flow.studio.export import HANG_UP, SINGLE_EXIT_TYPES, StudioExport, Widget
from ivr.flow.studio.notes import ConversionNote, one_line

PERSON_STEP, CALL_BACK_STEP, GOODBYE_STEP = (
    "@person",
    "@call_back",
    "@goodbye",
)  # ours, beside the widgets: nobody's widget begins with "@"
OWN_STEPS = (PERSON_STEP, CALL_BACK_STEP, GOODBYE_STEP)
OFFICE_HOURS = "office"  # the hours every import has
NEXT_SLOT, SILENCE_SLOT, OPTION_SLOT, CASE_SLOT, ELSE_SLOT = "next", "silence", "option", "case", "else"


@dataclass(kw_only=True)
class DraftExit:
    slot: str
    to: str  # HANG_UP until it is decided what becomes of a hang-up
    key: str = ""  # of an option
    words: tuple[str, ...] = ()  # of an option
    when: str = ""  # of a case: "open" or "closed"


@dataclass(kw_only=True)
class StepDraft:
    name: str  # Studio's
    kind: str  # a step kind
    value: str = ""  # what stands behind the kind, when it is not a prompt
    prompt: str = ""  # its prompt
    settings: dict[str, str | int] = field(default_factory=dict)
    exits: list[DraftExit] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def get_exit(self, slot: str) -> DraftExit | None:
        return next((way for way in self.exits if way.slot == slot), None)


@dataclass(kw_only=True)
class Conversion:
    """What is collected while the widgets are gone through."""

    export: StudioExport
    language: str
    drafts: dict[str, StepDraft] = field(default_factory=dict)
    queues: dict[str, str] = field(default_factory=dict)  # name -> how it is spoken
    zero_target: str = ""  # where key 0 led first
    merged_widgets: set[str] = field(default_factory=set)  # widgets that became a part of another's step
    notes: list[ConversionNote] = field(default_factory=list)

    def add_note(self, name: str, message: str) -> None:
        """Once in the list, and above the step."""
        widget = self.export.widgets.get(name)
        note = ConversionNote(
            widget=one_line(name, 60), type=widget.type if widget else "", message=one_line(message)
        )
        if note in self.notes:
            return
        self.notes.append(note)
        if name in self.drafts:
            self.drafts[name].notes.append(note.message)

    def get_widget(self, name: str) -> Widget | None:
        return self.export.widgets.get(name)

    def returns_to(self, start: str, to: str) -> bool:
        """Whether a way comes to `to` again, past nothing but words ("sorry, once more"): the line says them by itself."""
        at, way = start, list[str]()
        while at and at != to and at not in way:
            way.append(at)
            widget = self.export.widgets[at]
            leads = {t.next for t in widget.transitions if t.next}
            if widget.type not in SINGLE_EXIT_TYPES or len(leads) != 1:
                return False
            (at,) = leads
        if at == to != HANG_UP:
            self.merged_widgets.update(way)
        return at == to != HANG_UP


def list_reachable(drafts: Mapping[str, StepDraft], start: str) -> list[str]:
    """In the order somebody reads them who follows one answer to its end; our own steps last."""
    seen: dict[str, None] = {}
    work = [start]
    while work:
        name = work.pop()
        if name not in seen and name in drafts:
            seen[name] = None
            work += [way.to for way in reversed(drafts[name].exits)]
    return sorted(seen, key=lambda name: name in OWN_STEPS)
