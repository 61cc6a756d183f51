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
from ivr.domain.rules.lookup import HOST

ENV_FILE = ".env"
TWILIO = "https://api.twilio.com"
DEFAULT_PORT = 8000
SECRET_LETTERS = 24


def _split(value: object) -> object:
    return tuple(v.strip() for v in value.split(",") if v.strip()) if isinstance(value, str) else value


def _number(value: str) -> str:
    if value and not re.fullmatch(r"\+[1-9]\d{6,14}", value):
        raise ValueError(f"{value} is not a number in E.164 form, such as +12025550100")
    return value


def _country(value: str) -> str:
    if value.upper() not in phonenumbers.SUPPORTED_REGIONS:
        raise ValueError(f"{value} is not a two-letter country, such as US")
    return value.upper()


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError) as e:
        raise ValueError(f"{value} is not a time zone, such as America/New_York") from e
    return value


def _base_url(value: str) -> str:
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


def safe(url: str) -> bool:
    """Nobody on the way can read it or answer for it: https, or this machine."""
    parts = urlsplit(url)
    return bool(parts.hostname) and (
        parts.scheme == "https"
        or (parts.scheme == "http" and parts.hostname in ("127.0.0.1", "::1", "localhost"))
    )


def _issuer(value: str) -> str:
    if value and (not safe(value) or urlsplit(value).query or urlsplit(value).fragment):
        raise ValueError(f"{value} is not an https address such as https://accounts.example.com")
    return value


def _host(value: str) -> str:
    if not HOST.fullmatch(value):
        raise ValueError(f"{value} is not a host such as crm.example.com, or crm.example.com:8443")
    return value.lower()


def _redis_url(value: str) -> str:
    redis_url.parse(value)
    return value


Number = Annotated[str, AfterValidator(_number)]
Numbers = Annotated[tuple[Number, ...], NoDecode, BeforeValidator(_split)]
Countries = Annotated[tuple[Annotated[str, AfterValidator(_country)], ...], NoDecode, BeforeValidator(_split)]
Hosts = Annotated[tuple[Annotated[str, AfterValidator(_host)], ...], NoDecode, BeforeValidator(_split)]
BaseUrl = Annotated[str, AfterValidator(_base_url)]


def _var(name: str, about: str, default: Any = ..., *, example: str = "", **limits: Any) -> Any:
    """One setting: its variable, and a sentence that says what depends on it."""
    return Field(
        default, validation_alias=name, description=about, json_schema_extra={"example": example}, **limits
    )


