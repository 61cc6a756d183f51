"""Where photos are: a folder, or a bucket of anything that speaks S3. Both say `PhotoStorageUnavailable` when they cannot be reached.

    put(name, data)    whole or not at all; the same name again replaces it
    get(name)          bytes, None when there is none
    delete(name)       whether or not there is one

Names are ours: small letters, digits and dots.
"""

from __future__ import annotations

from typing import Protocol

from ivr.photo_storage.folder import FolderStorage
from ivr.settings import Settings


class PhotoStorage(Protocol):
    def put(self, name: str, data: bytes) -> None: ...
    def get(self, name: str) -> bytes | None: ...
    def delete(self, name: str) -> None: ...


def make_photo_storage(settings: Settings) -> PhotoStorage:
    if settings.photos_bucket is None:
        return FolderStorage(settings.photos)
    from ivr.photo_storage.bucket import BucketStorage  # boto3 is loaded only where it is used

    return BucketStorage(settings)
