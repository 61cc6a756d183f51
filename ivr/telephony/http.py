"""The HTTP client under the Twilio SDK: our base URL, our time limit, our exceptions, and no repeats.

The SDK's own client has no time limit by default, and hands back the last response from an attribute of itself, so that
two threads can be given each other's. This one keeps nothing but the pool of connections.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import certifi
import urllib3
from twilio.http import HttpClient
from twilio.http.response import Response
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError

from ivr.domain.errors import TelephonyError, TryLater, Unclear
from ivr.telephony.errors import make_error

TWILIO_API_URL = "https://api.twilio.com"


class TwilioHttpClient(HttpClient):  # type: ignore[misc] # the SDK has no types
    """Sends what the SDK asks for. Safe to share between threads and greenlets."""

    def __init__(self, *, api_url: str, timeout_seconds: float) -> None:
        super().__init__(logging.getLogger(__name__), is_async=False, timeout=timeout_seconds)
        self._base = api_url.rstrip("/")
        self._pool = urllib3.PoolManager(
            maxsize=32,
            ca_certs=certifi.where(),
            timeout=urllib3.Timeout(total=timeout_seconds),
            retries=False,  # a repeated POST could ring somebody twice
        )

    def request(
        self,
        method: str,
        uri: str,
        params: Mapping[str, Any] | None = None,
        data: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        **_: Any,  # the SDK's own time limit and redirects: ours hold
    ) -> Response:
        url = uri.replace(TWILIO_API_URL, self._base, 1)
        sends = dict(headers or {})
        if auth:
            sends |= urllib3.make_headers(basic_auth=":".join(auth))
        try:
            answer = self._pool.request(
                method.upper(),
                f"{url}?{_encode_form(params)}" if params else url,
                body=_encode_form(data) if data else None,
                headers=sends,
            )
        except (NewConnectionError, ConnectTimeoutError) as e:
            raise TryLater("Twilio cannot be reached; nothing was sent.") from e
        except HTTPError as e:
            raise Unclear(f"Twilio gave no clear answer ({type(e).__name__}).") from e
        text = answer.data.decode("utf-8", "replace")
        if answer.status >= 300:
            raise _make_refusal(answer.status, text)
        return Response(answer.status, text, dict(answer.headers))


def _encode_form(values: Mapping[str, Any]) -> str:
    return urlencode({k: v for k, v in values.items() if v is not None}, doseq=True)


def _make_refusal(status: int, text: str) -> TelephonyError:
    try:
        body = json.loads(text)
    except ValueError:
        body = {}
    said = body if isinstance(body, dict) else {}
    code, message = said.get("code"), said.get("message")
    return make_error(
        status=status,
        code=code if isinstance(code, int) else 0,
        message=message if isinstance(message, str) else "",
    )
