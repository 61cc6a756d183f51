"""Opening hours, days off and exceptions, changed in the text of `hours.yaml`; everything else in it stays as it was.

Each function gives the new text and raises InvalidFileChange, with a sentence for a person, for what the file may not hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from ivr.flow.hours import DAYS, GROUPS, parse_hours, parse_spans
from ivr.flow.yaml_source.entry import comma_separated, did_you_mean
from ivr.flow.yaml_source.patch import (
    add_item,
    quote_if_needed,
    refuse_new_faults,
    remove_item,
    remove_value,
    set_value,
)
from ivr.flow.yaml_source.positions import InvalidFileChange, load_data

FILE = "hours.yaml"
WEEKDAYS, WEEKENDS = GROUPS["weekdays"], GROUPS["weekends"]


def set_week(text: str, name: str, days: Mapping[str, str]) -> str:
    """`days`: times like "8:00-12:00, 13:00-20:00", or closed, by day or by everyday, weekdays, weekends; those not named stay.

    What stands in the file for several days goes on standing for those that still have it.
    """
    unknown = [day for day in days if day not in GROUPS]
    if unknown:
        raise InvalidFileChange(
            f'"{unknown[0]}" is no day; expected one of: {comma_separated(GROUPS)}.{did_you_mean(unknown[0], GROUPS)}'
        )
    there = {group: _times_text(value) for group, value in _get_hours(text, name).items() if group in GROUPS}
    wanted = list(_times_by_day(there))
    for group, times in _widest_first(days):
        for index in GROUPS[group]:
            wanted[index] = _check_times(times)
    changed = text
    for group, times in _times_by_group(there, wanted).items():
        if group not in there or not _are_same_times(times, there[group]):
            changed = set_value(changed, (name, group), quote_if_needed(times), after=("zone", *GROUPS))
    return refuse_new_faults(text, changed, FILE, parse_hours)


def add_day_off(text: str, name: str, day: date) -> str:
    entry = _get_hours(text, name)
    if _is_listed(entry, "closed", day):
        raise InvalidFileChange(f"{day} is a day off already.")
    if _is_listed(entry, "exceptions", day):
        raise InvalidFileChange(
            f"{day} has hours of its own, which go before a day off; take those away, or set them to closed."
        )
    return refuse_new_faults(text, add_item(text, (name, "closed"), f'"{day}"'), FILE, parse_hours)


def remove_day_off(text: str, name: str, day: date) -> str:
    """With the comment on its line: it was about that day."""
    if not _is_listed(_get_hours(text, name), "closed", day):
        raise InvalidFileChange(f"{day} is no day off of your own.")
    return refuse_new_faults(text, remove_item(text, (name, "closed"), str(day)), FILE, parse_hours)


def set_exception(text: str, name: str, day: date, times: str) -> str:
    """These hours on this day, or closed, whatever else is said of it."""
    _get_hours(text, name)
    return refuse_new_faults(
        text,
        set_value(text, (name, "exceptions", str(day)), quote_if_needed(_check_times(times))),
        FILE,
        parse_hours,
    )


def remove_exception(text: str, name: str, day: date) -> str:
    """With the comment on its line: it was about that day."""
    if not _is_listed(_get_hours(text, name), "exceptions", day):
        raise InvalidFileChange(f"{day} has no hours of its own.")
    path = (name, "exceptions", str(day))
    return refuse_new_faults(text, remove_value(text, path, keep_comments=False), FILE, parse_hours)


def set_holidays(text: str, name: str, country: str, subdivision: str = "") -> str:
    """The public holidays that are closed days: of a country (ISO 3166) and a part of it; of none with ""."""
    there = _get_hours(text, name).get("holidays") or {}
    if not country:
        return remove_value(text, (name, "holidays")) if there else text
    wanted = {"country": country, **({"subdivision": subdivision} if subdivision else {})}
    if not isinstance(there, dict) or not there:
        inside = ", ".join(f"{key}: {quote_if_needed(value)}" for key, value in wanted.items())
        return refuse_new_faults(
            text, set_value(text, (name, "holidays"), f"{{{inside}}}"), FILE, parse_hours
        )
    changed = text
    for key, value in wanted.items():
        if there.get(key) != value:
            changed = set_value(changed, (name, "holidays", key), quote_if_needed(value))
    if there.get("subdivision") and not subdivision:
        changed = remove_value(changed, (name, "holidays", "subdivision"))
    return refuse_new_faults(text, changed, FILE, parse_hours)


# ---- what is there -------------------------------------------------------------------------------------------------


def _get_hours(text: str, name: str) -> dict[str, Any]:
    """Raises InvalidFileChange when there are no such hours."""
    file = load_data(text) or {}
    if not isinstance(file, dict) or not isinstance(file.get(name), dict):
        raise InvalidFileChange(f'there are no hours "{name}".{did_you_mean(name, map(str, file))}')
    return {str(key): value for key, value in file[name].items()}


def _is_listed(entry: Mapping[str, Any], key: str, day: date) -> bool:
    there = entry.get(key) or ()
    return str(day) in map(str, there if isinstance(there, list | dict | tuple) else [there])


def _check_times(times: str) -> str:
    if parse_spans(times) is None:
        raise InvalidFileChange(
            f'"{times}" should be closed, or times like 8:00-20:00 or 8:00-12:00, 13:00-20:00.'
        )
    return times.strip()


def _times_text(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(str(one) for one in value)
    return str(value) if value is not None else "closed"


# ---- days and groups of days ---------------------------------------------------------------------------------------


def _widest_first(days: Mapping[str, str]) -> Iterable[tuple[str, str]]:
    return ((group, days[group].strip()) for group in GROUPS if group in days)


def _times_by_day(groups: Mapping[str, str]) -> tuple[str, ...]:
    """The times of the seven days."""
    week = ["closed"] * 7
    for group, times in _widest_first(groups):
        for index in GROUPS[group]:
            week[index] = times
    return tuple(week)


def _times_by_group(present: Mapping[str, str], wanted_week: Sequence[str]) -> dict[str, str]:
    """What the file should say of each group that it has, and what it needs besides."""
    result: dict[str, str] = {}
    for group, times in _widest_first(present):
        all_ = [wanted_week[index] for index in GROUPS[group]]
        result[group] = (
            times if any(_are_same_times(times, one) for one in all_) else max(all_, key=all_.count)
        )
    week = _times_by_day(result)
    wrong = [index for index in range(7) if not _are_same_times(week[index], wanted_week[index])]
    for group, indexes in (("weekdays", WEEKDAYS), ("weekends", WEEKENDS)):
        one = {wanted_week[index] for index in indexes}
        if group not in result and set(indexes) <= set(wrong) and len(one) == 1:
            result[group] = one.pop()
            wrong = [index for index in wrong if index not in indexes]
    return result | {DAYS[index]: wanted_week[index] for index in wrong}


def _are_same_times(one: str, other: str) -> bool:
    return one == other or (parse_spans(one) is not None and parse_spans(one) == parse_spans(other))
