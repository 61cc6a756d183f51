"""The settings of a line that plays on a local Twilio with a clock that is moved by hand."""

from __future__ import annotations

import secrets
from pathlib import Path

ACCOUNT_SID = "AC" + "0" * 32


def make_stage_settings(folder: Path, web_port: int, twilio_port: int, redis_url: str) -> dict[str, str]:
    """As environment variables, with new secrets. `folder`: for what the line writes to files."""
    return {
        "TWILIO_ACCOUNT_SID": ACCOUNT_SID,
        "TWILIO_AUTH_TOKEN": secrets.token_hex(16),
        "TWILIO_API_KEY_SID": "SK" + "0" * 32,
        "TWILIO_API_KEY_SECRET": secrets.token_hex(16),
        "TWILIO_API_URL": f"http://127.0.0.1:{twilio_port}",
        "PUBLIC_URL": f"http://127.0.0.1:{web_port}",
        "REDIS_URL": redis_url,
        "IVR_PORT": str(web_port),
        "IVR_CLOCK": "manual",
        "IVR_CALLS_PER_SECOND": "100",
        "IVR_SPOOL": str(folder / "spool"),
        "IVR_EVENT_LOG_ARCHIVE": str(folder / "event-log"),
        "IVR_PHOTOS": str(folder / "photos"),
        "IVR_ALARM_PERCENT": "100",  # how full this machine's disk is must not be part of the play
        "IVR_LOG_FORMAT": "text",
    }
