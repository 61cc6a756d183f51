"""Twilio's codes for a request that the app did not answer well, and how its retry policy calls them."""

import aiohttp

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


class Unreachable(Exception):
    def __init__(self, retry_reason: str, message: str, code: int = 11205) -> None:
        super().__init__(message)
        self.retry_reason = (
            retry_reason  # "ct" or "rt", as the retry policy calls it; empty for what is not retried
        )
        self.code = code


def classify_error(problem: Exception) -> tuple[str, int]:
    """How the retry policy calls it, and Twilio's code."""
    return next(
        ((trouble, code) for kind, trouble, code in ERRORS_BY_EXCEPTION if isinstance(problem, kind)),
        (READ_TIMEOUT, 11205),
    )
