"""Settings of what is kept: the record in Redis, the journal, photos, and for how long each."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, SecretStr

from ivr.settings.values import BaseUrl, setting


class StorageSettings(BaseModel):
    # Redis
    replicas: int = setting(
        "IVR_REPLICAS",
        "How many replicas of that Redis must have a promise before a caller is told of it.",
        0,
        ge=0,
        le=9,
    )
    spool: Path = setting(
        "IVR_SPOOL",
        "Folder for messages taken while Redis is away; they become promises when it is back.",
        Path("var/spool"),
    )
    accept_one_second_loss: bool = setting(
        "IVR_ACCEPT_ONE_SECOND_LOSS",
        "1: start even though this Redis can lose the promises of its last second when it fails.",
        default=False,
    )
    alarm_percent: int = setting(
        "IVR_ALARM_PERCENT",
        "From this share of the record's memory or disk on, supervisors are told, once an hour.",
        80,
        ge=1,
        le=100,
    )
    event_log_archive: Path = setting(
        "IVR_EVENT_LOG_ARCHIVE",
        "Folder for the journal of months that have ended; shared by the machines where `ivr scheduler` runs.",
        Path("var/event-log"),
    )

    # photos that customers text
    photos: str = setting(
        "IVR_PHOTOS",
        "Where they are kept: a folder that web and workers share, or a bucket.",
        "var/photos",
        example="s3://our-bucket/photos/",
        min_length=1,
    )
    photos_endpoint: BaseUrl | Literal[""] = setting(
        "IVR_PHOTOS_ENDPOINT", "Address of the bucket's service; empty: Amazon's.", ""
    )
    photos_region: str = setting("IVR_PHOTOS_REGION", "Region of the bucket.", "us-east-1", min_length=1)
    photos_key: str = setting("IVR_PHOTOS_KEY", "Name of the key that may write to the bucket.", "")
    photos_secret: SecretStr = setting("IVR_PHOTOS_SECRET", "The key itself.", SecretStr(""))
    photos_delete_at_twilio: bool = setting(
        "IVR_PHOTOS_DELETE_AT_TWILIO", "0: leave at Twilio what was fetched from there.", default=True
    )
    photos_per_day: int = setting(
        "IVR_PHOTOS_PER_DAY", "Photos in a day that are fetched of one number; what is more waits.", 100, ge=1
    )

    # for how long what is over is kept; what is open is never touched
    keep_text_days: int = setting(
        "IVR_KEEP_TEXT_DAYS",
        "Days after which reasons, comments, notes and bodies of texts are erased, once what they belong to is over. 0: kept for ever.",
        0,
        ge=0,
    )
    keep_photos_days: int = setting(
        "IVR_KEEP_PHOTOS_DAYS",
        "Days after which photos are erased, once their case is over. 0: kept for ever.",
        0,
        ge=0,
    )
    keep_twilio_days: int = setting(
        "IVR_KEEP_TWILIO_DAYS",
        "Days after which texts and recorded messages are deleted at Twilio. 0: never.",
        0,
        ge=0,
    )
    keep_event_log_days: int = setting(
        "IVR_KEEP_EVENT_LOG_DAYS",
        "Days after which a month of the journal that was archived is deleted. 0: kept for ever.",
        0,
        ge=0,
    )

    @property
    def photos_bucket(self) -> tuple[str, str] | None:
        """Its name, and what stands before the names in it; None: photos are in a folder."""
        if not self.photos.startswith("s3://"):
            return None
        name, _, prefix = self.photos.removeprefix("s3://").partition("/")
        return name, f"{prefix.strip('/')}/" if prefix.strip("/") else ""
