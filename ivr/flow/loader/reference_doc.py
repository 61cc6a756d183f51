"""`docs/flows.md`: what may stand in the files of a flow, from what their readers declare."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ivr.flow import conditions, queues
from ivr.flow import hours as flow_hours
from ivr.flow.loader.parse import HEADER
from ivr.flow.steps import kinds
from ivr.flow.yaml_source.fields import Field

_TOP = """\
# What may stand in a flow

Made by `ivr flows reference` from what the parser reads; [flows/README.md](../flows/README.md) teaches the same in ten minutes.
Editors that know YAML's language server complete and check it: the files name their schema in their first line.
"""


def reference() -> str:
    return "\n".join(_parts())


def _parts() -> Iterator[str]:
    yield _TOP
    yield from _section("A flow: `main.yaml`", "At the top of the file.", HEADER)
    yield "## Steps\n"
    for keyword, kind in sorted(kinds().items()):
        yield f"### {keyword}\n\n{kind.about}.\n"
        yield _table(kind.fields)
        for one in kind.fields:
            # what a branch asks for has a section of its own
            yield from (
                f"Within `{one.name}`:\n\n{_table(one.fields)}"
                for _ in [1]
                if one.fields and keyword != "branch"
            )
        yield f"```yaml\n{kind.example}\n```\n"
    yield from _section(
        "Conditions", "What may stand under `when` in a `branch`; all of it must hold.", conditions.FIELDS
    )
    yield from _section("Opening hours: `hours.yaml`", "By a name of your own.", flow_hours.FIELDS)
    yield from _section("Queues: `queues.yaml`", "By the queue's name.", queues.FIELDS)


def _section(title: str, about: str, fields: Iterable[Field]) -> Iterator[str]:
    fields = tuple(fields)
    yield f"## {title}\n\n{about}\n"
    yield _table(fields)
    for one in fields:
        if one.fields:
            yield f"Within `{one.name}`:\n\n{_table(one.fields)}"


def _table(fields: Iterable[Field]) -> str:
    rows = ["| name | takes | without it | |", "|---|---|---|---|"]
    rows += [
        f"| `{one.name}` | {one.said} | {_without(one)} | {one.about.replace('|', chr(92) + '|')} |"
        for one in fields
    ]
    return "\n".join(rows) + "\n"


def _without(one: Field) -> str:
    if one.needed:
        return "needed"
    return f"{one.default}" if one.default != "" else ""
