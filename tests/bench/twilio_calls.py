"""Webhooks as Twilio sends them: all the fields it sends, signed, ready to be written to a socket."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import md5
from urllib.parse import urlencode

from twilio.request_validator import RequestValidator

from ivr.domain import phone_numbers

ACCOUNT = "AC" + "0" * 32
TOKEN = "c" * 32
LINE = "+12025550100"
_PLACE = {"City": "WASHINGTON", "Country": "US", "State": "DC", "Zip": "20001"}


@dataclass(frozen=True, kw_only=True)
class Caller:
    call: str  # CallSid
    number: str


def callers(count: int, salt: str, *, first: int = 0) -> list[Caller]:
    """Each with a call and a number of their own: the `first` and following of those kept for fiction."""
    return [
        Caller(
            call="CA" + md5(f"{salt} {i}".encode(), usedforsecurity=False).hexdigest(),
            number=NUMBERS[(first + i) % len(NUMBERS)],
        )
        for i in range(count)
    ]


NUMBERS = [
    f"+1{area}55501{last:02}"
    for area in range(201, 990)
    if phone_numbers.parse_caller_number(f"+1{area}5550123")
    for last in range(100)
]


def fields(caller: Caller, **more: str) -> dict[str, str]:
    """A voice webhook's parameters: 26, with `heard` those of a Gather's action: 29.

    https://www.twilio.com/docs/voice/twiml#request-parameters
    """
    ends = {"Called": LINE, "Caller": caller.number, "From": caller.number, "To": LINE}
    places = {end + part: value for end in ends for part, value in _PLACE.items()}
    about = {
        "AccountSid": ACCOUNT,
        "ApiVersion": "2010-04-01",
        "CallSid": caller.call,
        "CallStatus": "in-progress",
        "Direction": "inbound",
        "StirVerstat": "TN-Validation-Passed-A",
    }
    return {**about, **ends, **places, **more}


def heard(keys: str) -> dict[str, str]:
    return {"Digits": keys, "FinishedOnKey": "", "msg": "Gather End"}


class Sender:
    """Signs for one app. `base`: its public address, `port`: where it listens."""

    def __init__(self, base: str, port: int) -> None:
        self._base, self._host = base, f"127.0.0.1:{port}"
        self._validator = RequestValidator(TOKEN)

    def post(self, path: str, form: Mapping[str, str]) -> bytes:
        """The request, byte by byte."""
        body = urlencode(form).encode()
        head = {
            "Host": self._host,
            "User-Agent": "TwilioProxy/1.1",
            "Accept": "*/*",
            "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
            "Content-Length": str(len(body)),
            "X-Twilio-Signature": self._validator.compute_signature(self._base + path, dict(form)),
            "I-Twilio-Idempotency-Token": md5(path.encode() + body, usedforsecurity=False).hexdigest(),
        }
        lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
        return f"POST {path} HTTP/1.1\r\n{lines}\r\n".encode() + body

    def answer(self, caller: Caller) -> bytes:
        return self.post("/voice/answer", fields(caller))

    def steps(self, contact: str, caller: Caller, keys: Sequence[str]) -> list[bytes]:
        """One after the other, as the caller presses them."""
        return [
            self.post(f"/voice/step/{contact}/{n}", fields(caller, **heard(key)))
            for n, key in enumerate(keys, 1)
        ]
