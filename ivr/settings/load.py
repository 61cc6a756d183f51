"""Read the settings from the environment and `.env`, or say what is wrong with each. Nothing else in Calor reads the environment."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from dotenv import dotenv_values
from pydantic import ValidationError
from pydantic_settings import PydanticBaseSettingsSource

from ivr.domain.errors import BadSetting
from ivr.settings.env_example import find_line, list_variables
from ivr.settings.model import ENV_FILE, LocalSettings, RedisSettings, Settings


class _ExplicitSettings(Settings):
    """Nothing but what is handed in, whatever the environment says."""

    @classmethod
    def settings_customise_sources(cls, *_: Any, **sources: Any) -> tuple[PydanticBaseSettingsSource, ...]:
        return (sources["init_settings"],)


SettingsT = TypeVar("SettingsT", bound=LocalSettings)


def load_settings(values: Mapping[str, str] | None = None) -> Settings:
    """Return every setting, from `values` (variables by name) or else from the environment and `.env`.

    Raises BadSetting with one paragraph for each that is missing or wrong.
    """
    return _require_valid(*validate(values))


def load_redis_settings() -> RedisSettings:
    """Return the settings of a command that only reads Redis. Raises BadSetting as `load_settings` does, for these alone."""
    return _require_valid(*_validate(RedisSettings, {}, read_environment()))


def load_local_settings() -> LocalSettings:
    """Return the settings of a command that only reads files. Raises BadSetting as `load_settings` does, for these alone."""
    return _require_valid(*_validate(LocalSettings, {}, read_environment()))


def _require_valid(settings: SettingsT | None, faults: Mapping[str, str]) -> SettingsT:
    if settings is None:
        raise BadSetting("\n".join(faults.values()))
    return settings


def validate(values: Mapping[str, str] | None = None) -> tuple[Settings | None, dict[str, str]]:
    """The settings, or None and what is wrong, by variable ("" for what does not fit together)."""
    if values is None:
        return _validate(Settings, {}, read_environment())
    return _validate(_ExplicitSettings, {name: value for name, value in values.items() if value}, values)


def _validate(
    kind: type[SettingsT], values: Mapping[str, str], given_names: Mapping[str, str]
) -> tuple[SettingsT | None, dict[str, str]]:
    """`values`: beside what `kind` reads itself. `given_names`: where a name that is no setting is looked for."""
    faults = dict(_find_unknown(given_names))
    try:
        settings = kind.model_validate(values)
    except ValidationError as e:
        return None, faults | dict(map(_explain_error, e.errors(include_url=False, include_input=False)))
    return (None if faults else settings), faults


def read_environment() -> dict[str, str]:
    """The process environment over `.env`: what `load_settings` reads, and what child processes are given."""
    return {k: v for k, v in dotenv_values(ENV_FILE).items() if v is not None} | dict(os.environ)


def _find_unknown(values: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name in sorted(n for n in values if n.startswith("IVR_") and n not in list_variables()):
        near = difflib.get_close_matches(name, list_variables(), n=1)
        yield name, f"`{name}` is not a setting." + (f" Did you mean `{near[0]}`?" if near else " Remove it.")


def _explain_error(error: Any) -> tuple[str, str]:
    name = str(error["loc"][0]) if error["loc"] else ""
    reason = str(error["msg"]).removeprefix("Value error, ")
    if name not in list_variables():
        return "", reason
    where = f"in the environment or `.env` (see `.env.example`, line {find_line(name)}), or run `ivr demo`, which needs no account."
    about = list_variables()[name].description
    if error["type"] == "missing":
        return name, f"`{name}` is not set. {about} Set it {where}"
    return name, f"`{name}` is wrong: {reason}. {about} Correct it {where}"
