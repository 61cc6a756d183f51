"""Access tokens, with which a browser registers as a client: read and checked as Twilio would.

https://www.twilio.com/docs/iam/access-tokens; codes: https://www.twilio.com/docs/api/errors
"""

import binascii
import hmac
import json
import re
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from ivr.emulator.account.world import World

MAX_LIFETIME_SECONDS = 86_400  # seconds that a token may be good for
IDENTITY = re.compile(r"[A-Za-z0-9_]{1,121}")  # what every one of Twilio's voice SDKs takes


class InvalidAccessToken(Exception):
    """The token opens nothing."""

    def __init__(self, code: int, why: str) -> None:
        super().__init__(why)
        self.code = code


@dataclass(frozen=True, kw_only=True)
class AccessToken:
    identity: str
    expires_at: float  # epoch seconds, of real time: what makes tokens knows no other


def verify_token(world: World, text: str, now: float, *, expected_identity: str = "") -> AccessToken:
    """`now`: epoch seconds of real time. `expected_identity`: the identity that it must have, if any. Raises InvalidAccessToken."""
    try:
        signed, _, signature = text.rpartition(".")
        header, payload = (_decode_json(one) for one in signed.split("."))
        given = _decode_base64(signature)
    except ValueError as problem:  # of base64, of letters and of JSON too
        raise InvalidAccessToken(20101, "Invalid Access Token") from problem
    if header.get("alg") != "HS256" or header.get("cty") != "twilio-fpa;v=1":
        raise InvalidAccessToken(20102, "Invalid Access Token header")
    secret = world.api_keys.get(str(payload.get("iss")))
    if secret is None or payload.get("sub") != world.exchange.account_sid:
        raise InvalidAccessToken(20103, "Invalid Access Token issuer/subject")
    if not hmac.compare_digest(hmac.new(secret.encode(), signed.encode(), sha256).digest(), given):
        raise InvalidAccessToken(20107, "Invalid Access Token signature")
    begins, expires = float(payload.get("nbf", 0)), float(payload.get("exp", 0))
    if expires <= now or expires - max(begins, now) > MAX_LIFETIME_SECONDS:
        raise InvalidAccessToken(20104, "Access Token has expired or expiration date invalid")
    if begins > now + 1:  # it was cut off to whole seconds
        raise InvalidAccessToken(20105, "Access Token not yet valid")
    identity = _identity_from_grants(payload.get("grants"))
    if expected_identity not in ("", identity):
        raise InvalidAccessToken(20106, "Invalid Access Token grants")
    return AccessToken(identity=identity, expires_at=expires)


def _identity_from_grants(grants: Any) -> str:
    """Whose it is, if calls may come in."""
    voice = grants.get("voice") if isinstance(grants, Mapping) else None
    incoming = voice.get("incoming") if isinstance(voice, Mapping) else None
    found = str(grants.get("identity", "")) if isinstance(grants, Mapping) else ""
    if (
        not isinstance(incoming, Mapping)
        or incoming.get("allow") is not True
        or not IDENTITY.fullmatch(found)
    ):
        raise InvalidAccessToken(20106, "Invalid Access Token grants")
    return found


def _decode_json(text: str) -> dict[str, Any]:
    found = json.loads(_decode_base64(text))
    if not isinstance(found, dict):
        raise ValueError("no object")  # noqa: TRY004 - it is wrong like any other text
    return found


def _decode_base64(text: str) -> bytes:
    try:
        return urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error as problem:
        raise ValueError("no base64") from problem
