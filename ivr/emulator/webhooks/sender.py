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

from ivr.emulator.runtime.clock import Clock
from ivr.emulator.runtime.event_log import Journal
from ivr.emulator.runtime.faults import ON_THE_WIRE, Fault, Faults, What, Where
from ivr.emulator.runtime.formats import Sids
from ivr.emulator.runtime.idle import Busy
from ivr.emulator.webhooks import connection_overrides
from ivr.emulator.webhooks.connection_overrides import Overrides

MOST_REDIRECTS = 10
FOLLOWED = frozenset({301, 302, 303, 307})  # https://www.twilio.com/docs/api/errors/11216
FORM = "application/x-www-form-urlencoded; charset=UTF-8"
MOST_BYTES = {Where.WEBHOOK: 64 * 1024, Where.CALLBACK: 64 * 1024, Where.MEDIA: 16 * 1024 * 1024}


@dataclass(kw_only=True)
class Hook:
    """One request to the app."""

    url: str
    params: Mapping[str, str]
    method: str = "POST"
    where: Where = Where.WEBHOOK
    call: str | None = None  # CallSid, for the journal
    who: str | None = None
    cookies: SimpleCookie = field(default_factory=SimpleCookie)
    hang_up: Callable[[], None] | None = None  # what the person of that call can do at this instant
    refused: int = 11200  # Twilio's code when the app answers with an error
    json: str | None = None  # the body, instead of the parameters
    about_trouble: bool = False  # tells of an error: its own would never end


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came of it. `error` is Twilio's code, 0 when the app answered well."""

    url: str  # the last one requested
    status: int = 0
    content_type: str = ""
    body: bytes = b""
    error: int = 0
    why: str = ""


class Unreachable(Exception):
    def __init__(self, trouble: str, why: str, code: int = 11205) -> None:
        super().__init__(why)
        self.trouble = trouble  # "ct" or "rt", as the retry policy calls it; empty for what is not retried
        self.code = code


@dataclass(kw_only=True)
class Hooks:
    account_sid: str
    auth_token: str
    clock: Clock
    journal: Journal
    faults: Faults
    sids: Sids
    busy: Busy
    _session: aiohttp.ClientSession | None = None

    async def send(self, hook: Hook) -> Answer:
        """Ask, retry as the fragment says, and write down how it went. Never raises."""
        url, options = connection_overrides.split(hook.url)
        for code, why in () if hook.about_trouble else options.wrong:
            self.journal.error(code, why, call=hook.call, url=url)
        fault = self.faults.strike(hook.where, url, *ON_THE_WIRE)
        if fault and fault.what is What.LATE:
            await self.clock.sleep(fault.seconds)
        began = time.monotonic()
        answer = await self._attempts(hook, url, options, fault)
        self.journal.write(
            "debugger" if hook.about_trouble else hook.where.value,
            call=hook.call,
            who=hook.who,
            url=url,
            method=hook.method,
            params=dict(hook.params) if hook.json is None else json.loads(hook.json),
            status=answer.status,
            answer=answer.body.decode("utf-8", "replace"),
            milliseconds=round((time.monotonic() - began) * 1000, 1),
            fault=fault and fault.what.value,
        )
        if answer.error and not hook.about_trouble:
            self.journal.error(answer.error, answer.why, call=hook.call, url=url)
        return answer

    async def close(self) -> None:
        if self._session:
            await self._session.close()

    async def _attempts(self, hook: Hook, url: str, options: Overrides, fault: Fault | None) -> Answer:
        token = self.sids.new("")
        answer = Answer(url=url, error=11205, why="no attempt")
        began, since, left = self.clock.now(), time.monotonic(), options.total
        # a callback that is dropped is lost, however often it is tried; a webhook is lost once
        lost = fault is not None and fault.what is What.DROP and hook.where is Where.CALLBACK
        for attempt in range(options.retries + 1):
            limits = replace(options, read=min(options.read, left), total=left)
            try:
                answer = await self._faulty(hook, url, limits, token, fault if attempt == 0 or lost else None)
            except Unreachable as problem:
                answer = Answer(url=url, error=problem.code, why=f"{NAMES[problem.code]}: {problem}")
                trouble = problem.trouble
            else:
                trouble = {4: "4xx", 5: "5xx"}.get(answer.status // 100, "")
            left = options.total - max(self.clock.now() - began, time.monotonic() - since)
            if not trouble or not options.retry(trouble) or left <= 0:
                break
        return answer

    async def _faulty(
        self, hook: Hook, url: str, options: Overrides, token: str, fault: Fault | None
    ) -> Answer:
        """One attempt, with whatever goes wrong on purpose."""
        if fault is None:
            return await self._exchange(hook, url, options, token)
        if (answer := await self._instead(hook, url, options, fault)) is not None:
            return answer
        answer = await self._exchange(hook, url, options, token)
        if fault.what is What.TWICE:
            answer = await self._exchange(hook, url, options, token)
        if fault.what is What.LOSE_RESPONSE:
            raise Unreachable("rt", "connection reset before the answer")
        if fault.what is What.SLOW:
            await self.clock.sleep(min(fault.seconds, options.read))
            if fault.seconds >= options.read:
                raise Unreachable("rt", "answered too late")
        return answer

    async def _instead(self, hook: Hook, url: str, options: Overrides, fault: Fault) -> Answer | None:
        """What happens before, or in place of, asking."""
        if fault.what is What.REFUSE:
            raise Unreachable("ct", "connection refused")
        if fault.what is What.DROP:
            if hook.where is Where.WEBHOOK:  # somebody waits for it
                await self.clock.sleep(options.read)
            raise Unreachable("rt", "no answer in time")
        if fault.what is What.HANG_UP and hook.hang_up:
            hook.hang_up()
        if fault.what is What.ERROR:
            why = f"{NAMES[hook.refused]}: status {fault.status}"
            return Answer(url=url, status=fault.status, error=hook.refused, why=why)
        return None

    async def _exchange(self, hook: Hook, url: str, options: Overrides, token: str) -> Answer:
        limits = aiohttp.ClientTimeout(
            total=options.total, sock_connect=options.connect, sock_read=options.read
        )
        try:
            with self.busy.working():
                return await self._follow(hook, url, limits, token)
        except (aiohttp.ClientError, OSError, ValueError) as problem:
            trouble, code = _trouble(problem)
            raise Unreachable(trouble, str(problem) or type(problem).__name__, code) from problem

    async def _follow(self, hook: Hook, url: str, limits: aiohttp.ClientTimeout, token: str) -> Answer:
        method = hook.method
        target, form, body = _first(hook, url)
        for _ in range(MOST_REDIRECTS + 1):
            headers = self._headers(target, form, token, hook.cookies)
            if body is not None:
                headers["Content-Type"] = FORM if hook.json is None else "application/json"
            async with self._http().request(
                method, target, data=body, headers=headers, timeout=limits, allow_redirects=False
            ) as response:
                for name, morsel in response.cookies.items():
                    with suppress(CookieError):
                        hook.cookies[name] = morsel.value
                content = await _read(response, MOST_BYTES[hook.where])
                if not 300 <= response.status < 400:
                    return _answer(hook, target, response, content)
                if response.status not in FOLLOWED or "Location" not in response.headers:
                    why = f"HTTP invalid redirect: status {response.status}"
                    return Answer(url=target, status=response.status, error=11216, why=why)
                target = urljoin(target, response.headers["Location"])
                if response.status != 307:  # as a browser does, without the parameters
                    method, form, body = "GET", {}, None
        return Answer(url=target, error=11215, why="HTTP too many redirects")

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

    def _http(self) -> aiohttp.ClientSession:
        if self._session is None:
            # a cookie of the app that is no cookie is the app's affair, not a line on our stderr
            logging.getLogger("aiohttp.internal").addHandler(logging.NullHandler())
            connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=30)
            self._session = aiohttp.ClientSession(
                connector=connector, cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=True
            )
        return self._session


