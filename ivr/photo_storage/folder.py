"""Photos as files of one folder, readable by nobody else."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

from ivr.domain.errors import PhotoStorageUnavailable


class FolderStorage:
    def __init__(self, path: str) -> None:
        self._path = Path(path)

    def put(self, name: str, data: bytes) -> None:
        with _translate_errors():
            self._path.mkdir(mode=0o700, parents=True, exist_ok=True)
            half = self._path / f".{name}.{secrets.token_hex(4)}"
            try:
                with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                    file.write(data)
                    file.flush()
                    os.fsync(file.fileno())
                half.replace(self._path / name)
            finally:
                half.unlink(missing_ok=True)
            self._sync_folder()

    def get(self, name: str) -> bytes | None:
        with _translate_errors():
            try:
                return (self._path / name).read_bytes()
            except FileNotFoundError:
                return None

    def delete(self, name: str) -> None:
        with _translate_errors():
            (self._path / name).unlink(missing_ok=True)

    def _sync_folder(self) -> None:
        """The name is on the disk too: Twilio is told to delete its own after this."""
        folder = os.open(self._path, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


@contextlib.contextmanager
def _translate_errors() -> Iterator[None]:
    try:
        yield
    except OSError as e:
        raise PhotoStorageUnavailable(
            f"The folder of the photos (IVR_PHOTOS) cannot be used: {e.strerror}."
        ) from e
