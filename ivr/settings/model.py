"""Every setting, in three classes by what a command needs; and which settings must fit together."""

from __future__ import annotations

import hashlib
from importlib.util import find_spec
from typing import Self
from urllib.parse import urlsplit

from pydantic import SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from ivr import redis_url
from ivr.settings.calls import CallSettings
from ivr.settings.processes import ProcessSettings
from ivr.settings.storage import StorageSettings
from ivr.settings.telephone import TelephoneSettings
from ivr.settings.values import BaseUrl, RedisUrl, setting

ENV_FILE = ".env"
MIN_SECRET_LETTERS = 24


# pydantic takes the fields of the last base first: read backwards, the bases are in the order of `.env.example`
class LocalSettings(ProcessSettings, CallSettings, StorageSettings, TelephoneSettings, BaseSettings):
    """The settings that have a default: all that a command needs which only reads files. Immutable; made by `load_settings`."""

    model_config = SettingsConfigDict(
        env_file=ENV_FILE,
        frozen=True,
        extra="ignore",
        populate_by_name=True,
        env_ignore_empty=True,
        hide_input_in_errors=True,
    )


class RedisSettings(LocalSettings):
    """Those, and the address of Redis: all that a command needs which only reads there."""

    redis_url: RedisUrl = setting(
        "REDIS_URL",
        "Everything the line knows and owes is kept in this Redis (7 or later) or Valkey; `ivr up` brings its own.",
        example="redis://127.0.0.1:6379/0, or behind Sentinel redis+sentinel://10.0.0.1:26379,10.0.0.2:26379/mymaster/0",
    )

    @property
    def uses_sentinel(self) -> bool:
        """Behind Sentinel: another server takes over within seconds."""
        return redis_url.parse(self.redis_url).sentinels is not None


class Settings(RedisSettings):
    """Every setting: what a command needs which changes something or speaks to Twilio."""

    twilio_account_sid: str = setting(
        "TWILIO_ACCOUNT_SID",
        "The account that owns the numbers; no call can be made without it.",
        example="AC followed by 32 hexadecimal digits",
        pattern=r"^AC[0-9a-fA-F]{32}$",
    )
    twilio_auth_token: SecretStr = setting(
        "TWILIO_AUTH_TOKEN",
        "The app cannot tell Twilio's webhooks from anybody's without it.",
        example="32 hexadecimal digits, kept secret",
        min_length=1,
    )
    public_url: BaseUrl = setting(
        "PUBLIC_URL",
        "Where Twilio reaches this app; signatures are checked against it, not against what a proxy says.",
        example="https://line.example.com",
    )

    @property
    def is_real_account(self) -> bool:
        """Calls ring real telephones and cost real money."""
        host = urlsplit(self.twilio_api_url).hostname or ""
        return host == "twilio.com" or host.endswith(".twilio.com")

    @property
    def browser_phones_enabled(self) -> bool:
        """Agents may answer in the browser."""
        return bool(self.twilio_api_key_sid)

    @property
    def signing_key(self) -> str:
        """What cookies and links are signed with."""
        given = self.secret.get_secret_value()
        token = self.twilio_auth_token.get_secret_value()
        return given or hashlib.sha256(b"calor links and sign-ins\0" + token.encode()).hexdigest()

    @model_validator(mode="after")
    def _check_combinations(self) -> Self:
        if self.is_real_account and self.clock == "manual":
            raise ValueError(
                "IVR_CLOCK is `manual`, and TWILIO_API_URL is Twilio's own. Time must be real there: remove IVR_CLOCK."
            )
        if self.is_real_account and not self.public_url.startswith("https://"):
            raise ValueError(
                "PUBLIC_URL is not https. Callers' words would cross the internet in the clear: use an https address."
            )
        if bool(self.twilio_api_key_sid) != bool(self.twilio_api_key_secret.get_secret_value()):
            raise ValueError(
                "TWILIO_API_KEY_SID and TWILIO_API_KEY_SECRET belong together. Set both, or neither: then agents answer on telephones."
            )
        if self.photos_bucket and not (self.photos_key and self.photos_secret.get_secret_value()):
            raise ValueError("IVR_PHOTOS is a bucket. Set IVR_PHOTOS_KEY and IVR_PHOTOS_SECRET as well.")
        if self.photos_bucket and find_spec("boto3") is None:
            raise ValueError("IVR_PHOTOS is a bucket, and boto3 is not there. Install it: pip install boto3.")
        if self.lookup_hosts and len(self.lookup_secret.get_secret_value()) < MIN_SECRET_LETTERS:
            raise ValueError(
                f"IVR_LOOKUP_HOSTS is set. Set IVR_LOOKUP_SECRET as well, to {MIN_SECRET_LETTERS} random letters or more."
            )
        if strange := set(self.lookup_private) - set(self.lookup_hosts):
            raise ValueError(
                f"IVR_LOOKUP_PRIVATE names {', '.join(sorted(strange))}, which IVR_LOOKUP_HOSTS does not. Add it there, or remove it here."
            )
        if self.oidc_issuer and not (self.oidc_client_id and self.oidc_client_secret.get_secret_value()):
            raise ValueError(
                "IVR_OIDC_ISSUER is set. Set IVR_OIDC_CLIENT_ID and IVR_OIDC_CLIENT_SECRET as well: the provider gives them."
            )
        if self.oidc_issuer and find_spec("authlib") is None:
            raise ValueError(
                "IVR_OIDC_ISSUER is set, and Authlib is not there. Install it: pip install authlib."
            )
        return self