class LocalSettings(BaseSettings):
    """The settings that have a default: all that a command needs which only reads files. Immutable; made by `load`."""

    model_config = SettingsConfigDict(
        env_file=ENV_FILE,
        frozen=True,
        extra="ignore",
        populate_by_name=True,
        env_ignore_empty=True,
        hide_input_in_errors=True,
    )

    # the telephone network
    twilio_api_key_sid: str = _var(
        "TWILIO_API_KEY_SID",
        "An API key of the account, with which agents may answer in the browser. Empty: they answer on telephones only.",
        "",
        example="SK followed by 32 hexadecimal digits",
        pattern=r"^(SK[0-9a-fA-F]{32})?$",
    )
    twilio_api_key_secret: SecretStr = _var(
        "TWILIO_API_KEY_SECRET", "The secret of that API key; Twilio shows it once.", SecretStr("")
    )
    twilio_api_url: BaseUrl = _var(
        "TWILIO_API_URL", "Where the REST API is: Twilio's own, or an emulator's.", TWILIO
    )
    caller_id: Number = _var(
        "IVR_CALLER_ID",
        "The number that callbacks and offers come from. Empty: the line the customer called.",
        "",
    )
    fallback_numbers: Numbers = _var(
        "IVR_FALLBACK_NUMBERS",
        "Telephones of people, dialled in turn while the line itself is broken. Without one, callers can only leave a message then.",
        (),
        example="+12025550171,+12025550172",
    )
    cps: float = _var(
        "IVR_CALLS_PER_SECOND",
        "Calls started per second, as the account allows.",
        1.0,
        gt=0,
        le=1000,
        allow_inf_nan=False,
    )
    ring_seconds: int = _var(
        "IVR_RING_SECONDS", "How long an agent's phone rings before the next is tried.", 20, ge=5, le=60
    )

    # the record
    replicas: int = _var(
        "IVR_REPLICAS",
        "How many replicas of that Redis must have a promise before a caller is told of it.",
        0,
        ge=0,
        le=9,
    )
    spool: Path = _var(
        "IVR_SPOOL",
        "Folder for messages taken while Redis is away; they become promises when it is back.",
        Path("var/spool"),
    )
    accept_one_second_loss: bool = _var(
        "IVR_ACCEPT_ONE_SECOND_LOSS",
        "1: start even though this Redis can lose the promises of its last second when it fails.",
        default=False,
    )
    alarm_percent: int = _var(
        "IVR_ALARM_PERCENT",
        "From this share of the record's memory or disk on, supervisors are told, once an hour.",
        80,
        ge=1,
        le=100,
    )
    archive: Path = _var(
        "IVR_EVENT_LOG_ARCHIVE",
        "Folder for the journal of months that have ended; shared by the machines where `ivr scheduler` runs.",
        Path("var/event-log"),
    )

    # photos that customers text
    photos: str = _var(
        "IVR_PHOTOS",
        "Where they are kept: a folder that web and workers share, or a bucket.",
        "var/photos",
        example="s3://our-bucket/photos/",
        min_length=1,
    )
    photos_endpoint: BaseUrl | Literal[""] = _var(
        "IVR_PHOTOS_ENDPOINT", "Address of the bucket's service; empty: Amazon's.", ""
    )
    photos_region: str = _var("IVR_PHOTOS_REGION", "Region of the bucket.", "us-east-1", min_length=1)
    photos_key: str = _var("IVR_PHOTOS_KEY", "Name of the key that may write to the bucket.", "")
    photos_secret: SecretStr = _var("IVR_PHOTOS_SECRET", "The key itself.", SecretStr(""))
    photos_delete: bool = _var(
        "IVR_PHOTOS_DELETE_AT_TWILIO", "0: leave at Twilio what was fetched from there.", default=True
    )
    photos_day: int = _var(
        "IVR_PHOTOS_PER_DAY", "Photos in a day that are fetched of one number; what is more waits.", 100, ge=1
    )

    # for how long what is over is kept; what is open is never touched
    keep_words: int = _var(
        "IVR_KEEP_TEXT_DAYS",
        "Days after which reasons, comments, notes and bodies of texts are erased, once what they belong to is over. 0: kept for ever.",
        0,
        ge=0,
    )
    keep_photos: int = _var(
        "IVR_KEEP_PHOTOS_DAYS",
        "Days after which photos are erased, once their case is over. 0: kept for ever.",
        0,
        ge=0,
    )
    keep_twilio: int = _var(
        "IVR_KEEP_TWILIO_DAYS",
        "Days after which texts and recorded messages are deleted at Twilio. 0: never.",
        0,
        ge=0,
    )
    keep_journal: int = _var(
        "IVR_KEEP_EVENT_LOG_DAYS",
        "Days after which a month of the journal that was archived is deleted. 0: kept for ever.",
        0,
        ge=0,
    )

    # the line
    company: str = _var(
        "IVR_COMPANY", "The name callers hear.", "our company", example="Tooty Air", min_length=1
    )
    flows: Path = _var("IVR_FLOWS", "Folder of the call flows.", Path("flows"))
    default_zone: Annotated[str, AfterValidator(_zone)] = _var(
        "IVR_DEFAULT_TIME_ZONE",
        "The time zone of a customer whose number does not tell it.",
        "America/New_York",
    )
    hold_max: int = _var(
        "IVR_HOLD_MAX_SECONDS",
        "Seconds of hold before the caller is spoken to and given a choice: a minute at most.",
        60,
        ge=10,
        le=60,
    )
    read_back: Literal["attested", "confirmed", "none"] = _var(
        "IVR_READ_BACK",
        "Who hears their own matter read back: callers whose number is attested, only those confirmed by a code, or none.",
        "attested",
    )
    shared_numbers: Numbers = _var(
        "IVR_SHARED_NUMBERS",
        "Numbers that many people call from (a switchboard, a shelter): never taken for a person.",
        (),
        example="+12025550180",
    )

    # the company's own systems, which flows may ask
    lookup_hosts: Hosts = _var(
        "IVR_LOOKUP_HOSTS",
        "Hosts of the company's own systems that `lookup` steps may ask; a port is named where it is not the usual one. Empty: none.",
        (),
        example="crm.example.com,orders.example.com:8443",
    )
    lookup_private: Hosts = _var(
        "IVR_LOOKUP_PRIVATE",
        "Those of them that may lie in a private network, and may be asked without https.",
        (),
        example="orders.example.com:8443",
    )
    lookup_secret: SecretStr = _var(
        "IVR_LOOKUP_SECRET",
        "Signs what they are asked, so that they can tell this app from anybody: 24 letters or more, known to both.",
        SecretStr(""),
        example="32 random letters",
    )

    # callbacks
    countries: Countries = _var(
        "IVR_COUNTRIES",
        "Countries that calls and texts may go to; each of +1 by its own name.",
        ("US", "CA"),
        min_length=1,
    )
    number_hour: int = _var(
        "IVR_CALLBACKS_PER_NUMBER_HOUR", "Promises in an hour to ring one number.", 4, ge=1
    )
    number_day: int = _var("IVR_CALLBACKS_PER_NUMBER_DAY", "Promises in a day to ring one number.", 10, ge=1)
    number_rings: int = _var(
        "IVR_CALLS_PER_NUMBER_HOUR", "Times in an hour that one number is rung.", 6, ge=1
    )
    others_hour: int = _var(
        "IVR_OTHER_NUMBERS_PER_HOUR",
        "Promises of one line in an hour to ring another number than the caller's.",
        30,
        ge=1,
    )
    line_hour: int = _var(
        "IVR_UNVERIFIED_CALLBACKS_PER_HOUR",
        "Promises of one line in an hour to callers it does not know and whose number nobody attests.",
        300,
        ge=1,
    )
    quiet_from: time = _var(
        "IVR_CALLING_HOURS_END",
        "From this time on nobody is called back, by the customer's own clock.",
        time(21),
    )
    quiet_until: time = _var(
        "IVR_CALLING_HOURS_START",
        "From this time on people may be called back again, by the customer's own clock.",
        time(8),
    )
    settle_seconds: int = _var(
        "IVR_RECHECK_SECONDS",
        "After an unclear answer from Twilio, how long to wait before looking whether the call was made.",
        60,
        ge=1,
        le=600,
    )

    # the processes
    given_host: str = _var(
        "IVR_HOST",
        "Address the web server listens on. Empty: 127.0.0.1, or all IPv4 addresses when PORT decides the port. `::`: all addresses, IPv6 included.",
        "",
    )
    given_port: int | None = _var(
        "IVR_PORT", "Port the web server listens on. Empty: PORT, or else 8000.", None, ge=0, le=65535
    )
    runner_port: int | None = _var(
        "PORT",
        "Set by the platform or Procfile runner, never by hand: where its router sends requests. Ignored when IVR_PORT is set.",
        None,
        ge=0,
        le=65535,
    )
    web_workers: int = _var("IVR_WEB_WORKERS", "Web server processes.", 2, ge=1, le=64)
    proxies: int = _var(
        "IVR_TRUSTED_PROXIES",
        "How many proxies of yours stand before the web server: so far X-Forwarded-For is believed when sign-ins are counted.",
        0,
        ge=0,
        le=9,
    )
    sign_in_hours: int = _var(
        "IVR_SIGN_IN_HOURS", "Hours after which everybody signs in anew, whatever they do.", 12, ge=1, le=168
    )
    sign_in_idle: int = _var(
        "IVR_SIGN_IN_IDLE_MINUTES",
        "Minutes after which whoever does nothing on the pages signs in anew; an open page does nothing by itself.",
        240,
        ge=5,
        le=10080,
    )
    oidc_issuer: Annotated[str, AfterValidator(_issuer)] = _var(
        "IVR_OIDC_ISSUER",
        "The OpenID Connect provider at which people may sign in, exactly as it calls itself. Empty: with passwords only.",
        "",
        example="https://accounts.example.com",
    )
    oidc_client_id: str = _var("IVR_OIDC_CLIENT_ID", "What that provider calls this app.", "")
    oidc_client_secret: SecretStr = _var(
        "IVR_OIDC_CLIENT_SECRET", "With which this app proves to that provider what it is.", SecretStr("")
    )
    oidc_name: str = _var(
        "IVR_OIDC_NAME",
        "What people call that provider: `Sign in with ...`.",
        "your work account",
        example="Google",
        min_length=1,
        max_length=60,
    )
    metrics_token: SecretStr = _var(
        "IVR_METRICS_TOKEN",
        "What Prometheus sends as its bearer token to read /metrics. Empty: only who asks directly from a private network may.",
        SecretStr(""),
        example="32 random letters",
    )
    log: Literal["json", "text"] = _var("IVR_LOG_FORMAT", "Form of the logs on standard error.", "json")
    secret: SecretStr = _var(
        "IVR_SECRET", "Signs sign-ins and the links in texts. Empty: made from the auth token.", SecretStr("")
    )
    clock: Literal["real", "manual"] = _var(
        "IVR_CLOCK",
        "manual: time stands still until a test or the demo moves it; refused with a real account.",
        "real",
    )

    @property
    def port_of_runner(self) -> bool:
        """Whether the platform's PORT decides the port; its router then connects from outside this machine."""
        return self.given_port is None and self.runner_port is not None

    @property
    def host(self) -> str:
        """Address that the web server listens on."""
        return self.given_host or ("0.0.0.0" if self.port_of_runner else "127.0.0.1")

    @property
    def port(self) -> int:
        """Port that the web server listens on."""
        given = self.runner_port if self.given_port is None else self.given_port
        return DEFAULT_PORT if given is None else given

    @property
    def port_from(self) -> str:
        """Which setting decided the port, in words."""
        if self.given_port is not None:
            return "IVR_PORT set"
        return "PORT set by the runner" if self.port_of_runner else "neither IVR_PORT nor PORT set"

    @property
    def listens_on(self) -> str:
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

    redis_url: Annotated[str, AfterValidator(_redis_url)] = _var(
        "REDIS_URL",
        "Everything the line knows and owes is kept in this Redis (7 or later) or Valkey; `ivr up` brings its own.",
        example="redis://127.0.0.1:6379/0, or behind Sentinel redis+sentinel://10.0.0.1:26379,10.0.0.2:26379/mymaster/0",
    )

    @property
    def fails_over(self) -> bool:
        """Behind Sentinel: another server takes over within seconds."""
        return redis_url.parse(self.redis_url).sentinels is not None


