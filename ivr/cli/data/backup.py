"""`ivr backup` and `ivr restore`: the whole record as one file, and back."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from ivr.cli.data.backup_file import BackupManifest
from ivr.store.server.connection import RedisConnection

PATH = click.Path(path_type=Path)


class _BackupGroup(click.Group):
    """`ivr backup FILE` makes one; `ivr backup check FILE` looks at one."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            args = ["to", *args]
        return super().parse_args(ctx, args)


@click.group(cls=_BackupGroup, subcommand_metavar="FILE | check FILE")
def backup() -> None:
    """Copy the record of REDIS_URL into a new FILE, while the line runs; or check one."""


@backup.command("to", hidden=True)
@click.argument("file", type=PATH)
def make_backup(file: Path) -> None:
    """Make a backup: the server's own snapshot, loaded once to see that it can be."""
    from ivr.cli.data import snapshot
    from ivr.cli.serve.redis_ready import open_connection
    from ivr.settings import load_redis_settings

    with open_connection(load_redis_settings()) as redis:
        manifest = snapshot.make(redis, file)
    click.echo(f"{file}: {describe_manifest(manifest)}")


@backup.command()
@click.argument("file", type=PATH)
def check(file: Path) -> None:
    """Load a backup into a server of its own, and compare it with what it says."""
    from ivr.cli.data import snapshot

    click.echo(f"{file}: {describe_manifest(snapshot.check(file))}")


@click.command()
@click.argument("file", type=PATH)
@click.option(
    "--dir",
    "folder",
    type=PATH,
    default=Path("var/redis"),
    show_default=True,
    help="Data folder; it must not be there yet, or be empty.",
)
def restore(file: Path, folder: Path) -> None:
    """Make a data folder of a backup. The line that starts on it serves callers, and rings nobody before you say so."""
    from ivr.cli.data import snapshot

    manifest = snapshot.restore(file, folder, _begin_quarantine)
    click.echo(f"{folder}: {describe_manifest(manifest)}")
    click.echo(
        "Start the line on it. It asks Twilio what happened since; then `ivr quarantine show`, and lift it.",
        err=True,
    )


def _begin_quarantine(redis: RedisConnection, manifest: BackupManifest) -> None:
    from ivr.store.store import Store
    from ivr.usecases.quarantine import state as quarantine_state

    quarantine_state.begin(
        Store(redis),
        since=manifest.at,
        why=f"restored from the backup of {format_utc_time(manifest.at)}",
        now=manifest.at,
    )


def describe_manifest(manifest: BackupManifest) -> str:
    """In one line."""
    names = ("contact", "promise", "open promises", "event log entries")
    counts = ", ".join(f"{manifest.counts.get(n, 0)} {n}" for n in names)
    return f"{format_utc_time(manifest.at)}, {manifest.server}, {manifest.size / 1e6:.1f} MB, {counts}, as it should be"


def format_utc_time(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
