"""`ivr event-log`: what happened, month by month, as files. `ivr audit-log`: what staff did."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from ivr.cli.redis_services import redis_services

PATH = click.Path(path_type=Path)


@click.group("event-log")
def event_log() -> None:
    """The event log of months that have ended, which `ivr scheduler` archives once a day: archive, check."""


@event_log.command()
@click.option("--to", "folder", type=PATH, help="Another folder than IVR_EVENT_LOG_ARCHIVE.")
def archive(folder: Path | None) -> None:
    """Move every month that has ended, and of which nothing is open, out of Redis into a file."""
    from ivr.services import build_services
    from ivr.settings import load_settings
    from ivr.usecases.event_log.archive import archive_months

    settings = load_settings()
    s = build_services(settings)
    s.clock.sync()
    kept = [one for one in archive_months(s, folder or settings.event_log_archive) if one is not None]
    for one in kept:
        click.echo(f"{one.path}  {one.entries} entries, read back")
    if not kept:
        click.echo("Nothing to archive: the month goes on, or something of it is still open.")


@click.command("audit-log")
@click.option("--by", default="", help="Only those of one person: an id as it stands in the list.")
@click.option("--hours", default=24.0, show_default=True, help="How far back.")
@click.option("--archived", is_flag=True, help="Of the months in IVR_EVENT_LOG_ARCHIVE too.")
@click.option("--json", "as_json", is_flag=True)
def audit_log(by: str, hours: float, *, archived: bool, as_json: bool) -> None:
    """What staff did, on a page or at a terminal. It covers routing, callbacks and people."""
    from ivr.usecases.event_log.audit_log import iter_audit_log

    s = redis_services()
    for e in iter_audit_log(s, since=s.clock.now() - hours * 3600, actor_id=by, archived=archived):
        when = datetime.fromtimestamp(e.at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        where = e.get("where") or e.get("via")
        about = {k: v for k, v in e.fields.items() if k not in ("by", "where", "via")}
        if as_json:
            row = {"at": when, "by": e.get("by"), "where": where, "did": e.event, **about}
            click.echo(json.dumps(row, ensure_ascii=False))
        else:
            told = "  ".join(f"{k}={v}" for k, v in about.items())
            click.echo(f"{when}  {e.get('by'):<16} {where:<9} {e.event:<20} {told}")


@event_log.command()
@click.option("--dir", "folder", type=PATH, help="Another folder than IVR_EVENT_LOG_ARCHIVE.")
def check(folder: Path | None) -> None:
    """Read every file of the archive and compare its checksum. Exit code 1 when one is damaged."""
    from ivr.settings import load_local_settings
    from ivr.store.queries import event_log_archive as files

    found = files.list_files(folder or load_local_settings().event_log_archive)
    damaged = False
    for path in found:
        try:
            kept = files.verify_file(path)
        except files.ArchiveDamaged as e:
            damaged = True
            click.echo(str(e), err=True)
        else:
            click.echo(f"{path}  {kept.entries} entries, as they were written")
    if not found:
        click.echo("There are none yet.")
    sys.exit(1 if damaged else 0)
