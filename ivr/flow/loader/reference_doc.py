"""`docs/flows.md`: what may stand in the files of a flow, from what their readers declare."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ivr.flow import conditions, queues
from ivr.flow import hours as flow_hours
from ivr.flow.loader.parse import HEADER_FIELDS
from ivr.flow.steps import step_kinds
from ivr.flow.yaml_source.fields import Field

_INTRODUCTION = """\
# What may stand in a flow

Made by `ivr flows reference` from what the parser reads; [flows/README.md](../flows/README.md) teaches the same in ten minutes.
Editors that know YAML's language server complete and check it: the files name their schema in their first line.
"""


def render_reference() -> str:
    return "\n".join(_iterate_parts())


def _iterate_parts() -> Iterator[str]:
    yield _INTRODUCTION
    yield from _render_section("A flow: `main.yaml`", "At the top of the file.", HEADER_FIELDS)
    yield "## Steps\n"
    for keyword, kind in sorted(step_kinds().items()):
        yield f"### {keyword}\n\n{kind.description}.\n"
        yield _render_table(kind.fields)
        for one in kind.fields:
            # what a branch asks for has a section of its own
            yield from (
                f"Within `{one.name}`:\n\n{_render_table(one.fields)}"
                for _ in [1]
                if one.fields and keyword != "branch"
            )
        yield f"```yaml\n{kind.example}\n```\n"
    yield from _render_section(
        "Conditions", "What may stand under `when` in a `branch`; all of it must hold.", conditions.FIELDS
    )
    yield from _render_section("Opening hours: `hours.yaml`", "By a name of your own.", flow_hours.FIELDS)
    yield from _render_section("Queues: `queues.yaml`", "By the queue's name.", queues.FIELDS)


def _render_section(title: str, description: str, fields: Iterable[Field]) -> Iterator[str]:
    fields = tuple(fields)
    yield f"## {title}\n\n{description}\n"
    yield _render_table(fields)
    for one in fields:
        if one.fields:
            yield f"Within `{one.name}`:\n\n{_render_table(one.fields)}"


def _render_table(fields: Iterable[Field]) -> str:
    rows = ["| name | takes | without it | |", "|---|---|---|---|"]
    rows += [
        f"| `{one.name}` | {one.kind_label} | {_default_text(one)} | {one.description.replace('|', chr(92) + '|')} |"
        for one in fields
    ]
    return "\n".join(rows) + "\n"


def _default_text(field: Field) -> str:
    if field.required:
        return "needed"
    return f"{field.default}" if field.default != "" else ""
