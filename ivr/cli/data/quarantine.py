"""`ivr quarantine`: a restored record rings nobody until a person has seen what happened since."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from getpass import getuser
from typing import TYPE_CHECKING

import click

from ivr.cli.redis_services import redis_services
from ivr.domain.records.quarantine import CatchUpFinding, Quarantine, QuarantineState

if TYPE_CHECKING:
    from ivr.services import Services


@click.group()
def quarantine() -> None:
    """After a restore: what happened meanwhile, and when callbacks go on."""


@quarantine.command()
@click.option("--json", "as_json", is_flag=True, help="For a machine.")
def show(*, as_json: bool) -> None:
    """What was found out, and what is unclear. Exit code 1 while the quarantine stands."""
    from ivr.usecases.quarantine import state as usecase

    store = redis_services().store
    held, found = usecase.get_current(store), usecase.list_findings(store)
    if as_json:
        told = {"quarantine": asdict(held) if held else None, "found": [asdict(f) for f in found]}
        click.echo(json.dumps(told, indent=1))
    else:
        click.echo(_describe_quarantine(held))
        for one in found:
            click.echo(_format_finding(one))
    if held is not None:
        raise SystemExit(1)


@quarantine.command()
@click.option("--by", default=getuser, show_default="your login name", help="Who decides it.")
@click.option(
    "--force", "force", is_flag=True, help="Also when Twilio has not been asked about everything yet."
)
@click.option("--yes", is_flag=True, help="Without asking.")
def lift(*, by: str, force: bool, yes: bool) -> None:
    """Callbacks and texts go on."""
    from ivr.usecases.quarantine import state as usecase

    s = _services()
    unclear = sum(one.needs_review for one in usecase.list_findings(s.store))
    if unclear and not yes:
        click.confirm(f"{unclear} calls are unclear; those customers may be rung again. Lift it?", abort=True)
    lifted = usecase.lift(s, by=by, force=force)
    click.echo(
        "There was none." if lifted is None else f"Lifted by {by}. Callbacks and texts go on within a minute."
    )


@quarantine.command()
@click.option("--since", required=True, help="The moment of the snapshot: 2026-11-22T09:30:00Z.")
@click.option("--why", default="asked for by an operator", show_default=True)
def begin(*, since: str, why: str) -> None:
    """Before you start the line on a record that your provider has restored."""
    from ivr.usecases.quarantine import state as usecase

    s = _services()
    try:
        at = datetime.fromisoformat(since)
    except ValueError as e:
        raise click.BadParameter("write it like 2026-11-22T09:30:00Z", param_hint="--since") from e
    if at.tzinfo is None:
        raise click.BadParameter("say the time zone too: 2026-11-22T09:30:00Z", param_hint="--since")
    usecase.begin(s.store, since=at.timestamp(), why=why, now=s.clock.now())
    click.echo(
        "Begun: callers are served, nobody is rung or texted. Start the line; then `ivr quarantine show`."
    )


def _services() -> Services:
    from ivr.services import build_services
    from ivr.settings import load_settings

    s = build_services(load_settings())
    s.clock.sync()
    return s


def _describe_quarantine(held: Quarantine | None) -> str:
    from ivr.cli.data.backup import format_utc_time

    if held is None:
        return "No quarantine: callbacks and texts go on."
    doing = {
        QuarantineState.BEGUN: "Twilio is being asked what happened since; `ivr scheduler` and the workers must run.",
        QuarantineState.REVIEWED: "Twilio has been asked about everything. `ivr quarantine lift` when you have read this:",
    }
    return f"The record is of {format_utc_time(held.record_from)}: {held.reason}. Callers are served, nobody is rung or texted.\n{doing[held.state]}"


def _format_finding(finding: CatchUpFinding) -> str:
    ids = [
        f"{record_type} {value}"
        for record_type, value in asdict(finding).items()
        if value and record_type not in ("kind", "needs_review")
    ]
    return f"{'UNCLEAR' if finding.needs_review else '       '}  {finding.kind:<36}  {', '.join(ids)}"
