"""Reading YAML so that every fault can name its file, line and column, what was expected, and the nearest name."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, replace

from ivr.domain.errors import CalorError
from ivr.flow.yaml_source.fields import Field
from ivr.flow.yaml_source.load import InvalidYaml, LineColumn, YamlList, YamlMapping, YamlValue, load_yaml


@dataclass(frozen=True, kw_only=True, order=True)
class SourceLocation:
    file: str = ""
    line: int = 0  # from 1; 0 = the file as a whole
    column: int = 0

    def __str__(self) -> str:
        shown = [self.file, *(str(n) for n in (self.line, self.column) if n)]
        return ":".join(shown)


NO_LOCATION = SourceLocation()


@dataclass(frozen=True, kw_only=True, order=True)
class FlowFault:
    location: SourceLocation
    message: str

    @property
    def file(self) -> str:
        return self.location.file

    @property
    def line(self) -> int:
        return self.location.line

    @property
    def column(self) -> int:
        return self.location.column

    def __str__(self) -> str:
        return f"{self.location}  {self.message}"


class InvalidFlows(CalorError):
    """The flows have faults; nothing was loaded."""

    def __init__(self, faults: Iterable[FlowFault]) -> None:
        self.faults: tuple[FlowFault, ...] = tuple(sorted(set(faults)))
        super().__init__("\n".join(str(fault) for fault in self.faults))


@dataclass(frozen=True, kw_only=True)
class Ref:
    """A name written in one place that must exist in another. `kind` is step, prompt, queue, hours or language."""

    kind: str
    name: str
    location: SourceLocation = NO_LOCATION


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """' Did you mean "support"?', or '' when nothing is near."""
    found = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f' Did you mean "{found[0]}"?' if found else ""


def comma_separated(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))


class YamlEntry:
    """A mapping in a file. Each look at a key checks what is there; what is wrong is noted, and a harmless value returned,
    so that one reading finds all the faults.
    """

    def __init__(
        self, data: YamlMapping, *, location: SourceLocation, faults: list[FlowFault], label: str
    ) -> None:
        self.data = data
        self.location = location
        self.faults = faults
        self.label = label  # how a message calls it: 'step "menu"'

    def __contains__(self, key: str) -> bool:
        return key in self.data.entries

    def field_names(self) -> tuple[str, ...]:
        return tuple(self.data.entries)

    def key_location(self, key: str) -> SourceLocation:
        return self._location_at(self.data.entries[key].key_at)

    def value_location(self, key: str) -> SourceLocation:
        return self._location_at(self.data.entries[key].value_at) if key in self else self.location

    def _location_at(self, position: LineColumn) -> SourceLocation:
        return replace(self.location, line=position[0], column=position[1])

    def refuse_duplicates(self) -> YamlEntry:
        """What stands in it twice is a fault: which of them was meant?"""
        for name, at, first in self.data.duplicates:
            self.add_fault(
                f'"{name}" stands here a second time; the first is in line {first[0]}', self._location_at(at)
            )
        return self

    def add_fault(self, message: str, location: SourceLocation | None = None) -> None:
        self.faults.append(FlowFault(location=location or self.location, message=message))

    def allow_only(self, allowed: Iterable[str]) -> None:
        known = tuple(allowed)
        for key in self.field_names():
            if key not in known:
                self.add_fault(
                    f'{self.label} has "{key}", which means nothing here; expected one of: {comma_separated(known)}.{did_you_mean(key, known)}',
                    self.key_location(key),
                )

    def get_raw(self, key: str) -> YamlValue:
        slot = self.data.entries.get(key)
        return slot.value if slot else None

    def get_text(self, key: str, default: str | None = None) -> str:
        if key not in self or self.get_raw(key) is None:
            if default is None:
                self.add_fault(f'{self.label} needs "{key}"')
            return default or ""
        value = self.get_raw(key)
        if isinstance(value, YamlMapping | YamlList | bool):
            self.add_fault(f'{self.label}: "{key}" should be a word or a text', self.value_location(key))
            return default or ""
        return str(value)

    def get_number(self, field: Field) -> int:
        key, default, least, most = field.name, int(field.default or 0), field.minimum, field.maximum
        value = self.get_raw(key)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            self.add_fault(
                f'{self.label}: "{key}" should be a whole number from {least} to {most}',
                self.value_location(key),
            )
            return default
        return int(value)

    def get_texts(self, key: str) -> tuple[str, ...]:
        value = self.get_raw(key)
        if value is None:
            return ()
        if isinstance(value, str):
            return (value,)
        if not isinstance(value, YamlList) or any(
            isinstance(v, YamlMapping | YamlList) for _, v in value.items
        ):
            self.add_fault(
                f'{self.label}: "{key}" should be a list of words: [one, two]', self.value_location(key)
            )
            return ()
        return tuple(str(v) for _, v in value.items)

    def get_entry(self, key: str, label: str = "") -> YamlEntry:
        """The mapping under a key; an empty one when it is missing or something else."""
        value = self.get_raw(key)
        if value is not None and not isinstance(value, YamlMapping):
            self.add_fault(
                f'{self.label}: "{key}" should be a group of "name: value"', self.value_location(key)
            )
        data = value if isinstance(value, YamlMapping) else YamlMapping()
        place = self.key_location(key) if key in self else self.location
        return YamlEntry(
            data, location=place, faults=self.faults, label=label or f'{self.label}, "{key}"'
        ).refuse_duplicates()

    def get_entries(self, key: str) -> tuple[YamlEntry, ...]:
        """The list of mappings under a key."""
        value = self.get_raw(key)
        if not isinstance(value, YamlList):
            self.add_fault(
                f'{self.label}: "{key}" should be a list, each line beginning with "- "',
                self.value_location(key),
            )
            return ()
        found = []
        for index, (at, item) in enumerate(value.items):
            place = self._location_at(at)
            if isinstance(item, YamlMapping):
                what = f"{self.label}, line {index + 1} of its {key}"
                found.append(
                    YamlEntry(item, location=place, faults=self.faults, label=what).refuse_duplicates()
                )
            else:
                self.add_fault(f'{self.label}: each line of "{key}" should be "name: value"', place)
        return tuple(found)

    def get_ref(self, kind: str, key: str, default: str | None = None) -> Ref:
        return Ref(kind=kind, name=self.get_text(key, default), location=self.value_location(key))

    def get_refs(self, kind: str, key: str) -> tuple[Ref, ...]:
        return tuple(
            Ref(kind=kind, name=name, location=self.value_location(key)) for name in self.get_texts(key)
        )


def read_yaml(text: str, file: str, faults: list[FlowFault]) -> YamlEntry:
    """The top of a file, as a mapping."""
    place = SourceLocation(file=file)
    data: YamlValue = None
    try:
        data = load_yaml(text)
    except InvalidYaml as error:
        line, column = error.at or (0, 0)
        at = replace(place, line=line, column=column)
        faults.append(FlowFault(location=at, message=f"not readable as YAML: {error}"))
    if data is not None and not isinstance(data, YamlMapping):
        faults.append(FlowFault(location=place, message='the file should hold "name: value" lines'))
    group = data if isinstance(data, YamlMapping) else YamlMapping()
    return YamlEntry(group, location=replace(place, line=1), faults=faults, label=file).refuse_duplicates()
