"""Every setting of the line: read once, from the environment and `.env`, checked before anything starts.

This file is the only description there is: `.env.example` is printed from it (`ivr doctor --env-example`), and the
messages of `BadSetting` are made of it. Nothing else in Calor reads the environment.
"""

from __future__ import annotations

import difflib
import hashlib
import os
import re
from collections.abc import Iterator, Mapping
from datetime import time
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import phonenumbers
from dotenv import dotenv_values
from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError, model_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

from ivr import redis_url
from ivr.domain.errors import BadSetting
from ivr.domain.rules.lookup import HOST_PATTERN

ENV_FILE = ".env"
TWILIO_API_URL = "https://api.twilio.com"
DEFAULT_PORT = 8000
MIN_SECRET_LETTERS = 24


def _split_at_commas(value: object) -> object:
    return tuple(v.strip() for v in value.split(",") if v.strip()) if isinstance(value, str) else value


def _check_number(value: str) -> str:
    if value and not re.fullmatch(r"\+[1-9]\d{6,14}", value):
        raise ValueError(f"{value} is not a number in E.164 form, such as +12025550100")
    return value


def _check_country(value: str) -> str:
    if value.upper() not in phonenumbers.SUPPORTED_REGIONS:
        raise ValueError(f"{value} is not a two-letter country, such as US")
    return value.upper()


def _check_zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError) as e:
        raise ValueError(f"{value} is not a time zone, such as America/New_York") from e
    return value


def _check_base_url(value: str) -> str:
    url = urlsplit(value)
    if (
        url.scheme not in {"http", "https"}
        or not url.hostname
        or url.path.strip("/")
        or url.query
        or url.fragment
    ):
        raise ValueError(f"{value} is not a plain address such as https://line.example.com, without a path")
    return value.rstrip("/")


def is_secure_url(url: str) -> bool:
    """Nobody on the way can read it or answer for it: https, or this machine."""
    parts = urlsplit(url)
    return bool(parts.hostname) and (
        parts.scheme == "https"
        or (parts.scheme == "http" and parts.hostname in ("127.0.0.1", "::1", "localhost"))
    )


def _check_issuer(value: str) -> str:
    if value and (not is_secure_url(value) or urlsplit(value).query or urlsplit(value).fragment):
        raise ValueError(f"{value} is not an https address such as https://accounts.example.com")
    return value


def _check_host(value: str) -> str:
    if not HOST_PATTERN.fullmatch(value):
        raise ValueError(f"{value} is not a host such as crm.example.com, or crm.example.com:8443")
    return value.lower()


def _check_redis_url(value: str) -> str:
    redis_url.parse(value)
    return value


Number = Annotated[str, AfterValidator(_check_number)]
Numbers = Annotated[tuple[Number, ...], NoDecode, BeforeValidator(_split_at_commas)]
Countries = Annotated[
    tuple[Annotated[str, AfterValidator(_check_country)], ...], NoDecode, BeforeValidator(_split_at_commas)
]
Hosts = Annotated[
    tuple[Annotated[str, AfterValidator(_check_host)], ...], NoDecode, BeforeValidator(_split_at_commas)
]
BaseUrl = Annotated[str, AfterValidator(_check_base_url)]


def _setting(variable: str, description: str, default: Any = ..., *, example: str = "", **limits: Any) -> Any:
    """One setting: its variable, and a sentence that says what depends on it."""
    return Field(
        default,
        validation_alias=variable,
        description=description,
        json_schema_extra={"example": example},
        **limits,
    )


