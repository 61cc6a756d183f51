"""Twilio's requests to the app: signed, retried, limited in time, with cookies, and written down."""

import json
import logging
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from hashlib import sha256
from http.cookies import CookieError, SimpleCookie
from urllib.parse import urlencode, urljoin, urlsplit, urlunsplit

import aiohttp
from twilio.request_validator import RequestValidator

from ivr.emulator.runtime.clock import EmulatorClock
from ivr.emulator.runtime.event_log import EventLog
from ivr.emulator.runtime.faults import WEBHOOK_FAULTS, FaultInjector, FaultKind, InjectedFault, RequestKind
from ivr.emulator.runtime.formats import SidGenerator
from ivr.emulator.runtime.idle import InFlightCounter
from ivr.emulator.webhooks import connection_overrides
from ivr.emulator.webhooks.connection_overrides import ConnectionOverrides

MAX_REDIRECTS = 10
FOLLOWED_STATUSES = frozenset({301, 302, 303, 307})  # https://www.twilio.com/docs/api/errors/11216
FORM_CONTENT_TYPE = "application/x-www-form-urlencoded; charset=UTF-8"
MAX_RESPONSE_BYTES = {
    RequestKind.WEBHOOK: 64 * 1024,
    RequestKind.CALLBACK: 64 * 1024,
    RequestKind.MEDIA: 16 * 1024 * 1024,
}


@dataclass(kw_only=True)
class WebhookRequest:
    """One request to the app."""

    url: str
    params: Mapping[str, str]
    method: str = "POST"
    kind: RequestKind = RequestKind.WEBHOOK
    call_sid: str | None = None  # CallSid, for the journal
    who: str | None = None
    cookies: SimpleCookie = field(default_factory=SimpleCookie)
    hang_up: Callable[[], None] | None = None  # what the person of that call can do at this instant
    error_code: int = 11200  # Twilio's code when the app answers with an error
    json_body: str | None = None  # the body, instead of the parameters
    reports_error: bool = False  # tells of an error: its own would never end


@dataclass(frozen=True, kw_only=True)
class WebhookResponse:
    """What came of it. `error_code` is Twilio's code, 0 when the app answered well."""

    url: str  # the last one requested
    status: int = 0
    content_type: str = ""
    body: bytes = b""
    error_code: int = 0
    error_message: str = ""


class Unreachable(Exception):
    def __init__(self, retry_reason: str, message: str, code: int = 11205) -> None:
        super().__init__(message)
        self.retry_reason = (
            retry_reason  # "ct" or "rt", as the retry policy calls it; empty for what is not retried
        )
        self.code = code


