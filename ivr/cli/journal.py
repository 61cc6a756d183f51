"""`ivr journal`: what happened, month by month, as files."""

from __future__ import annotations

import sys
from pathlib import Path

import click

PATH = click.Path(path_type=Path)


@click.group()
def journal() -> None:
    """The journal of months that have ended; `ivr clock` archives it once a day."""


@journal.command()
@click.option("--to", "folder", type=PATH, help="Another folder than IVR_ARCHIVE.")
def archive(folder: Path | None) -> None:
    """Move every month that has ended, and of which nothing is open, out of Redis into a file."""
    from ivr.services import build
    from ivr.settings import load
    from ivr.usecases.archive import steps

    settings = load()
    s = build(settings)
    s.clock.follow()
    kept = [one for one in steps(s, folder or settings.archive) if one is not None]
    for one in kept:
        click.echo(f"{one.path}  {one.entries} entries, read back")
    if not kept:
        click.echo("Nothing to archive: the month goes on, or something of it is still open.")


@journal.command()
@click.option("--dir", "folder", type=PATH, help="Another folder than IVR_ARCHIVE.")
def check(folder: Path | None) -> None:
    """Read every file of the archive and compare its checksum. Exit code 1 when one is damaged."""
    from ivr.settings import load
    from ivr.store import archive as files

    found = files.files(folder or load().archive)
    damaged = False
    for path in found:
        try:
            kept = files.check(path)
        except files.Damaged as e:
            damaged = True
            click.echo(str(e), err=True)
        else:
            click.echo(f"{path}  {kept.entries} entries, as they were written")
    if not found:
        click.echo("There are none yet.")
    sys.exit(1 if damaged else 0)