class LocalSettings(BaseSettings):
    """The settings that have a default: all that a command needs which only reads files. Immutable; made by `load_settings`."""

    model_config = SettingsConfigDict(
        env_file=ENV_FILE,
        frozen=True,
        extra="ignore",
        populate_by_name=True,
        env_ignore_empty=True,
        hide_input_in_errors=True,
    )

    # the telephone network
    twilio_api_key_sid: str = _setting(
        "TWILIO_API_KEY_SID",
        "An API key of the account, with which agents may answer in the browser. Empty: they answer on telephones only.",
        "",
        example="SK followed by 32 hexadecimal digits",
        pattern=r"^(SK[0-9a-fA-F]{32})?$",
    )
    twilio_api_key_secret: SecretStr = _setting(
        "TWILIO_API_KEY_SECRET", "The secret of that API key; Twilio shows it once.", SecretStr("")
    )
    twilio_api_url: BaseUrl = _setting(
        "TWILIO_API_URL", "Where the REST API is: Twilio's own, or an emulator's.", TWILIO_API_URL
    )
    caller_id: Number = _setting(
        "IVR_CALLER_ID",
        "The number that callbacks and offers come from. Empty: the line the customer called.",
        "",
    )
    fallback_numbers: Numbers = _setting(
        "IVR_FALLBACK_NUMBERS",
        "Telephones of people, dialled in turn while the line itself is broken. Without one, callers can only leave a message then.",
        (),
        example="+12025550171,+12025550172",
    )
    calls_per_second: float = _setting(
        "IVR_CALLS_PER_SECOND",
        "Calls started per second, as the account allows.",
        1.0,
        gt=0,
        le=1000,
        allow_inf_nan=False,
    )
    ring_seconds: int = _setting(
        "IVR_RING_SECONDS", "How long an agent's phone rings before the next is tried.", 20, ge=5, le=60
    )

    # Redis
    replicas: int = _setting(
        "IVR_REPLICAS",
        "How many replicas of that Redis must have a promise before a caller is told of it.",
        0,
        ge=0,
        le=9,
    )
    spool: Path = _setting(
        "IVR_SPOOL",
        "Folder for messages taken while Redis is away; they become promises when it is back.",
        Path("var/spool"),
    )
    accept_one_second_loss: bool = _setting(
        "IVR_ACCEPT_ONE_SECOND_LOSS",
        "1: start even though this Redis can lose the promises of its last second when it fails.",
        default=False,
    )
    alarm_percent: int = _setting(
        "IVR_ALARM_PERCENT",
        "From this share of the record's memory or disk on, supervisors are told, once an hour.",
        80,
        ge=1,
        le=100,
    )
    event_log_archive: Path = _setting(
        "IVR_EVENT_LOG_ARCHIVE",
        "Folder for the journal of months that have ended; shared by the machines where `ivr scheduler` runs.",
        Path("var/event-log"),
    )

    # photos that customers text
    photos: str = _setting(
        "IVR_PHOTOS",
        "Where they are kept: a folder that web and workers share, or a bucket.",
        "var/photos",
        example="s3://our-bucket/photos/",
        min_length=1,
    )
    photos_endpoint: BaseUrl | Literal[""] = _setting(
        "IVR_PHOTOS_ENDPOINT", "Address of the bucket's service; empty: Amazon's.", ""
    )
    photos_region: str = _setting("IVR_PHOTOS_REGION", "Region of the bucket.", "us-east-1", min_length=1)
    photos_key: str = _setting("IVR_PHOTOS_KEY", "Name of the key that may write to the bucket.", "")
    photos_secret: SecretStr = _setting("IVR_PHOTOS_SECRET", "The key itself.", SecretStr(""))
    photos_delete_at_twilio: bool = _setting(
        "IVR_PHOTOS_DELETE_AT_TWILIO", "0: leave at Twilio what was fetched from there.", default=True
    )
    photos_per_day: int = _setting(
        "IVR_PHOTOS_PER_DAY", "Photos in a day that are fetched of one number; what is more waits.", 100, ge=1
    )

    # for how long what is over is kept; what is open is never touched
    keep_text_days: int = _setting(
        "IVR_KEEP_TEXT_DAYS",
        "Days after which reasons, comments, notes and bodies of texts are erased, once what they belong to is over. 0: kept for ever.",
        0,
        ge=0,
    )
    keep_photos_days: int = _setting(
        "IVR_KEEP_PHOTOS_DAYS",
        "Days after which photos are erased, once their case is over. 0: kept for ever.",
        0,
        ge=0,
    )
    keep_twilio_days: int = _setting(
        "IVR_KEEP_TWILIO_DAYS",
        "Days after which texts and recorded messages are deleted at Twilio. 0: never.",
        0,
        ge=0,
    )
    keep_event_log_days: int = _setting(
        "IVR_KEEP_EVENT_LOG_DAYS",
        "Days after which a month of the journal that was archived is deleted. 0: kept for ever.",
        0,
        ge=0,
    )

    # the line
    company: str = _setting(
        "IVR_COMPANY", "The name callers hear.", "our company", example="Tooty Air", min_length=1
    )
    flows: Path = _setting("IVR_FLOWS", "Folder of the call flows.", Path("flows"))
    default_time_zone: Annotated[str, AfterValidator(_check_zone)] = _setting(
        "IVR_DEFAULT_TIME_ZONE",
        "The time zone of a customer whose number does not tell it.",
        "America/New_York",
    )
    hold_max_seconds: int = _setting(
        "IVR_HOLD_MAX_SECONDS",
        "Seconds of hold before the caller is spoken to and given a choice: a minute at most.",
        60,
        ge=10,
        le=60,
    )
    read_back: Literal["attested", "confirmed", "none"] = _setting(
        "IVR_READ_BACK",
        "Who hears their own matter read back: callers whose number is attested, only those confirmed by a code, or none.",
        "attested",
    )
    shared_numbers: Numbers = _setting(
        "IVR_SHARED_NUMBERS",
        "Numbers that many people call from (a switchboard, a shelter): never taken for a person.",
        (),
        example="+12025550180",
    )

    # the company's own systems, which flows may ask
    lookup_hosts: Hosts = _setting(
        "IVR_LOOKUP_HOSTS",
        "Hosts of the company's own systems that `lookup` steps may ask; a port is named where it is not the usual one. Empty: none.",
        (),
        example="crm.example.com,orders.example.com:8443",
    )
    lookup_private: Hosts = _setting(
        "IVR_LOOKUP_PRIVATE",
        "Those of them that may lie in a private network, and may be asked without https.",
        (),
        example="orders.example.com:8443",
    )
    lookup_secret: SecretStr = _setting(
        "IVR_LOOKUP_SECRET",
        "Signs what they are asked, so that they can tell this app from anybody: 24 letters or more, known to both.",
        SecretStr(""),
        example="32 random letters",
    )

    # callbacks
    countries: Countries = _setting(
        "IVR_COUNTRIES",
        "Countries that calls and texts may go to; each of +1 by its own name.",
        ("US", "CA"),
        min_length=1,
    )
    callbacks_per_number_hour: int = _setting(
        "IVR_CALLBACKS_PER_NUMBER_HOUR", "Promises in an hour to ring one number.", 4, ge=1
    )
    callbacks_per_number_day: int = _setting(
        "IVR_CALLBACKS_PER_NUMBER_DAY", "Promises in a day to ring one number.", 10, ge=1
    )
    calls_per_number_hour: int = _setting(
        "IVR_CALLS_PER_NUMBER_HOUR", "Times in an hour that one number is rung.", 6, ge=1
    )
    other_numbers_per_hour: int = _setting(
        "IVR_OTHER_NUMBERS_PER_HOUR",
        "Promises of one line in an hour to ring another number than the caller's.",
        30,
        ge=1,
    )
    unverified_callbacks_per_hour: int = _setting(
        "IVR_UNVERIFIED_CALLBACKS_PER_HOUR",
        "Promises of one line in an hour to callers it does not know and whose number nobody attests.",
        300,
        ge=1,
    )
    calling_hours_end: time = _setting(
        "IVR_CALLING_HOURS_END",
        "From this time on nobody is called back, by the customer's own clock.",
        time(21),
    )
    calling_hours_start: time = _setting(
        "IVR_CALLING_HOURS_START",
        "From this time on people may be called back again, by the customer's own clock.",
        time(8),
    )
    recheck_seconds: int = _setting(
        "IVR_RECHECK_SECONDS",
        "After an unclear answer from Twilio, how long to wait before looking whether the call was made.",
        60,
        ge=1,
        le=600,
    )

    # the processes
    given_host: str = _setting(
        "IVR_HOST",
        "Address the web server listens on. Empty: 127.0.0.1, or all IPv4 addresses when PORT decides the port. `::`: all addresses, IPv6 included.",
        "",
    )
    given_port: int | None = _setting(
        "IVR_PORT", "Port the web server listens on. Empty: PORT, or else 8000.", None, ge=0, le=65535
    )
    runner_port: int | None = _setting(
        "PORT",
        "Set by the platform or Procfile runner, never by hand: where its router sends requests. Ignored when IVR_PORT is set.",
        None,
        ge=0,
        le=65535,
    )
    web_workers: int = _setting("IVR_WEB_WORKERS", "Web server processes.", 2, ge=1, le=64)
    trusted_proxies: int = _setting(
        "IVR_TRUSTED_PROXIES",
        "How many proxies of yours stand before the web server: so far X-Forwarded-For is believed when sign-ins are counted.",
        0,
        ge=0,
        le=9,
    )
    sign_in_hours: int = _setting(
        "IVR_SIGN_IN_HOURS", "Hours after which everybody signs in anew, whatever they do.", 12, ge=1, le=168
    )
    sign_in_idle_minutes: int = _setting(
        "IVR_SIGN_IN_IDLE_MINUTES",
        "Minutes after which whoever does nothing on the pages signs in anew; an open page does nothing by itself.",
        240,
        ge=5,
        le=10080,
    )
    oidc_issuer: Annotated[str, AfterValidator(_check_issuer)] = _setting(
        "IVR_OIDC_ISSUER",
        "The OpenID Connect provider at which people may sign in, exactly as it calls itself. Empty: with passwords only.",
        "",
        example="https://accounts.example.com",
    )
    oidc_client_id: str = _setting("IVR_OIDC_CLIENT_ID", "What that provider calls this app.", "")
    oidc_client_secret: SecretStr = _setting(
        "IVR_OIDC_CLIENT_SECRET", "With which this app proves to that provider what it is.", SecretStr("")
    )
    oidc_name: str = _setting(
        "IVR_OIDC_NAME",
        "What people call that provider: `Sign in with ...`.",
        "your work account",
        example="Google",
        min_length=1,
        max_length=60,
    )
    metrics_token: SecretStr = _setting(
        "IVR_METRICS_TOKEN",
        "What Prometheus sends as its bearer token to read /metrics. Empty: only who asks directly from a private network may.",
        SecretStr(""),
        example="32 random letters",
    )
    log_format: Literal["json", "text"] = _setting(
        "IVR_LOG_FORMAT", "Form of the logs on standard error.", "json"
    )
    secret: SecretStr = _setting(
        "IVR_SECRET", "Signs sign-ins and the links in texts. Empty: made from the auth token.", SecretStr("")
    )
    clock: Literal["real", "manual"] = _setting(
        "IVR_CLOCK",
        "manual: time stands still until a test or the demo moves it; refused with a real account.",
        "real",
    )

    @property
    def uses_runner_port(self) -> bool:
        """Whether the platform's PORT decides the port; its router then connects from outside this machine."""
        return self.given_port is None and self.runner_port is not None

    @property
    def host(self) -> str:
        """Address that the web server listens on."""
        return self.given_host or ("0.0.0.0" if self.uses_runner_port else "127.0.0.1")

    @property
    def port(self) -> int:
        """Port that the web server listens on."""
        given = self.runner_port if self.given_port is None else self.given_port
        return DEFAULT_PORT if given is None else given

    @property
    def port_source(self) -> str:
        """Which setting decided the port, in words."""
        if self.given_port is not None:
            return "IVR_PORT set"
        return "PORT set by the runner" if self.uses_runner_port else "neither IVR_PORT nor PORT set"

    @property
    def listen_address(self) -> str:
        """`host:port` as gunicorn and URLs write it: 0.0.0.0:8000, [::]:8000."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def photos_bucket(self) -> tuple[str, str] | None:
        """Its name, and what stands before the names in it; None: photos are in a folder."""
        if not self.photos.startswith("s3://"):
            return None
        name, _, prefix = self.photos.removeprefix("s3://").partition("/")
        return name, f"{prefix.strip('/')}/" if prefix.strip("/") else ""


class RedisSettings(LocalSettings):
    """Those, and the address of Redis: all that a command needs which only reads there."""

    redis_url: Annotated[str, AfterValidator(_check_redis_url)] = _setting(
        "REDIS_URL",
        "Everything the line knows and owes is kept in this Redis (7 or later) or Valkey; `ivr up` brings its own.",
        example="redis://127.0.0.1:6379/0, or behind Sentinel redis+sentinel://10.0.0.1:26379,10.0.0.2:26379/mymaster/0",
    )

    @property
    def uses_sentinel(self) -> bool:
        """Behind Sentinel: another server takes over within seconds."""
        return redis_url.parse(self.redis_url).sentinels is not None


class Settings(RedisSettings):
    """Every setting: what a command needs which changes something or speaks to Twilio."""

    twilio_account_sid: str = _setting(
        "TWILIO_ACCOUNT_SID",
        "The account that owns the numbers; no call can be made without it.",
        example="AC followed by 32 hexadecimal digits",
        pattern=r"^AC[0-9a-fA-F]{32}$",
    )
    twilio_auth_token: SecretStr = _setting(
        "TWILIO_AUTH_TOKEN",
        "The app cannot tell Twilio's webhooks from anybody's without it.",
        example="32 hexadecimal digits, kept secret",
        min_length=1,
    )
    public_url: BaseUrl = _setting(
        "PUBLIC_URL",
        "Where Twilio reaches this app; signatures are checked against it, not against what a proxy says.",
        example="https://line.example.com",
    )

    @property
    def is_real_account(self) -> bool:
        """Calls ring real telephones and cost real money."""
        host = urlsplit(self.twilio_api_url).hostname or ""
        return host == "twilio.com" or host.endswith(".twilio.com")

    @property
    def browser_phones_enabled(self) -> bool:
        """Agents may answer in the browser."""
        return bool(self.twilio_api_key_sid)

    @property
    def signing_key(self) -> str:
        """What cookies and links are signed with."""
        given = self.secret.get_secret_value()
        token = self.twilio_auth_token.get_secret_value()
        return given or hashlib.sha256(b"calor links and sign-ins\0" + token.encode()).hexdigest()

    @model_validator(mode="after")
    def _check_combinations(self) -> Self:
        if self.is_real_account and self.clock == "manual":
            raise ValueError(
                "IVR_CLOCK is `manual`, and TWILIO_API_URL is Twilio's own. Time must be real there: remove IVR_CLOCK."
            )
        if self.is_real_account and not self.public_url.startswith("https://"):
            raise ValueError(
                "PUBLIC_URL is not https. Callers' words would cross the internet in the clear: use an https address."
            )
        if bool(self.twilio_api_key_sid) != bool(self.twilio_api_key_secret.get_secret_value()):
            raise ValueError(
                "TWILIO_API_KEY_SID and TWILIO_API_KEY_SECRET belong together. Set both, or neither: then agents answer on telephones."
            )
        if self.photos_bucket and not (self.photos_key and self.photos_secret.get_secret_value()):
            raise ValueError("IVR_PHOTOS is a bucket. Set IVR_PHOTOS_KEY and IVR_PHOTOS_SECRET as well.")
        if self.photos_bucket and find_spec("boto3") is None:
            raise ValueError("IVR_PHOTOS is a bucket, and boto3 is not there. Install it: pip install boto3.")
        if self.lookup_hosts and len(self.lookup_secret.get_secret_value()) < MIN_SECRET_LETTERS:
            raise ValueError(
                f"IVR_LOOKUP_HOSTS is set. Set IVR_LOOKUP_SECRET as well, to {MIN_SECRET_LETTERS} random letters or more."
            )
        if strange := set(self.lookup_private) - set(self.lookup_hosts):
            raise ValueError(
                f"IVR_LOOKUP_PRIVATE names {', '.join(sorted(strange))}, which IVR_LOOKUP_HOSTS does not. Add it there, or remove it here."
            )
        if self.oidc_issuer and not (self.oidc_client_id and self.oidc_client_secret.get_secret_value()):
            raise ValueError(
                "IVR_OIDC_ISSUER is set. Set IVR_OIDC_CLIENT_ID and IVR_OIDC_CLIENT_SECRET as well: the provider gives them."
            )
        if self.oidc_issuer and find_spec("authlib") is None:
            raise ValueError(
                "IVR_OIDC_ISSUER is set, and Authlib is not there. Install it: pip install authlib."
            )
        return self


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


def list_variables() -> dict[str, FieldInfo]:
    """Each setting by the name of its variable, in the order of `.env.example`: first those that must be set."""
    fields = sorted(Settings.model_fields.values(), key=lambda field: not field.is_required())
    return {str(field.validation_alias): field for field in fields}


def format_env_example() -> str:
    """The text of `.env.example`."""
    return "\n".join(_iterate_example_lines()) + "\n"


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


def _find_unknown(values: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name in sorted(n for n in values if n.startswith("IVR_") and n not in list_variables()):
        near = difflib.get_close_matches(name, list_variables(), n=1)
        yield name, f"`{name}` is not a setting." + (f" Did you mean `{near[0]}`?" if near else " Remove it.")


def _explain_error(error: Any) -> tuple[str, str]:
    name = str(error["loc"][0]) if error["loc"] else ""
    reason = str(error["msg"]).removeprefix("Value error, ")
    if name not in list_variables():
        return "", reason
    line = next(
        n
        for n, text in enumerate(_iterate_example_lines(), 1)
        if text.removeprefix("#").startswith(f"{name}=")
    )
    where = f"in the environment or `.env` (see `.env.example`, line {line}), or run `ivr demo`, which needs no account."
    about = list_variables()[name].description
    if error["type"] == "missing":
        return name, f"`{name}` is not set. {about} Set it {where}"
    return name, f"`{name}` is wrong: {reason}. {about} Correct it {where}"
