"""Twilio's own description of its API (OpenAPI, 2010-04-01), where it is at hand: what every answer is checked against."""

import json
import re
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker

Json = dict[str, Any]
API = "/2010-04-01/"
ERROR = {"code", "message", "more_info", "status"}
PAGE = {
    "end",
    "first_page_uri",
    "next_page_uri",
    "page",
    "page_size",
    "previous_page_uri",
    "start",
    "uri",
}
FILE = "shared/oracles/twilio_api_v2010.json"
REMEDY = f"Save spec/json/twilio_api_v2010.json of github.com/twilio/twilio-oai as {FILE} here."
# What the description's schemas omit, and why it is there all the same.
OMITTED = {
    ("/Queues.json", "subresource_uris"): "the description's own examples of queues have it",
    ("/Queues/{Sid}.json", "subresource_uris"): "likewise",
}
FORMATS = FormatChecker(formats=())


@FORMATS.checks("date-time-rfc-2822", raises=(ValueError, TypeError))
def is_rfc_2822(value: object) -> bool:
    return not isinstance(value, str) or parsedate_to_datetime(value).tzinfo is not None


@FORMATS.checks("http-method")
def is_method(value: object) -> bool:
    return value in {"GET", "POST", None}


@FORMATS.checks("uri")
def is_address(value: object) -> bool:
    """Absolute, or a path of the API; empty is Twilio's way to say that there is none."""
    return not isinstance(value, str) or re.fullmatch(r"|https?://\S+|/2010-04-01/\S+", value) is not None


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What an operation answers with a status. `items` are the fields of each under `key`, if it is a list."""

    validator: Draft202012Validator
    fields: frozenset[str]
    key: str = ""
    items: frozenset[str] = frozenset()


@cache
def document() -> Json | None:
    for folder in Path(__file__).resolve().parents:
        file = folder / FILE
        if file.exists():
            found: Json = json.loads(file.read_text())
            return found
    return None


def inlined(schema: Any, all_schemas: Json) -> Any:
    """Without references, and with OpenAPI's `nullable` as JSON Schema says it."""
    if isinstance(schema, list):
        return [inlined(one, all_schemas) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        target = inlined(all_schemas[schema["$ref"].rsplit("/", 1)[1]], all_schemas)
        # The description omits that some enumerations may be null.
        return {"anyOf": [target, {"type": "null"}]} if "enum" in target else target
    made = {name: inlined(one, all_schemas) for name, one in schema.items() if name != "nullable"}
    if schema.get("nullable") and isinstance(made.get("type"), str):
        made["type"] = [made["type"], "null"]
        if "enum" in made:  # likewise: a notification's request_method is null in the description's example
            made["enum"] = [*made["enum"], None]
    return made


@cache
def templates() -> list[tuple[re.Pattern[str], str]]:
    """Those with the fewest variables first, so that `Local.json` is not taken for the name of a number."""
    paths = (document() or {"paths": {}})["paths"]
    return [(_pattern(path), path) for path in sorted(paths, key=lambda path: path.count("{"))]


@cache
def answers(method: str, template: str) -> dict[int, Answer | None]:
    """By status; None where nothing is answered. Empty where there is no such operation."""
    whole = document() or {}
    said = whole["paths"][template].get(method.lower(), {"responses": {}})
    contents = {int(status): one.get("content", {}) for status, one in said["responses"].items()}
    return {
        status: _answer(
            template, inlined(content["application/json"]["schema"], whole["components"]["schemas"])
        )
        if content
        else None
        for status, content in contents.items()
    }


def check(method: str, path: str, status: int, text: str) -> None:
    """Raises AssertionError when Twilio would not answer that: another status, field, type or value."""
    where = f"{method} {path} answered {status}"
    if not path.startswith(API) or not path.endswith(".json"):
        return  # a file
    if status >= 400:
        _check_error(where, status, json.loads(text))
        return
    if document() is None:
        return
    template = next((template for pattern, template in templates() if pattern.fullmatch(path)), None)
    assert template is not None, f"{where}: Twilio has no such resource"
    known = answers(method, template)
    assert status in known, f"{where}, Twilio {sorted(known)}"
    answer = known[status]
    if answer is None:
        assert text == "", f"{where} with a body"
        return
    body = json.loads(text)
    _same(where, body, answer.fields)
    for one in body[answer.key] if answer.key else ():
        _same(f"{where}, {answer.key}", one, answer.items)
    problems = [f"{one.json_path}: {one.message}" for one in answer.validator.iter_errors(body)]
    assert not problems, f"{where}: {problems}"


def _check_error(where: str, status: int, body: Json) -> None:
    assert set(body) == ERROR, f"{where}: {body}"
    assert isinstance(body["code"], int), f"{where}: {body}"
    assert isinstance(body["message"], str), f"{where}: {body}"
    assert body["message"], f"{where}: {body}"
    assert body["status"] == status, f"{where}: {body}"
    assert body["more_info"] == f"https://www.twilio.com/docs/errors/{body['code']}", f"{where}: {body}"


def _same(where: str, body: Json, fields: frozenset[str]) -> None:
    """No field is required in the description; Twilio answers all of them, and no other."""
    assert set(body) == fields, f"{where}: not {sorted(fields ^ set(body))}"


def _answer(template: str, schema: Json) -> Answer:
    properties = schema["properties"]
    validator = Draft202012Validator(schema, format_checker=FORMATS)
    omitted = frozenset(name for (end, name) in OMITTED if template.endswith(end))
    lists = [key for key, value in properties.items() if value.get("type") == "array"]
    if not set(properties) >= PAGE:
        return Answer(validator=validator, fields=frozenset(properties) | omitted)
    (key,) = lists
    items = frozenset(properties[key]["items"]["properties"]) | omitted
    return Answer(validator=validator, fields=frozenset(properties), key=key, items=items)


def _pattern(template: str) -> re.Pattern[str]:
    parts = re.split(r"(\{\w+\})", template)
    return re.compile("".join(r"[^/]+?" if part.startswith("{") else re.escape(part) for part in parts))
