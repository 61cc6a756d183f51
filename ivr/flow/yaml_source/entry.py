"""Reading YAML so that every fault can name its file, line and column, what was expected, and the nearest name."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, replace

from ivr.domain.errors import CalorError
from ivr.flow.yaml_source.fields import Field
from ivr.flow.yaml_source.load import At, Group, Items, Unreadable, Value, load


@dataclass(frozen=True, kw_only=True, order=True)
class Place:
    file: str = ""
    line: int = 0  # from 1; 0 = the file as a whole
    column: int = 0

    def __str__(self) -> str:
        shown = [self.file, *(str(n) for n in (self.line, self.column) if n)]
        return ":".join(shown)


NOWHERE = Place()


@dataclass(frozen=True, kw_only=True, order=True)
class Fault:
    place: Place
    message: str

    @property
    def file(self) -> str:
        return self.place.file

    @property
    def line(self) -> int:
        return self.place.line

    @property
    def column(self) -> int:
        return self.place.column

    def __str__(self) -> str:
        return f"{self.place}  {self.message}"


class FlowFaults(CalorError):
    """The flows have faults; nothing was loaded."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults: tuple[Fault, ...] = tuple(sorted(set(faults)))
        super().__init__("\n".join(str(fault) for fault in self.faults))


@dataclass(frozen=True, kw_only=True)
class Ref:
    """A name written in one place that must exist in another. `kind` is step, prompt, queue, hours or language."""

    kind: str
    name: str
    place: Place = NOWHERE


def nearest(name: str, known: Iterable[str]) -> str:
    """' Did you mean "support"?', or '' when nothing is near."""
    found = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f' Did you mean "{found[0]}"?' if found else ""


def one_of(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))


class Entry:
    """A mapping in a file. Each look at a key checks what is there; what is wrong is noted, and a harmless value returned,
    so that one reading finds all the faults.
    """

    def __init__(self, data: Group, *, place: Place, faults: list[Fault], what: str) -> None:
        self.data = data
        self.place = place
        self.faults = faults
        self.what = what  # how a message calls it: 'step "menu"'

    def __contains__(self, key: str) -> bool:
        return key in self.data.slots

    def names(self) -> tuple[str, ...]:
        return tuple(self.data.slots)

    def key_place(self, key: str) -> Place:
        return self._place(self.data.slots[key].key_at)

    def value_place(self, key: str) -> Place:
        return self._place(self.data.slots[key].at) if key in self else self.place

    def _place(self, at: At) -> Place:
        return replace(self.place, line=at[0], column=at[1])

    def once(self) -> Entry:
        """What stands in it twice is a fault: which of them was meant?"""
        for name, at, first in self.data.twice:
            self.fault(
                f'"{name}" stands here a second time; the first is in line {first[0]}', self._place(at)
            )
        return self

    def fault(self, message: str, place: Place | None = None) -> None:
        self.faults.append(Fault(place=place or self.place, message=message))

    def only(self, allowed: Iterable[str]) -> None:
        known = tuple(allowed)
        for key in self.names():
            if key not in known:
                self.fault(
                    f'{self.what} has "{key}", which means nothing here; expected one of: {one_of(known)}.{nearest(key, known)}',
                    self.key_place(key),
                )

    def raw(self, key: str) -> Value:
        slot = self.data.slots.get(key)
        return slot.value if slot else None

    def text(self, key: str, default: str | None = None) -> str:
        if key not in self or self.raw(key) is None:
            if default is None:
                self.fault(f'{self.what} needs "{key}"')
            return default or ""
        value = self.raw(key)
        if isinstance(value, Group | Items | bool):
            self.fault(f'{self.what}: "{key}" should be a word or a text', self.value_place(key))
            return default or ""
        return str(value)

    def number(self, field: Field) -> int:
        key, default, least, most = field.name, int(field.default or 0), field.least, field.most
        value = self.raw(key)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            self.fault(
                f'{self.what}: "{key}" should be a whole number from {least} to {most}', self.value_place(key)
            )
            return default
        return int(value)

    def texts(self, key: str) -> tuple[str, ...]:
        value = self.raw(key)
        if value is None:
            return ()
        if isinstance(value, str):
            return (value,)
        if not isinstance(value, Items) or any(isinstance(v, Group | Items) for _, v in value.items):
            self.fault(f'{self.what}: "{key}" should be a list of words: [one, two]', self.value_place(key))
            return ()
        return tuple(str(v) for _, v in value.items)

    def entry(self, key: str, what: str = "") -> Entry:
        """The mapping under a key; an empty one when it is missing or something else."""
        value = self.raw(key)
        if value is not None and not isinstance(value, Group):
            self.fault(f'{self.what}: "{key}" should be a group of "name: value"', self.value_place(key))
        data = value if isinstance(value, Group) else Group()
        place = self.key_place(key) if key in self else self.place
        return Entry(data, place=place, faults=self.faults, what=what or f'{self.what}, "{key}"').once()

    def entries(self, key: str) -> tuple[Entry, ...]:
        """The list of mappings under a key."""
        value = self.raw(key)
        if not isinstance(value, Items):
            self.fault(
                f'{self.what}: "{key}" should be a list, each line beginning with "- "', self.value_place(key)
            )
            return ()
        found = []
        for index, (at, item) in enumerate(value.items):
            place = self._place(at)
            if isinstance(item, Group):
                what = f"{self.what}, line {index + 1} of its {key}"
                found.append(Entry(item, place=place, faults=self.faults, what=what).once())
            else:
                self.fault(f'{self.what}: each line of "{key}" should be "name: value"', place)
        return tuple(found)

    def ref(self, kind: str, key: str, default: str | None = None) -> Ref:
        return Ref(kind=kind, name=self.text(key, default), place=self.value_place(key))

    def refs(self, kind: str, key: str) -> tuple[Ref, ...]:
        return tuple(Ref(kind=kind, name=name, place=self.value_place(key)) for name in self.texts(key))


def read(text: str, shown: str, faults: list[Fault]) -> Entry:
    """The top of a file, as a mapping."""
    place = Place(file=shown)
    data: Value = None
    try:
        data = load(text)
    except Unreadable as error:
        line, column = error.at or (0, 0)
        at = replace(place, line=line, column=column)
        faults.append(Fault(place=at, message=f"not readable as YAML: {error}"))
    if data is not None and not isinstance(data, Group):
        faults.append(Fault(place=place, message='the file should hold "name: value" lines'))
    group = data if isinstance(data, Group) else Group()
    return Entry(group, place=replace(place, line=1), faults=faults, what=shown).once()
