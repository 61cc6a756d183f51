"""Texts, recordings, the account's own numbers and its applications."""

from dataclasses import dataclass, field

from ivr.emulator.calls.signals import Events


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
    media: tuple[str, ...] = ()  # where the pictures are
    media_sids: tuple[
        str, ...
    ] = ()  # and what each is called, in the same order; "" = deleted from the account
    error_code: int | None = None
    error_message: str | None = None
    callback: str = ""


@dataclass(kw_only=True)
class Recording:
    """Runs from `created` until `ended`; its file is there from `ready` on. Times are epoch seconds."""

    sid: str
    call_sid: str
    created: float
    updated: float
    source: str  # RecordVerb, DialVerb, Conference, OutboundAPI, StartCallRecordingAPI
    events: Events | None = None  # who is told of its beginning and its end
    words: list[str] = field(default_factory=list)  # what was said into it
    conference_sid: str | None = None
    channels: int = 1
    track: str = "both"
    paused: float | None = None  # since when
    skipping: bool = False  # a pause leaves no silence in the file
    skipped: float = 0.0  # seconds
    ended: float | None = None
    ready: float = 0.0

    @property
    def live(self) -> bool:
        return self.ended is None

    @property
    def duration(self) -> int:
        """Whole seconds, once it has ended."""
        return round((self.updated if self.ended is None else self.ended) - self.created - self.skipped)

    @property
    def absent(self) -> bool:
        """It has ended with nothing in it."""
        return self.ended is not None and self.duration <= 0

    def status(self, now: float) -> str:
        if self.ended is None:
            return "in-progress" if self.paused is None else "paused"
        if now < self.ready:
            return "processing"
        return "absent" if self.absent else "completed"


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


@dataclass(kw_only=True)
class Application:
    """What several numbers and calls have in common; `settings` as a number has them."""

    sid: str
    created: float
    updated: float
    settings: dict[str, str] = field(default_factory=dict)

    def get(self, name: str) -> str:
        return self.settings.get(name, "")
