"""`ivr erase`: a person asks to be forgotten."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import click

from ivr.cli.actor import terminal_actor

if TYPE_CHECKING:
    from ivr.domain.records.erasure import Erasure
    from ivr.services import Services
    from ivr.usecases.privacy.erasure import ErasurePreview


@click.command("erase")
@click.argument("number", required=False)
@click.option(
    "--expired",
    "expired",
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
def erase(
    number: str | None, *, expired: bool, dry_run: bool, decline: bool, yes: bool, as_json: bool
) -> None:
    """Erase a person: all that the line knows of whoever uses NUMBER, here and at Twilio. It cannot be undone.

    What stays is what happened: that there was a contact and how it ended, that a promise was kept and whether in time.
    Exit code 1 when something could not be erased yet; the workers go on with it.
    """
    from ivr.services import build_services
    from ivr.settings import load_settings
    from ivr.usecases.privacy import erasure as usecase

    if bool(number) is expired:
        raise click.UsageError("Say one of NUMBER and --expired.")
    s = build_services(load_settings(), for_worker=True)
    s.clock.sync()
    if number is None:
        _erase_expired(s, dry_run=dry_run, yes=yes, as_json=as_json)
        return
    found = usecase.preview_erasure(s, number)
    if not as_json or dry_run:
        _print_preview(found, as_json=as_json)
    if dry_run:
        return
    _confirm(f"Erase all this of {found.number}?", yes=yes)
    begun = usecase.begin_erasure(s, number, actor=terminal_actor(), decline_promises=decline)
    done = usecase.run_steps(s, begun.id) or begun
    _print_result(done, found, as_json=as_json)
    if done.ended_at == 0:
        sys.exit(1)


def _erase_expired(services: Services, *, dry_run: bool, yes: bool, as_json: bool) -> None:
    from ivr.usecases.privacy import retention

    found = retention.preview_retention(services)
    if as_json:
        click.echo(json.dumps(dict(found), indent=1))
    else:
        click.echo("\n".join(f"{n:>6}  {what}" for what, n in found.items()) or "Nothing is too old.")
    if dry_run or not found:
        return
    _confirm("Erase all this?", yes=yes)
    retention.process_due(services, "")
    click.echo("Done, or what is much: workers go on with it.", err=True)


def _confirm(what: str, *, yes: bool) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        raise click.UsageError("Nobody is here to confirm it. Add --yes.")
    click.confirm(f"{what} It cannot be undone.", abort=True, err=True)


def _print_preview(preview: ErasurePreview, *, as_json: bool) -> None:
    if as_json:
        told = {
            "what": dict(preview.counts),
            "also": list(preview.other_numbers),
            "stays": list(preview.kept_preferences),
        }
        click.echo(json.dumps({**told, "shared": preview.shared, "unknown": preview.twilio_error}, indent=1))
        return
    if not preview.counts:
        click.echo(f"Nothing is known of {preview.number}.", err=True)
    for what, count in preview.counts.items():
        click.echo(f"{count:>6}  {what}", err=True)
    if preview.shared:
        click.echo("Several people use this number: whoever of them it was, all are erased.", err=True)
    for number in preview.other_numbers:
        click.echo(f"They were also rung at {number}: `ivr erase {number}` erases that too.", err=True)
    for what in preview.kept_preferences:
        click.echo(f"It stays, with the number and nothing else: {what}.", err=True)
    if preview.twilio_error:
        click.echo(f"What Twilio has could not be counted: {preview.twilio_error}", err=True)


def _print_result(erasure: Erasure, preview: ErasurePreview, *, as_json: bool) -> None:
    if as_json:
        told = {
            "erasure": erasure.id,
            "erased": dict(erasure.erased),
            "left": dict(erasure.not_erased),
            "done": erasure.ended_at > 0,
        }
        click.echo(json.dumps({**told, "stays": list(preview.kept_preferences)}, indent=1))
        return
    for what, count in erasure.erased.items():
        click.echo(f"Erased: {count} {what}")
    for what, why in erasure.not_erased.items():
        click.echo(f"Not yet: {what}: {why}")
    if erasure.ended_at == 0:
        click.echo("Workers go on with it. Run the same command again to see how far it has come.")
        return
    click.echo("Nothing of them is left here or at Twilio, but in backups: see docs/operations.md.")
