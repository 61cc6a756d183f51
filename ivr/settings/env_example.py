"""List every setting by its variable, and print `.env.example` from that."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import time

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from ivr.settings.model import Settings


def list_variables() -> dict[str, FieldInfo]:
    """Each setting by the name of its variable, in the order of `.env.example`: first those that must be set."""
    fields = sorted(Settings.model_fields.values(), key=lambda field: not field.is_required())
    return {str(field.validation_alias): field for field in fields}


def format_env_example() -> str:
    """The text of `.env.example`."""
    return "\n".join(_iterate_example_lines()) + "\n"


def find_line(variable: str) -> int:
    """The number of the line of `.env.example` in which a setting is set."""
    return next(
        n
        for n, text in enumerate(_iterate_example_lines(), 1)
        if text.removeprefix("#").startswith(f"{variable}=")
    )


def _iterate_example_lines() -> Iterator[str]:
    yield "# Every setting of Calor. Copy this file to `.env` and fill it in; a line that is commented out shows the default."
    yield "# Printed by `ivr doctor --env-example`."
    for name, field in list_variables().items():
        extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
        example = f" Example: {extra['example']}" if extra.get("example") else ""
        yield ""
        yield f"# {field.description}{example}"
        yield f"{name}=" if field.is_required() else f"#{name}={_format_default(field.default)}"


def _format_default(default: object) -> str:
    if default is None:
        return ""
    if isinstance(default, SecretStr):
        return default.get_secret_value()
    if isinstance(default, tuple):
        return ",".join(default)
    if isinstance(default, time):
        return default.strftime("%H:%M")
    return str(int(default)) if isinstance(default, bool) else f"{default}"
