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

LONGEST = 86_400  # seconds that a token may be good for
IDENTITY = re.compile(r"[A-Za-z0-9_]{1,121}")  # what every one of Twilio's voice SDKs takes


class Refused(Exception):
    """The token opens nothing."""

    def __init__(self, code: int, why: str) -> None:
        super().__init__(why)
        self.code = code


@dataclass(frozen=True, kw_only=True)
class Token:
    identity: str
    expires: float  # epoch seconds, of real time: what makes tokens knows no other


def read(world: World, text: str, now: float, *, whose: str = "") -> Token:
    """`now`: epoch seconds of real time. `whose`: the identity that it must have, if any. Raises Refused."""
    try:
        signed, _, signature = text.rpartition(".")
        header, payload = (_part(one) for one in signed.split("."))
        given = _bytes(signature)
    except ValueError as problem:  # of base64, of letters and of JSON too
        raise Refused(20101, "Invalid Access Token") from problem
    if header.get("alg") != "HS256" or header.get("cty") != "twilio-fpa;v=1":
        raise Refused(20102, "Invalid Access Token header")
    secret = world.api_keys.get(str(payload.get("iss")))
    if secret is None or payload.get("sub") != world.exchange.account_sid:
        raise Refused(20103, "Invalid Access Token issuer/subject")
    if not hmac.compare_digest(hmac.new(secret.encode(), signed.encode(), sha256).digest(), given):
        raise Refused(20107, "Invalid Access Token signature")
    begins, expires = float(payload.get("nbf", 0)), float(payload.get("exp", 0))
    if expires <= now or expires - max(begins, now) > LONGEST:
        raise Refused(20104, "Access Token has expired or expiration date invalid")
    if begins > now + 1:  # it was cut off to whole seconds
        raise Refused(20105, "Access Token not yet valid")
    identity = _identity(payload.get("grants"))
    if whose not in ("", identity):
        raise Refused(20106, "Invalid Access Token grants")
    return Token(identity=identity, expires=expires)


def _identity(grants: Any) -> str:
    """Whose it is, if calls may come in."""
    voice = grants.get("voice") if isinstance(grants, Mapping) else None
    incoming = voice.get("incoming") if isinstance(voice, Mapping) else None
    found = str(grants.get("identity", "")) if isinstance(grants, Mapping) else ""
    if (
        not isinstance(incoming, Mapping)
        or incoming.get("allow") is not True
        or not IDENTITY.fullmatch(found)
    ):
        raise Refused(20106, "Invalid Access Token grants")
    return found


def _part(text: str) -> dict[str, Any]:
    found = json.loads(_bytes(text))
    if not isinstance(found, dict):
        raise ValueError("no object")  # noqa: TRY004 - it is wrong like any other text
    return found


def _bytes(text: str) -> bytes:
    try:
        return urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error as problem:
        raise ValueError("no base64") from problem
