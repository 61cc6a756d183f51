"""Settings of the processes: where the web server listens, how people sign in, metrics, logs and the clock."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, SecretStr

from ivr.settings.values import Issuer, setting

DEFAULT_PORT = 8000


class ProcessSettings(BaseModel):
    given_host: str = setting(
        "IVR_HOST",
        "Address the web server listens on. Empty: 127.0.0.1, or all IPv4 addresses when PORT decides the port. `::`: all addresses, IPv6 included.",
        "",
    )
    given_port: int | None = setting(
        "IVR_PORT", "Port the web server listens on. Empty: PORT, or else 8000.", None, ge=0, le=65535
    )
    runner_port: int | None = setting(
        "PORT",
        "Set by the platform or Procfile runner, never by hand: where its router sends requests. Ignored when IVR_PORT is set.",
        None,
        ge=0,
        le=65535,
    )
    web_workers: int = setting("IVR_WEB_WORKERS", "Web server processes.", 2, ge=1, le=64)
    trusted_proxies: int = setting(
        "IVR_TRUSTED_PROXIES",
        "How many proxies of yours stand before the web server: so far X-Forwarded-For is believed when sign-ins are counted.",
        0,
        ge=0,
        le=9,
    )
    sign_in_hours: int = setting(
        "IVR_SIGN_IN_HOURS", "Hours after which everybody signs in anew, whatever they do.", 12, ge=1, le=168
    )
    sign_in_idle_minutes: int = setting(
        "IVR_SIGN_IN_IDLE_MINUTES",
        "Minutes after which whoever does nothing on the pages signs in anew; an open page does nothing by itself.",
        240,
        ge=5,
        le=10080,
    )
    oidc_issuer: Issuer = setting(
        "IVR_OIDC_ISSUER",
        "The OpenID Connect provider at which people may sign in, exactly as it calls itself. Empty: with passwords only.",
        "",
        example="https://accounts.example.com",
    )
    oidc_client_id: str = setting("IVR_OIDC_CLIENT_ID", "What that provider calls this app.", "")
    oidc_client_secret: SecretStr = setting(
        "IVR_OIDC_CLIENT_SECRET", "With which this app proves to that provider what it is.", SecretStr("")
    )
    oidc_name: str = setting(
        "IVR_OIDC_NAME",
        "What people call that provider: `Sign in with ...`.",
        "your work account",
        example="Google",
        min_length=1,
        max_length=60,
    )
    metrics_token: SecretStr = setting(
        "IVR_METRICS_TOKEN",
        "What Prometheus sends as its bearer token to read /metrics. Empty: only who asks directly from a private network may.",
        SecretStr(""),
        example="32 random letters",
    )
    log_format: Literal["json", "text"] = setting(
        "IVR_LOG_FORMAT", "Form of the logs on standard error.", "json"
    )
    secret: SecretStr = setting(
        "IVR_SECRET", "Signs sign-ins and the links in texts. Empty: made from the auth token.", SecretStr("")
    )
    clock: Literal["real", "manual"] = setting(
        "IVR_CLOCK",
        "manual: time stands still until a test or the demo moves it; refused with a real account.",
        "real",
    )

    @property
    def uses_runner_port(self) -> bool:
        """Whether the platform's PORT decides the port; its router then connects from outside this machine."""
        return self.given_port is None and self.runner_port is not None

    @property
    def host(self) -> str:
        """Address that the web server listens on."""
        return self.given_host or ("0.0.0.0" if self.uses_runner_port else "127.0.0.1")

    @property
    def port(self) -> int:
        """Port that the web server listens on."""
        given = self.runner_port if self.given_port is None else self.given_port
        return DEFAULT_PORT if given is None else given

    @property
    def port_source(self) -> str:
        """Which setting decided the port, in words."""
        if self.given_port is not None:
            return "IVR_PORT set"
        return "PORT set by the runner" if self.uses_runner_port else "neither IVR_PORT nor PORT set"

    @property
    def listen_address(self) -> str:
        """`host:port` as gunicorn and URLs write it: 0.0.0.0:8000, [::]:8000."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"
