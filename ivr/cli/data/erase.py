"""`ivr erase`: a person asks to be forgotten."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import click

from ivr.cli.actor import here

if TYPE_CHECKING:
    from ivr.domain.records.erasure import Forgetting
    from ivr.services import Services
    from ivr.usecases.privacy.erasure import Survey


@click.command("erase")
@click.argument("number", required=False)
@click.option(
    "--expired",
    "old",
    is_flag=True,
    help="Nobody: what is older than IVR_KEEP_... allow; `ivr scheduler` does it once a day.",
)
@click.option("--dry-run", is_flag=True, help="List what would be erased, and erase nothing.")
@click.option(
    "--decline-callbacks",
    "decline",
    is_flag=True,
    help="They have said that they want no call that is owed to them.",
)
@click.option("--yes", is_flag=True, help="Without asking.")
@click.option("--json", "as_json", is_flag=True, help="For a machine.")
def forget(number: str | None, *, old: bool, dry_run: bool, decline: bool, yes: bool, as_json: bool) -> None:
    """Erase a person: all that the line knows of whoever uses NUMBER, here and at Twilio. It cannot be undone.

    What stays is what happened: that there was a contact and how it ended, that a promise was kept and whether in time.
    Exit code 1 when something could not be erased yet; the workers go on with it.
    """
    from ivr.services import build
    from ivr.settings import load
    from ivr.usecases.privacy import erasure as usecase

    if bool(number) is old:
        raise click.UsageError("Say one of NUMBER and --expired.")
    s = build(load(), jobs=True)
    s.clock.follow()
    if number is None:
        _by_age(s, dry_run=dry_run, yes=yes, as_json=as_json)
        return
    found = usecase.survey(s, number)
    if not as_json or dry_run:
        _list(found, as_json=as_json)
    if dry_run:
        return
    _sure(f"Erase all this of {found.number}?", yes=yes)
    begun = usecase.begin(s, number, by=here(), decline=decline)
    done = usecase.run(s, begun.id) or begun
    _told(done, found, as_json=as_json)
    if done.ended == 0:
        sys.exit(1)


def _by_age(s: Services, *, dry_run: bool, yes: bool, as_json: bool) -> None:
    from ivr.usecases.privacy import retention

    found = retention.preview(s)
    if as_json:
        click.echo(json.dumps(dict(found), indent=1))
    else:
        click.echo("\n".join(f"{n:>6}  {what}" for what, n in found.items()) or "Nothing is too old.")
    if dry_run or not found:
        return
    _sure("Erase all this?", yes=yes)
    retention.look(s, "")
    click.echo("Done, or what is much: workers go on with it.", err=True)


def _sure(what: str, *, yes: bool) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        raise click.UsageError("Nobody is here to confirm it. Add --yes.")
    click.confirm(f"{what} It cannot be undone.", abort=True, err=True)


def _list(found: Survey, *, as_json: bool) -> None:
    if as_json:
        told = {"what": dict(found.what), "also": list(found.also), "stays": list(found.stays)}
        click.echo(json.dumps({**told, "shared": found.shared, "unknown": found.unknown}, indent=1))
        return
    if not found.what:
        click.echo(f"Nothing is known of {found.number}.", err=True)
    for what, count in found.what.items():
        click.echo(f"{count:>6}  {what}", err=True)
    if found.shared:
        click.echo("Several people use this number: whoever of them it was, all are erased.", err=True)
    for number in found.also:
        click.echo(f"They were also rung at {number}: `ivr erase {number}` erases that too.", err=True)
    for what in found.stays:
        click.echo(f"It stays, with the number and nothing else: {what}.", err=True)
    if found.unknown:
        click.echo(f"What Twilio has could not be counted: {found.unknown}", err=True)


def _told(done: Forgetting, found: Survey, *, as_json: bool) -> None:
    if as_json:
        told = {
            "erasure": done.id,
            "erased": dict(done.erased),
            "left": dict(done.left),
            "done": done.ended > 0,
        }
        click.echo(json.dumps({**told, "stays": list(found.stays)}, indent=1))
        return
    for what, count in done.erased.items():
        click.echo(f"Erased: {count} {what}")
    for what, why in done.left.items():
        click.echo(f"Not yet: {what}: {why}")
    if done.ended == 0:
        click.echo("Workers go on with it. Run the same command again to see how far it has come.")
        return
    click.echo("Nothing of them is left here or at Twilio, but in backups: see docs/operations.md.")
