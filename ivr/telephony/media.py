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

from ivr.domain.errors import TelephonyError, TryLater, UnusablePhoto
from ivr.domain.records.photo import PhotoRejection
from ivr.telephony.errors import make_error

MAX_BYTES = 10 * 1024 * 1024  # bytes; Twilio takes 5 MB with a text
MAX_FETCH_SECONDS = 25.0  # seconds from the first byte asked for to the last one
MAX_REDIRECTS = 3
CHUNK_BYTES = 65536
TWILIO_DOMAIN = ".twilio.com"
# of the files themselves, https://help.twilio.com/articles/223183748
FILE_HOSTS = ("mms.twiliocdn.com", "media.twiliocdn.com")
OLD_FILE_LOCATION = ("s3-external-1.amazonaws.com", "/media.twiliocdn.com/")
_MEDIA_PATH = re.compile(r"/2010-04-01/Accounts/(AC\w{32})/Messages/((?:MM|SM)\w{32})/Media/(ME\w{32})")


class MediaClient:
    """Of one account. `timeout_seconds`: for an answer to begin."""

    def __init__(self, *, account_sid: str, auth_token: str, api_url: str, timeout_seconds: float) -> None:
        self._account, self._base = account_sid, api_url.rstrip("/")
        self._is_twilio = f".{urlsplit(self._base).netloc}".endswith(TWILIO_DOMAIN)
        self._credentials = urllib3.make_headers(basic_auth=f"{account_sid}:{auth_token}")
        self._pool = urllib3.PoolManager(
            ca_certs=certifi.where(), timeout=urllib3.Timeout(connect=5, read=timeout_seconds), retries=False
        )

    def parse_media_sid(self, url: str) -> str:
        """The name of the medium at an address that a webhook brought; "" when it is none of this account's."""
        parts = urlsplit(url)
        found = _MEDIA_PATH.fullmatch(parts.path)
        here = self._is_api_url(url) or (
            self._is_twilio and f".{parts.netloc}".endswith(TWILIO_DOMAIN)
        )  # of any region
        return found[3] if found and found[1] == self._account and here else ""

    def fetch(self, message_sid: str, media_sid: str) -> bytes:
        """As it came. Raises UnusablePhoto (too large, sent on to a stranger) and TelephonyError; status 404: it is no more."""
        url, headers = self._make_url(message_sid, media_sid), dict(self._credentials)
        until = time.monotonic() + MAX_FETCH_SECONDS
        for _ in range(MAX_REDIRECTS):
            answer = self._request("GET", url, headers)
            try:
                if answer.status in (301, 302, 303, 307, 308):
                    url, headers = urljoin(url, answer.headers.get("Location", "")), {}
                    if not self._is_file_url(url):
                        raise UnusablePhoto(PhotoRejection.FOREIGN_ADDRESS)
                    continue
                if answer.status != 200:
                    raise make_error(status=answer.status)
                return _read_body(answer, until)
            finally:
                answer.close()
        raise UnusablePhoto(PhotoRejection.FOREIGN_ADDRESS)

    def delete(self, message_sid: str, media_sid: str) -> None:
        """From the account. Harmless to repeat. Raises TelephonyError."""
        answer = self._request(
            "DELETE", f"{self._make_url(message_sid, media_sid)}.json", dict(self._credentials)
        )
        answer.close()
        if answer.status >= 300 and answer.status != 404:
            raise make_error(status=answer.status)

    def _make_url(self, message_sid: str, media_sid: str) -> str:
        return f"{self._base}/2010-04-01/Accounts/{self._account}/Messages/{message_sid}/Media/{media_sid}"

    def _request(self, method: str, url: str, headers: dict[str, str]) -> urllib3.BaseHTTPResponse:
        try:
            return self._pool.request(method, url, headers=headers, redirect=False, preload_content=False)
        except HTTPError as e:
            raise TryLater("Twilio cannot be reached.") from e

    def _is_api_url(self, url: str) -> bool:
        asked, own = urlsplit(url), urlsplit(self._base)
        return (asked.scheme, asked.netloc) == (own.scheme, own.netloc)

    def _is_file_url(self, url: str) -> bool:
        parts = urlsplit(url)
        if self._is_api_url(url):
            return True
        if parts.scheme != "https" or parts.netloc != parts.hostname:  # no port, and nobody's name in it
            return False
        host, folder = OLD_FILE_LOCATION
        return parts.netloc in FILE_HOSTS or (parts.netloc == host and parts.path.startswith(folder))


def _read_body(answer: urllib3.BaseHTTPResponse, deadline: float) -> bytes:
    data = bytearray()
    try:
        # as it is on the wire: what is packed could be without end
        for chunk in answer.stream(CHUNK_BYTES, decode_content=False):
            data += chunk
            if len(data) > MAX_BYTES:
                raise UnusablePhoto(PhotoRejection.TOO_LARGE)
            if time.monotonic() > deadline:
                raise TelephonyError("Twilio sends a picture too slowly.")
    except HTTPError as e:
        raise TryLater("Twilio broke off a picture.") from e
    return bytes(data)
