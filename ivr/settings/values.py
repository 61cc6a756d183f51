"""The kinds of value that a setting can have, each with its check; and how a setting is declared."""

from __future__ import annotations

import re
from typing import Annotated, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import phonenumbers
from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_settings import NoDecode

from ivr import redis_url
from ivr.domain.rules.lookup import HOST_PATTERN


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
TimeZone = Annotated[str, AfterValidator(_check_zone)]
Issuer = Annotated[str, AfterValidator(_check_issuer)]
RedisUrl = Annotated[str, AfterValidator(_check_redis_url)]


def setting(variable: str, description: str, default: Any = ..., *, example: str = "", **limits: Any) -> Any:
    """One setting: its variable, and a sentence that says what depends on it."""
    return Field(
        default,
        validation_alias=variable,
        description=description,
        json_schema_extra={"example": example},
        **limits,
    )
