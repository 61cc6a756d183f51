"""Texts, recordings, the account's own numbers and its applications."""

from dataclasses import dataclass, field

from ivr.emulator.calls.signals import StatusCallback


@dataclass(kw_only=True)
class Message:
    sid: str
    from_: str
    to: str
    body: str
    direction: str  # inbound, outbound-api, outbound-reply
    status: str
    created_at: float
    updated_at: float
    sent_at: float | None = None
    media_urls: tuple[str, ...] = ()  # where the pictures are
    media_sids: tuple[
        str, ...
    ] = ()  # and what each is called, in the same order; "" = deleted from the account
    error_code: int | None = None
    error_message: str | None = None
    status_callback_url: str = ""


@dataclass(kw_only=True)
class Recording:
    """Runs from `created_at` until `ended_at`; its file is there from `ready_at` on. Times are epoch seconds."""

    sid: str
    call_sid: str
    created_at: float
    updated_at: float
    source: str  # RecordVerb, DialVerb, Conference, OutboundAPI, StartCallRecordingAPI
    status_callback: StatusCallback | None = None  # who is told of its beginning and its end
    words: list[str] = field(default_factory=list)  # what was said into it
    conference_sid: str | None = None
    channels: int = 1
    track: str = "both"
    paused_at: float | None = None  # since when
    pause_skips: bool = False  # a pause leaves no silence in the file
    skipped_seconds: float = 0.0  # seconds
    ended_at: float | None = None
    ready_at: float = 0.0

    @property
    def is_running(self) -> bool:
        return self.ended_at is None

    @property
    def duration(self) -> int:
        """Whole seconds, once it has ended."""
        return round(
            (self.updated_at if self.ended_at is None else self.ended_at)
            - self.created_at
            - self.skipped_seconds
        )

    @property
    def is_absent(self) -> bool:
        """It has ended with nothing in it."""
        return self.ended_at is not None and self.duration <= 0

    def status(self, now: float) -> str:
        if self.ended_at is None:
            return "in-progress" if self.paused_at is None else "paused"
        if now < self.ready_at:
            return "processing"
        return "absent" if self.is_absent else "completed"


@dataclass(kw_only=True)
class IncomingPhoneNumber:
    """`settings` are Twilio's properties by their JSON names, such as `voice_url`."""

    sid: str
    phone_number: str
    created_at: float
    updated_at: float
    settings: dict[str, str] = field(default_factory=dict)

    def get(self, name: str) -> str:
        return self.settings.get(name, "")


@dataclass(kw_only=True)
class Application:
    """What several numbers and calls have in common; `settings` as a number has them."""

    sid: str
    created_at: float
    updated_at: float
    settings: dict[str, str] = field(default_factory=dict)

    def get(self, name: str) -> str:
        return self.settings.get(name, "")
