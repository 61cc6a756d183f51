"""What a webhook brought, made safe to read: nothing longer than Twilio sends, nothing that XML cannot carry."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import current_app, request

from ivr.domain.errors import Unavailable
from ivr.flow.model import Library
from ivr.flow.phrases.phrasebook import Phrasebook
from ivr.services import Services
from ivr.settings import Settings
from ivr.telephony.reply import remove_non_xml

MAX_PARAMETER_LENGTH = 4096  # characters of one parameter; Twilio's longest, SpeechResult, is far below


def services() -> Services:
    """Raises Unavailable while the record cannot be reached and never could."""
    made: Services = current_app.extensions["services"]()
    return made


def library() -> Library:
    """The flows that are followed; those of the files while the record was never reached."""
    try:
        return services().library
    except Unavailable:
        return library_of_files()


def library_of_files() -> Library:
    """The flows of the files, as they were when this process began."""
    found: Library = current_app.extensions["flows"]
    return found


def spoken_phrasebooks() -> tuple[Phrasebook, ...]:
    """The words of every language that callers are spoken to in."""
    found = library()
    return tuple(found.get_phrasebook(language) for language in found.languages)


def settings() -> Settings:
    found: Settings = current_app.extensions["settings"]
    return found


def is_https() -> bool:
    """Browsers come by https."""
    return settings().public_url.startswith("https://")


def is_same_origin() -> bool:
    """A form of ours, not another site's. Under no-referrer a browser says Origin: null, so it tells only what is foreign."""
    site, origin = request.headers.get("Sec-Fetch-Site", "none"), request.headers.get("Origin", "null")
    ours = urlsplit(settings().public_url)
    return site in ("same-origin", "none") and origin in ("null", f"{ours.scheme}://{ours.netloc}")


def client_ip() -> str:
    """Of the network, as the outermost of our own proxies saw it."""
    hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",")]
    behind = settings().trusted_proxies
    return (hops[-behind] if 0 < behind <= len(hops) else request.remote_addr or "")[:60]


def field(name: str) -> str:
    """A parameter of the webhook; "" when it is missing."""
    told = request.form.get(name) or request.args.get(name) or ""
    return remove_non_xml(told[:MAX_PARAMETER_LENGTH])


def int_field(name: str, default: int) -> int:
    told = field(name)
    return int(told) if told.isascii() and told.isdigit() and len(told) <= 4 else default


def idempotency_token() -> str:
    """The same on Twilio's own retries of one webhook."""
    return request.headers.get("I-Twilio-Idempotency-Token", "")[:100]