@dataclass(kw_only=True)
class WebhookSender:
    account_sid: str
    auth_token: str
    clock: EmulatorClock
    event_log: EventLog
    faults: FaultInjector
    sids: SidGenerator
    in_flight: InFlightCounter
    _session: aiohttp.ClientSession | None = None

    async def send(self, request: WebhookRequest) -> WebhookResponse:
        """Ask, retry as the fragment says, and write down how it went. Never raises."""
        url, options = connection_overrides.split_overrides(request.url)
        for code, why in () if request.reports_error else options.problems:
            self.event_log.write_error(code, why, call=request.call_sid, url=url)
        fault = self.faults.trigger(request.kind, url, *WEBHOOK_FAULTS)
        if fault and fault.what is FaultKind.LATE:
            await self.clock.sleep(fault.seconds)
        began = time.monotonic()
        answer = await self._send_with_retries(request, url, options, fault)
        self.event_log.write(
            "debugger" if request.reports_error else request.kind.value,
            call=request.call_sid,
            who=request.who,
            url=url,
            method=request.method,
            params=dict(request.params) if request.json_body is None else json.loads(request.json_body),
            status=answer.status,
            answer=answer.body.decode("utf-8", "replace"),
            milliseconds=round((time.monotonic() - began) * 1000, 1),
            fault=fault and fault.what.value,
        )
        if answer.error_code and not request.reports_error:
            self.event_log.write_error(
                answer.error_code, answer.error_message, call=request.call_sid, url=url
            )
        return answer

    async def close(self) -> None:
        if self._session:
            await self._session.close()

    async def _send_with_retries(
        self, request: WebhookRequest, url: str, options: ConnectionOverrides, fault: InjectedFault | None
    ) -> WebhookResponse:
        token = self.sids.new("")
        answer = WebhookResponse(url=url, error_code=11205, error_message="no attempt")
        began, since, left = self.clock.now(), time.monotonic(), options.total
        # a callback that is dropped is lost, however often it is tried; a webhook is lost once
        lost = fault is not None and fault.what is FaultKind.DROP and request.kind is RequestKind.CALLBACK
        for attempt in range(options.retries + 1):
            limits = replace(options, read=min(options.read, left), total=left)
            try:
                answer = await self._send_with_fault(
                    request, url, limits, token, fault if attempt == 0 or lost else None
                )
            except Unreachable as problem:
                answer = WebhookResponse(
                    url=url, error_code=problem.code, error_message=f"{ERROR_NAMES[problem.code]}: {problem}"
                )
                trouble = problem.retry_reason
            else:
                trouble = {4: "4xx", 5: "5xx"}.get(answer.status // 100, "")
            left = options.total - max(self.clock.now() - began, time.monotonic() - since)
            if not trouble or not options.should_retry(trouble) or left <= 0:
                break
        return answer

    async def _send_with_fault(
        self,
        request: WebhookRequest,
        url: str,
        options: ConnectionOverrides,
        token: str,
        fault: InjectedFault | None,
    ) -> WebhookResponse:
        """One attempt, with whatever goes wrong on purpose."""
        if fault is None:
            return await self._send_once(request, url, options, token)
        if (answer := await self._fault_response(request, url, options, fault)) is not None:
            return answer
        answer = await self._send_once(request, url, options, token)
        if fault.what is FaultKind.TWICE:
            answer = await self._send_once(request, url, options, token)
        if fault.what is FaultKind.LOSE_RESPONSE:
            raise Unreachable("rt", "connection reset before the answer")
        if fault.what is FaultKind.SLOW:
            await self.clock.sleep(min(fault.seconds, options.read))
            if fault.seconds >= options.read:
                raise Unreachable("rt", "answered too late")
        return answer

    async def _fault_response(
        self, request: WebhookRequest, url: str, options: ConnectionOverrides, fault: InjectedFault
    ) -> WebhookResponse | None:
        """What happens before, or in place of, asking."""
        if fault.what is FaultKind.REFUSE:
            raise Unreachable("ct", "connection refused")
        if fault.what is FaultKind.DROP:
            if request.kind is RequestKind.WEBHOOK:  # somebody waits for it
                await self.clock.sleep(options.read)
            raise Unreachable("rt", "no answer in time")
        if fault.what is FaultKind.HANG_UP and request.hang_up:
            request.hang_up()
        if fault.what is FaultKind.ERROR:
            why = f"{ERROR_NAMES[request.error_code]}: status {fault.status}"
            return WebhookResponse(
                url=url, status=fault.status, error_code=request.error_code, error_message=why
            )
        return None

    async def _send_once(
        self, request: WebhookRequest, url: str, options: ConnectionOverrides, token: str
    ) -> WebhookResponse:
        limits = aiohttp.ClientTimeout(
            total=options.total, sock_connect=options.connect, sock_read=options.read
        )
        try:
            with self.in_flight.track_request():
                return await self._follow_redirects(request, url, limits, token)
        except (aiohttp.ClientError, OSError, ValueError) as problem:
            trouble, code = _classify_error(problem)
            raise Unreachable(trouble, str(problem) or type(problem).__name__, code) from problem

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


ERROR_NAMES = {
    11100: "Invalid URL format",
    11200: "HTTP retrieval failure",
    11205: "HTTP connection failure",
    11206: "HTTP protocol violation",
    11210: "HTTP bad host name",
    11216: "HTTP invalid redirect",
    11220: "SSL/TLS Handshake Error",
    15003: "Call Progress: Warning Response to Callback URL",
    16011: "Conference Event: Error Response to Callback URL",
}
CONNECT_TIMEOUT, READ_TIMEOUT, NOT_RETRIED = "ct", "rt", ""
ERRORS_BY_EXCEPTION: tuple[tuple[type[Exception], str, int], ...] = (  # the first that fits
    (aiohttp.ClientConnectorCertificateError, CONNECT_TIMEOUT, 11220),
    (aiohttp.ClientConnectorSSLError, CONNECT_TIMEOUT, 11220),
    (aiohttp.ClientConnectorDNSError, CONNECT_TIMEOUT, 11210),
    (aiohttp.ConnectionTimeoutError, CONNECT_TIMEOUT, 11205),
    (aiohttp.ClientConnectorError, CONNECT_TIMEOUT, 11205),
    (TimeoutError, READ_TIMEOUT, 11205),
    (aiohttp.ClientPayloadError, NOT_RETRIED, 11206),  # a part of an answer is never asked for again
    (aiohttp.ClientResponseError, NOT_RETRIED, 11206),
    (aiohttp.ClientConnectionError, READ_TIMEOUT, 11205),
    (aiohttp.ClientError, NOT_RETRIED, 11100),
    (ValueError, NOT_RETRIED, 11100),
)


def _classify_error(problem: Exception) -> tuple[str, int]:
    """How the retry policy calls it, and Twilio's code."""
    return next(
        ((trouble, code) for kind, trouble, code in ERRORS_BY_EXCEPTION if isinstance(problem, kind)),
        (READ_TIMEOUT, 11205),
    )


def _with_query(url: str, params: Mapping[str, str]) -> str:
    parts = urlsplit(url)
    query = "&".join(part for part in (parts.query, urlencode(params)) if part)
    return urlunsplit(parts._replace(query=query))