async def _read(response: aiohttp.ClientResponse, most: int) -> bytes:
    """The whole body, or a little more than `most` of it."""
    body = bytearray()
    while len(body) <= most and (more := await response.content.read(most)):
        body += more
    return bytes(body)


def _answer(hook: Hook, url: str, response: aiohttp.ClientResponse, body: bytes) -> Answer:
    error, why = 0, ""
    if not 200 <= response.status < 300:
        error, why = hook.refused, f"{NAMES[hook.refused]}: status {response.status}"
    elif len(body) > MOST_BYTES[hook.where]:
        error, why = 11750, "TwiML response body too large"
    return Answer(
        url=url, status=response.status, content_type=response.content_type, body=body, error=error, why=why
    )


def _first(hook: Hook, url: str) -> tuple[str, Mapping[str, str], str | None]:
    """What is asked before any redirect: the address, the parameters that are signed, the body."""
    if hook.json is not None:
        digest = sha256(hook.json.encode()).hexdigest()
        return _with_query(url, {"bodySHA256": digest}), {}, hook.json
    if hook.method == "POST":
        return url, hook.params, urlencode(hook.params)
    return _with_query(url, hook.params), {}, None


NAMES = {
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
CONNECT, READ, NEVER = "ct", "rt", ""
TROUBLES: tuple[tuple[type[Exception], str, int], ...] = (  # the first that fits
    (aiohttp.ClientConnectorCertificateError, CONNECT, 11220),
    (aiohttp.ClientConnectorSSLError, CONNECT, 11220),
    (aiohttp.ClientConnectorDNSError, CONNECT, 11210),
    (aiohttp.ConnectionTimeoutError, CONNECT, 11205),
    (aiohttp.ClientConnectorError, CONNECT, 11205),
    (TimeoutError, READ, 11205),
    (aiohttp.ClientPayloadError, NEVER, 11206),  # a part of an answer is never asked for again
    (aiohttp.ClientResponseError, NEVER, 11206),
    (aiohttp.ClientConnectionError, READ, 11205),
    (aiohttp.ClientError, NEVER, 11100),
    (ValueError, NEVER, 11100),
)


def _trouble(problem: Exception) -> tuple[str, int]:
    """How the retry policy calls it, and Twilio's code."""
    return next(
        ((trouble, code) for kind, trouble, code in TROUBLES if isinstance(problem, kind)), (READ, 11205)
    )


def _with_query(url: str, params: Mapping[str, str]) -> str:
    parts = urlsplit(url)
    query = "&".join(part for part in (parts.query, urlencode(params)) if part)
    return urlunsplit(parts._replace(query=query))
