"""Texts, recordings and the account's own numbers."""

from dataclasses import dataclass, field


@dataclass(kw_only=True)
class Message:
    sid: str
    from_: str
    to: str
    body: str
    direction: str  # inbound, outbound-api, outbound-reply
    status: str
    created: float
    updated: float
    sent: float | None = None
    media: tuple[str, ...] = ()
    error_code: int | None = None
    error_message: str | None = None
    callback: str = ""


@dataclass(kw_only=True)
class Recording:
    sid: str
    call_sid: str
    created: float
    updated: float
    duration: int  # seconds
    source: str  # RecordVerb, DialVerb, Conference, OutboundAPI
    words: str = ""  # what was said into it
    conference_sid: str | None = None
    channels: int = 1
    ready: float = 0.0  # until then it is "processing"


@dataclass(kw_only=True)
class Number:
    """`settings` are Twilio's properties by their JSON names, such as `voice_url`."""

    sid: str
    phone_number: str
    created: float
    updated: float
    settings: dict[str, str] = field(default_factory=dict)

    def get(self, name: str) -> str:
        return self.settings.get(name, "")
