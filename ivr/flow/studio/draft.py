"""A step in the making: its ways on still lead to widgets by Studio's names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ivr.flow.studio.export import END, STRAIGHT_ON, Export, Widget
from ivr.flow.studio.notes import Note, one_line

PERSON, CALL_BACK, GOODBYE = (
    "@person",
    "@call_back",
    "@goodbye",
)  # ours, beside the widgets: nobody's widget begins with "@"
OURS = (PERSON, CALL_BACK, GOODBYE)
OFFICE = "office"  # the hours every import has
NEXT, SILENCE, OPTION, CASE, ELSE = "next", "silence", "option", "case", "else"


@dataclass(kw_only=True)
class Way:
    slot: str
    to: str  # END until it is decided what becomes of a hang-up
    key: str = ""  # of an option
    words: tuple[str, ...] = ()  # of an option
    when: str = ""  # of a case: "open" or "closed"


@dataclass(kw_only=True)
class Draft:
    name: str  # Studio's
    kind: str  # a step kind
    value: str = ""  # what stands behind the kind, when it is not a prompt
    says: str = ""  # its prompt
    settings: dict[str, str | int] = field(default_factory=dict)
    ways: list[Way] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def way(self, slot: str) -> Way | None:
        return next((way for way in self.ways if way.slot == slot), None)


@dataclass(kw_only=True)
class Workshop:
    """What is collected while the widgets are gone through."""

    export: Export
    language: str
    drafts: dict[str, Draft] = field(default_factory=dict)
    queues: dict[str, str] = field(default_factory=dict)  # name -> how it is spoken
    zero: str = ""  # where key 0 led first
    absorbed: set[str] = field(default_factory=set)  # widgets that became a part of another's step
    notes: list[Note] = field(default_factory=list)

    def tell(self, name: str, message: str) -> None:
        """Once in the list, and above the step."""
        widget = self.export.widgets.get(name)
        note = Note(widget=one_line(name, 60), type=widget.type if widget else "", message=one_line(message))
        if note in self.notes:
            return
        self.notes.append(note)
        if name in self.drafts:
            self.drafts[name].notes.append(note.message)

    def widget(self, name: str) -> Widget | None:
        return self.export.widgets.get(name)

    def comes_back(self, start: str, to: str) -> bool:
        """Whether a way comes to `to` again, past nothing but words ("sorry, once more"): the line says them by itself."""
        at, way = start, list[str]()
        while at and at != to and at not in way:
            way.append(at)
            widget = self.export.widgets[at]
            leads = {t.next for t in widget.transitions if t.next}
            if widget.type not in STRAIGHT_ON or len(leads) != 1:
                return False
            (at,) = leads
        if at == to != END:
            self.absorbed.update(way)
        return at == to != END


def reachable(drafts: Mapping[str, Draft], start: str) -> list[str]:
    """In the order somebody reads them who follows one answer to its end; our own steps last."""
    seen: dict[str, None] = {}
    work = [start]
    while work:
        name = work.pop()
        if name not in seen and name in drafts:
            seen[name] = None
            work += [way.to for way in reversed(drafts[name].ways)]
    return sorted(seen, key=lambda name: name in OURS)
