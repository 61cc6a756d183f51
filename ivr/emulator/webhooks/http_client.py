"""HTTP requests to the app as Twilio sends them: signature, cookies, redirects, limits of time and size."""

import logging
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from http.cookies import CookieError, SimpleCookie
from urllib.parse import urlencode, urljoin, urlsplit, urlunsplit

import aiohttp
from twilio.request_validator import RequestValidator

from ivr.emulator.runtime.faults import RequestKind
from ivr.emulator.runtime.idle import InFlightCounter
from ivr.emulator.webhooks.connection_errors import ERROR_NAMES, Unreachable, classify_error
from ivr.emulator.webhooks.connection_overrides import ConnectionOverrides
from ivr.emulator.webhooks.request import WebhookRequest, WebhookResponse

MAX_REDIRECTS = 10
FOLLOWED_STATUSES = frozenset({301, 302, 303, 307})  # https://www.twilio.com/docs/api/errors/11216
FORM_CONTENT_TYPE = "application/x-www-form-urlencoded; charset=UTF-8"
MAX_RESPONSE_BYTES = {
    RequestKind.WEBHOOK: 64 * 1024,
    RequestKind.CALLBACK: 64 * 1024,
    RequestKind.MEDIA: 16 * 1024 * 1024,
}


@dataclass(kw_only=True)
class WebhookClient:
    auth_token: str
    in_flight: InFlightCounter
    _session: aiohttp.ClientSession | None = None

    async def send(
        self, request: WebhookRequest, url: str, options: ConnectionOverrides, token: str
    ) -> WebhookResponse:
        """Request once, and follow its redirects. Raises `Unreachable` when no answer came, or none that is HTTP."""
        limits = aiohttp.ClientTimeout(
            total=options.total, sock_connect=options.connect, sock_read=options.read
        )
        try:
            with self.in_flight.track_request():
                return await self._follow_redirects(request, url, limits, token)
        except (aiohttp.ClientError, OSError, ValueError) as problem:
            trouble, code = classify_error(problem)
            raise Unreachable(trouble, str(problem) or type(problem).__name__, code) from problem

    async def close(self) -> None:
        if self._session:
            await self._session.close()

    async def _follow_redirects(
        self, request: WebhookRequest, url: str, limits: aiohttp.ClientTimeout, token: str
    ) -> WebhookResponse:
        method = request.method
        target, form, body = _first_request(request, url)
        for _ in range(MAX_REDIRECTS + 1):
            headers = self._headers(target, form, token, request.cookies)
            if body is not None:
                headers["Content-Type"] = (
                    FORM_CONTENT_TYPE if request.json_body is None else "application/json"
                )
            async with self._client_session().request(
                method, target, data=body, headers=headers, timeout=limits, allow_redirects=False
            ) as response:
                for name, morsel in response.cookies.items():
                    with suppress(CookieError):
                        request.cookies[name] = morsel.value
                content = await _read_body(response, MAX_RESPONSE_BYTES[request.kind])
                if not 300 <= response.status < 400:
                    return _make_response(request, target, response, content)
                if response.status not in FOLLOWED_STATUSES or "Location" not in response.headers:
                    why = f"HTTP invalid redirect: status {response.status}"
                    return WebhookResponse(
                        url=target, status=response.status, error_code=11216, error_message=why
                    )
                target = urljoin(target, response.headers["Location"])
                if response.status != 307:  # as a browser does, without the parameters
                    method, form, body = "GET", {}, None
        return WebhookResponse(url=target, error_code=11215, error_message="HTTP too many redirects")

    def _headers(
        self, url: str, form: Mapping[str, str], token: str, cookies: SimpleCookie
    ) -> dict[str, str]:
        headers = {
            "User-Agent": "TwilioProxy/1.1",
            "Accept": "*/*",
            "I-Twilio-Idempotency-Token": token,
            "X-Twilio-Signature": RequestValidator(self.auth_token).compute_signature(url, dict(form)),
        }
        if cookies:
            headers["Cookie"] = "; ".join(f"{name}={morsel.value}" for name, morsel in cookies.items())
        return headers

    def _client_session(self) -> aiohttp.ClientSession:
        if self._session is None:
            # a cookie of the app that is no cookie is the app's affair, not a line on our stderr
            logging.getLogger("aiohttp.internal").addHandler(logging.NullHandler())
            connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=30)
            self._session = aiohttp.ClientSession(
                connector=connector, cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=True
            )
        return self._session


async def _read_body(response: aiohttp.ClientResponse, max_bytes: int) -> bytes:
    """The whole body, or a little more than `max_bytes` of it."""
    body = bytearray()
    while len(body) <= max_bytes and (more := await response.content.read(max_bytes)):
        body += more
    return bytes(body)


def _make_response(
    request: WebhookRequest, url: str, response: aiohttp.ClientResponse, body: bytes
) -> WebhookResponse:
    error, why = 0, ""
    if not 200 <= response.status < 300:
        error, why = request.error_code, f"{ERROR_NAMES[request.error_code]}: status {response.status}"
    elif len(body) > MAX_RESPONSE_BYTES[request.kind]:
        error, why = 11750, "TwiML response body too large"
    return WebhookResponse(
        url=url,
        status=response.status,
        content_type=response.content_type,
        body=body,
        error_code=error,
        error_message=why,
    )


def _first_request(request: WebhookRequest, url: str) -> tuple[str, Mapping[str, str], str | None]:
    """What is asked before any redirect: the address, the parameters that are signed, the body."""
    if request.json_body is not None:
        digest = sha256(request.json_body.encode()).hexdigest()
        return _with_query(url, {"bodySHA256": digest}), {}, request.json_body
    if request.method == "POST":
        return url, request.params, urlencode(request.params)
    return _with_query(url, request.params), {}, None


def _with_query(url: str, params: Mapping[str, str]) -> str:
    parts = urlsplit(url)
    query = "&".join(part for part in (parts.query, urlencode(params)) if part)
    return urlunsplit(parts._replace(query=query))
