"""JSON Schemas (draft 2020-12) of the files in a folder of flows, for editors: what they accept, the parser can read.

They know shapes, and not which names exist: that is for `ivr flows check`.
"""

from __future__ import annotations

import json
from typing import Any

from ivr.flow import hours as flow_hours
from ivr.flow import queues
from ivr.flow.loader.parse import HEADER_FIELDS
from ivr.flow.phrases.built_in import WORD_LIST_GROUPS
from ivr.flow.steps import step_kinds
from ivr.flow.yaml_source.fields import NAME_PATTERN, get_field, group_schema, named_group_schema

JSON_SCHEMA_DRAFT = "https://json-schema.org/draft/2020-12/schema"
# By the file's name in the folder.
SCHEMA_FILES = {
    "flow": "schema.json",
    "hours": "hours.schema.json",
    "queues": "queues.schema.json",
    "prompts": "prompts.schema.json",
}


def make_schema(subject: str) -> dict[str, Any]:
    """`subject`: one of SCHEMA_FILES."""
    made = {
        "flow": _flow_schema,
        "hours": _hours_schema,
        "queues": _queues_schema,
        "prompts": _prompts_schema,
    }[subject]()
    return {"$schema": JSON_SCHEMA_DRAFT, "title": f"Calor: {subject}", **made}


def schema_json(subject: str) -> str:
    return json.dumps(make_schema(subject), indent=1, ensure_ascii=False) + "\n"


def _flow_schema() -> dict[str, Any]:
    steps = get_field(HEADER_FIELDS, "steps")
    found = group_schema(HEADER_FIELDS)
    found["properties"]["steps"] = {
        **steps.schema(),
        **named_group_schema(NAME_PATTERN, {"$ref": "#/$defs/step"}),
    }
    each = {
        keyword: {"description": f"{kind.description}.", **group_schema(kind.fields), **kind.schema_rules}
        for keyword, kind in sorted(step_kinds().items())
    }
    one = [{"$ref": f"#/$defs/{keyword}"} for keyword in each]
    return {**found, "$defs": {"step": {"oneOf": one}, **each}}


def _hours_schema() -> dict[str, Any]:
    one = group_schema(flow_hours.FIELDS)
    times = {"type": "string", "pattern": flow_hours.TIMES_PATTERN}
    one["properties"]["exceptions"]["patternProperties"] = {
        pattern: {"anyOf": [times, {"type": "array", "items": times}]}
        for pattern in one["properties"]["exceptions"]["patternProperties"]
    }
    one["anyOf"] = [{"required": [name]} for name in flow_hours.GROUPS]
    return named_group_schema("", one)


def _queues_schema() -> dict[str, Any]:
    return named_group_schema("", group_schema(queues.FIELDS))


def _prompts_schema() -> dict[str, Any]:
    """Groups within groups, and the words to listen for."""
    words = {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}}
    prompt = {"anyOf": [{"type": ["string", "integer"]}, {"$ref": "#/$defs/group"}]}
    return {
        "type": "object",
        "properties": dict.fromkeys(WORD_LIST_GROUPS, words),
        "additionalProperties": {"$ref": "#/$defs/prompt"},
        "$defs": {
            "prompt": prompt,
            "group": {"type": "object", "additionalProperties": {"$ref": "#/$defs/prompt"}},
        },
    }