class Settings(RedisSettings):
    """Every setting: what a command needs which changes something or speaks to Twilio."""

    twilio_account_sid: str = _var(
        "TWILIO_ACCOUNT_SID",
        "The account that owns the numbers; no call can be made without it.",
        example="AC followed by 32 hexadecimal digits",
        pattern=r"^AC[0-9a-fA-F]{32}$",
    )
    twilio_auth_token: SecretStr = _var(
        "TWILIO_AUTH_TOKEN",
        "The app cannot tell Twilio's webhooks from anybody's without it.",
        example="32 hexadecimal digits, kept secret",
        min_length=1,
    )
    public_url: BaseUrl = _var(
        "PUBLIC_URL",
        "Where Twilio reaches this app; signatures are checked against it, not against what a proxy says.",
        example="https://line.example.com",
    )

    @property
    def real_account(self) -> bool:
        """Calls ring real telephones and cost real money."""
        host = urlsplit(self.twilio_api_url).hostname or ""
        return host == "twilio.com" or host.endswith(".twilio.com")

    @property
    def browser_phones(self) -> bool:
        """Agents may answer in the browser."""
        return bool(self.twilio_api_key_sid)

    @property
    def signing_key(self) -> str:
        """What cookies and links are signed with."""
        given = self.secret.get_secret_value()
        token = self.twilio_auth_token.get_secret_value()
        return given or hashlib.sha256(b"calor links and sign-ins\0" + token.encode()).hexdigest()

    @model_validator(mode="after")
    def _fit_together(self) -> Self:
        if self.real_account and self.clock == "manual":
            raise ValueError(
                "IVR_CLOCK is `manual`, and TWILIO_API_URL is Twilio's own. Time must be real there: remove IVR_CLOCK."
            )
        if self.real_account and not self.public_url.startswith("https://"):
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
        if self.lookup_hosts and len(self.lookup_secret.get_secret_value()) < SECRET_LETTERS:
            raise ValueError(
                f"IVR_LOOKUP_HOSTS is set. Set IVR_LOOKUP_SECRET as well, to {SECRET_LETTERS} random letters or more."
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


class _Given(Settings):
    """Nothing but what is handed in, whatever the environment says."""

    @classmethod
    def settings_customise_sources(cls, *_: Any, **sources: Any) -> tuple[PydanticBaseSettingsSource, ...]:
        return (sources["init_settings"],)


Kind = TypeVar("Kind", bound=LocalSettings)


def load(values: Mapping[str, str] | None = None) -> Settings:
    """Return every setting, from `values` (variables by name) or else from the environment and `.env`.

    Raises BadSetting with one paragraph for each that is missing or wrong.
    """
    return _whole(*examine(values))


def load_redis() -> RedisSettings:
    """Return the settings of a command that only reads Redis. Raises BadSetting as `load` does, for these alone."""
    return _whole(*_examine(RedisSettings, {}, environment()))


def load_local() -> LocalSettings:
    """Return the settings of a command that only reads files. Raises BadSetting as `load` does, for these alone."""
    return _whole(*_examine(LocalSettings, {}, environment()))


def _whole(settings: Kind | None, faults: Mapping[str, str]) -> Kind:
    if settings is None:
        raise BadSetting("\n".join(faults.values()))
    return settings


def examine(values: Mapping[str, str] | None = None) -> tuple[Settings | None, dict[str, str]]:
    """The settings, or None and what is wrong, by variable ("" for what does not fit together)."""
    if values is None:
        return _examine(Settings, {}, environment())
    return _examine(_Given, {name: value for name, value in values.items() if value}, values)


def _examine(
    kind: type[Kind], handed: Mapping[str, str], named: Mapping[str, str]
) -> tuple[Kind | None, dict[str, str]]:
    """`handed`: values beside what `kind` reads itself. `named`: where a name that is no setting is looked for."""
    faults = dict(_unknown(named))
    try:
        settings = kind.model_validate(handed)
    except ValidationError as e:
        return None, faults | dict(map(_explain, e.errors(include_url=False, include_input=False)))
    return (None if faults else settings), faults


def environment() -> dict[str, str]:
    """The process environment over `.env`: what `load` reads, and what child processes are given."""
    return {k: v for k, v in dotenv_values(ENV_FILE).items() if v is not None} | dict(os.environ)


def variables() -> dict[str, FieldInfo]:
    """Each setting by the name of its variable, in the order of `.env.example`: first those that must be set."""
    fields = sorted(Settings.model_fields.values(), key=lambda field: not field.is_required())
    return {str(field.validation_alias): field for field in fields}


def env_example() -> str:
    """The text of `.env.example`."""
    return "\n".join(_example_lines()) + "\n"


def _example_lines() -> Iterator[str]:
    yield "# Every setting of Calor. Copy this file to `.env` and fill it in; a line that is commented out shows the default."
    yield "# Printed by `ivr doctor --env-example`."
    for name, field in variables().items():
        extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
        example = f" Example: {extra['example']}" if extra.get("example") else ""
        yield ""
        yield f"# {field.description}{example}"
        yield f"{name}=" if field.is_required() else f"#{name}={_shown(field.default)}"


def _shown(default: object) -> str:
    if default is None:
        return ""
    if isinstance(default, SecretStr):
        return default.get_secret_value()
    if isinstance(default, tuple):
        return ",".join(default)
    if isinstance(default, time):
        return default.strftime("%H:%M")
    return str(int(default)) if isinstance(default, bool) else f"{default}"


def _unknown(values: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name in sorted(n for n in values if n.startswith("IVR_") and n not in variables()):
        near = difflib.get_close_matches(name, variables(), n=1)
        yield name, f"`{name}` is not a setting." + (f" Did you mean `{near[0]}`?" if near else " Remove it.")


def _explain(error: Any) -> tuple[str, str]:
    name = str(error["loc"][0]) if error["loc"] else ""
    reason = str(error["msg"]).removeprefix("Value error, ")
    if name not in variables():
        return "", reason
    line = next(
        n for n, text in enumerate(_example_lines(), 1) if text.removeprefix("#").startswith(f"{name}=")
    )
    where = f"in the environment or `.env` (see `.env.example`, line {line}), or run `ivr demo`, which needs no account."
    about = variables()[name].description
    if error["type"] == "missing":
        return name, f"`{name}` is not set. {about} Set it {where}"
    return name, f"`{name}` is wrong: {reason}. {about} Correct it {where}"
