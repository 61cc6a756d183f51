"""The file of a backup: a tar of what the server wrote and of a manifest that says what is in it. Whole, or not there."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from ivr.domain.errors import CalorError

FORMAT = 1
DUMP, MANIFEST = "dump.rdb", "manifest.json"
CHUNK_BYTES = 1024 * 1024
MANIFEST_FIELDS = frozenset({"format", "at", "server", "sha256", "size", "counts"})


class BadBackup(CalorError):
    """This file is no backup that can be restored."""


@dataclass(frozen=True, kw_only=True)
class BackupManifest:
    """`at`: the moment that the copy is of, epoch seconds. `counts`: records by noun, and `event log entries`, `open promises`."""

    at: float
    server: str
    sha256: str
    size: int
    counts: dict[str, int]
    format: int = FORMAT


def copy_with_digest(source: Path, to: Path) -> str:
    """Returns the SHA-256 of what was copied."""
    digest = hashlib.sha256()
    with source.open("rb") as read, to.open("wb") as write:
        while chunk := read.read(CHUNK_BYTES):
            digest.update(chunk)
            write.write(chunk)
    return digest.hexdigest()


def pack(dump: Path, manifest: BackupManifest, to: Path) -> None:
    """Whole and on disk under its name, or not there."""
    part = dump.parent / "packed"
    with part.open("wb") as file:
        os.fchmod(file.fileno(), 0o600)
        with tarfile.open(fileobj=file, mode="w") as tar:
            told = json.dumps(asdict(manifest), indent=1).encode()
            entry = tarfile.TarInfo(MANIFEST)
            entry.size = len(told)
            tar.addfile(entry, io.BytesIO(told))
            tar.add(dump, arcname=DUMP)
        file.flush()
        os.fsync(file.fileno())
    part.rename(to)
    sync_folder(to.parent)


def unpack(file: Path, folder: Path) -> BackupManifest:
    """The snapshot as `folder`/dump.rdb, when its checksum is right."""
    with _open_tar(file) as tar:
        manifest = _read_manifest(file, tar)
        inside = tar.extractfile(DUMP)
        if inside is None:
            raise BadBackup(f"{file} holds no record.")
        with inside, (folder / DUMP).open("wb") as write:
            shutil.copyfileobj(inside, write, CHUNK_BYTES)
    if _compute_sha256(folder / DUMP) != manifest.sha256:
        raise BadBackup(
            f"{file} is damaged: its checksum is not the one it was made with. Use another backup."
        )
    return manifest


@contextmanager
def _open_tar(file: Path) -> Iterator[tarfile.TarFile]:
    try:
        with tarfile.open(file) as tar:
            yield tar
    except (tarfile.TarError, KeyError, EOFError) as e:
        raise BadBackup(f"{file} is no backup, or only a part of one. Use another.") from e
    except OSError as e:
        raise BadBackup(f"{file} cannot be read: {e.strerror}.") from e


def _read_manifest(file: Path, tar: tarfile.TarFile) -> BackupManifest:
    inside = tar.extractfile(MANIFEST)
    told = json.load(inside) if inside else {}
    if told.get("format") != FORMAT or not set(told) >= MANIFEST_FIELDS:
        raise BadBackup(f"{file} was made by another release: use that one to restore it.")
    return BackupManifest(**{name: told[name] for name in MANIFEST_FIELDS})


def _compute_sha256(path: Path) -> str:
    with path.open("rb") as read:
        return hashlib.file_digest(read, "sha256").hexdigest()


def sync_folder(folder: Path) -> None:
    """A name in a folder is on disk only when the folder is."""
    handle = os.open(folder, os.O_RDONLY)
    os.fsync(handle)
    os.close(handle)
