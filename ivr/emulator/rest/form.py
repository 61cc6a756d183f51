"""What a client sent, read and checked: whatever Twilio would not take is a `RestApiError` with Twilio's code.

Codes: https://www.twilio.com/docs/api/errors
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web
from multidict import MultiMapping

from ivr.emulator.runtime.formats import parse_timestamp

MORE_INFO = "https://www.twilio.com/docs/errors"
INVALID_PARAMETER = 20001  # a parameter that cannot be, where there is no code of its own
DAY_SECONDS = 86_400.0


class RestApiError(Exception):
    """An error as Twilio answers it."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status, self.code = status, code

    def response(self) -> web.Response:
        body = {
            "code": self.code,
            "message": str(self),
            "more_info": f"{MORE_INFO}/{self.code}",
            "status": self.status,
        }
        return web.json_response(body, status=self.status)


@dataclass(frozen=True)
class Form:
    """Parameters by their names. Every reader may raise `RestApiError`."""

    data: MultiMapping[Any]

    def text(self, name: str, default: str = "") -> str:
        """An empty value counts as given: it is how a client takes something back."""
        return str(self.data.get(name, default)).strip()

    def is_given(self, name: str) -> bool:
        return name in self.data

    def values(self, name: str) -> list[str]:
        return [str(one) for one in self.data.getall(name, [])]

    def matches(self, name: str, value: str | None) -> bool:
        """As a filter."""
        return not self.text(name) or self.text(name) == value

    def one_of(
        self, name: str, allowed: Collection[str], default: str = "", code: int = INVALID_PARAMETER
    ) -> str:
        given = self.text(name) or default
        if given and given not in allowed:
            raise RestApiError(400, code, f"{name} must be one of {', '.join(sorted(allowed))}: {given}")
        return given

    def method(self, name: str, default: str = "POST", code: int = 21209) -> str:
        given = (self.text(name) or default).upper()
        if given not in {"GET", "POST"}:
            raise RestApiError(400, code, f"{name} must be GET or POST: {given}")
        return given

    def url(self, name: str, code: int = 21205) -> str:
        """An address with a host, or nothing."""
        given = self.text(name)
        if given and not is_url(given):
            raise RestApiError(400, code, f"{name} is not a valid URL: {given}")
        return given

    def integer(self, name: str, default: int, low: int, high: int, code: int = INVALID_PARAMETER) -> int:
        given = self.text(name)
        if not given:
            return default
        if not (given.isascii() and given.isdigit() and low <= int(given) <= high):
            raise RestApiError(400, code, f"{name} must be a whole number from {low} to {high}: {given}")
        return int(given)

    def flag(self, name: str, *, default: bool = False) -> bool:
        given = self.text(name).lower()
        if given not in {"", "true", "false"}:
            raise RestApiError(400, INVALID_PARAMETER, f"{name} must be true or false: {given}")
        return given == "true" if given else default

    def matches_flag(self, name: str, *, value: bool) -> bool:
        """As a filter."""
        return self.flag(name, default=value) is value

    def matches_date(self, name: str, time: float | None) -> bool:
        """Twilio's three date filters: `Name` (that day, UTC), `Name<` (until and with), `Name>` (from and with)."""
        day, until, since = (self.text(f"{name}{sign}") for sign in ("", "<", ">"))
        given = [None if not text else self._parse_timestamp(name, text) for text in (day, until, since)]
        if time is None:
            return given == [None] * 3
        that, last, first = given
        if that is not None and that // DAY_SECONDS != time // DAY_SECONDS:
            return False
        if last is not None and time >= last + (DAY_SECONDS if len(until) == len("2026-01-31") else 1):
            return False
        return first is None or time >= first

    def check_dates(self, *names: str) -> None:
        """That the date filters of those names are dates, whether or not there is anything to filter."""
        for name in names:
            self.matches_date(name, None)

    def _parse_timestamp(self, name: str, text: str) -> float:
        try:
            return parse_timestamp(text)
        except (ValueError, OverflowError) as problem:
            raise RestApiError(400, INVALID_PARAMETER, f"{name} is not a date: {text}") from problem


def is_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and " " not in text
    except ValueError:
        return False
