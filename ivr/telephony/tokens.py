"""Access tokens: what a browser phone shows to Twilio, made of an API key and good for an hour.

https://www.twilio.com/docs/iam/access-tokens
"""

from __future__ import annotations

from dataclasses import dataclass, field

from twilio.jwt.access_token import AccessToken
from twilio.jwt.access_token.grants import VoiceGrant
from twilio.rest import Client

from ivr.telephony.client import JOB_TIMEOUT_SECONDS
from ivr.telephony.http import TwilioHttpClient

TOKEN_TTL_SECONDS = 3600


@dataclass(frozen=True, kw_only=True)
class ApiKey:
    account_sid: str
    sid: str
    secret: str = field(repr=False)


def make_access_token(api_key: ApiKey, identity: str) -> str:
    """A token with which `client:{identity}` takes calls, and makes none."""
    grant = VoiceGrant(incoming_allow=True)
    token = AccessToken(
        api_key.account_sid,
        api_key.sid,
        api_key.secret,
        identity=identity,
        ttl=TOKEN_TTL_SECONDS,
        grants=[grant],
    )
    return str(token.to_jwt())


def check_api_key(api_key: ApiKey, api_url: str) -> None:
    """Whether it opens the account; one request. Raises a TelephonyError when it does not."""
    client = Client(
        api_key.sid,
        api_key.secret,
        api_key.account_sid,
        http_client=TwilioHttpClient(api_url=api_url, timeout_seconds=JOB_TIMEOUT_SECONDS),
        environment={"TWILIO_ACCOUNT_SID": api_key.account_sid},  # or else the SDK looks into the real one
    )
    client.api.v2010.account.calls.list(limit=1, page_size=1)
