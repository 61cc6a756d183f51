"""Pictures that came with texts: fetched from the account, and deleted there.

Where a picture is asked for is made of two names of Twilio's, never of an address that somebody sent: a request of ours cannot be
led elsewhere. Twilio sends on to where the file lies (https://www.twilio.com/docs/messaging/api/media-resource); that is followed
to its own hosts alone, and without the account's credentials.
"""

from __future__ import annotations

import re
import time
from urllib.parse import urljoin, urlsplit

import certifi
import urllib3
from urllib3.exceptions import HTTPError

from ivr.domain.errors import TelephonyError, TryLater, Unfit
from ivr.domain.records.photo import Why
from ivr.telephony.errors import translate

LARGEST = 10 * 1024 * 1024  # bytes; Twilio takes 5 MB with a text
LONGEST = 25.0  # seconds from the first byte asked for to the last one
HOPS = 3
CHUNK = 65536
DOMAIN = ".twilio.com"
# of the files themselves, https://help.twilio.com/articles/223183748
FILES = ("mms.twiliocdn.com", "media.twiliocdn.com")
OLD_FILES = ("s3-external-1.amazonaws.com", "/media.twiliocdn.com/")
_MEDIUM = re.compile(r"/2010-04-01/Accounts/(AC\w{32})/Messages/((?:MM|SM)\w{32})/Media/(ME\w{32})")


class Media:
    """Of one account. `seconds`: for an answer to begin."""

    def __init__(self, *, account_sid: str, auth_token: str, api_url: str, seconds: float) -> None:
        self._account, self._base = account_sid, api_url.rstrip("/")
        self._twilios = f".{urlsplit(self._base).netloc}".endswith(DOMAIN)
        self._credentials = urllib3.make_headers(basic_auth=f"{account_sid}:{auth_token}")
        self._pool = urllib3.PoolManager(
            ca_certs=certifi.where(), timeout=urllib3.Timeout(connect=5, read=seconds), retries=False
        )

    def name(self, url: str) -> str:
        """The name of the medium at an address that a webhook brought; "" when it is none of this account's."""
        parts = urlsplit(url)
        found = _MEDIUM.fullmatch(parts.path)
        here = self._is_api(url) or (self._twilios and f".{parts.netloc}".endswith(DOMAIN))  # of any region
        return found[3] if found and found[1] == self._account and here else ""

    def fetch(self, message: str, medium: str) -> bytes:
        """As it came. Raises Unfit (too large, sent on to a stranger) and TelephonyError; status 404: it is no more."""
        url, headers = self._url(message, medium), dict(self._credentials)
        until = time.monotonic() + LONGEST
        for _ in range(HOPS):
            answer = self._ask("GET", url, headers)
            try:
                if answer.status in (301, 302, 303, 307, 308):
                    url, headers = urljoin(url, answer.headers.get("Location", "")), {}
                    if not self._is_file(url):
                        raise Unfit(Why.ELSEWHERE)
                    continue
                if answer.status != 200:
                    raise translate(status=answer.status)
                return _read(answer, until)
            finally:
                answer.close()
        raise Unfit(Why.ELSEWHERE)

    def delete(self, message: str, medium: str) -> None:
        """From the account. Harmless to repeat. Raises TelephonyError."""
        answer = self._ask("DELETE", f"{self._url(message, medium)}.json", dict(self._credentials))
        answer.close()
        if answer.status >= 300 and answer.status != 404:
            raise translate(status=answer.status)

    def _url(self, message: str, medium: str) -> str:
        return f"{self._base}/2010-04-01/Accounts/{self._account}/Messages/{message}/Media/{medium}"

    def _ask(self, method: str, url: str, headers: dict[str, str]) -> urllib3.BaseHTTPResponse:
        try:
            return self._pool.request(method, url, headers=headers, redirect=False, preload_content=False)
        except HTTPError as e:
            raise TryLater("Twilio cannot be reached.") from e

    def _is_api(self, url: str) -> bool:
        asked, own = urlsplit(url), urlsplit(self._base)
        return (asked.scheme, asked.netloc) == (own.scheme, own.netloc)

    def _is_file(self, url: str) -> bool:
        parts = urlsplit(url)
        if self._is_api(url):
            return True
        if parts.scheme != "https" or parts.netloc != parts.hostname:  # no port, and nobody's name in it
            return False
        host, folder = OLD_FILES
        return parts.netloc in FILES or (parts.netloc == host and parts.path.startswith(folder))


def _read(answer: urllib3.BaseHTTPResponse, until: float) -> bytes:
    data = bytearray()
    try:
        # as it is on the wire: what is packed could be without end
        for chunk in answer.stream(CHUNK, decode_content=False):
            data += chunk
            if len(data) > LARGEST:
                raise Unfit(Why.TOO_LARGE)
            if time.monotonic() > until:
                raise TelephonyError("Twilio sends a picture too slowly.")
    except HTTPError as e:
        raise TryLater("Twilio broke off a picture.") from e
    return bytes(data)
