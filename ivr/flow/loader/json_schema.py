"""JSON Schemas (draft 2020-12) of the files in a folder of flows, for editors: what they accept, the parser can read.

They know shapes, and not which names exist: that is for `ivr flows check`.
"""

from __future__ import annotations

import json
from typing import Any

from ivr.flow import hours as flow_hours
from ivr.flow import queues
from ivr.flow.loader.parse import HEADER
from ivr.flow.phrases.built_in import LISTS
from ivr.flow.steps import kinds
from ivr.flow.yaml_source.fields import NAME, by_name, group, named

DRAFT = "https://json-schema.org/draft/2020-12/schema"
# By the file's name in the folder.
FILES = {
    "flow": "schema.json",
    "hours": "hours.schema.json",
    "queues": "queues.schema.json",
    "prompts": "prompts.schema.json",
}


def schema(what: str) -> dict[str, Any]:
    """`what`: one of FILES."""
    made = {"flow": _flow, "hours": _hours, "queues": _queues, "prompts": _prompts}[what]()
    return {"$schema": DRAFT, "title": f"Calor: {what}", **made}


def written(what: str) -> str:
    return json.dumps(schema(what), indent=1, ensure_ascii=False) + "\n"


def _flow() -> dict[str, Any]:
    steps = named(HEADER, "steps")
    found = group(HEADER)
    found["properties"]["steps"] = {
        **steps.schema(),
        **by_name(NAME, {"$ref": "#/$defs/step"}),
    }
    each = {
        keyword: {"description": f"{kind.about}.", **group(kind.fields), **kind.rules}
        for keyword, kind in sorted(kinds().items())
    }
    one = [{"$ref": f"#/$defs/{keyword}"} for keyword in each]
    return {**found, "$defs": {"step": {"oneOf": one}, **each}}


def _hours() -> dict[str, Any]:
    one = group(flow_hours.FIELDS)
    times = {"type": "string", "pattern": flow_hours.TIMES}
    one["properties"]["exceptions"]["patternProperties"] = {
        pattern: {"anyOf": [times, {"type": "array", "items": times}]}
        for pattern in one["properties"]["exceptions"]["patternProperties"]
    }
    one["anyOf"] = [{"required": [name]} for name in flow_hours.GROUPS]
    return by_name("", one)


def _queues() -> dict[str, Any]:
    return by_name("", group(queues.FIELDS))


def _prompts() -> dict[str, Any]:
    """Groups within groups, and the words to listen for."""
    words = {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}}
    prompt = {"anyOf": [{"type": ["string", "integer"]}, {"$ref": "#/$defs/group"}]}
    return {
        "type": "object",
        "properties": dict.fromkeys(LISTS, words),
        "additionalProperties": {"$ref": "#/$defs/prompt"},
        "$defs": {
            "prompt": prompt,
            "group": {"type": "object", "additionalProperties": {"$ref": "#/$defs/prompt"}},
        },
    }
