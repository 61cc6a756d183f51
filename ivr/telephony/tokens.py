"""Access tokens: what a browser phone shows to Twilio, made of an API key and good for an hour.

https://www.twilio.com/docs/iam/access-tokens
"""

from __future__ import annotations

from dataclasses import dataclass, field

from twilio.jwt.access_token import AccessToken
from twilio.jwt.access_token.grants import VoiceGrant
from twilio.rest import Client

from ivr.telephony.client import IN_JOB
from ivr.telephony.http import Http

SECONDS = 3600


@dataclass(frozen=True, kw_only=True)
class ApiKey:
    account_sid: str
    sid: str
    secret: str = field(repr=False)


def make(key: ApiKey, identity: str) -> str:
    """A token with which `client:{identity}` takes calls, and makes none."""
    grant = VoiceGrant(incoming_allow=True)
    token = AccessToken(key.account_sid, key.sid, key.secret, identity=identity, ttl=SECONDS, grants=[grant])
    return str(token.to_jwt())


def try_key(key: ApiKey, api_url: str) -> None:
    """Whether it opens the account; one request. Raises a TelephonyError when it does not."""
    client = Client(
        key.sid,
        key.secret,
        key.account_sid,
        http_client=Http(api_url=api_url, seconds=IN_JOB),
        environment={"TWILIO_ACCOUNT_SID": key.account_sid},  # or else the SDK looks into the real one
    )
    client.api.v2010.account.calls.list(limit=1, page_size=1)
