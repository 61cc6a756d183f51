"""Hours in a file, and what a change of them adds."""

from __future__ import annotations

import re

from hypothesis import strategies as st

from ivr.domain.schedule.opening_hours import Hours
from ivr.flow.hours import GROUPS, parse_hours
from ivr.flow.yaml_source.entry import FlowFault, read_yaml


def hours(text: str, name: str = "support") -> Hours:
    faults: list[FlowFault] = []
    found = parse_hours(read_yaml(text, "hours.yaml", faults))
    assert faults == []
    return found[name]


TIMES = ("8:00-20:00", "9:00-12:00, 13:00-17:00", "closed", "20:00-2:00", "0:00-24:00")


@st.composite
def written(draw: st.DrawFn) -> str:
    """A file with one entry to change between two others, in any style, each comment a name of its own."""
    count = iter(range(1000))
    end = draw(st.sampled_from(["\n", "\r\n"]))
    indent = " " * draw(st.integers(1, 5))

    def quoted(word: str) -> str:
        kinds = [f'"{word}"', f"'{word}'"] + ([word] if re.fullmatch(r"[\d-]+|closed", word) else [])
        return draw(st.sampled_from(kinds))

    def tail() -> str:
        comment = f"{' ' * draw(st.integers(1, 4))}# c{next(count)}"
        return draw(st.sampled_from(["", "", comment, "  "])) + end

    def between() -> str:
        return draw(
            st.sampled_from(["", "", end, f"{indent}# c{next(count)}{end}", f"# c{next(count)}: [x{end}"])
        )

    def listed(items: list[str]) -> str:
        if draw(st.booleans()):
            inner = indent + " " * draw(st.integers(0, 3))
            return tail() + "".join(f"{between()}{inner}-  {quoted(item)}{tail()}" for item in items)
        comma = draw(st.sampled_from([",", ", ", " ,  ", f",{end}{indent}  "]))
        return f" [{comma.join(map(quoted, items))}]{tail()}"

    days = draw(st.lists(st.sampled_from(list(GROUPS)[1:]), unique=True, max_size=3))
    text = f"# c{next(count)}{end}other: {{zone: UTC, everyday: '8:00-9:00'}}{tail()}{between()}it:{tail()}"
    text += f"{indent}zone: UTC{tail()}{indent}everyday: {quoted('1:00-2:00')}{tail()}"
    for day in days:
        times = draw(st.sampled_from(TIMES))
        value = listed(times.split(", ")) if ", " in times else f" {quoted(times)}{tail()}"
        text += f"{between()}{indent}{day}:{value}"
    if off := draw(st.lists(st.sampled_from(["2026-01-05", "2026-01-06", "2026-01-07"]), unique=True)):
        text += f"{between()}{indent}closed:{listed(off)}"
    if own := draw(st.lists(st.sampled_from(["2026-02-05", "2026-02-06"]), unique=True)):
        lines = "".join(f"{between()}{indent}  {quoted(day)}: {quoted('3:00-4:00')}{tail()}" for day in own)
        pairs = ", ".join(f"{quoted(day)}: {quoted('3:00-4:00')}" for day in own)
        value = draw(st.sampled_from([f"{tail()}{lines}", f" {{ {pairs} }}{tail()}"]))
        text += f"{between()}{indent}exceptions:{value}"
    return text + draw(st.sampled_from(["", f"{end}last: {{zone: UTC, monday: '8:00-9:00'}}{end}# the end"]))


def _is_open(text: str) -> bool:
    """Hours that are never open are refused."""
    faults: list[FlowFault] = []
    parse_hours(read_yaml(text, "hours.yaml", faults))
    return not faults


readable = written().filter(_is_open)
