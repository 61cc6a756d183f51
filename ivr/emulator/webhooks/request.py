"""A request of Twilio's to the app, and what came of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.cookies import SimpleCookie

from ivr.emulator.runtime.faults import RequestKind


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
