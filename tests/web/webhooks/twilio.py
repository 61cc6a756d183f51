"""Twilio's side of a webhook, by hand: what to send, how it is signed, and what came back."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection
from urllib.parse import quote, urlencode, urlsplit
from xml.etree import ElementTree as ET

from flask import Flask
from twilio.request_validator import RequestValidator

from ivr.settings import Settings
from ivr.web.webhooks import fallback, texts, voice

VERBS = frozenset(
    {"Say", "Play", "Pause", "Gather", "Redirect", "Hangup", "Enqueue", "Leave", "Dial", "Record", "Message"}
)
EVENTS = frozenset(  # nobody listens: no TwiML
    {
        "voice.status",
        "voice.conference_event",
        "voice.agent_status",
        "voice.callback_status",
        "voice.callback_machine",
        "fallback.recorded",
        "texts.status",
    }
)
Params = Mapping[str, str] | Iterable[tuple[str, str]]


@dataclass(frozen=True, kw_only=True)
class Answer:
    status: int
    body: str
    headers: Mapping[str, str]
    seconds: float  # until the answer was there

    @property
    def twiml(self) -> ET.Element:
        assert self.status == 200, (self.status, self.body)
        assert self.headers["Content-Type"].startswith("text/xml")
        root = ET.fromstring(self.body)  # noqa: S314 - our own app's
        assert root.tag == "Response"
        assert {verb.tag for verb in root} <= VERBS
        return root

    @property
    def verbs(self) -> list[str]:
        return [verb.tag for verb in self.twiml]

    @property
    def words(self) -> str:
        return " ".join(" ".join(say.itertext()) for say in self.twiml.iter("Say"))


@dataclass(kw_only=True)
class Twilio:
    """Sends signed requests to the web app at `url`, PUBLIC_URL unless another process is meant."""

    settings: Settings
    url: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    def sign(self, url: str, params: Mapping[str, list[str]] | str) -> str:
        validator = RequestValidator(self.settings.twilio_auth_token.get_secret_value())
        if isinstance(params, str):
            return str(validator.compute_signature(url, {}))
        return str(validator.compute_signature(url, _Fields(params)))

    def post(self, path: str, params: Params = (), *, token: str = "", signed: bool = True) -> Answer:
        pairs = list(params.items() if isinstance(params, Mapping) else params)
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        if token:
            headers["I-Twilio-Idempotency-Token"] = token
        if signed:
            fields: dict[str, list[str]] = {}
            for name, value in pairs:
                fields.setdefault(name, []).append(value)
            headers["X-Twilio-Signature"] = self.sign(self.settings.public_url + path, fields)
        return self.send("POST", path, urlencode(pairs).encode(), headers)

    def get(self, path: str, *, signed: bool = False) -> Answer:
        headers = {"X-Twilio-Signature": self.sign(self.settings.public_url + path, {})} if signed else {}
        return self.send("GET", path, None, headers)

    def send(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
        where = urlsplit(self.url or self.settings.public_url)
        wire = HTTPConnection(where.hostname or "", where.port, timeout=20)
        began = time.monotonic()
        try:
            wire.request(method, path, body, {**headers, **self.headers})
            answer = wire.getresponse()
            told = answer.read()
            return Answer(
                status=answer.status,
                body=told.decode("utf-8", "replace"),
                headers=dict(answer.headers),
                seconds=time.monotonic() - began,
            )
        finally:
            wire.close()

    def counted(self, figure: str, **labels: str) -> float:
        """A figure of /metrics, over all its labels or those that match."""
        wanted = ",".join(f'{name}="{pattern}"' for name, pattern in labels.items()) or "[^}]*"
        lines = re.findall(
            rf"^{figure}(?:_total)?(?:{{{wanted}}})? (\S+)$", self.get("/metrics").body, re.MULTILINE
        )
        return sum(map(float, lines))


class _Fields(dict[str, list[str]]):
    """Repeated fields, as the SDK's validator reads them."""

    def getlist(self, name: str) -> list[str]:
        return self[name]


def call(sid: str = "CA" + "a" * 32, from_: str = "+12025550155", **more: str) -> dict[str, str]:
    """What Twilio tells of an incoming call."""
    told = {
        "CallSid": sid,
        "From": from_,
        "To": "+12025550100",
        "CallStatus": "in-progress",
        "Direction": "inbound",
    }
    return told | more


@dataclass(frozen=True, kw_only=True)
class Route:
    """An address that Twilio is given."""

    endpoint: str
    names: tuple[str, ...]
    numbers: tuple[str, ...]
    rule: str

    @property
    def voice(self) -> bool:
        """Somebody listens to the answer."""
        return self.endpoint not in EVENTS

    def path(self, name: str, number: int | str) -> str:
        filled = re.sub(r"<int:\w+>", quote(str(number), safe=""), self.rule)
        return re.sub(r"<\w+>", quote(name, safe=""), filled)


def _routes() -> list[Route]:
    app = Flask(__name__)
    for blueprint in (voice.routes, texts.routes, fallback.routes):
        app.register_blueprint(blueprint)
    return [
        Route(
            endpoint=rule.endpoint,
            names=tuple(re.findall(r"<(\w+)>", rule.rule)),
            numbers=tuple(re.findall(r"<int:(\w+)>", rule.rule)),
            rule=rule.rule,
        )
        for rule in app.url_map.iter_rules()
        if rule.endpoint != "static"
    ]


ROUTES = _routes()
