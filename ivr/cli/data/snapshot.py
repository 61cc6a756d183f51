"""The record as one file: what the server itself wrote of one moment, and a manifest that says what is in it.

A file is believed only when a server of our own has loaded it and found what the manifest says: when it is made, when it
is checked, and when it is restored.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from ivr.cli.data import backup_file
from ivr.cli.data.backup_file import DUMP, BackupManifest, BadBackup
from ivr.cli.data.scratch_server import ScratchServer, run_scratch_server
from ivr.store.server import snapshot
from ivr.store.server.connection import RedisConnection


def make(redis: RedisConnection, to: Path) -> BackupManifest:
    """A snapshot of this server in the file `to`, loaded once to see that it can be. The server goes on meanwhile.

    Raises SnapshotFailed when the server's disk cannot be read from here, CannotLoadSnapshot when the copy cannot be loaded.
    """
    if to.exists():
        raise BadBackup(f"{to} is there already: choose another name.")
    to.parent.mkdir(parents=True, exist_ok=True)
    at = snapshot.get_line_time(redis)
    dump, ours = snapshot.save(redis)
    with tempfile.TemporaryDirectory(prefix=".calor-", dir=to.parent) as name:
        copy = Path(name) / DUMP
        digest = backup_file.copy_with_digest(dump, copy)
        if ours:
            dump.unlink(missing_ok=True)  # nobody else reads it, and it is as private as the record
        with run_scratch_server(ScratchServer(folder=Path(name))) as loaded:
            manifest = BackupManifest(
                at=at,
                server=snapshot.get_server_version(redis),
                sha256=digest,
                size=copy.stat().st_size,
                counts=snapshot.count_records(loaded),
            )
        backup_file.pack(copy, manifest, to)
    return manifest


def check(file: Path) -> BackupManifest:
    """The manifest, when what it says is what is there. Raises BadBackup."""
    with tempfile.TemporaryDirectory(prefix="calor-") as name:
        manifest = backup_file.unpack(file, Path(name))
        with run_scratch_server(ScratchServer(folder=Path(name))) as loaded:
            _check_counts(file, manifest, snapshot.count_records(loaded))
    return manifest


def restore(
    file: Path, folder: Path, prepare: Callable[[RedisConnection, BackupManifest], None]
) -> BackupManifest:
    """The record as it was, in a data folder that is not there yet or is empty. Raises BadBackup.

    `prepare` is written into it before anybody else can open it: that it was restored must not depend on memory.
    """
    if folder.exists() and any(folder.iterdir()):
        raise BadBackup(
            f"{folder} is not empty. A record is restored into an empty folder, never over another."
        )
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".calor-", dir=folder.parent) as name:
        work = Path(name) / "data"
        work.mkdir(mode=0o700)
        manifest = backup_file.unpack(file, work)
        with run_scratch_server(ScratchServer(folder=work)) as redis:
            _check_counts(file, manifest, snapshot.count_records(redis))
            prepare(redis, manifest)
            snapshot.begin_append_only_file(redis)  # from now on it is kept as the line keeps it
        (work / DUMP).unlink()
        if folder.exists():
            folder.rmdir()
        work.rename(folder)
        backup_file.sync_folder(folder.parent)
    return manifest


def _check_counts(file: Path, manifest: BackupManifest, found: dict[str, int]) -> None:
    wrong = [f"{found.get(n, 0)} {n} instead of {k}" for n, k in manifest.counts.items() if found.get(n) != k]
    if wrong:
        raise BadBackup(f"{file} does not hold what it says: {', '.join(wrong)}.")
