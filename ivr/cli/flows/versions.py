"""`ivr flows publish | history | diff | rollback | pull`: which flows the line follows, since when, by whom and why."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from ivr.cli.actor import terminal_actor
from ivr.cli.redis_services import redis_services

if TYPE_CHECKING:
    from ivr.services import RedisServices, Services
    from ivr.store.queries.flow_versions import PublishedVersion

FOLDER = click.Path(path_type=Path, exists=True, file_okay=False)
BASE_VERSION_FILE = ".published"  # in the folder of the flows: the version that its files were begun on

_folder_option = click.option("--folder", type=FOLDER, default=Path("flows"), show_default=True)
_why_option = click.option(
    "-m", "--why", default="", help="Why; whoever looks at the history later will ask."
)
_json_option = click.option("--json", "as_json", is_flag=True, help="For machines; times in epoch seconds.")


@click.command()
@_folder_option
@_why_option
@click.option(
    "--over",
    default=None,
    help="Publish although this version was published meanwhile, which you have looked at.",
)
@_json_option
def publish(folder: Path, why: str, over: str | None, *, as_json: bool) -> None:
    """Check the files and let the line follow them from the next call on. Calls in progress finish on theirs.

    Exit status: 0 published, 1 refused (the checks, or a conflict), 2 could not (no reason, no record).
    """
    from ivr.flow.loader.library import parse_flows
    from ivr.usecases.flows import publish as use
    from ivr.usecases.routing.coverage import list_unserved_queues

    s = _services()
    base = use.find_version(s, over) if over else _get_base_version(s, folder)
    entry = _or_exit(
        lambda: use.publish_flows(
            s, use.PublishRequest(files=_read_files(folder), base_version=base), why, terminal_actor()
        )
    )
    (folder / BASE_VERSION_FILE).write_text(entry.version + "\n")
    if as_json:
        click.echo(json.dumps(asdict(entry), ensure_ascii=False))
    else:
        click.echo(f'Published {entry.version}: "{entry.reason}". New calls follow it from now on.')
        for says in list_unserved_queues(s.store, parse_flows(_read_files(folder))):
            click.echo(f"But {says}.", err=True)


@click.command()
@click.option("--limit", "limit", default=20, show_default=True)
@_json_option
def history(limit: int, *, as_json: bool) -> None:
    """What was published, newest first."""
    from ivr.store.queries import flow_versions
    from ivr.usecases.flows import publish as use

    s = redis_services()
    entries = list(reversed(s.store.read(flow_versions.list_published())))[:limit]
    stands = use.get_line_status(s).flow_version
    if as_json:
        click.echo(json.dumps([asdict(e) for e in entries], indent=2, ensure_ascii=False))
        return
    if not entries:
        click.echo("Nothing was published yet: the line follows the files.", err=True)
    for n, entry in enumerate(entries):
        mark = "now" if entry.version == stands and n == 0 else ""
        click.echo(
            f"{entry.version}  {_format_time(s, entry)}  {entry.actor:<12} {mark:<4} {_format_reason(entry)}".rstrip()
        )


@click.command()
@click.argument("versions", nargs=-1, metavar="[OLD [NEW]]")
@_folder_option
def diff(versions: tuple[str, ...], folder: Path) -> None:
    """What the files change against what is published; or a version against the files; or one version against another."""
    from ivr.flow.loader.bundle import diff_files
    from ivr.usecases.flows import publish as use

    if len(versions) > 2:
        raise click.UsageError("Name two versions at most.")
    s = redis_services()
    old = use.find_version(s, versions[0]) if versions else use.get_line_status(s).flow_version
    new = use.find_version(s, versions[1]) if len(versions) == 2 else ""
    before = _get_version_files(s, old) if old else {}
    after = _get_version_files(s, new) if new else _read_files(folder)
    lines = diff_files(before, after, old or "nothing", new or folder.as_posix())
    click.echo("".join(lines), nl=False)
    if not lines:
        click.echo("No difference.", err=True)


@click.command()
@click.argument("version", default="")
@_why_option
@_json_option
def rollback(version: str, why: str, *, as_json: bool) -> None:
    """Let an older version stand again; without one, that before the present."""
    from ivr.usecases.flows import publish as use

    s = _services()
    entry = _or_exit(lambda: use.roll_back(s, version, why, terminal_actor()))
    if as_json:
        click.echo(json.dumps(asdict(entry), ensure_ascii=False))
    else:
        click.echo(
            f"{entry.version} stands again, instead of {entry.previous_version}. New calls follow it from now on."
        )
        click.echo(
            "The files in the folder are as they were; `ivr flows pull` fetches this version.", err=True
        )


@click.command()
@click.argument("version", default="")
@_folder_option
@click.option("--force", is_flag=True, help="Although files here were changed and not published.")
def pull(version: str, folder: Path, *, force: bool) -> None:
    """Write a version (without one: the published) into the folder, over its files."""
    from ivr.flow.loader import library
    from ivr.store.queries import flow_versions
    from ivr.usecases.flows import publish as use

    s = redis_services()
    wanted = use.find_version(s, version) if version else use.get_line_status(s).flow_version
    if not wanted:
        raise click.ClickException("Nothing was published yet.")
    files, had = _get_version_files(s, wanted), _read_files(folder)
    known = {entry.version for entry in s.store.read(flow_versions.list_published())}
    if library.compute_version(had) not in known and had and not force:
        raise click.ClickException(
            f"{folder} holds changes that were never published (`ivr flows diff` shows them). Publish them, or use --force."
        )
    for name in had.keys() - files.keys():
        (folder / name).unlink()
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    (folder / BASE_VERSION_FILE).write_text(wanted + "\n")
    changed = sum(had.get(name) != text for name, text in files.items()) + len(had.keys() - files.keys())
    click.echo(f"{folder} holds {wanted} now; {changed} files changed.", err=True)


def _services() -> Services:
    from ivr.services import build_services
    from ivr.settings import load_settings

    return build_services(load_settings())


def _read_files(folder: Path) -> dict[str, str]:
    from ivr.flow.loader.library import read_flow_files

    return read_flow_files(folder)


def _get_base_version(services: Services, folder: Path) -> str:
    """Return the version that the files were begun on; "" where nothing was published, as there is nothing to overwrite then.

    The file may name a version of another Redis: that of a demo which has ended, or of a test system.
    """
    from ivr.usecases.flows import publish as use

    file = folder / BASE_VERSION_FILE
    return file.read_text().strip() if file.exists() and use.get_line_status(services).flow_version else ""


def _get_version_files(s: RedisServices, version: str) -> Mapping[str, str]:
    from ivr.store.queries import flow_versions

    files = s.store.read(flow_versions.get_files(version))
    if files is None:
        raise click.ClickException(f"The record has lost the version {version}.")
    return files


def _or_exit(publish_or_restore: Callable[[], PublishedVersion]) -> PublishedVersion:
    from ivr.flow.yaml_source.entry import InvalidFlows
    from ivr.usecases.flows.publish import PublishConflict

    try:
        return publish_or_restore()
    except InvalidFlows as e:
        click.echo(str(e), err=True)
        count = len(e.faults)
        click.echo(f"refused: {count} fault{'s' if count > 1 else ''}; nothing was published", err=True)
    except PublishConflict as e:
        click.echo(str(e), err=True)
        over = e.newer.version if e.newer else ""
        click.echo(
            f"See `ivr flows diff`; `ivr flows pull` fetches it; `--over {over}` publishes yours over it.",
            err=True,
        )
    sys.exit(1)


def _format_time(s: RedisServices, entry: PublishedVersion) -> str:
    zone = ZoneInfo(s.settings.default_time_zone)
    return f"{datetime.fromtimestamp(entry.at, zone):%Y-%m-%d %H:%M}"


def _format_reason(entry: PublishedVersion) -> str:
    return f"{entry.reason} (brought back)" if entry.is_rollback else entry.reason
