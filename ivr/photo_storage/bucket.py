"""Photos in a bucket: Amazon's, or of whatever speaks S3."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from ivr.domain.errors import BadSetting, PhotoStorageUnavailable
from ivr.settings import Settings

CLIENT_CONFIG = Config(
    connect_timeout=5,  # seconds
    read_timeout=10,
    retries={"total_max_attempts": 1},  # whoever looks at a photo tries again by itself
    # the newer checksums are refused by many who speak S3; what is sent is covered by the signature
    request_checksum_calculation="when_required",
    response_checksum_validation="when_required",
)


class BucketStorage:
    def __init__(self, settings: Settings) -> None:
        if settings.photos_bucket is None:
            raise BadSetting
        self._name, self._prefix = settings.photos_bucket
        path = Config(s3={"addressing_style": "path"}) if settings.photos_endpoint else Config()
        self._s3: Any = boto3.session.Session().client(
            "s3",
            endpoint_url=settings.photos_endpoint or None,
            region_name=settings.photos_region,
            aws_access_key_id=settings.photos_key,  # given: the SDK would look for others in the environment
            aws_secret_access_key=settings.photos_secret.get_secret_value(),
            config=CLIENT_CONFIG.merge(path),
        )

    def put(self, name: str, data: bytes) -> None:
        with _translate_errors():
            self._s3.put_object(**self._object_location(name), Body=data, ContentType="image/jpeg")

    def get(self, name: str) -> bytes | None:
        with _translate_errors():
            try:
                found: bytes = self._s3.get_object(**self._object_location(name))["Body"].read()
            except self._s3.exceptions.NoSuchKey:
                return None
            return found

    def delete(self, name: str) -> None:
        with _translate_errors():
            self._s3.delete_object(**self._object_location(name))

    def _object_location(self, name: str) -> dict[str, str]:
        return {"Bucket": self._name, "Key": f"{self._prefix}{name}"}


@contextlib.contextmanager
def _translate_errors() -> Iterator[None]:
    try:
        yield
    except (ClientError, BotoCoreError) as e:
        raise PhotoStorageUnavailable(f"The bucket of the photos (IVR_PHOTOS) cannot be used: {e}") from e
