"""Opening hours, days off and exceptions, changed in the text of `hours.yaml`; everything else in it stays as it was.

Each function gives the new text and raises BadChange, with a sentence for a person, for what the file may not hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from ivr.flow.hours import DAYS, GROUPS, parse_hours, spans_in
from ivr.flow.yaml_source.entry import nearest, one_of
from ivr.flow.yaml_source.patch import accepted, add_item, drop, drop_item, put, quoted
from ivr.flow.yaml_source.positions import BadChange, load

FILE = "hours.yaml"
WEEKDAYS, WEEKENDS = GROUPS["weekdays"], GROUPS["weekends"]


def set_week(text: str, name: str, days: Mapping[str, str]) -> str:
    """`days`: times like "8:00-12:00, 13:00-20:00", or closed, by day or by everyday, weekdays, weekends; those not named stay.

    What stands in the file for several days goes on standing for those that still have it.
    """
    unknown = [day for day in days if day not in GROUPS]
    if unknown:
        raise BadChange(
            f'"{unknown[0]}" is no day; expected one of: {one_of(GROUPS)}.{nearest(unknown[0], GROUPS)}'
        )
    there = {group: _times(value) for group, value in _entry(text, name).items() if group in GROUPS}
    wanted = list(_by_day(there))
    for group, times in _widest_first(days):
        for index in GROUPS[group]:
            wanted[index] = _checked(times)
    changed = text
    for group, times in _groups(there, wanted).items():
        if group not in there or not _same(times, there[group]):
            changed = put(changed, (name, group), quoted(times), after=("zone", *GROUPS))
    return accepted(text, changed, FILE, parse_hours)


def add_day_off(text: str, name: str, day: date) -> str:
    entry = _entry(text, name)
    if _listed(entry, "closed", day):
        raise BadChange(f"{day} is a day off already.")
    if _listed(entry, "exceptions", day):
        raise BadChange(
            f"{day} has hours of its own, which go before a day off; take those away, or set them to closed."
        )
    return accepted(text, add_item(text, (name, "closed"), f'"{day}"'), FILE, parse_hours)


def remove_day_off(text: str, name: str, day: date) -> str:
    """With the comment on its line: it was about that day."""
    if not _listed(_entry(text, name), "closed", day):
        raise BadChange(f"{day} is no day off of your own.")
    return accepted(text, drop_item(text, (name, "closed"), str(day)), FILE, parse_hours)


def set_exception(text: str, name: str, day: date, times: str) -> str:
    """These hours on this day, or closed, whatever else is said of it."""
    _entry(text, name)
    return accepted(
        text, put(text, (name, "exceptions", str(day)), quoted(_checked(times))), FILE, parse_hours
    )


def remove_exception(text: str, name: str, day: date) -> str:
    """With the comment on its line: it was about that day."""
    if not _listed(_entry(text, name), "exceptions", day):
        raise BadChange(f"{day} has no hours of its own.")
    path = (name, "exceptions", str(day))
    return accepted(text, drop(text, path, keep_comments=False), FILE, parse_hours)


def set_holidays(text: str, name: str, country: str, subdivision: str = "") -> str:
    """The public holidays that are closed days: of a country (ISO 3166) and a part of it; of none with ""."""
    there = _entry(text, name).get("holidays") or {}
    if not country:
        return drop(text, (name, "holidays")) if there else text
    wanted = {"country": country, **({"subdivision": subdivision} if subdivision else {})}
    if not isinstance(there, dict) or not there:
        inside = ", ".join(f"{key}: {quoted(value)}" for key, value in wanted.items())
        return accepted(text, put(text, (name, "holidays"), f"{{{inside}}}"), FILE, parse_hours)
    changed = text
    for key, value in wanted.items():
        if there.get(key) != value:
            changed = put(changed, (name, "holidays", key), quoted(value))
    if there.get("subdivision") and not subdivision:
        changed = drop(changed, (name, "holidays", "subdivision"))
    return accepted(text, changed, FILE, parse_hours)


# ---- what is there -------------------------------------------------------------------------------------------------


def _entry(text: str, name: str) -> dict[str, Any]:
    """Raises BadChange when there are no such hours."""
    file = load(text) or {}
    if not isinstance(file, dict) or not isinstance(file.get(name), dict):
        raise BadChange(f'there are no hours "{name}".{nearest(name, map(str, file))}')
    return {str(key): value for key, value in file[name].items()}


def _listed(entry: Mapping[str, Any], key: str, day: date) -> bool:
    there = entry.get(key) or ()
    return str(day) in map(str, there if isinstance(there, list | dict | tuple) else [there])


def _checked(times: str) -> str:
    if spans_in(times) is None:
        raise BadChange(f'"{times}" should be closed, or times like 8:00-20:00 or 8:00-12:00, 13:00-20:00.')
    return times.strip()


def _times(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(str(one) for one in value)
    return str(value) if value is not None else "closed"


# ---- days and groups of days ---------------------------------------------------------------------------------------


def _widest_first(days: Mapping[str, str]) -> Iterable[tuple[str, str]]:
    return ((group, days[group].strip()) for group in GROUPS if group in days)


def _by_day(groups: Mapping[str, str]) -> tuple[str, ...]:
    """The times of the seven days."""
    week = ["closed"] * 7
    for group, times in _widest_first(groups):
        for index in GROUPS[group]:
            week[index] = times
    return tuple(week)


def _groups(there: Mapping[str, str], wanted: Sequence[str]) -> dict[str, str]:
    """What the file should say of each group that it has, and what it needs besides."""
    result: dict[str, str] = {}
    for group, times in _widest_first(there):
        all_ = [wanted[index] for index in GROUPS[group]]
        result[group] = times if any(_same(times, one) for one in all_) else max(all_, key=all_.count)
    week = _by_day(result)
    wrong = [index for index in range(7) if not _same(week[index], wanted[index])]
    for group, indexes in (("weekdays", WEEKDAYS), ("weekends", WEEKENDS)):
        one = {wanted[index] for index in indexes}
        if group not in result and set(indexes) <= set(wrong) and len(one) == 1:
            result[group] = one.pop()
            wrong = [index for index in wrong if index not in indexes]
    return result | {DAYS[index]: wanted[index] for index in wrong}


def _same(one: str, other: str) -> bool:
    return one == other or (spans_in(one) is not None and spans_in(one) == spans_in(other))
